import { goOn } from "./speaking.ts";
import { recover, takeFloor } from "./interrupt.ts";
import type { LiveOptions } from "./options.ts";
import { isEcho, judge, type Verdict } from "./judge.ts";
import { learnPause, learnTail } from "./pace.ts";
import { forgetEarly } from "./thinking.ts";
import { recorded } from "./record.ts";
import { endTurn, isKept, isOpen } from "./turn-end.ts";
import {
  isBusy,
  join,
  move,
  mustBeHeard,
  andThen,
  withCaller,
  withReply,
  wordsOf,
  type LiveTurn,
  type Move,
} from "./turn.ts";

/** "" when there is no word in it. */
function tidy(text: string, { words, language }: LiveOptions): string {
  const plain = join(text.replaceAll(/\s+/g, " ").trim());
  return words.countWords(plain, language) === 0 ? "" : plain;
}

/** Our voice is on the line, or was a moment ago. */
const isPlaying = ({ pieces }: LiveTurn): boolean => pieces.some(({ startedAt }) => startedAt !== null);

/** Words that go to nobody but the transcript: said on a line that is being closed, to a machine, or before the question. */
const isUnasked = ({ hushed, closing, asking }: LiveTurn): boolean =>
  hushed || closing !== null || (asking !== null && !asking.asked);

/** The gate. Reports that are doubled or late change nothing. */
export function speech(turn: LiveTurn, on: boolean, at: number, now: number): Move {
  const { gate, caller, reply } = turn;
  const when = Math.min(at, now);
  if (gate !== null && (gate.on === on || when < gate.at)) return move(turn);
  const heard: LiveTurn = { ...turn, gate: { on, at: when }, calmAt: now };
  if (!on) return andThen(move(withCaller(heard, { soundAt: when })), settlePause);
  // A new voice, unless words of the utterance are known already.
  const noticed = overlapping(caller.partial === "" ? withCaller(heard, { overlapped: false }) : heard);
  const isMissed = reply?.sure === true && !reply.begun;
  const words = isMissed ? reply.words : wordsOf(caller);
  // Pauses after digits and hesitations say nothing of those after sentences.
  const isPlain = turn.options.words.endsUnfinished(words, turn.options.language) === null;
  if (gate === null || words === "" || !isPlain) return move(noticed);
  const pauseMs = when - gate.at;
  if (isMissed) return move(withCaller(noticed, { missedPauseMs: pauseMs }));
  return move(gate.at > caller.since ? learnPause(noticed, pauseMs) : noticed);
}

/** The provider's own detector: all there is where the gate does not hear a quiet voice. */
export const providerSpeech = (turn: LiveTurn, now: number): Move =>
  move(withCaller(overlapping({ ...turn, calmAt: now }), { soundAt: now }));

/** A sign of an utterance, which may have begun before. */
const overlapping = (turn: LiveTurn): LiveTurn =>
  isPlaying(turn) ? withCaller(turn, { overlapped: true }) : turn;

/** The voice that paused us is over: if it said nothing that counts, we go on at once. */
function settlePause(turn: LiveTurn): Move {
  const { partial } = turn.caller;
  return partial !== "" && isNothing(judge(turn, partial, false)) ? goOn(turn) : move(turn);
}

const isNothing = (verdict: Verdict): boolean => verdict === "echo" || verdict === "backchannel";

/** The interim words of the present utterance. */
export function partial(turn: LiveTurn, text: string, now: number): Move {
  const { caller, options } = turn;
  const words = tidy(text, options);
  if (isUnasked(turn) || words === caller.partial) return move(turn);
  if (caller.taken !== null && options.words.sameWords(words, caller.taken)) return move(turn);
  const begun = caller.partial === "" ? overlapping(turn) : turn;
  const known =
    words === "" ? begun : goesOnFromTaken({ ...begun, pace: { ...begun.pace, interims: true } }, words);
  const heard = withCaller({ ...known, calmAt: now }, { partial: words, wordsAt: now });
  if (!isBusy(heard)) return forgetEarly(heard);
  if (words === "") return move(heard);
  const verdict = judge(heard, words, false);
  if (verdict === "turn") return mustBeHeard(heard) ? move(heard) : takeFloor(heard, now);
  return isNothing(verdict) && heard.gate?.on !== true ? goOn(heard) : move(heard);
}

/** The final words of an utterance. */
export function final(turn: LiveTurn, text: string, now: number): Move {
  const { caller, options, gate } = turn;
  const words = tidy(text, options);
  if (words === "") return forgetEarly(withCaller(turn, { partial: "" }));
  if (isUnasked(turn)) return move(withCaller(turn, { partial: "" }), ...recorded(words));
  if (caller.taken !== null && options.words.sameWords(words, caller.taken))
    return move(withCaller(turn, { partial: "", taken: null }));
  const isTail = gate !== null && !gate.on && gate.at > caller.since;
  const timed = isTail ? learnTail(turn, now - gate.at) : turn;
  const begun = caller.partial === "" ? overlapping(timed) : timed;
  const heard = goesOnFromTaken(withCaller({ ...begun, calmAt: now }, { partial: "" }), words);
  const verdict = judge(heard, words, true);
  if (verdict === "echo") return echo(heard);
  return isBusy(heard) ? over(heard, words, verdict, now) : keep(heard, words, now);
}

/** Final words that are the caller's turn. */
function keep(turn: LiveTurn, words: string, now: number): Move {
  const finals = join(turn.caller.finals, words);
  return forgetEarly(withCaller(turn, { finals, wordsAt: now, overlapped: false }));
}

function echo(turn: LiveTurn): Move {
  const settled = andThen(move(withCaller(turn, { overlapped: false })), forgetEarly);
  return andThen(settled, (present) => (present.silenced === null ? goOn(present) : recover(present)));
}

/** Final words while something of ours is on. */
function over(turn: LiveTurn, words: string, verdict: Verdict, now: number): Move {
  if (verdict === "turn" || isAnswer(turn, verdict)) {
    const quiet = mustBeHeard(turn) ? move(turn) : takeFloor(turn, now);
    return andThen(quiet, (present) => keep(present, words, now));
  }
  const there = withCaller({ ...turn, prompts: 0 }, { overlapped: false });
  return there.silenced === null ? goOn(there) : recover(there);
}

/** "Yes" is an answer when nothing was to follow what it interrupted. */
const isAnswer = ({ silenced, pieces, reply }: LiveTurn, verdict: Verdict): boolean =>
  verdict === "backchannel" && silenced !== null && pieces.length <= 1 && (reply === null || reply.done);

/** The words take up those that had been taken as final: together they are one utterance, and count once. */
function goesOnFromTaken(turn: LiveTurn, words: string): LiveTurn {
  const { taken, before, finals } = turn.caller;
  if (taken === null) return turn;
  const known = withCaller(turn, { taken: null });
  if (!beginsLike(words, taken)) return known;
  if (finals.endsWith(taken)) return withCaller(known, { finals: without(finals, taken) });
  if (before.endsWith(taken)) return withCaller(known, { before: without(before, taken) });
  const { reply } = turn;
  const isAsked = reply?.sure === true && !reply.begun && reply.words.endsWith(taken);
  return isAsked ? withReply(known, { words: without(reply.words, taken) }) : known;
}

const without = (text: string, end: string): string => text.slice(0, -end.length).trim();

/** Providers rewrite the end of interim words, hardly ever their beginning. */
const ALIKE_LENGTH = 8;

function beginsLike(words: string, earlier: string): boolean {
  const [a, b] = [bare(words), bare(earlier)];
  const length = Math.min(ALIKE_LENGTH, b.length);
  return a.slice(0, length) === b.slice(0, length);
}

const bare = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");

/** The caller has said no more. Interim words that cannot end the turn are judged as if they were final. */
export function turnOver(turn: LiveTurn, now: number): Move {
  const words = turn.caller.partial;
  const left = withCaller(turn, { partial: "", taken: words });
  if (words !== "" && isEcho(turn, words)) return andThen(echo(left), (rest) => endTurn(rest, now));
  if (!isOpen(turn)) return endTurn(turn, now);
  const verdict = judge(turn, words, true);
  if (verdict !== "turn" && !isAnswer(turn, verdict) && isBusy(turn)) return over(left, words, verdict, now);
  return isKept(turn) ? keep(left, words, now) : takeFloor(turn, now);
}
