import type { LiveOptions } from "./options.ts";
import type { LiveTurn, Pace } from "./turn.ts";

/** Longer silences are no pause inside a turn, and later words no tail. */
const LONGEST_MS = 3_000;
/** Weight of the newest tail. */
const TAIL_WEIGHT = 0.3;

/** Silence that ends a turn of this caller's: the mean of the pauses that did not. */
export function silenceFloor({ pauseMs }: Pace, { floorMinMs, silenceMs }: LiveOptions): number {
  return Math.min(Math.max(pauseMs, floorMinMs), silenceMs);
}

/** A voice without a new word for this long is noise. */
export const noiseLimitMs = ({ interims }: Pace, { noiseMs, noiseBlindMs }: LiveOptions): number =>
  interims ? noiseMs : noiseBlindMs;

/** The caller paused for that long and went on. */
export function learnPause(turn: LiveTurn, pauseMs: number): LiveTurn {
  if (pauseMs <= 0 || pauseMs > LONGEST_MS) return turn;
  const { pace, options } = turn;
  const learnt = pace.pauseMs + (pauseMs - pace.pauseMs) * options.floorWeight;
  return { ...turn, pace: { ...pace, pauseMs: learnt } };
}

/** Final words came that long after the voice had ended. */
export function learnTail(turn: LiveTurn, tailMs: number): LiveTurn {
  if (tailMs < 0 || tailMs > LONGEST_MS) return turn;
  const { pace } = turn;
  return { ...turn, pace: { ...pace, tailMs: pace.tailMs + (tailMs - pace.tailMs) * TAIL_WEIGHT } };
}

/** From when on the caller counts as silent; in the future while a voice is heard, which may be noise. */
export function quietFrom({ gate, caller, pace, options }: LiveTurn): number {
  if (gate === null) return caller.soundAt;
  if (!gate.on) return Math.max(gate.at, caller.soundAt);
  return Math.max(gate.at, caller.wordsAt) + noiseLimitMs(pace, options);
}
