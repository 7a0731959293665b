import type { VoiceCallConfig } from "../config/index.ts";
import { VoiceCallError } from "./errors.ts";
import { isEmergencyNumber } from "./guard/emergency.ts";
import type { Guard, Override } from "./guard/guards.ts";
import { expenseOf } from "./guard/premium.ts";
import { barePhoneNumber, isE164 } from "./number.ts";

/** A number that may be dialled. */
export interface Destination {
  /** E.164; an allowed emergency number as it was written, without punctuation: `112`, `+49112`. */
  readonly to: string;
  readonly emergency: boolean;
  /** Guards that would have refused it; each is logged when the number is dialled. */
  readonly overridden: readonly Override[];
}

/**
 * Where a call may go, be it placed or transferred: an emergency number, an expensive number (premium rate, shared
 * cost, satellite) and a number outside `outbound.allowTo` are refused unless the configuration or `overrides` say
 * otherwise. An emergency number needs no entry in the list: `allowEmergency` is its permission.
 *
 * Throws `VC_DESTINATION_EMERGENCY`, `VC_NUMBER_INVALID`, `VC_DESTINATION_PREMIUM`, `VC_DESTINATION_NOT_ALLOWED`.
 */
export function checkDestination(
  written: string,
  { outbound }: Pick<VoiceCallConfig, "outbound">,
  overrides: readonly Guard[] = [],
): Destination {
  const to = barePhoneNumber(written);
  const overridden: Override[] = [];
  /** Whether the guard's refusal is lifted; by the configuration first, since that needs no rights. */
  const lifted = (guard: Guard, allowed: boolean): boolean => {
    if (allowed) overridden.push({ guard, by: "configuration" });
    else if (overrides.includes(guard)) overridden.push({ guard, by: "request" });
    else return false;
    return true;
  };
  if (isEmergencyNumber(to)) {
    if (!lifted("emergency", outbound.allowEmergency)) throw new VoiceCallError("VC_DESTINATION_EMERGENCY");
    return { to, emergency: true, overridden };
  }
  if (!isE164(to)) throw new VoiceCallError("VC_NUMBER_INVALID", { field: "to" });
  const expense = expenseOf(to);
  if (expense !== null && !lifted("premium", outbound.allowPremium))
    throw new VoiceCallError("VC_DESTINATION_PREMIUM", { kind: KINDS[expense] });
  if (!isListed(to, outbound.allowTo) && !lifted("allow-list", false))
    throw new VoiceCallError("VC_DESTINATION_NOT_ALLOWED");
  return { to, emergency: false, overridden };
}

const KINDS = { premium: "premium-rate or shared-cost", satellite: "satellite" } as const;

/** An empty list lets everybody through. */
function isListed(to: string, allowTo: readonly string[]): boolean {
  if (allowTo.length === 0) return true;
  return allowTo.some((entry) => (entry.endsWith("*") ? to.startsWith(entry.slice(0, -1)) : to === entry));
}
