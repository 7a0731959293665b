/** `plivo`: Voice API. */

import { Type, type Static } from "./shape.ts";
import { apiBaseUrl } from "./carrier-api.ts";
import { type Environment, filled } from "./option.ts";
import { credential, readCredential } from "./secret.ts";

export const plivoSchema = Type.Object(
  {
    authId: credential("Auth ID", "Identifies the Plivo account.", "PLIVO_AUTH_ID"),
    authToken: credential(
      "Auth token",
      "Authenticates REST requests and verifies the signature of every webhook.",
      "PLIVO_AUTH_TOKEN",
    ),
    apiBaseUrl: apiBaseUrl("Plivo"),
  },
  { additionalProperties: false, title: "Plivo", description: "Account at Plivo." },
);

export interface PlivoConfig {
  readonly authId: string | undefined;
  readonly authToken: string | undefined;
  readonly apiBaseUrl: string | undefined;
}

export function resolvePlivo(user: Static<typeof plivoSchema>, env: Environment): PlivoConfig {
  return {
    authId: readCredential(user.authId, env, "PLIVO_AUTH_ID"),
    authToken: readCredential(user.authToken, env, "PLIVO_AUTH_TOKEN"),
    apiBaseUrl: filled(user.apiBaseUrl),
  };
}
