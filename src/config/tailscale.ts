/** `tailscale`: exposure through a tailnet. */

import { Type, type Static } from "./shape.ts";
import { choice, integer, text } from "./option.ts";
import { URL_PATH, URL_PATH_FORM } from "./serve.ts";

const TAILSCALE_MODES = ["off", "serve", "funnel"] as const;
type TailscaleMode = (typeof TAILSCALE_MODES)[number];

/** The only ports Tailscale opens to the internet. */
export const FUNNEL_PORTS: readonly number[] = [443, 8443, 10_000];

const DEFAULT_PORT = 443;

export const tailscaleSchema = Type.Object(
  {
    mode: choice(
      "Mode",
      "`serve` publishes to the tailnet, `funnel` to the internet. A carrier needs `funnel`.",
      TAILSCALE_MODES,
      { fallback: "off" },
    ),
    path: text("Path", "Path under the machine's tailnet name.", {
      pattern: URL_PATH,
      form: URL_PATH_FORM,
      otherwise: "the value of serve.path",
      advanced: true,
    }),
    port: integer("HTTPS port", "Port that Tailscale opens. A funnel may use 443, 8443 or 10000.", {
      minimum: 1,
      maximum: 65_535,
      fallback: DEFAULT_PORT,
      advanced: true,
    }),
  },
  { additionalProperties: false, title: "Tailscale", description: "Exposure through Tailscale." },
);

export interface TailscaleConfig {
  readonly mode: TailscaleMode;
  readonly path: string;
  readonly port: number;
}

/** `path` follows the listener's own path unless it is set. */
export function resolveTailscale(user: Static<typeof tailscaleSchema>, servePath: string): TailscaleConfig {
  return { mode: user.mode ?? "off", path: user.path ?? servePath, port: user.port ?? DEFAULT_PORT };
}
