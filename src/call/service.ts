import type { CallState, Direction, Evidence, Mode, Outcome, Requester, TranscriptTurn } from "./call.ts";
import type { VoiceCallError } from "./errors.ts";
import type { Guard } from "./guard/guards.ts";
import type { LatencyStage, Pairing } from "./ports.ts";

/**
 * What the running plugin offers to its surfaces (tool, RPC, CLI). One object per gateway process, found through
 * the shared slot; plain values in and out, since the surfaces may be another copy of the module.
 * Every method throws `VoiceCallError`s only.
 */
export interface PhoneService {
  /** Why no call can be placed, or null. The same error every request would get. */
  problem(): VoiceCallError | null;

  /** Places a call; resolves once the carrier has accepted it. */
  initiate(request: InitiateRequest): Promise<CallView>;
  speak(callId: string, message: string): Promise<void>;
  /** Speaks, then resolves with what the caller said. */
  ask(callId: string, message: string): Promise<Heard>;
  /** The same as an operation to poll, for clients with short time-outs. */
  askStart(callId: string, message: string): Promise<{ operationId: string }>;
  askResult(operationId: string): Promise<AskResult>;
  press(callId: string, digits: string): Promise<void>;
  /** Says something, if anything, and connects the caller with another number. */
  transfer(request: TransferRequest): Promise<void>;
  end(callId: string): Promise<void>;
  /** From inside the call: hang up after the words being spoken. */
  close(callId: string): Promise<void>;

  /** By our id or the carrier's; null when unknown. */
  status(ref: string): Promise<CallDetail | null>;
  /** Newest first: running calls, then ended ones, at most `limit`. */
  list(limit: number): Promise<readonly CallView[]>;
  /** Events after a cursor, without words and numbers. `after: null` = only new ones. */
  events(options: { after: number | null; limit: number }): Promise<EventPage>;
  latency(last: number): Promise<readonly LatencyRow[]>;
  setup(): Promise<SetupReport>;

  pairings(): Promise<readonly Pairing[]>;
  approvePairing(code: string): Promise<Pairing>;
  revokePairing(number: string): Promise<boolean>;

  /** The terminal phone of the `mock` carrier; null with any other. */
  phone(): PhonePort | null;
}

export interface InitiateRequest {
  readonly to?: string | undefined;
  readonly message?: string | undefined;
  readonly mode?: Mode | undefined;
  /** DTMF to press right after answer. */
  readonly digits?: string | undefined;
  /** Agent of the session that asks; ignored from outside clients. */
  readonly agentId?: string | undefined;
  /** Guards that may not refuse this call. Only for surfaces whose client is an administrator; each use is logged. */
  readonly override?: readonly Guard[] | undefined;
  readonly requester: Requester;
}

export interface TransferRequest {
  readonly callId: string;
  /** Whom to connect the caller with. */
  readonly to: string;
  readonly message?: string | undefined;
  /** As for a new call. */
  readonly override?: readonly Guard[] | undefined;
}

export interface CallView {
  readonly callId: string;
  readonly carrierCallId: string | null;
  readonly provider: string;
  readonly direction: Direction;
  readonly mode: Mode;
  readonly state: CallState;
  readonly from: string;
  readonly to: string;
  readonly agentId: string;
  readonly createdAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: Outcome | null;
  readonly evidence: Evidence | null;
}

export interface CallDetail extends CallView {
  readonly transcript: readonly TranscriptTurn[];
}

export interface Heard {
  readonly callId: string;
  /** What the caller said. */
  readonly text: string;
}

export type AskResult =
  | { readonly status: "pending" }
  | { readonly status: "done"; readonly text: string }
  | { readonly status: "failed"; readonly error: ReturnType<VoiceCallError["toJSON"]> };

export interface EventPage {
  readonly cursor: number;
  readonly events: readonly EventLine[];
}

export interface EventLine {
  readonly cursor: number;
  readonly at: number;
  readonly callId: string;
  readonly state: CallState;
  readonly type: string;
}

export interface LatencyRow {
  readonly stage: LatencyStage;
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface SetupReport {
  readonly ok: boolean;
  readonly checks: readonly SetupCheck[];
}

export interface SetupCheck {
  readonly id: string;
  readonly ok: boolean;
  /** A failed check with `level: "warning"` does not make `ok` false. */
  readonly level: "error" | "warning";
  readonly message: string;
  readonly next?: string;
}

/** A person's end of a mock call. */
export interface PhonePort {
  /** Rings the plugin as `from`; resolves with the mock carrier's call id. */
  call(from: string, to: string): Promise<{ carrierCallId: string }>;
  answer(carrierCallId: string): Promise<void>;
  decline(carrierCallId: string): Promise<void>;
  say(carrierCallId: string, text: string): Promise<void>;
  press(carrierCallId: string, digits: string): Promise<void>;
  /**
   * Speaks into a call with live audio: a WAV file (one channel; 16 bits, or G.711 at 8 kHz) or bare µ-law at 8 kHz. `ms`: how long
   * that takes. At most a minute waits to be said.
   */
  play(carrierCallId: string, audio: Uint8Array): Promise<{ ms: number }>;
  /** What came out of live audio after byte `after`: µ-law at 8 kHz, at most five seconds at a time, of the last thirty. */
  listen(carrierCallId: string, after: number): Promise<{ cursor: number; audio: Uint8Array }>;
  hangUp(carrierCallId: string): Promise<void>;
  /** What the phone shows after `after`: ringing, words spoken, listening, ended. */
  screen(after: number): Promise<PhoneScreen>;
}

export interface PhoneScreen {
  readonly cursor: number;
  readonly lines: readonly PhoneLine[];
}

export interface PhoneLine {
  readonly cursor: number;
  readonly at: number;
  readonly carrierCallId: string;
  readonly kind:
    | "ringing"
    | "answered"
    | "spoken"
    | "listening"
    | "digits"
    | "transferred"
    | "refused"
    | "ended";
  /** The words for `spoken`, the digits for `digits`, the number for `transferred`, the reason for `ended`. */
  readonly text: string;
}
