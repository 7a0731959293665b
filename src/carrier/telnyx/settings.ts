/** `telnyx`: Call Control v2. */

import { Type, type Static } from "../../config/shape.ts";
import { apiBaseUrl } from "../../config/carrier-api.ts";
import type { CarrierSettings } from "../carrier.ts";
import { type Environment, filled } from "../../config/option.ts";
import { credential, readCredential } from "../../config/secret.ts";

const schema = Type.Object(
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

export interface TelnyxSettings {
  readonly apiKey: string | undefined;
  readonly connectionId: string | undefined;
  /** Base64. */
  readonly publicKey: string | undefined;
  readonly apiBaseUrl: string | undefined;
}

function resolve(user: Static<typeof schema>, env: Environment): TelnyxSettings {
  return {
    apiKey: readCredential(user.apiKey, env, "TELNYX_API_KEY"),
    connectionId: readCredential(user.connectionId, env, "TELNYX_CONNECTION_ID"),
    publicKey: readCredential(user.publicKey, env, "TELNYX_PUBLIC_KEY"),
    apiBaseUrl: filled(user.apiBaseUrl),
  };
}

export const telnyxSettings = {
  schema,
  resolve,
  needs: ({ apiKey, connectionId, publicKey }, { skipSignatureVerification }) => [
    { path: "apiKey", env: "TELNYX_API_KEY", value: apiKey },
    { path: "connectionId", env: "TELNYX_CONNECTION_ID", value: connectionId },
    ...(skipSignatureVerification ? [] : [{ path: "publicKey", env: "TELNYX_PUBLIC_KEY", value: publicKey }]),
  ],
} as const satisfies CarrierSettings<Static<typeof schema>, TelnyxSettings>;
