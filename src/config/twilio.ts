/** `twilio`: Programmable Voice. */

import { Type, type Static } from "./shape.ts";
import { apiBaseUrl } from "./carrier-api.ts";
import { choice, type Environment, filled } from "./option.ts";
import { credential, readCredential } from "./secret.ts";

/** Regions in which Twilio processes calls. Each has its own credentials. */
const TWILIO_REGIONS = ["us1", "ie1", "au1"] as const;
export type TwilioRegion = (typeof TWILIO_REGIONS)[number];

const DEFAULT_REGION: TwilioRegion = "us1";

export const twilioSchema = Type.Object(
  {
    accountSid: credential(
      "Account SID",
      "Identifies the Twilio account; begins with AC.",
      "TWILIO_ACCOUNT_SID",
    ),
    authToken: credential(
      "Auth token",
      "Authenticates REST requests and verifies the signature of every webhook, so it is needed for both directions.",
      "TWILIO_AUTH_TOKEN",
    ),
    region: choice(
      "Region",
      "Where Twilio processes the calls. Credentials belong to one region: take them from the region chosen here.",
      TWILIO_REGIONS,
      { fallback: DEFAULT_REGION, advanced: true },
    ),
    apiBaseUrl: apiBaseUrl("Twilio"),
  },
  { additionalProperties: false, title: "Twilio", description: "Account at Twilio." },
);

export interface TwilioConfig {
  readonly accountSid: string | undefined;
  readonly authToken: string | undefined;
  readonly region: TwilioRegion;
  readonly apiBaseUrl: string | undefined;
}

export function resolveTwilio(user: Static<typeof twilioSchema>, env: Environment): TwilioConfig {
  return {
    accountSid: readCredential(user.accountSid, env, "TWILIO_ACCOUNT_SID"),
    authToken: readCredential(user.authToken, env, "TWILIO_AUTH_TOKEN"),
    region: user.region ?? DEFAULT_REGION,
    apiBaseUrl: filled(user.apiBaseUrl),
  };
}
