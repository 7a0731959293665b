/** `plivo`: Voice API. */

import { Type, type Static } from "../../config/shape.ts";
import { apiBaseUrl } from "../../config/carrier-api.ts";
import type { CarrierSettings } from "../carrier.ts";
import { type Environment, filled } from "../../config/option.ts";
import { credential, readCredential } from "../../config/secret.ts";

const schema = Type.Object(
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

export interface PlivoSettings {
  readonly authId: string | undefined;
  readonly authToken: string | undefined;
  readonly apiBaseUrl: string | undefined;
}

function resolve(user: Static<typeof schema>, env: Environment): PlivoSettings {
  return {
    authId: readCredential(user.authId, env, "PLIVO_AUTH_ID"),
    authToken: readCredential(user.authToken, env, "PLIVO_AUTH_TOKEN"),
    apiBaseUrl: filled(user.apiBaseUrl),
  };
}

export const plivoSettings = {
  schema,
  resolve,
  needs: ({ authId, authToken }) => [
    { path: "authId", env: "PLIVO_AUTH_ID", value: authId },
    { path: "authToken", env: "PLIVO_AUTH_TOKEN", value: authToken },
  ],
} as const satisfies CarrierSettings<Static<typeof schema>, PlivoSettings>;
