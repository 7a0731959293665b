import { quietFrom } from "./pace.ts";
import { enqueue } from "./speaking.ts";
import { hasTurn, isBusy, move, type LiveTurn, type Move } from "./turn.ts";

/** When the silence on the line has lasted too long; null while anybody has anything to say or to wait for. */
export function idleDue(turn: LiveTurn): number | null {
  const { options, line, hushed, closing, asking, followUpUntil } = turn;
  if (options.idleMs === 0 || line.state !== "up" || hushed || closing !== null) return null;
  if (asking !== null || followUpUntil !== null || isBusy(turn) || hasTurn(turn.caller)) return null;
  return Math.max(turn.calmAt, quietFrom(turn)) + options.idleMs;
}

/** Asks for the caller a few times, then says goodbye. */
export function idle(turn: LiveTurn, now: number): Move {
  const { phrases, prompts } = turn.options;
  if (turn.prompts < prompts) {
    const asked: LiveTurn = { ...turn, prompts: turn.prompts + 1, calmAt: now };
    return move(enqueue(asked, phrases.stillThere, "phrase"));
  }
  return move(enqueue({ ...turn, closing: { reason: "goodbye", since: now } }, phrases.goodbye, "phrase"));
}
