import { abandon, takeFloor } from "./interrupt.ts";
import { endTurn, isKept } from "./turn-end.ts";
import { isBusy, move, andThen, withCaller, type LiveTurn, type Move } from "./turn.ts";

/** More keys than any menu or number asks for; further ones are not collected. */
const MAX_KEYS = 64;
const KEY = /^[0-9A-D*#]$/;

/** One key; `#` ends the answer and is not part of it, as in carriers' own gathering. */
export function keyPressed(turn: LiveTurn, digit: string, now: number): Move {
  const { hushed, closing, asking, caller, options } = turn;
  if (!KEY.test(digit) || hushed || closing !== null || (asking !== null && !asking.asked)) return move(turn);
  const isEnd = digit === "#" && caller.keys !== "";
  const kept = isKept(turn);
  if (isEnd && !kept) return endTurn(turn, now);
  const keys = isEnd || caller.keys.length >= MAX_KEYS ? caller.keys : caller.keys + digit;
  const keysAt = isEnd ? now - options.keysMs : now;
  const pressed = withCaller({ ...turn, calmAt: now }, { keys, keysAt });
  if (kept) return move(pressed);
  return isBusy(pressed) ? takeFloor(pressed, now) : andThen(move(pressed), abandon);
}
