import type { LiveEffect } from "./facts.ts";
import { freshCaller, join, move, withCaller, type LiveTurn, type Move } from "./turn.ts";

/** A line of the caller's, if there are words. */
export const recorded = (text: string): readonly LiveEffect[] =>
  text === "" ? [] : [{ kind: "said", role: "caller", text }];

/** What the caller has said of a turn that nobody will answer stays on record. */
export function recordRest(turn: LiveTurn, now: number): Move {
  const { finals, taken } = turn.caller;
  return move({ ...turn, caller: { ...freshCaller(now), taken } }, ...recorded(finals));
}

/** Puts on record what the caller has said of a turn that goes on. */
export function recordSoFar(turn: LiveTurn): Move {
  const { before, finals } = turn.caller;
  return move(withCaller(turn, { before: join(before, finals), finals: "" }), ...recorded(finals));
}
