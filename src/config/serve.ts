/** `serve`: the listener for the carrier's webhooks and audio. */

import { Type, type Static } from "./shape.ts";
import { integer, text } from "./option.ts";

/** A URL path: begins with a slash, without query, fragment or blank. */
export const URL_PATH = "^/[^\\s?#]*$";
export const URL_PATH_FORM = "a path that begins with a slash, without query or fragment";

const defaults = { port: 3334, bind: "127.0.0.1", path: "/voice/webhook" } as const;

export const serveSchema = Type.Object(
  {
    port: integer("Port", "TCP port of the listener. 0 takes any free port.", {
      minimum: 0,
      maximum: 65_535,
      fallback: defaults.port,
    }),
    bind: text(
      "Bind address",
      "Address of this machine to listen on. Loopback keeps the listener reachable only through a proxy or tunnel.",
      { pattern: "^\\S+$", form: "a host name or an address", fallback: defaults.bind, advanced: true },
    ),
    path: text("Webhook path", "The only path on which webhooks are taken.", {
      pattern: URL_PATH,
      form: URL_PATH_FORM,
      fallback: defaults.path,
      advanced: true,
    }),
  },
  {
    additionalProperties: false,
    title: "Listener",
    description: "Where the carrier's webhooks arrive on this machine.",
  },
);

export interface ServeConfig {
  readonly port: number;
  readonly bind: string;
  readonly path: string;
}

export function resolveServe(user: Static<typeof serveSchema>): ServeConfig {
  return { ...defaults, ...user };
}
