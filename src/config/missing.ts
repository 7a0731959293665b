/** What a carrier still needs before it can be used. */

import { carrierNeeds } from "./carriers.ts";
import type { VoiceCallConfig } from "./resolve.ts";

/**
 * The keys that the chosen carrier still needs, each with the variable that may fill it, such as
 * `twilio.authToken (or TWILIO_AUTH_TOKEN)`. Empty when nothing is missing; always empty for `mock`.
 */
export function missingCredentials(config: VoiceCallConfig): string[] {
  const { provider, fromNumber } = config;
  if (provider === "mock") return [];
  const from = { path: "fromNumber", value: fromNumber };
  // The variable is named after the one carrier whose numbers it may hold.
  const number = provider === "twilio" ? { ...from, env: "TWILIO_FROM_NUMBER" } : from;
  return [number, ...carrierNeeds(provider, config)]
    .filter((need) => need.value === undefined)
    .map((need) => {
      if (config.unresolvedSecrets.includes(need.path))
        return `${need.path} (its SecretRef was not resolved)`;
      return "env" in need && need.env !== undefined ? `${need.path} (or ${need.env})` : need.path;
    });
}
