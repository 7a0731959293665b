/** What a carrier still needs before it can be used. */

import type { Provider } from "./line.ts";
import type { VoiceCallConfig } from "./resolve.ts";

interface Need {
  readonly path: string;
  readonly env?: string;
  readonly value: string | undefined;
}

const NEEDS: Record<Provider, (config: VoiceCallConfig) => Need[]> = {
  mock: () => [],
  twilio: ({ fromNumber, twilio }) => [
    { path: "fromNumber", env: "TWILIO_FROM_NUMBER", value: fromNumber },
    { path: "twilio.accountSid", env: "TWILIO_ACCOUNT_SID", value: twilio.accountSid },
    { path: "twilio.authToken", env: "TWILIO_AUTH_TOKEN", value: twilio.authToken },
  ],
  telnyx: ({ fromNumber, telnyx, skipSignatureVerification }) => [
    { path: "fromNumber", value: fromNumber },
    { path: "telnyx.apiKey", env: "TELNYX_API_KEY", value: telnyx.apiKey },
    { path: "telnyx.connectionId", env: "TELNYX_CONNECTION_ID", value: telnyx.connectionId },
    ...(skipSignatureVerification
      ? []
      : [{ path: "telnyx.publicKey", env: "TELNYX_PUBLIC_KEY", value: telnyx.publicKey }]),
  ],
  plivo: ({ fromNumber, plivo }) => [
    { path: "fromNumber", value: fromNumber },
    { path: "plivo.authId", env: "PLIVO_AUTH_ID", value: plivo.authId },
    { path: "plivo.authToken", env: "PLIVO_AUTH_TOKEN", value: plivo.authToken },
  ],
};

/**
 * The keys that the chosen carrier still needs, each with the variable that may fill it, such as
 * `twilio.authToken (or TWILIO_AUTH_TOKEN)`. Empty when nothing is missing; always empty for `mock`.
 */
export function missingCredentials(config: VoiceCallConfig): string[] {
  return NEEDS[config.provider](config)
    .filter((need) => need.value === undefined)
    .map(({ path, env }) => {
      if (config.unresolvedSecrets.includes(path)) return `${path} (its SecretRef was not resolved)`;
      return env === undefined ? path : `${path} (or ${env})`;
    });
}
