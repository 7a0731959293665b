import type { CallState, Evidence, Outcome } from "../../call/call.ts";
import type { CarrierEvent } from "../../call/event.ts";

/** Twilio's words for where a call stands (`CallStatus` in webhooks, `status` in REST). */
const LIVE = {
  queued: "dialing",
  initiated: "dialing",
  ringing: "ringing",
  "in-progress": "answered",
} as const satisfies Record<string, CallState>;

const OVER = {
  completed: "completed",
  busy: "busy",
  "no-answer": "no-answer",
  canceled: "canceled",
  failed: "failed",
} as const satisfies Record<string, Outcome>;

export type TwilioStatus = keyof typeof LIVE | keyof typeof OVER;

export const isTwilioStatus = (word: string): word is TwilioStatus =>
  Object.hasOwn(LIVE, word) || Object.hasOwn(OVER, word);

const isOver = (status: TwilioStatus): status is keyof typeof OVER => Object.hasOwn(OVER, status);

/** A call's standing in our words; `outcome` is null while it lasts. */
export function standing(status: TwilioStatus): {
  readonly state: "dialing" | "ringing" | "answered" | "ended";
  readonly outcome: Outcome | null;
} {
  return isOver(status) ? { state: "ended", outcome: OVER[status] } : { state: LIVE[status], outcome: null };
}

export interface EndDetails {
  readonly source: Evidence["source"];
  readonly status: TwilioStatus;
  readonly durationSec: number | null;
  readonly sipCode: string | null;
}

/** Twilio does not say who hung up. A SIP code is kept unless it only says that all went well. */
export function evidenceOf(end: EndDetails): Evidence {
  const sip = end.sipCode === null || end.sipCode === "200" ? "" : ` (SIP ${end.sipCode})`;
  return {
    source: end.source,
    hungUpBy: "unknown",
    carrierCode: `${end.status}${sip}`,
    ...(end.durationSec === null ? {} : { durationSec: end.durationSec }),
  };
}

/** The event that a status stands for. */
export function eventOf(
  status: TwilioStatus,
  details: Pick<EndDetails, "durationSec" | "sipCode">,
): CarrierEvent {
  const { state, outcome } = standing(status);
  if (outcome !== null) {
    return { type: "ended", outcome, evidence: evidenceOf({ source: "carrier", status, ...details }) };
  }
  if (state === "dialing") return { type: "initiated" };
  return { type: state === "ringing" ? "ringing" : "answered" };
}
