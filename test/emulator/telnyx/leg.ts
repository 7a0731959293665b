import type { Detection } from "./amd.ts";
import type { Transcription } from "./ear.ts";
import type { StreamPlan } from "./stream.ts";

/** `ringing` is our word: Telnyx does not tell. `parked`: an inbound call that waits for our command. */
export type CallState = "ringing" | "parked" | "answered" | "ended";

export interface CallEnd {
  readonly by: "callee" | "api" | "document" | "carrier";
}

/** What `call.hangup` says about the end. */
export interface Hangup {
  readonly by: CallEnd["by"];
  readonly cause: string;
  /** SIP response code, or `unspecified`. */
  readonly sip: string;
  readonly source: "caller" | "callee" | "unknown";
  /** Telnyx's own code (`D35`); where it is written in the payload is assumed. */
  readonly code?: string;
}

/** What Telnyx knows about a call leg when it begins. Numbers are E.164; times seconds. */
export interface LegPlan {
  readonly direction: "incoming" | "outgoing";
  readonly connectionId: string;
  readonly from: string;
  readonly to: string;
  /** Null: a session of its own. */
  readonly sessionId: string | null;
  /** Base64, as sent; null: none. */
  readonly clientState: string | null;
  /** Null: the application's. */
  readonly webhookUrl: string | null;
  /** Milliseconds of call time before each retry, by event type. */
  readonly retries: Readonly<Record<string, readonly number[]>>;
  readonly timeoutSec: number;
  /** `retry_on_timeout: false` ends an unanswered call as `no_answer` instead of `timeout`. */
  readonly endsAsNoAnswer: boolean;
  readonly timeLimitSec: number;
  readonly digits: string | null;
  readonly detection: Detection | null;
  readonly transcription: Transcription | null;
  /** To be started when the leg is answered. */
  readonly stream: StreamPlan | null;
  /** More fields of `call.initiated`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Seconds after which an inbound call without a command is dropped; null: never. */
  readonly firstCommandSec: number | null;
  /** Telnyx does not place the call, for that reason (`D35`, `D41`). */
  readonly refusal: string | null;
}

/** The part of a transfer that the first leg needs. */
export interface TransferPlan {
  readonly leg: LegPlan;
  /** `park_after_unbridge: self`: the first leg stays when the bridge ends. */
  readonly parks: boolean;
}

/** How calls end that are not simply hung up: `hangup_cause` and SIP response code. */
export const BUSY = { cause: "user_busy", sip: "486" };
export const DECLINED = { cause: "call_rejected", sip: "603" };
export const NOT_FOUND = { cause: "not_found", sip: "404" };
export const CANCELED = { cause: "originator_cancel", sip: "487" };
export const TIMEOUT = { cause: "timeout", sip: "487" };
