import type { OutboundConfig, QuietHours } from "../../config/index.ts";
import { VoiceCallError } from "../errors.ts";
import type { Guard, Override } from "./guards.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** No clock change is longer; within it of the expected end every minute is looked at. */
const LONGEST_SHIFT_MINUTES = 180;

/** Refuses a call during quiet hours, or gives the override that let it through. Throws `VC_QUIET_HOURS`. */
export function checkQuietHours(
  { quietHours }: OutboundConfig,
  now: number,
  overrides: readonly Guard[],
): readonly Override[] {
  const until = quietHours === undefined ? null : quietUntil(quietHours, now);
  if (until === null) return [];
  if (overrides.includes("quiet-hours")) return [{ guard: "quiet-hours", by: "request" }];
  throw new VoiceCallError("VC_QUIET_HOURS", { opens: localTime(until, quietHours?.timeZone) });
}

/**
 * When the quiet hours around `now` are over, epoch ms; null when there are none at that moment. They go by the clock
 * on the wall, so an hour that a clock change repeats is quiet twice and one that it skips not at all.
 */
export function quietUntil({ start, end, timeZone }: QuietHours, now: number): number | null {
  const minuteAt = wallClock(timeZone);
  const from = minutesOf(start);
  const to = minutesOf(end);
  const isQuiet = (minute: number): boolean =>
    from < to ? minute >= from && minute < to : minute >= from || minute < to;
  const minute = minuteAt(now);
  if (!isQuiet(minute)) return null;
  const left = (to - minute + DAY_MINUTES) % DAY_MINUTES;
  const thisMinute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const sure = Math.max(1, left - LONGEST_SHIFT_MINUTES);
  for (let ahead = sure; ahead <= left + LONGEST_SHIFT_MINUTES; ahead++) {
    const at = thisMinute + ahead * MINUTE_MS;
    if (!isQuiet(minuteAt(at))) return at;
  }
  return thisMinute + left * MINUTE_MS;
}

/** Date and time as people there write it down, with the zone: `2027-03-28 08:00 (Europe/Berlin)`. */
export function localTime(at: number, timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    ...zoneOf(timeZone),
    dateStyle: "short",
    timeStyle: "short",
  });
  return `${format.format(at)} (${format.resolvedOptions().timeZone})`;
}

/** Minutes since midnight on the wall, by epoch ms. */
function wallClock(timeZone: string | undefined): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...zoneOf(timeZone),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (at) => minutesOf(format.format(at));
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Without a zone the machine's counts. */
const zoneOf = (timeZone: string | undefined): { timeZone?: string } =>
  timeZone === undefined ? {} : { timeZone };
