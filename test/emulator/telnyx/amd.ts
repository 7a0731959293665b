import type { Machine } from "../person.ts";

/** `answering_machine_detection`, without `disabled`. */
export type Detection = "premium" | "detect" | "detect_beep" | "detect_words" | "greeting_end";

/** One event of machine detection. */
export interface Detected {
  /** Milliseconds of call time after the answer. */
  readonly atMs: number;
  readonly type: string;
  readonly result: string;
}

/** How long Telnyx listens before it says who picked up; the real default is 3.5 s at most. */
const VERDICT_MS = 1500;

/**
 * What machine detection reports about whoever picked up (SDK doc of `answering_machine_detection`): `detect_beep` and
 * `premium` speak of the greeting's end only if there was a beep; `greeting_end` and `detect_words` always do. With `premium`, a
 * beep that comes before the verdict takes its place.
 */
export function detections(mode: Detection, machine: Machine | null): readonly Detected[] {
  const prefix = mode === "premium" ? "call.machine.premium" : "call.machine";
  const verdict = { atMs: VERDICT_MS, type: `${prefix}.detection.ended` };
  if (machine === null) return [{ ...verdict, result: mode === "premium" ? "human_residence" : "human" }];
  const found = { ...verdict, result: "machine" };
  const { greetingMs, beep } = machine;
  const early = greetingMs < VERDICT_MS;
  const atMs = mode === "premium" ? greetingMs : Math.max(greetingMs, VERDICT_MS);
  const greeting = {
    atMs,
    type: `${prefix}.greeting.ended`,
    result: beep ? "beep_detected" : "ended",
  };
  if (mode === "detect") return [found];
  if (mode === "premium" && beep && early) return [greeting];
  const silent = !beep && (mode === "premium" || mode === "detect_beep");
  return silent ? [found] : [found, greeting];
}
