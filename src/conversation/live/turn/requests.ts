import { final } from "./caller.ts";
import { abandon, silence, stopTalking } from "./interrupt.ts";
import { enqueue } from "./speaking.ts";
import { recordRest } from "./record.ts";
import { move, newPiece, andThen, type LiveTurn, type Move, type Piece } from "./turn.ts";

/** Words between turns. They replace what is being said; a reply of which nothing was heard follows them. */
export function speak(turn: LiveTurn, text: string, now: number): Move {
  const words = text.trim();
  if (words === "") return move(turn);
  const { reply } = turn;
  const isAhead = reply !== null && !reply.begun;
  const talking: LiveTurn = { ...turn, hushed: false, followUpUntil: null };
  const opening = unheardOpening(talking);
  const quiet = isAhead
    ? silence(talking, now, [...opening, ...talking.pieces.filter(({ of }) => of === "reply")])
    : andThen(stopTalking(talking, now), (silent) => move({ ...silent, pieces: opening }));
  return andThen(quiet, (silent) => {
    const pieces = silent.pieces.filter(({ of }) => of === "opening");
    const replies = silent.pieces.filter(({ of }) => of === "reply");
    return move({ ...silent, pieces: [...pieces, newPiece(words, "request"), ...replies] });
  });
}

/** Nobody was there yet to hear it. */
const unheardOpening = ({ line, pieces }: LiveTurn): readonly Piece[] =>
  line.state === "awaited" ? pieces.filter(({ of }) => of === "opening") : [];

/** A question whose answer goes to the command. A thought in preparation is dropped; what was said before is no answer. */
export function ask(turn: LiveTurn, text: string, timeoutMs: number, now: number): Move {
  if (turn.asking !== null) return move(turn);
  const opening = unheardOpening(turn);
  const asked = text.trim() === "";
  const quiet = andThen(stopTalking(turn, now), (silent) => recordRest(silent, now));
  return andThen(quiet, (silent) =>
    move(
      enqueue(
        {
          ...silent,
          pieces: opening,
          hushed: false,
          closing: null,
          followUpUntil: null,
          asking: { until: now + timeoutMs, asked },
        },
        text,
        "request",
      ),
    ),
  );
}

/** The command has waited long enough: the agent is there again. */
export const askOver = (turn: LiveTurn, now: number): Move =>
  move({ ...turn, asking: null, calmAt: now }, { kind: "answer", text: null });

/** The command that got its answer says nothing more. What the caller has said meanwhile is for the agent. */
export const followUpOver = (turn: LiveTurn, now: number): Move =>
  move({ ...turn, followUpUntil: null, calmAt: now });

/** Hang up after a reply in preparation and whatever else is to be said. */
export function close(turn: LiveTurn, now: number): Move {
  if (turn.closing !== null) return move(turn);
  const { asking, reply } = turn;
  const closing: LiveTurn = {
    ...turn,
    asking: null,
    followUpUntil: null,
    silenced: null,
    closing: { reason: "goodbye", since: now },
  };
  const free = reply?.sure === true ? move(closing) : abandon(closing);
  const told =
    asking === null ? free : andThen(free, (present) => move(present, { kind: "answer", text: null }));
  return andThen(told, (present) => recordRest(present, now));
}

/** Silence until the next `speak`: a machine's greeting runs. */
export function hush(turn: LiveTurn, now: number): Move {
  const quiet = andThen(stopTalking(turn, now), (silent) => recordRest(silent, now));
  return andThen(quiet, (silent) => move({ ...silent, hushed: true }));
}

/** The call is over. The interim words are all that will be known of the caller's last ones. */
export function callOver(turn: LiveTurn, now: number): Move {
  const { partial } = turn.caller;
  return andThen(partial === "" ? move(turn) : final(turn, partial, now), (present) => hush(present, now));
}

/** When the call is to be hung up. On a line that is down it is not waited for without end. */
export function hangUpDue({ closing, pieces, reply, line, calmAt, options }: LiveTurn): number | null {
  if (closing === null) return null;
  if (pieces.length === 0 && reply === null) return Math.max(closing.since, calmAt) + options.goodbyePauseMs;
  return line.state === "up" ? null : Math.max(closing.since, line.since) + options.lostReportMs;
}

export function hangUp(turn: LiveTurn): Move {
  const { closing } = turn;
  if (closing === null) return move(turn);
  return move({ ...turn, over: true }, { kind: "hang-up", reason: closing.reason });
}
