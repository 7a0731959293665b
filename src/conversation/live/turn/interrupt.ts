import type { LiveEffect } from "./facts.ts";
import { judge } from "./judge.ts";
import { learnPause, quietFrom } from "./pace.ts";
import { heardOf, piecePlayed, saidByUs } from "./speaking.ts";
import {
  inAir,
  join,
  move,
  andThen,
  withCaller,
  withReply,
  type Cut,
  type LiveTurn,
  type Move,
  type Piece,
} from "./turn.ts";

/**
 * Barge-in. The audio stops by two ways: words of the caller's (here), or the gate by itself after enough of a voice
 * (`stopped` comes unasked). Words end a reply at once. A voice alone only silences it: words confirm that it was an
 * interruption, and without any the rest is said after all.
 */

/** Stops what is in the air and forgets what waits, except what is kept. */
export function silence(turn: LiveTurn, now: number, kept: readonly Piece[] = []): Move {
  const air = turn.pieces.filter(inAir);
  const again = kept.map((piece): Piece => ({ ...piece, no: null, startedAt: null }));
  const quiet: LiveTurn = { ...turn, pieces: again, pausedAt: null, silenced: null, calmAt: now };
  if (air.length === 0) return move(quiet);
  const { heard = [], begun = false } = turn.reply ?? {};
  const cut: Cut = { at: now, pieces: air, heard, begun, again: again.length > 0 };
  return move({ ...quiet, cuts: [...turn.cuts, cut] }, { kind: "stop" });
}

/** Nobody wants the thought any more. One that is complete and in part heard stays in the agent's memory, cut. */
export function abandon(turn: LiveTurn): Move {
  const { reply } = turn;
  if (reply === null) return move(turn);
  const gone: LiveTurn = { ...turn, reply: null };
  return reply.done && reply.begun ? move(gone) : move(gone, { kind: "drop", thought: reply.thought });
}

/** We fall silent, whatever we were saying or thinking. */
export function stopTalking(turn: LiveTurn, now: number): Move {
  const { reply, silenced, line } = turn;
  // With something in the air, the report of its stop tells what was heard.
  const known = reply?.begun === true && !turn.pieces.some(inAir);
  const heard = heardOf(reply?.heard ?? [], silenced?.heard ?? line.heard);
  const ended = andThen(silence(turn, now), abandon);
  return known ? andThen(ended, (quiet) => move(quiet, { kind: "interrupted", heard })) : ended;
}

/** The caller speaks now. Before any of the reply was heard, the caller's turn just goes on. */
export function takeFloor(turn: LiveTurn, now: number): Move {
  const { reply } = turn;
  const goesOn = reply?.sure === true && !reply.begun;
  const quiet = stopTalking(turn, now);
  if (!goesOn) return quiet;
  return andThen(quiet, (silent) => {
    const { missedPauseMs, before } = silent.caller;
    const { words, thought } = reply;
    const longer = withCaller(silent, { before: join(words, before), missedPauseMs: null, thought });
    return move(missedPauseMs === null ? longer : learnPause(longer, missedPauseMs));
  });
}

type Stopped = { readonly piece: number | null; readonly heard: string | null };

/** Playback was cut: by an order of ours, or by the gate. */
export function stopped(turn: LiveTurn, { piece, heard }: Stopped, now: number): Move {
  const words = heard?.trim() ?? "";
  const playing = turn.pieces.find((one) => piece !== null && one.no === piece);
  if (playing !== undefined) return stoppedByVoice(turn, playing, words, now);
  const at = turn.cuts.findIndex(({ pieces }) => piece === null || pieces.some(({ no }) => no === piece));
  const cut = turn.cuts[at];
  if (cut === undefined) return move(turn);
  const older = settleCuts({ ...turn, cuts: turn.cuts.slice(0, at) });
  return andThen(older, (present) =>
    settleCut({ ...present, cuts: turn.cuts.slice(at + 1) }, cut, piece, words),
  );
}

/** What is not reported by now was not heard: the agent's memory must be right before it thinks again. */
export function settleCuts(turn: LiveTurn): Move {
  const settled = move({ ...turn, cuts: [] });
  return turn.cuts.reduce((so, cut) => andThen(so, (present) => settleCut(present, cut, null, "")), settled);
}

/** A stop has done its work: piece `no` was cut, nothing (null) was playing, or the report is lost. */
function settleCut(turn: LiveTurn, cut: Cut, no: number | null, words: string): Move {
  const at = cut.pieces.findIndex((one) => one.no === no);
  const known = at < 0 ? [] : cut.pieces.slice(0, at + 1);
  const heard = known
    .map((piece, index) => ({ piece, text: index < at ? piece.text : words }))
    .filter(({ text }) => text !== "");
  const ofReply = heard.filter(({ piece }) => piece.of === "reply").map(({ text }) => text);
  const effects: LiveEffect[] = heard.map(({ text }) => saidByUs(text));
  if (!cut.again && (cut.begun || ofReply.length > 0))
    effects.push({ kind: "interrupted", heard: heardOf([...cut.heard, ...ofReply]) });
  return move(turn, ...effects);
}

/** Of this piece, which is the one that plays, `words` were heard, and all that came before it. A whole one is over. */
export function heardUpTo(turn: LiveTurn, piece: Piece, words: string, now: number): Move {
  const at = turn.pieces.indexOf(piece);
  const isWhole = turn.options.words.sameWords(words, piece.text);
  const last = turn.pieces[isWhole ? at : at - 1]?.no ?? null;
  const played = last === null ? move(turn) : piecePlayed(turn, last, now);
  if (isWhole) return played;
  return andThen(played, (present) => {
    const isUnheard = words === "" && piece.of === "reply" && present.reply?.heard.length === 0;
    const known = isUnheard ? withReply(present, { begun: false }) : present;
    return move(known, ...(words === "" ? [] : [saidByUs(words)]));
  });
}

/** The gate has stopped us; what was not heard waits until it is clear why. */
function stoppedByVoice(turn: LiveTurn, piece: Piece, words: string, now: number): Move {
  return andThen(heardUpTo(turn, piece, words, now), (present) => {
    const isOver = !present.pieces.includes(piece);
    return waitForWords(present, isOver ? null : piece, isOver || piece.of !== "reply" ? "" : words, now);
  });
}

/** `cut`: the piece that was being heard, now the first. The later ones may have set out after the stop, and would play. */
function waitForWords(turn: LiveTurn, cut: Piece | null, heard: string, now: number): Move {
  const { caller, closing, reply } = turn;
  const underWay = turn.pieces.filter((piece) => inAir(piece) && piece.no !== cut?.no);
  const again = turn.pieces.map((piece): Piece => ({ ...piece, no: null, startedAt: null, again: true }));
  const late: Cut = { at: now, pieces: underWay, heard: [], begun: false, again: true };
  const quiet: LiveTurn = { ...turn, pieces: again, pausedAt: null, calmAt: now };
  const silent =
    underWay.length === 0 ? move(quiet) : move({ ...quiet, cuts: [...quiet.cuts, late] }, { kind: "stop" });
  if (closing !== null && cut !== null)
    return andThen(silent, (present) => move({ ...present, pieces: present.pieces.slice(1) }));
  const isAll = again.length === 0 && (reply === null || reply.done);
  if (closing !== null || isAll) return silent;
  return andThen(silent, (present) => {
    const waiting: LiveTurn = { ...present, silenced: { at: now, heard } };
    const spoke = caller.partial !== "" && judge(waiting, caller.partial, false) === "turn";
    return spoke ? takeFloor(waiting, now) : move(waiting);
  });
}

/** When our words go on after a voice that said none. */
export function recoverDue(turn: LiveTurn): number | null {
  const { silenced, options } = turn;
  return silenced === null ? null : Math.max(silenced.at, quietFrom(turn)) + options.recoverMs;
}

/** It was no interruption: what was cut is said again. From now on a voice alone is trusted less. */
export const recover = (turn: LiveTurn): Move =>
  move({ ...turn, silenced: null, falseStops: turn.falseStops + 1 });
