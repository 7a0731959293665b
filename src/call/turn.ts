import type { Call, TranscriptTurn } from "./call.ts";
import type { Effect } from "./effect.ts";
import type { OwnEvent } from "./event.ts";
import { ask, speak } from "./live.ts";
import { phrasesFor } from "./phrases.ts";
import {
  advance,
  deafen,
  due,
  FOLLOW_UP_MS,
  instruct,
  isHeard,
  KEYS_PAUSE_MS,
  LISTEN_TIMEOUT_MS,
  listen,
  speakingMs,
  step,
  unchanged,
  withKey,
  type Moment,
  type Step,
} from "./step.ts";

/** The line is checked this often before we give up on a silent caller. */
const MAX_MISSES = 2;
/** After this many failed replies in a row the call ends with an apology. */
const MAX_FAILURES = 2;
/** A pause between the last words of a goodbye and the hang-up, so that they are not cut. */
export const GOODBYE_PAUSE_MS = 1_000;

/** How a fact of the caller's names its listen: by token, or by when it happened. */
export interface Heard {
  readonly token: string | null;
  readonly at?: number;
}

/** A carrier that has lost a report of played words is waited for this much longer. */
const LOST_REPORT_MS = 10_000;

/**
 * The caller's words in the present listen: they go to the waiting command, else to the agent; never both. Keys that
 * were pressed one by one before them belong to the same answer.
 */
export function caught(call: Call, { token, at }: Heard, text: string, moment: Moment): Step {
  if (!isHeard(call, token, at)) return unchanged(call);
  const { keys } = call.turn;
  const words = keys === "" ? text.trim() : `${text.trim()} [digits ${keys}]`.trim();
  if (words === "") return nothingSaid(call, { token, ...(at === undefined ? {} : { at }) }, moment);
  const live = advance(call, "live", moment.now);
  const heard: Call = {
    ...deafen(live),
    instruction: instruct(live, [], { kind: "wait" }),
    turn: {
      ...live.turn,
      no: live.turn.no + 1,
      token: null,
      keys: "",
      misses: 0,
      heardAt: moment.now,
      phase: live.turn.for === "command" ? "idle" : "thinking",
      for: "agent",
    },
  };
  const turns: TranscriptTurn[] = [{ role: "caller", text: words, at: moment.now }];
  if (live.turn.for === "command") {
    const answered = due(heard, { transcript: null, "follow-up": moment.now + FOLLOW_UP_MS });
    return step(answered, [{ kind: "heard", text: words }], turns);
  }
  return step(heard, [{ kind: "think", turn: heard.turn.no, words }], turns);
}

/** A listen ended without a word: check the line a few times, then say goodbye. A waiting command just listens on. */
export function nothingSaid(call: Call, { token, at }: Heard, moment: Moment): Step {
  if (!isHeard(call, token, at)) return unchanged(call);
  if (call.turn.keys !== "") return keysDone(call, moment);
  const present = advance(call, "answered", moment.now);
  if (present.turn.for === "command") return speakAndListen(present, [], moment);
  const misses = present.turn.misses + 1;
  const missed: Call = { ...present, turn: { ...present.turn, misses } };
  const phrases = phrasesFor(call.route.language);
  return misses > MAX_MISSES
    ? sayGoodbye(missed, phrases.goodbye, moment)
    : speakAndListen(missed, [phrases.stillThere], moment);
}

/** One key; `#` ends the answer and is not part of it, as in carriers' own gathering. */
export function keyPressed(call: Call, digit: string, moment: Moment): Step {
  const { token, keys } = call.turn;
  if (token === null || call.turn.phase !== "listening" || call.hangup !== null) return unchanged(call);
  if (digit === "#" && keys !== "") return keysDone(call, moment);
  const more: Call = { ...call, turn: { ...call.turn, keys: withKey(keys, digit) } };
  return step(due(more, { listen: null, keys: moment.now + KEYS_PAUSE_MS }), interrupting(call));
}

/** The keys pressed so far are the caller's answer. */
export function keysDone(call: Call, moment: Moment): Step {
  const { token, keys } = call.turn;
  return keys === "" ? unchanged(call) : caught(call, { token }, "", moment);
}

/** The caller has begun to speak: the silence is over, though the words are still to come. */
export function speaking(call: Call, moment: Moment): Step {
  if (call.turn.phase !== "listening" || call.hangup !== null) return unchanged(call);
  const { listen } = call.deadlines;
  const patient = listen === undefined ? call : due(call, { listen: moment.now + LISTEN_TIMEOUT_MS });
  return step(patient, interrupting(call));
}

/** Words that may still be playing give way to the caller's. */
function interrupting({ instruction }: Call): Effect[] {
  return instruction === null || instruction.say.length === 0 ? [] : [{ kind: "quiet" }];
}

/** The carrier played the words of `gen` to the end: a timed hang-up, or the caller's silence, starts counting now. */
export function playedOut(call: Call, gen: number, moment: Moment): Step {
  const present = advance(call, "answered", moment.now);
  return call.instruction?.gen === gen ? step(afterWords(present, 0, moment.now)) : step(present);
}

/**
 * Times what follows the words of the present instruction, where the carrier does not do that itself. `wordsMs`:
 * how long they take at most; a report that they were played comes before that, or is lost.
 */
export function afterWords(call: Call, wordsMs: number, now: number): Call {
  const next = call.instruction?.next;
  if (call.hangup !== null || next === undefined) return call;
  if (next.kind === "hangup") return due(call, { "notify-hangup": now + wordsMs + next.afterMs });
  const ears = call.traits.ownSilence && call.turn.phase === "listening" && call.turn.keys === "";
  return next.kind === "listen" && ears ? due(call, { listen: now + wordsMs + next.timeoutMs }) : call;
}

/** The carrier has been given the present instruction. One that reports what it plays is not waited for without end. */
export function handedOver(call: Call, now: number): Call {
  const { instruction, traits } = call;
  if (instruction === null || (!traits.ownStart && !traits.ownSilence)) return call;
  const { say } = instruction;
  return afterWords(call, say.length === 0 ? 0 : speakingMs(say) + LOST_REPORT_MS, now);
}

/** The agent's words for turn `turn`. Anything for another turn is outdated and is never spoken. */
export function replied(call: Call, event: Extract<OwnEvent, { type: "reply" }>, moment: Moment): Step {
  if (call.turn.phase !== "thinking" || call.turn.no !== event.turn || call.hangup !== null)
    return unchanged(call);
  const say = event.text === "" ? [] : [event.text];
  if (!event.final) return say.length === 0 ? unchanged(call) : sayMeanwhile(call, say, moment);
  const settled: Call = { ...call, turn: { ...call.turn, failures: 0 } };
  const { call: next, ...rest } = call.closing
    ? closeWith(settled, say, moment)
    : speakAndListen(settled, say, moment);
  return withUnsaid(call, { ...rest, call: next });
}

/** Words while a reply is being prepared: the line waits for more. */
export function sayMeanwhile(call: Call, say: readonly string[], moment: Moment): Step {
  const talking: Call = { ...call, instruction: instruct(call, say, { kind: "wait" }) };
  return withUnsaid(call, step(talking, instructed(talking), spoken(say, moment.now)));
}

/** What was to be said while the reply was prepared, and has not reached the carrier yet, goes before it. */
function withUnsaid(before: Call, after: Step): Step {
  const unsaid = before.instruction;
  const { instruction } = after.call;
  if (unsaid === null || instruction === null) return after;
  if (unsaid.next.kind !== "wait" || unsaid.gen <= before.delivered) return after;
  const digits = unsaid.digits === undefined ? {} : { digits: unsaid.digits };
  const call: Call = {
    ...after.call,
    instruction: { ...digits, ...instruction, say: [...unsaid.say, ...instruction.say] },
  };
  return { ...after, call, effects: instructed(call) };
}

/** The agent failed or was late: apologise and listen again, a few times. */
export function replyFailed(call: Call, turn: number, moment: Moment): Step {
  if (call.turn.phase !== "thinking" || call.turn.no !== turn || call.hangup !== null) return unchanged(call);
  const failures = call.turn.failures + 1;
  const failed: Call = { ...call, turn: { ...call.turn, failures } };
  const phrases = phrasesFor(call.route.language);
  if (call.closing) return closeWith(failed, [], moment);
  return failures >= MAX_FAILURES
    ? sayGoodbye(failed, phrases.giveUp, moment)
    : speakAndListen(failed, [phrases.sorry], moment);
}

/** Back to listening for the agent, without a word. */
export function resumeListening(call: Call, moment: Moment, effects: readonly Effect[]): Step {
  const idle = due(
    { ...call, turn: { ...call.turn, for: "agent" } },
    { transcript: null, "follow-up": null },
  );
  const next = speakAndListen(idle, [], moment);
  return { ...next, effects: [...effects, ...next.effects] };
}

/** Says something (or nothing) and listens under a new token. */
export function speakAndListen(call: Call, say: readonly string[], moment: Moment): Step {
  if (call.live !== null) return step(call, speak(say));
  const listening = listen(call, say, moment);
  return step(listening, instructed(listening), spoken(say, moment.now));
}

/** Says something and hangs up once it was heard. */
export function closeWith(
  call: Call,
  say: readonly string[],
  moment: Moment,
  afterMs = GOODBYE_PAUSE_MS,
): Step {
  if (call.live !== null)
    return step({ ...call, closing: true }, [...speak(say), ask({ type: "close", before: "goodbye" })]);
  const closing: Call = {
    ...call,
    closing: true,
    instruction: instruct(call, say, { kind: "hangup", afterMs }),
    turn: deafen(call).turn,
  };
  return step(due(closing, { listen: null, keys: null }), instructed(closing), spoken(say, moment.now));
}

export function spoken(say: readonly string[], at: number): TranscriptTurn[] {
  return say.map((text) => ({ role: "agent", text, at }));
}

export function instructed(call: Call): Effect[] {
  return call.instruction === null ? [] : [{ kind: "instruct", instruction: call.instruction }];
}

function sayGoodbye(call: Call, words: string, moment: Moment): Step {
  return closeWith(call, [words], moment);
}
