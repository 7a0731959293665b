import type { OutboundConfig } from "../../config/index.ts";
import { VoiceCallError } from "../errors.ts";
import type { CallRecords } from "../ports.ts";
import type { Guard, Override } from "./guards.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Spending {
  readonly records: Pick<CallRecords, "outboundSince">;
  readonly now: number;
  /** Calls that hold a place before this one, on record or not yet. */
  readonly opening: readonly string[];
}

/**
 * What calls have already cost: refused when the last hour holds as many outbound calls as are allowed, or the last
 * day as many minutes of talk. Counted from the records, so that a restart forgets nothing. Resolves with the guards
 * that `overrides` kept from refusing. Throws `VC_CALLS_PER_HOUR`, `VC_MINUTES_PER_DAY`, `VC_STORE_FAILED`.
 */
export async function checkBudget(
  { maxCallsPerHour, maxMinutesPerDay }: OutboundConfig,
  { records, now, opening }: Spending,
  overrides: readonly Guard[],
): Promise<readonly Override[]> {
  const overridden: Override[] = [];
  const refuse = (guard: Guard, error: () => VoiceCallError): void => {
    if (!overrides.includes(guard)) throw error();
    overridden.push({ guard, by: "request" });
  };
  if (maxCallsPerHour > 0) {
    const { calls } = await records.outboundSince(now - HOUR_MS, now, opening);
    const made = calls + opening.length;
    if (made >= maxCallsPerHour)
      refuse(
        "calls-per-hour",
        () => new VoiceCallError("VC_CALLS_PER_HOUR", { limit: maxCallsPerHour, made }),
      );
  }
  if (maxMinutesPerDay > 0) {
    const { talkMs } = await records.outboundSince(now - DAY_MS, now, []);
    const used = Math.floor(talkMs / MINUTE_MS);
    if (talkMs >= maxMinutesPerDay * MINUTE_MS)
      refuse(
        "minutes-per-day",
        () => new VoiceCallError("VC_MINUTES_PER_DAY", { limit: maxMinutesPerDay, used }),
      );
  }
  return overridden;
}
