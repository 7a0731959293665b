import type { Direction, Evidence, Outcome } from "../../call/call.ts";
import type { CarrierEvent } from "../../call/event.ts";

/** `hangup_cause` (telnyx 7.24.0, `resources/webhooks.d.ts`) in our words; others are `failed`. */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  normal_clearing: "completed",
  user_busy: "busy",
  timeout: "no-answer",
  no_answer: "no-answer",
  originator_cancel: "canceled",
  time_limit: "timeout",
  not_found: "failed",
  unspecified: "failed",
};

/** Causes that only a call that was answered ends with. */
const AFTER_ANSWER: ReadonlySet<string> = new Set(["normal_clearing", "time_limit"]);

export interface Hangup {
  readonly cause: string;
  /** `hangup_source`; "" when it is missing. */
  readonly source: string;
  /** `sip_hangup_cause`: a SIP code or `unspecified`; "" when it is missing. */
  readonly sip: string;
  /** Of the call, where our own state tells it. */
  readonly direction: Direction | null;
}

export function endOf(hangup: Hangup): CarrierEvent {
  const { outcome, error } = outcomeOf(hangup);
  const evidence: Evidence = {
    source: "carrier",
    hungUpBy: sideOf(hangup),
    carrierCode: hangup.cause + sipOf(hangup.sip),
    ...(error === undefined ? {} : { error }),
  };
  return { type: "ended", outcome, evidence };
}

/**
 * Whether the leg of a hand-over was picked up. An event knows nothing of those before it, so it is told by the cause:
 * what ends before the answer says why nobody answered.
 */
export const wasReached = (cause: string): boolean => AFTER_ANSWER.has(cause);

/**
 * `call_rejected` is said by whoever declines and by Telnyx itself. SIP tells them apart: 603 and 607 are a person's no,
 * 486 and 600 a busy phone, 403 is Telnyx's own refusal (of the caller ID, the destination, the account), and without
 * a code it is a no of the side that hung up, or unknown.
 */
function outcomeOf({ cause, source, sip }: Hangup): { readonly outcome: Outcome; readonly error?: string } {
  if (cause === "call_rejected") {
    if (sip === "486" || sip === "600") return { outcome: "busy" };
    if (sip === "603" || sip === "607") return { outcome: "rejected" };
    if (sip === "403") return { outcome: "failed", error: "VC_CARRIER_REFUSED" };
    return { outcome: source === "callee" ? "rejected" : "failed" };
  }
  return { outcome: (Object.hasOwn(OUTCOMES, cause) ? OUTCOMES[cause] : undefined) ?? "failed" };
}

function sideOf({ cause, source, direction }: Hangup): Evidence["hungUpBy"] {
  if (cause === "time_limit" || cause === "timeout") return "carrier";
  if (direction === null || (source !== "caller" && source !== "callee")) return "unknown";
  return (source === "callee") === (direction === "inbound") ? "us" : "them";
}

/** A SIP code is kept unless it only says that all went well. */
const sipOf = (sip: string): string => (/^[1-6][0-9]{2}$/.test(sip) && sip !== "200" ? ` (SIP ${sip})` : "");
