import type { Call, CallState, Direction, Evidence, Outcome, TranscriptTurn } from "./call.ts";
import type { DurableEffect, LiveRequest } from "./effect.ts";
import type { VoiceCallError } from "./errors.ts";
import type { CallEvent, CarrierEvent } from "./event.ts";
import type { Instruction } from "./instruction.ts";

/** Time and timers, injected so that tests run in virtual time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `fn` at or after epoch `at`; returns how to cancel it. Never keeps the process alive. */
  at(at: number, fn: () => void): () => void;
}

/** Unguessable ids, injected so that tests are repeatable. */
export interface Ids {
  /** A new call id, `vc_…`. */
  call(): string;
  /** A new single-use token, URL-safe, at least 128 bits. */
  token(): string;
}

/** One line for the gateway's log. `fields` never hold words, digits, secrets or full numbers. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

// ---------------------------------------------------------------- carrier

/** What a carrier can do and how it works. What it cannot do is refused with `VC_UNSUPPORTED`, never tried. */
export interface CarrierCapabilities {
  /** `documents`: we answer its webhooks with markup. `commands`: every action is a request of ours. */
  readonly control: "documents" | "commands";
  /** Reports `played`; without it, timed hang-ups are part of the instruction the carrier runs. */
  readonly confirmsPlayback: boolean;
  /**
   * The first instruction of an outbound call travels with the create request, and the first one of an inbound call
   * answers it. Without it the core calls `answer` and gives the first instruction once the call is answered.
   */
  readonly startsWithWords: boolean;
  /** Tells when a listen passed without a word. Without it the core waits for that itself. */
  readonly reportsSilence: boolean;
  /** Needs a public webhook URL. */
  readonly needsWebhook: boolean;
  /** Status of the answer by which it takes a report as received. */
  readonly acknowledge: 200 | 204;

  /** Two-way audio over a socket. */
  readonly liveAudio: boolean;
  /** Understands speech by itself. */
  readonly listening: boolean;
  /** Keys can be pressed on a running call. */
  readonly dtmfOut: boolean;
  /** Digits can be sent right after answer, before the first words. */
  readonly preConnectDigits: boolean;
  /** Tells machines from people on outbound calls: `verdict` only, or also when the greeting is `over`. */
  readonly answeringMachine: "none" | "verdict" | "over";
  readonly recording: boolean;
  /** Hands a call over to another number. */
  readonly transfer: boolean;
  /** A repeated create with the same key dials once. */
  readonly idempotentCreate: boolean;
}

/** What `setup` says about a carrier that cannot be asked of it. */
export interface CarrierNotes {
  /** Where the webhook of a number is set, in the words of the carrier's console. */
  readonly inboundPlace: string;
  /** Where the webhook for the end of a call is set, where that is a setting of its own. */
  readonly reportPlace?: string;
  /** How far its clock and ours may be apart before its signatures are refused, ms; null = they tell no time. */
  readonly signatureLifeMs: number | null;
  /** The longest duration of a call that comes in can be sent to it, so that it holds while we are down. */
  readonly limitsInbound: boolean;
  /** The one port at which it opens audio sockets; without it, any. */
  readonly audioPort?: number;
}

/** What a carrier needs to know to act on a call. */
export type CallRef = Pick<
  Call,
  "id" | "carrierCallId" | "direction" | "from" | "to" | "route" | "state" | "limits" | "screening"
>;

/** What the carrier tells about the account, for `setup`. */
export interface AccountReport {
  readonly credentials: "accepted" | "refused" | "unreachable";
  /** The carrier's own word or code, where the credentials were not accepted. */
  readonly detail?: string;
  /** Whether the number belongs to the account and can be called from; null = it does not tell. */
  readonly ownsNumber: boolean | null;
  /** Where calls to the number are sent; null = nowhere; undefined = it does not tell. */
  readonly inboundUrl?: string | null;
  /** How they are sent there, such as `POST`; undefined = it does not tell, or there is no choice. */
  readonly inboundMethod?: string | undefined;
  /** Where their progress and end are reported to, where that is a setting of its own. */
  readonly reportUrl?: string | null;
  readonly reportMethod?: string | undefined;
  /** The carrier's clock minus ours, ms; null = unknown. */
  readonly clockSkewMs: number | null;
}

/** The carrier's view of a call. */
export type Snapshot =
  | { readonly found: false }
  | {
      readonly found: true;
      readonly carrierCallId: string;
      readonly state: Exclude<CallState, "refused" | "live">;
      /** Set when `state` is `ended`. */
      readonly outcome?: Outcome;
      readonly evidence?: Evidence;
    };

/**
 * Thrown by carrier commands. `certainty` decides what may be done next (the safe-create rule):
 * `refused`: nothing happened, and repeating it will not help; `not-sent`: nothing happened, may be retried;
 * `gone`: the call is over; `unknown`: it may have happened, so it is never repeated blindly.
 */
export interface CarrierFault extends Error {
  readonly certainty: "refused" | "not-sent" | "gone" | "unknown";
}

export interface Carrier {
  readonly id: string;
  readonly capabilities: CarrierCapabilities;
  readonly notes: CarrierNotes;
  /**
   * Places the call; resolves with the carrier's id once it has accepted. Throws `CarrierFault`-like errors. With
   * `idempotentCreate` it may be asked again for the same call and dials once.
   */
  dial(call: CallRef, instruction: Instruction, signal: AbortSignal): Promise<{ carrierCallId: string }>;
  /** Picks up an inbound call that rings. Only for carriers without `startsWithWords`. */
  answer(call: CallRef, signal: AbortSignal): Promise<void>;
  /** Replaces what a live call is doing. */
  instruct(call: CallRef, instruction: Instruction, signal: AbortSignal): Promise<void>;
  /** Stops the words being said; listening goes on. Only where the carrier does not do so when the person speaks. */
  quiet?(call: CallRef, signal: AbortSignal): Promise<void>;
  /** Ends a call that rings or talks. A call that is already over is a success. */
  hangup(call: CallRef, signal: AbortSignal): Promise<void>;
  /** Refuses an inbound call that has not been answered. Document carriers refuse in the webhook's answer. */
  reject(call: CallRef, reason: "policy" | "busy", signal: AbortSignal): Promise<void>;
  /** Asks for one call by the carrier's id. */
  lookup(carrierCallId: string, signal: AbortSignal): Promise<Snapshot>;
  /** Looks for a call whose create reply was lost. */
  find(call: CallRef & Pick<Call, "createdAt">, signal: AbortSignal): Promise<Snapshot>;
  /** Asks about the account and one of our numbers, with harmless requests only. Never throws. */
  inspect(number: string | null, signal: AbortSignal): Promise<AccountReport>;
  /** Renders a webhook's answer. Only for `documents` carriers. */
  document(call: CallRef | null, content: DocumentContent): WebhookReply;
  close(): Promise<void>;
}

/** What a webhook that asks for a document is answered with. */
export type DocumentContent =
  | { readonly kind: "instruction"; readonly instruction: Instruction }
  | { readonly kind: "reject"; readonly reason: "policy" | "busy" }
  /**
   * Keep the line open and come back for the current instruction: after `ms`, or when the carrier usually does. Also the answer to
   * every replay.
   */
  | { readonly kind: "wait"; readonly ms?: number }
  | { readonly kind: "hangup" };

export interface WebhookReply {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string;
}

/** A verified webhook, as the edge hands it up. */
export interface CarrierFact {
  readonly carrier: string;
  /** Replay identity: a digest of signed, canonical data only. */
  readonly claim: string;
  /** Our call id from the signed callback URL, if there was one. */
  readonly callId: string | null;
  readonly carrierCallId: string | null;
  /** Several facts may travel in one webhook (answered + detected). */
  readonly events: readonly CarrierEvent[];
  readonly wants: "nothing" | "document";
  /** Set when the webhook announces a call we may not know yet. */
  readonly offer: Offer | null;
}

export interface Offer {
  readonly direction: Direction;
  /** As the carrier gave it; E.164 only if it is one. */
  readonly from: string;
  readonly to: string;
  readonly attestation: "A" | "B" | "C" | null;
}

// ---------------------------------------------------------------- live audio

/** Holds the conversations of calls with live audio. What it finds out comes back as events of the call. */
export interface LiveCalls {
  /** Why there can be no such conversation now, such as that nobody is configured to listen; null when there can. */
  problem(call: Pick<Call, "route">): Promise<VoiceCallError | null>;
  /** Gets voice, ears and agent ready while the phone rings. May be asked again; never throws. */
  prepare(call: Call): void;
  request(call: Call, request: LiveRequest): void;
  /**
   * Nothing more is said or heard on this call. Resolves once everything that was is told as events of the call, within a
   * moment. Also asked of calls that have no live audio, and again. Never rejects.
   */
  end(callId: string): Promise<void>;
}

// ---------------------------------------------------------------- store

/** One change of one call, saved as a whole or not at all. */
export interface Change {
  readonly call: Call;
  readonly event: CallEvent | { readonly type: "created" };
  readonly at: number;
  readonly effects: readonly KeyedEffect[];
  readonly turns: readonly TranscriptTurn[];
  /** Replay identity claimed together with the change. */
  readonly claim?: { readonly key: string; readonly expiresAt: number };
}

export interface KeyedEffect {
  /** `<call id>#<version>.<index>` */
  readonly key: string;
  readonly callId: string;
  readonly effect: DurableEffect;
}

export interface StoredEvent {
  /** Grows over all calls; the cursor of `tail`. */
  readonly cursor: number;
  readonly callId: string;
  readonly at: number;
  readonly state: CallState;
  readonly type: string;
  /** The event as saved; holds words and numbers, so it is redacted before it is shown. */
  readonly event: unknown;
}

export interface Pairing {
  readonly number: string;
  readonly code: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Null until the owner approved it. */
  readonly approvedAt: number | null;
}

export interface LatencySample {
  readonly callId: string;
  readonly stage: LatencyStage;
  readonly ms: number;
  readonly at: number;
}

/**
 * Live audio: `endpointing`: caller silent → turn over. `transcript`: caller silent → final words. `agent`: turn over → model
 * asked. `model`: → its first token. `sentence`: → its first sentence. `voice`: → first byte of speech. `silence`: cut from the
 * beginning of that. `pacing`: first byte → first frame at the carrier's socket. `turn`: final words → first audible frame.
 * `response`: caller silent → first audible frame.
 *
 * `dial`: request → carrier accepted. `ring`: request → answered. `think`: caller's words → agent's first words.
 * `reply`: caller's words → carrier has the reply.
 */
export type LatencyStage =
  | "dial"
  | "ring"
  | "think"
  | "reply"
  | "endpointing"
  | "transcript"
  | "agent"
  | "model"
  | "sentence"
  | "voice"
  | "silence"
  | "pacing"
  | "turn"
  | "response";

/** In the order in which a call goes through them. */
export const LATENCY_STAGES = Object.keys({
  dial: 1,
  ring: 1,
  think: 1,
  reply: 1,
  endpointing: 1,
  transcript: 1,
  agent: 1,
  model: 1,
  sentence: 1,
  voice: 1,
  silence: 1,
  pacing: 1,
  turn: 1,
  response: 1,
} satisfies Record<LatencyStage, 1>) as readonly LatencyStage[];

/** What is on record; the reading half of the store. */
export interface CallRecords {
  get(callId: string): Promise<Call | null>;
  byCarrierId(carrier: string, carrierCallId: string): Promise<Call | null>;
  /** Newest first. */
  recent(limit: number): Promise<readonly Call[]>;
  transcript(callId: string): Promise<readonly TranscriptTurn[]>;
  /** Events after `cursor`, oldest first; with `callId` only that call's. */
  events(options: {
    readonly after: number;
    readonly limit: number;
    readonly callId?: string;
  }): Promise<readonly StoredEvent[]>;
  /** The newest cursor, 0 when empty. */
  cursor(): Promise<number>;
  /** Newest first, at most `last` per stage. */
  samples(last: number): Promise<readonly LatencySample[]>;
  pairings(): Promise<readonly Pairing[]>;
  /**
   * What outbound calls came to between `at` and `now`, epoch ms. `calls`: made since `at`, leaving out those whose ids
   * are in `besides`. `talkMs`: from answer to end, or to `now` on a running call, as far as it lies after `at`.
   */
  outboundSince(at: number, now: number, besides: readonly string[]): Promise<OutboundUse>;
  close(): Promise<void>;
}

export interface OutboundUse {
  readonly calls: number;
  /** Milliseconds. */
  readonly talkMs: number;
}

/** Where calls live. One contract test runs against every implementation. */
export interface CallStore extends CallRecords {
  /** `duplicate`: the claim was taken before and nothing was written. Throws `VC_STORE_FAILED`. */
  commit(change: Change): Promise<"committed" | "duplicate">;
  /** Claims a replay identity that belongs to no call. False when it was taken before. */
  claim(key: string, expiresAt: number, now: number): Promise<boolean>;
  /** Whether a replay identity was claimed before. */
  claimed(key: string): Promise<boolean>;
  /** Calls that are neither ended nor refused. */
  unfinished(): Promise<readonly Call[]>;
  /** Effects that were saved and have not been settled. */
  pendingEffects(): Promise<readonly KeyedEffect[]>;
  settle(key: string, result: "done" | "failed", at: number): Promise<void>;
  /** Keeps these in one write: all, or none. */
  sample(...samples: readonly LatencySample[]): Promise<void>;
  savePairing(pairing: Pairing): Promise<void>;
  removePairing(number: string): Promise<boolean>;
  /** Forgets ended calls that ended before `endedBefore`, and claims that expired before `now`. */
  prune(endedBefore: number, now: number): Promise<void>;
}

// ---------------------------------------------------------------- agent

/** The agent's side of a phone turn. */
export interface Responder {
  /** Prepares the agent while the phone rings; never throws. */
  warm(call: Call): void;
  /**
   * Answers the caller's words. `onPart` gets speakable text that should be heard before the rest is ready.
   * Resolves with the final speakable text ("" = nothing to say). Throws `VC_REPLY_TIMEOUT`, `VC_REPLY_FAILED`,
   * or the signal's reason. `onFirst` is called once, when the first words of the model arrive.
   */
  reply(turn: ReplyTurn, signal: AbortSignal): Promise<string>;
  /** Stops every run within a moment. */
  close(): Promise<void>;
}

export interface ReplyTurn {
  readonly call: Call;
  readonly turn: number;
  readonly words: string;
  onPart(text: string): void;
  onFirst(): void;
}

/** Gets the outcome of a finished call to whoever asked. */
export interface Reporter {
  report(call: Call, transcript: readonly TranscriptTurn[]): Promise<void>;
}
