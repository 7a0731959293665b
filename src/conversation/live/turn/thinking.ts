import { abandon, settleCuts } from "./interrupt.ts";
import { isEcho } from "./judge.ts";
import { quietFrom } from "./pace.ts";
import { recordRest } from "./record.ts";
import { enqueue } from "./speaking.ts";
import { isBusy, move, andThen, withCaller, withReply, wordsOf, type LiveTurn, type Move } from "./turn.ts";

/** A thought that is not sure keeps no more sentences than that. */
const MAX_HELD = 100;

/** Lets the agent answer `words`. Whatever it thought before is abandoned first. */
export function think(
  turn: LiveTurn,
  words: string,
  how: { readonly sure: boolean; readonly mustAnswer: boolean; readonly from: number },
  now: number,
): Move {
  return andThen(andThen(abandon(turn), settleCuts), (free) => {
    const thought = free.thoughts + 1;
    const { sure, mustAnswer } = how;
    const reply = {
      thought,
      words,
      sure,
      mustAnswer,
      done: false,
      written: false,
      held: [],
      sentences: 0,
      begun: false,
      heard: [],
      since: now,
      repliedAt: 0,
      quietAt: 0,
      workingAt: null,
      lines: 0,
    };
    return move({ ...free, thoughts: thought, reply }, { kind: "think", thought, words, ...how });
  });
}

/** The caller has said no more than what is thought about: the thought counts, and is said. */
export function confirm(turn: LiveTurn, now: number): Move {
  const { reply } = turn;
  if (reply === null) return move(turn);
  const known = reply.done ? { ...turn, failures: 0 } : turn;
  const sure = withReply(known, { sure: true, held: [], since: now });
  const saying = reply.held.reduce((present, text) => enqueue(present, text, "reply"), sure);
  return move(saying, { kind: "confirmed", thought: reply.thought });
}

// ------------------------------------------------------------ ahead of the turn's end

/** When the words have stood long enough to think about them. */
export function earlyDue(turn: LiveTurn): number | null {
  const { caller, options, reply, asking, followUpUntil, hushed, closing } = turn;
  const { words, language, stableMs, earlyThoughts } = options;
  const said = wordsOf(caller);
  if (said === "" || caller.keys !== "" || caller.early >= earlyThoughts) return null;
  if (isBusy(turn) || reply !== null || asking !== null || followUpUntil !== null) return null;
  if (hushed || closing !== null || caller.marked !== null) return null;
  if (words.sameWords(said, caller.earlyWords)) return null;
  if (words.endsUnfinished(said, language) === "hesitation") return null;
  const from = Math.max(caller.wordsAt, stopsKnownBy(turn));
  if (caller.partial === "") return from;
  if (isEcho(turn, caller.partial)) return null;
  const isThin = words.countWords(said, language) < 2 || words.isBackchannel(said, language);
  return isThin ? null : Math.max(from, caller.wordsAt + stableMs);
}

/** Until then the report of a stop is waited for: the agent must know where its words ended. 0 = there is none. */
export function stopsKnownBy({ cuts, options }: LiveTurn): number {
  const cut = cuts.findLast(({ again }) => !again);
  return cut === undefined ? 0 : cut.at + options.stopReportMs;
}

export function thinkEarly(turn: LiveTurn, now: number): Move {
  const words = wordsOf(turn.caller);
  const { early, thought: from } = turn.caller;
  const counted = withCaller(turn, { early: early + 1, earlyWords: words });
  return andThen(think(counted, words, { sure: false, mustAnswer: false, from }, now), (thinking) =>
    move(withCaller(thinking, { thought: thinking.thoughts })),
  );
}

/** These words are not thought about before the turn is over, others are. */
export function passOver(turn: LiveTurn, now: number): Move {
  const due = earlyDue(turn);
  if (due === null || due > now) return move(turn);
  return move(withCaller(turn, { earlyWords: wordsOf(turn.caller) }));
}

/** The caller says something else than what is thought about. */
export function forgetEarly(turn: LiveTurn): Move {
  const { reply, caller, options } = turn;
  if (reply === null || reply.sure || options.words.sameWords(reply.words, wordsOf(caller)))
    return move(turn);
  return abandon(turn);
}

// ------------------------------------------------------------ what the agent says

const isPresent = ({ reply }: LiveTurn, thought: number): boolean =>
  reply !== null && reply.thought === thought && (!reply.done || reply.written);

export function sentence(turn: LiveTurn, thought: number, text: string): Move {
  const { reply } = turn;
  if (reply === null || !isPresent(turn, thought) || text.trim() === "") return move(turn);
  const more = withReply(turn, { ...GOES_ON, sentences: reply.sentences + 1, workingAt: null });
  if (reply.sure) return move(enqueue(more, text, "reply"));
  return move(reply.held.length >= MAX_HELD ? turn : withReply(more, { held: [...reply.held, text] }));
}

/** The caller has not finished, the model finds. It is asked once more, without that way out, if no words follow. */
export function unfinished(turn: LiveTurn, thought: number, now: number): Move {
  const { reply, caller } = turn;
  if (reply === null || !isPresent(turn, thought)) return move(turn);
  if (reply.sentences > 0 || reply.mustAnswer) return thoughtDone(turn, thought);
  const before = reply.sure ? reply.words : caller.before;
  const marked = { words: reply.words, at: now };
  return move(withCaller({ ...turn, reply: null, calmAt: now }, { before, marked, thought }));
}

export const working = (turn: LiveTurn, thought: number, now: number): Move =>
  move(isPresent(turn, thought) ? withReply(turn, { ...GOES_ON, workingAt: now }) : turn);

const GOES_ON = { done: false, written: false } as const;

/** Nobody waits for what the run still does; should it say more after all, while this is being heard, that is said too. */
export function written(turn: LiveTurn, thought: number): Move {
  if (!isPresent(turn, thought) || turn.reply?.sentences === 0) return move(turn);
  return done(turn, true);
}

export const thoughtDone = (turn: LiveTurn, thought: number): Move =>
  isPresent(turn, thought) ? done(turn, false) : move(turn);

function done(turn: LiveTurn, mayGoOn: boolean): Move {
  const complete = withReply(turn, { done: true, written: mayGoOn });
  return move(turn.reply?.sure === true ? { ...complete, failures: 0 } : complete);
}

/** The agent failed. One that only thought ahead is asked again when the turn is over. */
export function thoughtFailed(turn: LiveTurn, thought: number, now: number): Move {
  if (!isPresent(turn, thought)) return move(turn);
  // All had been written: what failed is nothing that the caller waits for.
  if (turn.reply?.written === true) return thoughtDone(turn, thought);
  const failed: LiveTurn = { ...turn, reply: null, calmAt: now };
  return turn.reply?.sure === true ? apologise(failed, now) : move(failed);
}

/** Sorry once; then the call ends. */
function apologise(turn: LiveTurn, now: number): Move {
  const failures = turn.failures + 1;
  const { phrases, failures: limit } = turn.options;
  if (turn.closing !== null) return move({ ...turn, failures });
  if (failures < limit) return move(enqueue({ ...turn, failures }, phrases.sorry, "phrase"));
  const closing: LiveTurn = { ...turn, failures, closing: { reason: "failed", since: now } };
  return recordRest(enqueue(closing, phrases.giveUp, "phrase"), now);
}

// ------------------------------------------------------------ when it takes long

/** When the agent has taken too long: for its first sentence, or since its last one was heard. */
export function giveUpDue({ reply, pieces, options }: LiveTurn): number | null {
  if (reply === null || !reply.sure || reply.done || pieces.some(({ of }) => of === "reply")) return null;
  return Math.max(reply.since, reply.repliedAt) + options.giveUpMs;
}

export function giveUp(turn: LiveTurn, now: number): Move {
  const { reply } = turn;
  if (reply === null) return move(turn);
  const late = move({ ...turn, reply: null, calmAt: now }, { kind: "drop", thought: reply.thought });
  return andThen(late, (present) => apologise(present, now));
}

/** When the caller should hear that we are still at it. */
export function progressDue(turn: LiveTurn): number | null {
  const { reply, pieces, silenced, line, options, gate } = turn;
  if (reply === null || !reply.sure || reply.done || pieces.length > 0) return null;
  if (silenced !== null || line.state !== "up") return null;
  if (options.phrases.progress.length === 0 || reply.lines >= options.progressLines) return null;
  const quietAt = Math.max(reply.since, reply.quietAt);
  const idle = gate?.on === true ? quietFrom(turn) : 0;
  if (reply.lines > 0) return Math.max(quietAt + options.progressEveryMs, idle);
  const slow = quietAt + options.progressMs;
  const busy = reply.workingAt === null ? slow : Math.max(quietAt, reply.workingAt) + options.workingMs;
  return Math.max(Math.min(slow, busy), idle);
}

export function progress(turn: LiveTurn): Move {
  const { lines = 0 } = turn.reply ?? {};
  const { progress: all } = turn.options.phrases;
  const line = all[lines % all.length] ?? "";
  return move(enqueue(withReply(turn, { lines: lines + 1 }), line, "phrase"));
}
