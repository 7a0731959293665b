import type { CallState, Evidence, Outcome } from "../../call/call.ts";
import type { ErrorCode } from "../../call/errors.ts";
import type { Offer } from "../../call/ports.ts";

/** Plivo's words for where a call stands (`CallStatus` in webhooks, `call_status` of a live call). */
const LIVE = {
  queued: "dialing",
  ringing: "ringing",
  "in-progress": "answered",
} as const satisfies Record<string, CallState>;

const OVER = {
  completed: "completed",
  busy: "busy",
  failed: "failed",
  timeout: "no-answer",
  "no-answer": "no-answer",
  cancel: "canceled",
} as const satisfies Record<string, Outcome>;

export type LiveStatus = keyof typeof LIVE;
export type OverStatus = keyof typeof OVER;

export const isLiveStatus = (word: string): word is LiveStatus => Object.hasOwn(LIVE, word);
export const isOverStatus = (word: string): word is OverStatus => Object.hasOwn(OVER, word);

export const stateOf = (status: LiveStatus): "dialing" | "ringing" | "answered" => LIVE[status];

/** Hangup codes that tell more than the status, or stand alone in a call's record. Source: Plivo's hangup causes page. */
const OUTCOMES: Readonly<Record<number, Outcome>> = {
  1000: "canceled",
  3000: "no-answer",
  3010: "busy",
  3020: "busy",
  6010: "no-answer",
  9100: "voicemail",
};

/** Later refusals by Plivo that ask for something particular. The same source. */
const ERRORS: Readonly<Record<number, ErrorCode>> = {
  2000: "VC_CARRIER_TO_INVALID",
  2030: "VC_CARRIER_GEO",
  2040: "VC_CARRIER_BLOCKED",
  2050: "VC_CARRIER_GEO",
  2060: "VC_CARRIER_BLOCKED",
  2070: "VC_CARRIER_BLOCKED",
  3030: "VC_CARRIER_FROM_INVALID",
  3050: "VC_CARRIER_TO_INVALID",
  5030: "VC_CARRIER_RATE",
};

/** Who ended a call: `HangupSource`. Caller and Callee depend on who called whom. */
const OURS = new Set(["API Request", "Answer XML"]);
const CARRIERS = new Set(["Plivo", "Carrier", "Error"]);

const NORMAL = 4000;

export interface End {
  readonly source: Evidence["source"];
  /** Null in a call's record, which has none. */
  readonly status: OverStatus | null;
  readonly code: number | null;
  /** `HangupSource`. */
  readonly by: string | undefined;
  readonly direction: Offer["direction"];
  readonly durationSec: number | null;
  readonly wasAnswered: boolean;
}

/** What became of the call, and why we believe it. */
export function ending(end: End): { readonly outcome: Outcome; readonly evidence: Evidence } {
  const { source, code, durationSec } = end;
  const error = code === null ? undefined : ERRORS[code];
  const carrierCode = codeOf(end);
  return {
    outcome: outcomeOf(end),
    evidence: {
      source,
      hungUpBy: hungUpBy(end),
      ...(carrierCode === "" ? {} : { carrierCode }),
      ...(error === undefined ? {} : { error }),
      ...(durationSec === null ? {} : { durationSec }),
    },
  };
}

/** A call that our XML could not be had for is `completed` to Plivo once it was answered; nobody heard anything. */
function outcomeOf({ status, code, by, wasAnswered }: End): Outcome {
  if (code !== null && code >= 7000 && code < 9000) return "failed";
  if ((code === 3010 || code === 3020) && by === "Answer XML") return "rejected";
  if (code === 9100) return "voicemail";
  if (status !== null) return OVER[status];
  const known = code === null ? undefined : OUTCOMES[code];
  return known ?? (wasAnswered ? "completed" : "failed");
}

function hungUpBy({ by, direction }: End): Evidence["hungUpBy"] {
  if (by === undefined) return "unknown";
  if (OURS.has(by)) return "us";
  if (CARRIERS.has(by)) return "carrier";
  if (by !== "Caller" && by !== "Callee") return "unknown";
  return (by === "Caller") === (direction === "inbound") ? "them" : "us";
}

function codeOf({ status, code }: End): string {
  if (code === null) return status ?? "";
  if (status === null) return String(code);
  return code === NORMAL ? status : `${status} (${code})`;
}
