import type { ErrorCode } from "./errors.ts";
import type { Instruction } from "./instruction.ts";

/** `twilio`, `telnyx`, `plivo`, `mock`, or the id of a third party's carrier. */
export type CarrierId = string;
export type Direction = "outbound" | "inbound";
/** `notify`: say the message, then hang up. `conversation`: stay and talk. */
export type Mode = "notify" | "conversation";

/** Where a call stands. It only ever moves to the right; `refused` and `ended` are final. */
export type CallState = "dialing" | "ringing" | "answered" | "live" | "ended" | "refused";

export type Outcome =
  | "completed"
  | "busy"
  | "no-answer"
  | "canceled"
  | "failed"
  | "rejected"
  | "voicemail"
  | "timeout"
  | "lost";

/** Why we believe the outcome. */
export interface Evidence {
  /** Who said so. */
  readonly source: "carrier" | "look-up" | "us";
  /** Who ended the call, as far as is known. */
  readonly hungUpBy: "us" | "them" | "carrier" | "unknown";
  /** The carrier's own word or code, such as `completed`, `busy`, `21219`. */
  readonly carrierCode?: string;
  /** A coded error of the catalogue when something failed. */
  readonly error?: string;
  /** Billable seconds as the carrier counts them. */
  readonly durationSec?: number;
}

/** Why we asked the carrier to end a call. */
export type HangupReason =
  | "requested"
  | "ring-timeout"
  | "max-duration"
  | "stale"
  | "message-delivered"
  | "goodbye"
  /** An answering machine picked up, and the policy says not to talk to it. */
  | "machine"
  /** The caller has been handed over, and that is over. */
  | "transferred"
  /** The carrier refused to carry out what the call needs; nobody would hear anything any more. */
  | "failed"
  /** The audio socket was lost and did not come back. */
  | "stream-lost"
  /** We had closed the record without the carrier's word, and the call turned out to live. */
  | "lingering";

/** Named moments at which a call must move even if nobody says anything. Epoch milliseconds; kept in the record. */
export type DeadlineName =
  /** Nobody answered. */
  | "ring"
  /** Hard cap on the talking time. */
  | "max-duration"
  /** The stale-call reaper. */
  | "stale"
  /** The present listen has passed without a word, where the carrier does not tell. */
  | "listen"
  /** No further key followed: those pressed so far are the caller's answer. */
  | "keys"
  /** The answering machine detection has told nothing: it is a person. */
  | "screening"
  /** A waiting `continue` gives up. */
  | "transcript"
  /** Hang-up some seconds after the message was played. */
  | "notify-hangup"
  /** The command that asked has its answer but says nothing more: back to listening. */
  | "follow-up"
  /** The carrier's reply to our create was lost: stop looking for the call. */
  | "uncertain"
  /** The audio socket has not been opened, or not again. */
  | "stream"
  /** A lost audio socket is opened anew: the call that lost it has not ended. */
  | "reopen"
  /** Nobody has told that the words before a hand-over were said. */
  | "hand-over"
  /** We asked to hang up and neither the carrier's reply nor its callback came. */
  | "hangup";

/** The listening turn. A fact stamped with another token than `token` belongs to the past and is dropped. */
export interface Turn {
  /** Counts the caller's turns from 1; 0 before the first. */
  readonly no: number;
  readonly phase: "idle" | "listening" | "thinking";
  /** Unguessable, new for every listen; null while not listening. */
  readonly token: string | null;
  /** When the last listen was asked for; epoch ms. */
  readonly since: number | null;
  /** Keys pressed one by one in this listen, not yet taken as an answer. */
  readonly keys: string;
  /** Who gets the caller's next words: the agent's automatic reply or a waiting `continue`. */
  readonly for: "agent" | "command";
  /** Listens in a row in which nothing was said. */
  readonly misses: number;
  /** Replies in a row that failed. */
  readonly failures: number;
  /** When the caller's last words arrived; epoch ms. */
  readonly heardAt: number | null;
}

/** Limits fixed when the call is made, so that a configuration edit never changes a running call. */
export interface CallLimits {
  readonly ringMs: number;
  readonly maxDurationMs: number;
  /** 0 = no reaper. */
  readonly staleMs: number;
  readonly transcriptMs: number;
  readonly notifyHangupMs: number;
  /** Silence that ends the caller's turn. */
  readonly silenceMs: number;
}

/** What the core must do itself on this call's carrier; fixed when the call is made. */
export interface CallTraits {
  /** Give the first instruction once the call is answered, and time what is said: the carrier runs single commands. */
  readonly ownStart: boolean;
  /** Notice that a listen passes without a word. */
  readonly ownSilence: boolean;
  /** Have a lost audio socket opened anew: nothing makes the carrier ask what to do. */
  readonly ownReopen: boolean;
}

/** What is done about answering machines on outbound calls. */
export type MachinePolicy = "hangup" | "leave-message" | "continue";

/** Answering machine detection on one call. */
export interface Screening {
  readonly policy: MachinePolicy;
  readonly verdict: "pending" | "person" | "machine";
  /** The first words, which a machine hears again after its beep. */
  readonly words: readonly string[];
  /** The first words were heard to the end while the verdict was pending. */
  readonly said: boolean;
}

/** The socket over which a call's audio runs. */
export interface LiveLine {
  /** First words, said once the caller can be heard; "" = the caller begins. */
  readonly opening: string;
  /** Something of ours was heard: the opening is not said again. */
  readonly opened: boolean;
  /** `awaited`: it is about to be opened, or opened anew. `lost`: it may come back. */
  readonly stream: "awaited" | "up" | "lost";
  /** Token of the one that is up, or was last. */
  readonly token: string | null;
  /** Number (E.164) to connect the caller with, once what was to be said before has been said. */
  readonly handOver: string | null;
}

/** How the call sounds and who answers; fixed when the call is made. */
export interface CallRoute {
  /** BCP-47. */
  readonly language: string;
  /** The carrier's own name for a voice. */
  readonly voice?: string;
  readonly responseModel?: string;
  readonly responseSystemPrompt?: string;
  readonly responseTimeoutMs: number;
  /** First words on an inbound call. */
  readonly greeting?: string;
}

/** Who asked for an outbound call, so that the outcome can find them. */
export interface Requester {
  readonly surface: "tool" | "rpc" | "cli";
  readonly sessionKey?: string;
}

/** One phone call: a value. Only `transition` makes a new one out of an old one. */
export interface Call {
  /** Our id, `vc_…`; never contains a number. */
  readonly id: string;
  /** Grows by one with every saved change. */
  readonly version: number;
  readonly carrier: CarrierId;
  /** The carrier's id, once known. */
  readonly carrierCallId: string | null;
  readonly direction: Direction;
  readonly mode: Mode;
  /** E.164, or "" when withheld. */
  readonly from: string;
  /** E.164. */
  readonly to: string;
  readonly agentId: string;
  readonly sessionKey: string;
  readonly requester: Requester | null;
  /** STIR/SHAKEN attestation of the caller's number, as verified by the carrier. */
  readonly attestation: "A" | "B" | "C" | null;
  readonly answeredBy: "human" | "machine" | "unknown" | null;
  /** Null when no detection was asked for. */
  readonly screening: Screening | null;
  /** Null where the carrier itself listens and speaks. */
  readonly live: LiveLine | null;
  readonly traits: CallTraits;
  readonly limits: CallLimits;
  readonly route: CallRoute;

  readonly state: CallState;
  readonly createdAt: number;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly outcome: Outcome | null;
  readonly evidence: Evidence | null;
  /** Set once we have asked the carrier to end the call. */
  readonly hangup: HangupReason | null;
  /** The agent said goodbye: hang up after its words are spoken. */
  readonly closing: boolean;
  /** Why nobody could hear or be heard any more; the evidence of how the call ends. Absent = nothing failed for good. */
  readonly fault?: ErrorCode;

  readonly turn: Turn;
  /** What the carrier should be doing now. Null before the first words and after the end. */
  readonly instruction: Instruction | null;
  /** Generation of the last instruction the carrier has been given. */
  readonly delivered: number;
  readonly deadlines: Readonly<Partial<Record<DeadlineName, number>>>;
}

/** One line of the transcript. */
export interface TranscriptTurn {
  readonly role: "agent" | "caller";
  /** Digits are written as `[digits 123]`. */
  readonly text: string;
  readonly at: number;
}

export const isOver = (call: Call): boolean => call.state === "ended" || call.state === "refused";

/** Over on our record, but nobody at the carrier has told of an end: the call may still be up there. */
export const mayLinger = ({ outcome, evidence }: Call): boolean =>
  outcome === "lost" || (evidence?.source === "us" && evidence.error === "VC_CARRIER_UNREACHABLE");

/** The number of the person on the other end; "" when withheld. */
export const partyOf = (call: Pick<Call, "direction" | "from" | "to">): string =>
  call.direction === "inbound" ? call.from : call.to;
