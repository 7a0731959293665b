import { settleCuts } from "./interrupt.ts";
import { goOn, pieceFailed, piecePlayed } from "./speaking.ts";
import { move, andThen, type LiveTurn, type Move } from "./turn.ts";

/** Reports get lost; a call is never mute for that. */
interface Overdue {
  /** The first piece: nothing was told of it for longer than it can take. */
  readonly piece: number | null;
  /** Our words are paused, and the caller says none. */
  readonly pause: number | null;
  /** A stop that nobody has confirmed. */
  readonly cut: number | null;
}

function overdue({ pieces, airAt, pausedAt, cuts, options }: LiveTurn): Overdue {
  const [head] = pieces;
  const [cut] = cuts;
  const isOut = head !== undefined && head.no !== null;
  const lostMs = options.lostReportMs;
  return {
    piece: isOut ? Math.max(head.at, airAt) + head.text.length * options.characterMs + lostMs : null,
    pause: pausedAt === null ? null : pausedAt + options.pausedMs,
    cut: cut === undefined ? null : cut.at + lostMs,
  };
}

export function watchdogDue(turn: LiveTurn): number | null {
  const { piece, pause, cut } = overdue(turn);
  const due = [piece, pause, cut].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** A piece that had begun counts as heard, one that never did as failed. */
export function watchdog(turn: LiveTurn, now: number): Move {
  const { piece, pause, cut } = overdue(turn);
  const isDue = (at: number | null): boolean => at !== null && at <= now;
  const resumed = isDue(pause) ? goOn({ ...turn, falseStops: turn.falseStops + 1 }) : move(turn);
  const settled = isDue(cut) ? andThen(resumed, settleCuts) : resumed;
  if (!isDue(piece)) return settled;
  return andThen(settled, (present) => {
    const [head] = present.pieces;
    const no = head?.no ?? 0;
    return head?.startedAt === null ? pieceFailed(present, no, now) : piecePlayed(present, no, now);
  });
}
