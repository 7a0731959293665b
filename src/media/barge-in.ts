import type { BargeIn, Yields } from "./commands.ts";
import { FRAME_MS } from "./g711.ts";
import type { Ear } from "./playback.ts";

/**
 * How the caller's voice interrupts ours, decided from the speech gate alone, so that it works while the main thread is busy.
 *
 * - Speech of `pauseMs` pauses a piece that yields. If the caller speaks on for `commitMs`, a `to-speech` piece is stopped.
 *   Quiet of `resumeMs` has a paused piece go on.
 * - No piece that yields begins into ongoing speech: it is held until the caller is quiet. Nothing has been said, so nothing
 *   has to be dropped; whether what waits is out of date only the words can tell, and those the main thread has.
 * - A piece is paused or held for at most `PATIENCE_MS` and `resumeMs`. What goes on for so long, and made nobody give an order,
 *   is a noise: our piece goes on, and this stretch of "speech" does not count any more. The same holds when the main
 *   thread has said that it was no interruption.
 */

/** Words arrive within this, even from providers that send none before the speech is over. */
export const PATIENCE_MS = 4000;
/** Times are met to the nearest frame: audio comes in frames, and a moment too early is not heard. */
const SLACK_MS = FRAME_MS / 2;

export interface BargeState {
  /** `open`: we play, or would. `held`: a piece waits to begin, and nothing plays. `paused`: one waits to go on. */
  readonly phase: "open" | "held" | "paused";
  /** When this phase began. */
  readonly at: number;
  readonly speech: Speech | null;
  /** When the caller fell silent last. */
  readonly quietAt: number;
}

interface Speech {
  readonly since: number;
  /** It may interrupt. */
  readonly counts: boolean;
}

export type BargeFact =
  | { readonly type: "speech"; readonly since: number }
  | { readonly type: "quiet"; readonly since: number }
  /** Time has passed, or what plays and waits has changed. */
  | { readonly type: "time"; readonly ear: Ear }
  /** The main thread: it was no interruption. */
  | { readonly type: "resume" }
  /** The main thread had everything dropped. */
  | { readonly type: "stopped" };

export type BargeAction = "pause" | "resume" | "stop";

export interface BargeStep {
  readonly state: BargeState;
  readonly action: BargeAction | null;
}

export const initialBarge = (now: number): BargeState => ({
  phase: "open",
  at: now,
  speech: null,
  quietAt: now,
});

/** Whether such a piece may begin now. */
export function mayStart({ phase, speech }: BargeState, yields: Yields): boolean {
  return yields === "never" || (phase !== "paused" && !speech?.counts);
}

export function bargeIn(state: BargeState, fact: BargeFact, now: number, how: BargeIn): BargeStep {
  switch (fact.type) {
    case "speech":
      return stay({ ...state, speech: { since: fact.since, counts: how.pauseMs > 0 } });
    case "quiet":
      return stay({ ...state, speech: null, quietAt: fact.since });
    case "time":
      return pass(state, fact.ear, now, how);
    case "resume":
      return state.phase === "open" ? stay(state) : goOn(state, now);
    case "stopped":
      return stay({ ...state, phase: "open", at: now });
  }
}

function pass(state: BargeState, { playing, waiting }: Ear, now: number, how: BargeIn): BargeStep {
  const { phase, at, speech, quietAt } = state;
  const spokenMs = speech?.counts ? now - speech.since + SLACK_MS : 0;
  const impatient = now - at >= PATIENCE_MS + how.resumeMs;
  if (phase === "paused") {
    if (playing === "to-speech" && speech?.counts && spokenMs >= how.commitMs)
      return { state: { ...state, phase: "open", at: now }, action: "stop" };
    const quiet = speech === null && now - quietAt >= how.resumeMs;
    return quiet || impatient ? goOn(state, now) : stay(state);
  }
  const yields = playing === "to-speech" || playing === "to-words";
  if (yields && speech?.counts && spokenMs >= how.pauseMs)
    return { state: { ...state, phase: "paused", at: now }, action: "pause" };
  const hold = playing === null && waiting !== null && waiting !== "never" && speech?.counts === true;
  if (phase === "open") return stay(hold ? { ...state, phase: "held", at: now } : state);
  if (hold) return impatient ? goOn(state, now) : stay(state);
  return stay({ ...state, phase: "open", at: now });
}

/** Ours goes on; what the caller is saying now has been judged. */
function goOn(state: BargeState, now: number): BargeStep {
  return {
    state: {
      ...state,
      phase: "open",
      at: now,
      speech: state.speech && { ...state.speech, counts: false },
    },
    action: state.phase === "paused" ? "resume" : null,
  };
}

const stay = (state: BargeState): BargeStep => ({ state, action: null });
