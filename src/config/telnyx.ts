/** `telnyx`: Call Control v2. */

import { Type, type Static } from "./shape.ts";
import { apiBaseUrl } from "./carrier-api.ts";
import { type Environment, filled } from "./option.ts";
import { credential, readCredential } from "./secret.ts";

export const telnyxSchema = Type.Object(
  {
    apiKey: credential("API key", "Authenticates REST requests.", "TELNYX_API_KEY"),
    connectionId: credential(
      "Connection id",
      "The Call Control application that calls are placed through.",
      "TELNYX_CONNECTION_ID",
    ),
    publicKey: credential(
      "Public key",
      "Base64 key from the Mission Control Portal that verifies the signature of every webhook. Required unless skipSignatureVerification is set, since anybody could forge events without it.",
      "TELNYX_PUBLIC_KEY",
    ),
    apiBaseUrl: apiBaseUrl("Telnyx"),
  },
  { additionalProperties: false, title: "Telnyx", description: "Account at Telnyx." },
);

export interface TelnyxConfig {
  readonly apiKey: string | undefined;
  readonly connectionId: string | undefined;
  /** Base64. */
  readonly publicKey: string | undefined;
  readonly apiBaseUrl: string | undefined;
}

export function resolveTelnyx(user: Static<typeof telnyxSchema>, env: Environment): TelnyxConfig {
  return {
    apiKey: readCredential(user.apiKey, env, "TELNYX_API_KEY"),
    connectionId: readCredential(user.connectionId, env, "TELNYX_CONNECTION_ID"),
    publicKey: readCredential(user.publicKey, env, "TELNYX_PUBLIC_KEY"),
    apiBaseUrl: filled(user.apiBaseUrl),
  };
}
