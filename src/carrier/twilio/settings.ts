/** `twilio`: Programmable Voice. */

import { Type, type Static } from "../../config/shape.ts";
import { apiBaseUrl } from "../../config/carrier-api.ts";
import type { CarrierSettings } from "../carrier.ts";
import { choice, type Environment, filled } from "../../config/option.ts";
import { credential, readCredential } from "../../config/secret.ts";

/** Regions in which Twilio processes calls. Each has its own credentials. */
const TWILIO_REGIONS = ["us1", "ie1", "au1"] as const;
export type TwilioRegion = (typeof TWILIO_REGIONS)[number];

const DEFAULT_REGION: TwilioRegion = "us1";

const schema = Type.Object(
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

export interface TwilioSettings {
  readonly accountSid: string | undefined;
  readonly authToken: string | undefined;
  readonly region: TwilioRegion;
  readonly apiBaseUrl: string | undefined;
}

function resolve(user: Static<typeof schema>, env: Environment): TwilioSettings {
  return {
    accountSid: readCredential(user.accountSid, env, "TWILIO_ACCOUNT_SID"),
    authToken: readCredential(user.authToken, env, "TWILIO_AUTH_TOKEN"),
    region: user.region ?? DEFAULT_REGION,
    apiBaseUrl: filled(user.apiBaseUrl),
  };
}

export const twilioSettings = {
  schema,
  resolve,
  needs: ({ accountSid, authToken }) => [
    { path: "accountSid", env: "TWILIO_ACCOUNT_SID", value: accountSid },
    { path: "authToken", env: "TWILIO_AUTH_TOKEN", value: authToken },
  ],
} as const satisfies CarrierSettings<Static<typeof schema>, TwilioSettings>;
