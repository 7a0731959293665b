/** Which carrier the calls go through and which numbers they use. */

import type { CarrierName } from "../carrier/list.ts";
import { carrierNames } from "./carriers.ts";
import { choice, type Environment, filled, flag, fromEnvironment, phoneNumber } from "./option.ts";

/** `mock` is a carrier inside the process: no network, no account. */
export type Provider = CarrierName;

const DEFAULT_PROVIDER: Provider = "mock";

export const lineOptions = {
  enabled: flag("Enabled", "Master switch: off means no listener, no calls and no tool.", { fallback: true }),
  provider: choice(
    "Provider",
    "The carrier. `mock` needs no account and no network, which makes it the safe default; the others need credentials and a webhook URL that the carrier can reach.",
    carrierNames,
    { fallback: DEFAULT_PROVIDER },
  ),
  fromNumber: phoneNumber(
    "From number",
    "The number that outbound calls show, owned by the account (E.164).",
    {
      env: "TWILIO_FROM_NUMBER",
    },
  ),
  toNumber: phoneNumber("Default callee", "Who is called when a request names nobody (E.164)."),
};

export interface LineConfig {
  readonly enabled: boolean;
  readonly provider: Provider;
  /** E.164. */
  readonly fromNumber: string | undefined;
  /** E.164. */
  readonly toNumber: string | undefined;
}

interface UserLine {
  enabled?: boolean;
  provider?: Provider;
  fromNumber?: string;
  toNumber?: string;
}

/** `TWILIO_FROM_NUMBER` is a number at Twilio, so it never becomes the caller id at another company. */
export function resolveLine(user: UserLine, env: Environment): LineConfig {
  const provider = user.provider ?? DEFAULT_PROVIDER;
  const elsewhere = provider !== "mock" && provider !== "twilio";
  return {
    enabled: user.enabled ?? true,
    provider,
    fromNumber:
      filled(user.fromNumber) ?? (elsewhere ? undefined : fromEnvironment(env, "TWILIO_FROM_NUMBER")),
    toNumber: filled(user.toNumber),
  };
}
