import type { HeardPiece } from "./facts.ts";
import { heardUpTo, settleCuts, stopped } from "./interrupt.ts";
import { recordSoFar } from "./record.ts";
import { piecePlayed } from "./speaking.ts";
import { inAir, move, andThen, type LiveTurn, type Move, type Piece } from "./turn.ts";

/** The caller can be heard and spoken to. */
export function ready(turn: LiveTurn, now: number): Move {
  if (turn.line.state === "up") return move(turn);
  return move({ ...turn, line: { state: "up", since: now, heard: "" }, calmAt: now, airAt: now });
}

/**
 * The stream is gone; a thought goes on. The call may be over with the line, so what was said and heard is put on record. What
 * was on the air is said again once the line is back, from the beginning of the piece that was cut.
 */
export function lineLost(turn: LiveTurn, cut: HeardPiece | undefined, now: number): Move {
  if (turn.line.state !== "up") return move(turn);
  const { heard, moved } = cut === undefined ? guess(turn, now) : known(turn, cut, now);
  const told = andThen(andThen(moved, settleCuts), recordSoFar);
  return andThen(told, (present) => {
    const pieces = present.pieces.map((piece): Piece =>
      inAir(piece) ? { ...piece, no: null, startedAt: null } : piece,
    );
    const { gate } = present;
    const off = gate?.on === true ? { on: false, at: now } : gate;
    return move({
      ...present,
      pieces,
      line: { state: "lost", since: now, heard },
      gate: off,
      pausedAt: null,
    });
  });
}

/** What was being heard when the line went. `heard`: of a piece of the reply that is not over. */
interface Last {
  readonly moved: Move;
  readonly heard: string;
}

function known(turn: LiveTurn, { piece: no, heard }: HeardPiece, now: number): Last {
  const piece = turn.pieces.find((one) => one.no === no);
  if (piece === undefined) return { moved: stopped(turn, { piece: no, heard }, now), heard: "" };
  const words = heard.trim();
  const moved = heardUpTo(turn, piece, words, now);
  return { moved, heard: piece.of === "reply" && moved.turn.pieces.includes(piece) ? words : "" };
}

/** If more than half of a piece must have been heard, by the time since it began, it counts as heard. */
function guess(turn: LiveTurn, now: number): Last {
  const cut = turn.pieces.findLast(({ startedAt }) => startedAt !== null);
  const heardMs = (turn.pausedAt ?? now) - (cut?.startedAt ?? now);
  const isHeard = cut !== undefined && heardMs * 2 >= cut.text.length * turn.options.characterMs;
  const before = turn.pieces[turn.pieces.findIndex((piece) => piece === cut) - 1];
  const last = isHeard ? cut.no : (before?.no ?? null);
  return { moved: last === null ? move(turn) : piecePlayed(turn, last, now), heard: "" };
}
