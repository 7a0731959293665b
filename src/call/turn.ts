import type { Call, TranscriptTurn } from "./call.ts";
import type { Effect } from "./effect.ts";
import type { OwnEvent } from "./event.ts";
import { phrasesFor } from "./phrases.ts";
import {
  advance,
  due,
  FOLLOW_UP_MS,
  instruct,
  listen,
  step,
  unchanged,
  type Moment,
  type Step,
} from "./step.ts";

/** The line is checked this often before we give up on a silent caller. */
const MAX_MISSES = 2;
/** After this many failed replies in a row the call ends with an apology. */
const MAX_FAILURES = 2;
/** A pause between the last words of a goodbye and the hang-up, so that they are not cut. */
export const GOODBYE_PAUSE_MS = 1_000;

/** The caller's words in the listen with `token`: they go to the waiting command, else to the agent; never both. */
export function caught(call: Call, token: string, text: string, moment: Moment): Step {
  if (!isCurrent(call, token)) return unchanged(call);
  const words = text.trim();
  if (words === "") return nothingSaid(call, token, moment);
  const live = advance(call, "live", moment.now);
  const heard: Call = {
    ...live,
    instruction: instruct(live, [], { kind: "wait" }),
    turn: {
      ...live.turn,
      no: live.turn.no + 1,
      token: null,
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
export function nothingSaid(call: Call, token: string, moment: Moment): Step {
  if (!isCurrent(call, token)) return unchanged(call);
  const present = advance(call, "answered", moment.now);
  if (present.turn.for === "command") return speakAndListen(present, [], moment);
  const misses = present.turn.misses + 1;
  const missed: Call = { ...present, turn: { ...present.turn, misses } };
  const phrases = phrasesFor(call.route.language);
  return misses > MAX_MISSES
    ? sayGoodbye(missed, phrases.goodbye, moment)
    : speakAndListen(missed, [phrases.stillThere], moment);
}

/** The carrier played the words of `gen` to the end: a timed hang-up starts counting now. */
export function playedOut(call: Call, gen: number, moment: Moment): Step {
  const present = advance(call, "answered", moment.now);
  const next = call.instruction?.gen === gen ? call.instruction.next : null;
  if (next?.kind !== "hangup") return step(present);
  return step(due(present, { "notify-hangup": moment.now + next.afterMs }));
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
  const closing: Call = {
    ...call,
    closing: true,
    instruction: instruct(call, say, { kind: "hangup", afterMs }),
    turn: { ...call.turn, phase: "idle", token: null },
  };
  return step(closing, instructed(closing), spoken(say, moment.now));
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

function isCurrent(call: Call, token: string): boolean {
  return call.turn.phase === "listening" && call.turn.token === token && call.hangup === null;
}
