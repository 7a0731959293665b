import type { LiveEffect, Yielding } from "./facts.ts";
import {
  inAir,
  join,
  move,
  newPiece,
  withReply,
  type LiveTurn,
  type Move,
  type Origin,
  type Piece,
} from "./turn.ts";

/** More than any reply has; what a model says beyond is dropped. */
const MAX_PIECES = 200;
/** What is remembered of our own words, to know them when they come back over the line. */
const REMEMBERED = 8;
/** So many voices without words make a line noisy: from then on the gate is not heeded, only words stop us. */
const NOISY = 2;

/** Puts words at the end of what is to be said. */
export function enqueue(turn: LiveTurn, text: string, of: Origin): LiveTurn {
  const words = text.trim();
  if (words === "" || turn.pieces.length >= MAX_PIECES) return turn;
  return { ...turn, pieces: [...turn.pieces, newPiece(words, of)] };
}

/** Hands over what waits, once somebody is there to hear it. */
export function speakWaiting(turn: LiveTurn, now: number): Move {
  if (turn.line.state !== "up" || turn.silenced !== null || turn.pieces.every(inAir)) return move(turn);
  const effects: LiveEffect[] = [];
  let piece = turn.lastPiece;
  const pieces = turn.pieces.map((waiting) => {
    if (inAir(waiting)) return waiting;
    piece += 1;
    const yields = yieldsOf(turn, waiting);
    effects.push({ kind: "say", piece, text: waiting.text, yields });
    return { ...waiting, no: piece, firm: isFirm(turn), at: now };
  });
  return move({ ...turn, pieces, lastPiece: piece }, ...effects);
}

const isFirm = ({ closing, options }: LiveTurn): boolean => closing !== null || !options.interruption;

function yieldsOf(turn: LiveTurn, { of, again }: Piece): Yielding {
  if (isFirm(turn) || turn.falseStops >= NOISY) return "never";
  return of === "opening" || of === "phrase" || again ? "to-words" : "to-speech";
}

/** The caller begins to hear a piece. */
export function pieceStarted(turn: LiveTurn, no: number, now: number): Move {
  const piece = turn.pieces.find((one) => one.no === no);
  if (piece === undefined || piece.startedAt !== null) return move(turn);
  const pieces = turn.pieces.map((one) => (one === piece ? { ...one, startedAt: now } : one));
  const spoken = [...turn.spoken, piece.text].slice(-REMEMBERED);
  const { asking } = turn;
  const heard: LiveTurn = {
    ...turn,
    pieces,
    spoken,
    airAt: now,
    asking: asking !== null && piece.of === "request" ? { ...asking, asked: true } : asking,
  };
  return move(piece.of === "reply" ? withReply(heard, { begun: true }) : heard);
}

/** Heard to its end; and so was what came before it, whose report is lost. Each is a line of the transcript of its own, since the call may end at any moment. */
export function piecePlayed(turn: LiveTurn, no: number, now: number): Move {
  const at = turn.pieces.findIndex((one) => one.no === no);
  if (at < 0) return playedAfterAll(turn, no);
  const [done, pieces] = [turn.pieces.slice(0, at + 1), turn.pieces.slice(at + 1)];
  const ofReply = done.filter(({ of }) => of === "reply").map(({ text }) => text);
  const rest = ended({ ...turn, pieces, airAt: now, pausedAt: null }, done, now);
  const heard = [...(rest.reply?.heard ?? []), ...ofReply];
  return move(
    ofReply.length === 0 ? rest : withReply(rest, { begun: true, heard }),
    ...done.map(({ text }) => saidByUs(text)),
  );
}

/** It had reached its end before the stop reached it. */
function playedAfterAll(turn: LiveTurn, no: number): Move {
  let text: string | null = null;
  const cuts = turn.cuts.map((cut) => {
    const piece = cut.pieces.find((one) => one.no === no);
    if (piece === undefined) return cut;
    ({ text } = piece);
    const pieces = cut.pieces.filter((one) => one !== piece);
    return piece.of === "reply"
      ? { ...cut, pieces, begun: true, heard: [...cut.heard, text] }
      : { ...cut, pieces };
  });
  return text === null ? move(turn) : move({ ...turn, cuts }, saidByUs(text));
}

/** Nobody heard it; what follows does not wait for it. The first words are tried once more: without them nobody is greeted. */
export function pieceFailed(turn: LiveTurn, no: number, now: number): Move {
  const piece = turn.pieces.find((one) => one.no === no);
  if (piece === undefined) return failedAfterAll(turn, no);
  const { asking } = turn;
  const others = turn.pieces.filter((one) => one !== piece);
  const isLost = piece.of === "opening" && piece.startedAt === null && !piece.again;
  const pieces = isLost ? [...others, { ...newPiece(piece.text, piece.of), again: true }] : others;
  return move(
    ended(
      {
        ...turn,
        pieces,
        airAt: now,
        asking: asking !== null && piece.of === "request" ? { ...asking, asked: true } : asking,
      },
      [piece],
      now,
    ),
  );
}

function failedAfterAll(turn: LiveTurn, no: number): Move {
  const cuts = turn.cuts.map((cut) => ({ ...cut, pieces: cut.pieces.filter((one) => one.no !== no) }));
  return move({ ...turn, cuts });
}

function ended(turn: LiveTurn, pieces: readonly Piece[], now: number): LiveTurn {
  const quiet = withReply({ ...turn, calmAt: now }, { quietAt: now });
  return pieces.some(({ of }) => of === "reply") ? withReply(quiet, { repliedAt: now }) : quiet;
}

/** A reply that is complete and out is over; the caller's next words are a new turn. */
export function endReply(turn: LiveTurn, now: number): Move {
  const { reply, pieces } = turn;
  if (reply === null || !reply.sure || !reply.done || pieces.some(({ of }) => of === "reply"))
    return move(turn);
  return move({ ...turn, reply: null, calmAt: now });
}

export const saidByUs = (text: string): LiveEffect => ({ kind: "said", role: "agent", text });

/** All of a reply that was heard. */
export const heardOf = (heard: readonly string[], cut = ""): string => join(...heard, cut);

export const paused = (turn: LiveTurn, no: number, now: number): Move =>
  move(isPlaying(turn, no) ? { ...turn, pausedAt: turn.pausedAt ?? now, airAt: now } : turn);

export const resumed = (turn: LiveTurn, no: number, now: number): Move =>
  move(isPlaying(turn, no) ? { ...turn, pausedAt: null, airAt: now } : turn);

const isPlaying = ({ pieces }: LiveTurn, no: number): boolean => pieces.some((one) => one.no === no);

/** It was no interruption. */
export const goOn = (turn: LiveTurn): Move =>
  turn.pausedAt === null ? move(turn) : move({ ...turn, pausedAt: null }, { kind: "resume" });
