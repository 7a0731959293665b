import type {
  Call,
  CallState,
  DeadlineName,
  Evidence,
  HangupReason,
  Outcome,
  TranscriptTurn,
} from "./call.ts";
import type { Effect } from "./effect.ts";
import type { ErrorCode } from "./errors.ts";
import type { Instruction, Next } from "./instruction.ts";

/** What one event does to a call. */
export interface Step {
  readonly call: Call;
  readonly effects: readonly Effect[];
  readonly turns: readonly TranscriptTurn[];
  /** Set when a request could not be granted; the call is unchanged then. */
  readonly refusal?: ErrorCode;
}

/** The moment at which an event is applied. */
export interface Moment {
  readonly now: number;
  /** A fresh token; used if this step begins a new listen. */
  readonly token: string;
  /** The carrier's id as the event knew it; fills in an unknown one. */
  readonly carrierCallId?: string | undefined;
}

/** The generation of a call's first instruction. */
export const FIRST_GEN = 1;
/** How long one listen waits for the caller to begin; then the line is checked or listened to again. */
export const LISTEN_TIMEOUT_MS = 10_000;
/** After a command got its answer, how long the caller is kept waiting for its next word. */
export const FOLLOW_UP_MS = 15_000;
/** A pause between keys after which they are taken as the whole answer, as carriers' own gathering does. */
export const KEYS_PAUSE_MS = 3_000;
/** More keys than any menu or number asks for; further ones are not collected. */
const MAX_KEYS = 64;
/** A detector that has told nothing by then never will: carriers give up after 30 s (Twilio: `MachineDetectionTimeout`). */
export const SCREENING_MS = 35_000;
/** Rough time to speak a character, from above: only carriers that lose a report are waited for this long. */
const CHARACTER_MS = 100;
/** How long a create whose reply was lost is looked for. Longer than a carrier's own ring time-out is not useful. */
export const UNCERTAIN_MS = 60_000;
/** How long a hang-up may stay unconfirmed before the record is closed anyway. */
export const HANGUP_CONFIRM_MS = 60_000;

const RANK: Readonly<Record<CallState, number>> = {
  dialing: 0,
  ringing: 1,
  answered: 2,
  live: 3,
  refused: 4,
  ended: 4,
};

export const unchanged = (call: Call): Step => ({ call, effects: [], turns: [] });
export const refused = (call: Call, refusal: ErrorCode): Step => ({ call, effects: [], turns: [], refusal });
export const step = (
  call: Call,
  effects: readonly Effect[] = [],
  turns: readonly TranscriptTurn[] = [],
): Step => ({
  call,
  effects,
  turns,
});

/** Moves forward to `state`, never back; the first arrival in each state is timed. */
export function advance(call: Call, state: "ringing" | "answered" | "live", now: number): Call {
  if (RANK[state] <= RANK[call.state]) return call;
  const answered = RANK[state] >= RANK.answered;
  const next: Call = {
    ...call,
    state,
    ringingAt: call.ringingAt ?? (state === "ringing" ? now : null),
    answeredAt: call.answeredAt ?? (answered ? now : null),
  };
  if (!answered || call.answeredAt !== null) return next;
  const pending = call.screening?.verdict === "pending" && call.hangup === null;
  return due(next, {
    ring: null,
    uncertain: null,
    "max-duration": now + call.limits.maxDurationMs,
    ...(pending ? { screening: now + SCREENING_MS } : {}),
  });
}

/** How long it takes to say that, at most. */
export const speakingMs = (say: readonly string[]): number =>
  say.reduce((total, text) => total + text.length, 0) * CHARACTER_MS;

/** Sets deadlines, or clears them with null. */
export function due(call: Call, changes: Partial<Record<DeadlineName, number | null>>): Call {
  const deadlines: Partial<Record<DeadlineName, number>> = { ...call.deadlines };
  for (const [name, at] of Object.entries(changes) as [DeadlineName, number | null][]) {
    if (at === null) delete deadlines[name];
    else deadlines[name] = at;
  }
  return { ...call, deadlines };
}

/** The next generation of instruction. */
export function instruct(call: Call, say: readonly string[], next: Next, digits?: string): Instruction {
  const gen = (call.instruction?.gen ?? 0) + 1;
  return digits === undefined ? { gen, say, next } : { gen, say, next, digits };
}

/** Says `say` and then listens under a new token. */
export function listen(call: Call, say: readonly string[], moment: Moment, digits?: string): Call {
  const next: Next = { kind: "listen", token: moment.token, timeoutMs: LISTEN_TIMEOUT_MS };
  const listening: Call = {
    ...call,
    instruction: instruct(call, say, next, digits),
    turn: { ...call.turn, phase: "listening", token: moment.token, since: moment.now, keys: "" },
  };
  return due(listening, { listen: null, keys: null });
}

/** Closes the present listen: nothing that belongs to it counts any more. */
export function deafen(call: Call): Call {
  return due(
    { ...call, turn: { ...call.turn, phase: "idle", token: null, keys: "" } },
    { listen: null, keys: null },
  );
}

/**
 * Whether a fact belongs to the present listen: by its token, or, where the carrier echoed none, by having happened
 * after that listen began.
 */
export function isHeard(call: Call, token: string | null, at?: number): boolean {
  const { turn } = call;
  if (turn.phase !== "listening" || call.hangup !== null) return false;
  if (token !== null) return turn.token === token;
  return at !== undefined && turn.since !== null && at >= turn.since;
}

/** One more key of this listen. */
export const withKey = (keys: string, digit: string): string =>
  keys.length < MAX_KEYS ? keys + digit : keys;

/**
 * Asks the carrier to end the call; once, however often it is wanted. While the carrier's id is unknown there is
 * nobody to ask: the request goes out with the first fact that tells it.
 */
export function hangUp(call: Call, reason: HangupReason, now: number): Step {
  if (call.hangup !== null) return unchanged(call);
  const silent: Call = { ...deafen(call), hangup: reason };
  const { uncertain = null } = call.deadlines;
  const waiting = due({ ...silent, deadlines: {} }, { uncertain, hangup: now + HANGUP_CONFIRM_MS });
  const ask: Effect[] = call.carrierCallId === null ? [] : [{ kind: "hangup", reason }];
  return step(waiting, [{ kind: "hush" }, ...ask]);
}

/** The final state: one outcome, no deadline, no turn. */
export function finish(call: Call, outcome: Outcome, evidence: Evidence, now: number): Step {
  const over: Call = {
    ...call,
    state: "ended",
    endedAt: now,
    outcome: verdict(call, outcome),
    evidence: isPlain(outcome) ? evidenceOf(call, evidence) : evidence,
    turn: deafen(call).turn,
    deadlines: {},
  };
  return step(over, [{ kind: "hush" }, { kind: "report" }]);
}

/** Whether we are the ones who ended the call. One that was handed over is ended by one of the two who have talked. */
const isOurs = (reason: HangupReason | null): boolean => reason !== null && reason !== "transferred";

/** Outcomes that our own hang-up explains. */
const isPlain = (outcome: Outcome): boolean =>
  outcome === "completed" || outcome === "canceled" || outcome === "no-answer";

/** What we know besides of an end that is plain to the carrier. */
function evidenceOf({ hangup, fault }: Call, told: Evidence): Evidence {
  const evidence = isOurs(hangup) ? creditUs(told) : told;
  return fault === undefined ? evidence : { error: fault, ...evidence };
}

/** The call ended after we had asked for it; only a carrier that saw the other party hang up knows better. */
const creditUs = (evidence: Evidence): Evidence =>
  evidence.hungUpBy === "them" ? evidence : { ...evidence, hungUpBy: "us" };

/** What happened, in our words: what we asked for explains a carrier's plain `completed` or `canceled`. */
function verdict(call: Call, outcome: Outcome): Outcome {
  if (!isPlain(outcome)) return outcome;
  if (call.fault !== undefined) return "failed";
  switch (call.hangup) {
    case "ring-timeout":
      return "no-answer";
    case "max-duration":
    case "stale":
      return "timeout";
    case "failed":
      return "failed";
    case "machine":
      return "voicemail";
    case "requested":
      return call.answeredAt === null ? "canceled" : "completed";
    default:
      break;
  }
  if (call.direction === "inbound" && call.mode === "notify") return "rejected";
  if (outcome === "completed" && call.answeredBy === "machine") return "voicemail";
  return outcome;
}
