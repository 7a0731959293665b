import { abandon, takeFloor } from "./interrupt.ts";
import { endTurn } from "./turn-end.ts";
import { isBusy, move, mustBeHeard, andThen, withCaller, type LiveTurn, type Move } from "./turn.ts";

/** More keys than any menu or number asks for; further ones are not collected. */
const MAX_KEYS = 64;
const KEY = /^[0-9A-D*#]$/;

/** One key; `#` ends the answer and is not part of it, as in carriers' own gathering. */
export function keyPressed(turn: LiveTurn, digit: string, now: number): Move {
  const { hushed, closing, asking, caller, options } = turn;
  if (!KEY.test(digit) || hushed || closing !== null || (asking !== null && !asking.asked)) return move(turn);
  const isEnd = digit === "#" && caller.keys !== "";
  const isKept = mustBeHeard(turn) || turn.followUpUntil !== null;
  if (isEnd && !isKept) return endTurn(turn, now);
  const keys = isEnd || caller.keys.length >= MAX_KEYS ? caller.keys : caller.keys + digit;
  const keysAt = isEnd ? now - options.keysMs : now;
  const pressed = withCaller({ ...turn, calmAt: now }, { keys, keysAt });
  if (isKept) return move(pressed);
  return isBusy(pressed) ? takeFloor(pressed, now) : andThen(move(pressed), abandon);
}
