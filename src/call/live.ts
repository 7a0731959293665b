import { isOver, type Call } from "./call.ts";
import type { Effect, LiveRequest } from "./effect.ts";
import type { ErrorCode } from "./errors.ts";
import type { OwnEvent } from "./event.ts";
import type { Instruction } from "./instruction.ts";
import { phrasesFor } from "./phrases.ts";
import {
  advance,
  due,
  hangUp,
  instruct,
  speakingMs,
  step,
  unchanged,
  type Moment,
  type Step,
} from "./step.ts";

/**
 * Calls whose audio runs over a socket of ours. The carrier has one thing to do: keep that socket. Who says what and when is
 * the conversation's business, which tells here what has been said and when it is over.
 */

/** How long after the answer, or after it was asked for anew, the carrier may take to open the socket. */
export const STREAM_WAIT_MS = 10_000;
/** A socket that is lost may be back within this; then the call is over. */
export const STREAM_GRACE_MS = 2_000;

/** A socket usually goes because the call is over, which is told a moment later: only then it is opened anew. */
const REOPEN_MS = 500;

/** Asks of the conversation what a surface, a screening or a hand-over asks of the call. */
export const ask = (request: LiveRequest): Effect => ({ kind: "live", request });

export const speak = (say: readonly string[]): Effect[] => say.map((text) => ask({ type: "speak", text }));

/** What the carrier is told: open the socket under this token, after pressing keys, if any. */
export const streamInstruction = (gen: number, token: string, digits?: string): Instruction => ({
  gen,
  ...(digits === undefined ? {} : { digits }),
  say: [],
  next: { kind: "stream", token },
});

/** A call that is answered waits for its socket, but not without end. */
export function awaitStream(before: Call, call: Call, now: number): Call {
  const pickedUp = before.answeredAt === null && call.answeredAt !== null;
  if (!pickedUp || call.live === null || call.hangup !== null) return call;
  return call.live.stream === "awaited" ? due(call, { stream: now + STREAM_WAIT_MS }) : call;
}

/** The socket is open under this token: one from now on, whatever an older one still tells. */
export function streamUp(call: Call, token: string, moment: Moment): Step {
  if (call.live === null || call.hangup !== null || streamToken(call) !== token) return unchanged(call);
  const answered = advance(call, "answered", moment.now);
  const up: Call = { ...answered, live: { ...call.live, stream: "up", token } };
  return step(due(up, { stream: null, reopen: null }));
}

/**
 * The socket is gone: it has a moment to come back. `token: null`: whichever there was, because this process is new; then
 * the carrier is told at once to open another one. Else it is told a moment later, where nothing makes it ask.
 */
export function streamLost(call: Call, token: string | null, moment: Moment): Step {
  const { live } = call;
  if (live === null || call.hangup !== null) return unchanged(call);
  if (token !== null && (token !== live.token || live.stream !== "up")) return unchanged(call);
  const lost: Call = { ...call, live: { ...live, stream: "lost" } };
  // Handed over: the carrier has taken the line for that.
  if (call.instruction?.next.kind !== "stream") return step(lost);
  if (token === null) return reopen(due(lost, { stream: moment.now + STREAM_WAIT_MS }), moment);
  const awaited = streamToken(call) !== token;
  const waitMs = awaited ? STREAM_WAIT_MS : STREAM_GRACE_MS;
  const waiting = due(lost, { stream: moment.now + waitMs });
  const own = call.traits.ownReopen && !awaited;
  return step(own ? due(waiting, { reopen: moment.now + REOPEN_MS }) : waiting);
}

/**
 * The carrier asks what to do though it was told: its socket is gone, or will be, or it opens none. It gets another token. Asking
 * again buys no more time: one that never opens a socket is not answered for ever. `gen`: it fetches the instruction of that
 * number, which it was told of, and gets it as it is.
 */
export function streamFetched(call: Call, gen: number | undefined, moment: Moment): Step {
  const { live, instruction } = call;
  if (live === null || call.hangup !== null || instruction?.next.kind !== "stream") return step(call);
  if (instruction.gen > call.delivered) return step(call);
  if (instruction.gen === gen && instruction.next.token !== live.token) return step(call);
  const asking: Call = { ...call, instruction: streamInstruction(instruction.gen + 1, moment.token) };
  if (live.stream !== "lost") return step(asking);
  const awaited: Call = { ...asking, live: { ...live, stream: "awaited" } };
  return step(due(awaited, { stream: moment.now + STREAM_WAIT_MS }));
}

/** The call is still there, and its socket is not. */
export function reopenLost(call: Call, moment: Moment): Step {
  const isLost = call.live?.stream === "lost" && call.instruction?.next.kind === "stream";
  return isLost && call.hangup === null ? reopen(call, moment) : step(call);
}

/** Tells the carrier to open a socket, with `say` for when it is there. */
export function reopen(call: Call, moment: Moment, say: readonly string[] = []): Step {
  const instruction = streamInstruction((call.instruction?.gen ?? 0) + 1, moment.token);
  const effects: Effect[] = [{ kind: "instruct", instruction }, ...speak(say)];
  const waiting = due(call, { stream: call.deadlines.stream ?? moment.now + STREAM_WAIT_MS });
  return step({ ...waiting, instruction }, effects);
}

/** No socket in time. One that never was is apologised for; one that was lost is the end. */
export function noStream(call: Call, moment: Moment): Step {
  if (call.live === null || call.live.stream === "up") return step(call);
  return call.live.stream === "lost"
    ? hangUp(call, "stream-lost", moment.now)
    : apologise(call, "VC_STREAM_MISSING", moment);
}

/** Nobody hears the caller any more. They are told, and then the conversation asks for the end. */
export const deaf = (call: Call): Step =>
  call.live === null ? unchanged(call) : step({ ...call, fault: "VC_LISTENING_FAILED" });

/** No voice of ours can speak any more. */
export const mute = (call: Call, moment: Moment): Step => apologise(call, "VC_SPEECH_FAILED", moment);

/**
 * Nobody can be heard, or spoken to, over live audio: the carrier apologises in its own voice and hangs up. What is left of the
 * socket ends with it, so that the two voices are never mixed.
 */
function apologise(call: Call, fault: ErrorCode, moment: Moment): Step {
  if (call.live === null || call.hangup !== null) return unchanged(call);
  const apology = phrasesFor(call.route.language).giveUp;
  const instruction = instruct(call, [apology], { kind: "hangup", afterMs: APOLOGY_PAUSE_MS });
  const leaving: Call = {
    ...due(call, { stream: null, reopen: null, "hand-over": null }),
    closing: true,
    fault,
    live: null,
    instruction,
  };
  const line = { role: "agent", text: apology, at: moment.now } as const;
  return step(leaving, [{ kind: "hush" }, { kind: "instruct", instruction }], [line]);
}

/** A pause between an apology and the hang-up, so that it is not cut. */
const APOLOGY_PAUSE_MS = 1_000;

/**
 * The carrier could not open the socket: there is no point in waiting for it. One that is up, or is newer, knows better; and
 * some tell the same of one that was open and is lost.
 */
export function streamFailed(call: Call, token: string | null, moment: Moment): Step {
  if (call.live === null || call.live.stream === "up" || call.hangup !== null) return step(call);
  if (token !== null && token === call.live.token) return step(call);
  if (token !== null && token !== streamToken(call)) return step(call);
  return noStream(call, moment);
}

/**
 * What the caller said, or what of our words was heard. It may be told a moment after the call has ended, or was given to the
 * carrier's voice: it goes on record all the same.
 */
export function said(call: Call, { role, text }: Extract<OwnEvent, { type: "said" }>, { now }: Moment): Step {
  const { live } = call;
  if (text === "") return unchanged(call);
  const line = [{ role, text, at: now }];
  if (live === null || isOver(call)) return step(call, [], line);
  if (role === "agent") return step({ ...call, live: { ...live, opened: true } }, [], line);
  const heard = advance(call, "live", now);
  return step({ ...heard, turn: { ...call.turn, no: call.turn.no + 1, heardAt: now } }, [], line);
}

/** The caller's words for the command that asked; null = none in time. */
export function answered(call: Call, text: string | null): Step {
  if (call.turn.for !== "command") return unchanged(call);
  return step({ ...call, turn: { ...call.turn, for: "agent" } }, [{ kind: "heard", text }]);
}

/** What was to be said last has been said, or nothing can be said: on with what comes after it. */
export function talkedOut(
  call: Call,
  reason: Extract<OwnEvent, { type: "talked-out" }>["reason"],
  moment: Moment,
): Step {
  if (call.live === null) return unchanged(call);
  return reason === "hand-over" ? handOver(call) : hangUp(call, reason, moment.now);
}

/** Says `text`, and then has the carrier connect the caller with `to`. */
export function leaveFor(call: Call, to: string, text: string, moment: Moment): Step {
  if (call.live === null) return unchanged(call);
  const leaving: Call = { ...call, live: { ...call.live, handOver: to } };
  if (text === "") return handOver(leaving);
  const waiting = due(leaving, { "hand-over": moment.now + speakingMs([text]) + LOST_REPORT_MS });
  return step(waiting, [...speak([text]), ask({ type: "close", before: "hand-over" })]);
}

/** The carrier takes the line, and with it the socket. */
export function handOver(call: Call): Step {
  const to = call.live?.handOver ?? null;
  if (call.live === null || to === null || call.hangup !== null) return unchanged(call);
  const instruction = instruct(call, [], { kind: "transfer", to });
  const leaving: Call = { ...call, instruction, live: { ...call.live, handOver: null } };
  return step(due(leaving, { "hand-over": null, stream: null, reopen: null }), [
    { kind: "instruct", instruction },
  ]);
}

/** How much longer than its words take a report that they were said is waited for. */
const LOST_REPORT_MS = 10_000;

/** The token under which the present socket was asked for; null when none was. */
const streamToken = ({ instruction }: Call): string | null =>
  instruction?.next.kind === "stream" ? instruction.next.token : null;
