import { settleCuts } from "./interrupt.ts";
import { recordSoFar } from "./record.ts";
import { piecePlayed } from "./speaking.ts";
import { inAir, move, andThen, type LiveTurn, type Move, type Piece } from "./turn.ts";

/** The caller can be heard and spoken to. */
export function ready(turn: LiveTurn, now: number): Move {
  if (turn.line.state === "up") return move(turn);
  return move({ ...turn, line: { state: "up", since: now }, calmAt: now, airAt: now });
}

/**
 * The stream is gone; a thought goes on. What was on the air is said again once the line is back, from the beginning of
 * the piece that was cut. If more than half of that one must have been heard, by the time since it began, it counts as heard.
 * The call may be over with the line, so what the caller has said is put on record.
 */
export function lineLost(turn: LiveTurn, now: number): Move {
  if (turn.line.state !== "up") return move(turn);
  const { gate, options } = turn;
  const cut = turn.pieces.findLast(({ startedAt }) => startedAt !== null);
  const heardMs = (turn.pausedAt ?? now) - (cut?.startedAt ?? now);
  const isHeard = cut !== undefined && heardMs * 2 >= cut.text.length * options.characterMs;
  const before = turn.pieces[turn.pieces.findIndex((piece) => piece === cut) - 1];
  const last = isHeard ? cut.no : (before?.no ?? null);
  const played = last === null ? move(turn) : piecePlayed(turn, last, now);
  const known = andThen(andThen(played, settleCuts), recordSoFar);
  return andThen(known, (present) => {
    const pieces = present.pieces.map((piece): Piece =>
      inAir(piece) ? { ...piece, no: null, startedAt: null } : piece,
    );
    const off = gate?.on === true ? { on: false, at: now } : gate;
    return move({
      ...present,
      pieces,
      line: { state: "lost", since: now },
      gate: off,
      pausedAt: null,
    });
  });
}
