import type { CarrierEvent } from "../../call/event.ts";
import type { CarrierFact, Offer } from "../../call/ports.ts";
import type { Form } from "./form.ts";
import { eventOf, isTwilioStatus, standing, type TwilioStatus } from "./status.ts";
import type { Callback, NoCallback } from "./urls.ts";

type Addressed = { readonly callId: string; readonly callback: Callback } | NoCallback;
type Reading = Omit<CarrierFact, "carrier" | "claim">;

const CALL_SID = /^CA[0-9a-f]{32}$/i;
const SECONDS = /^[0-9]{1,7}$/;
const SIP_CODE = /^[1-6][0-9]{2}$/;
const DIGITS = /^[0-9A-Da-d*#]{1,256}$/;
/** A number, a word such as `Anonymous`, `client:…`, `sip:…`. */
const PARTY = /^[^\p{C}]{0,256}$/u;

/**
 * What a verified request says, or which of its fields cannot be right. Twilio signs names and values without
 * separators, so shapes are checked before anything is believed.
 */
export function readFact(form: Form, addressed: Addressed): Reading | string {
  const common = readCommon(form);
  if (typeof common === "string") return common;
  const about = { callId: "callId" in addressed ? addressed.callId : null, carrierCallId: common.sid };

  if (!("callback" in addressed)) {
    // A status callback that the owner has set for the number tells about calls, it asks for nothing.
    const isReport = form.get("CallbackSource") !== undefined || common.over;
    if (isReport) return { ...about, events: common.events, wants: "nothing", offer: null };
    const offer = readOffer(form);
    if (typeof offer === "string") return offer;
    return { ...about, events: common.events, wants: "document", offer };
  }

  const { callback } = addressed;
  if (callback.kind === "status") {
    if (common.events.length === 0) return "CallStatus";
    return { ...about, events: common.events, wants: "nothing", offer: null };
  }
  const own = callback.kind === "turn" ? readHeard(form, callback.token) : [fetched(callback)];
  if (typeof own === "string") return own;
  return { ...about, events: around(common, own), wants: "document", offer: null };
}

const fetched = (callback: Callback): CarrierEvent =>
  callback.kind === "words" ? { type: "fetched", gen: callback.gen } : { type: "fetched" };

interface Common {
  readonly sid: string;
  readonly over: boolean;
  /** What the status itself says, then what the detector says. */
  readonly events: readonly CarrierEvent[];
}

function readCommon(form: Form): Common | string {
  const sid = form.get("CallSid");
  if (sid === undefined || !CALL_SID.test(sid)) return "CallSid";
  const status = form.get("CallStatus");
  if (status !== undefined && !isTwilioStatus(status)) return "CallStatus";
  const duration = form.get("CallDuration");
  if (duration !== undefined && !SECONDS.test(duration)) return "CallDuration";
  const sipCode = form.get("SipResponseCode");
  if (sipCode !== undefined && !SIP_CODE.test(sipCode)) return "SipResponseCode";

  const events: CarrierEvent[] = [];
  const over = status !== undefined && isOver(status);
  const durationSec = duration === undefined ? null : Number(duration);
  const byStatus = status === undefined ? [] : [eventOf(status, { durationSec, sipCode: sipCode ?? null })];
  const answeredBy = form.get("AnsweredBy");
  const detected: CarrierEvent[] = answeredBy ? [{ type: "detected", by: detectedBy(answeredBy) }] : [];
  // What was found out about a call that is over came before its end.
  events.push(...(over ? [...detected, ...byStatus] : [...byStatus, ...detected]));
  return { sid, over, events };
}

const isOver = (status: TwilioStatus): boolean => standing(status).state === "ended";

/** `human`, `machine_start`, `machine_end_beep` …, `fax`, `unknown`. */
function detectedBy(word: string): "human" | "machine" | "unknown" {
  if (word === "human") return "human";
  return word === "fax" || word.startsWith("machine_") ? "machine" : "unknown";
}

/**
 * What a document request says: what was detected, its own facts, then the end, if it is one. That the call was
 * answered goes without saying, as it is being talked on.
 */
function around(common: Common, own: readonly CarrierEvent[]): readonly CarrierEvent[] {
  const of = (type: CarrierEvent["type"]) => common.events.filter((event) => event.type === type);
  return [...of("detected"), ...own, ...of("ended")];
}

/** `<Gather>`'s result: words, digits, both, or neither. */
function readHeard(form: Form, token: string): readonly CarrierEvent[] | string {
  const text = form.get("SpeechResult")?.trim() ?? "";
  const digits = form.get("Digits") ?? "";
  if (digits !== "" && !DIGITS.test(digits)) return "Digits";
  const confidence = Number(form.get("Confidence") ?? Number.NaN);
  const heard: CarrierEvent[] = [];
  if (text !== "") {
    const sure = confidence >= 0 && confidence <= 1 ? { confidence } : {};
    heard.push({ type: "speech", token, text, ...sure });
  }
  if (digits !== "") heard.push({ type: "digits", token, digits });
  return heard.length > 0 ? heard : [{ type: "silence", token }];
}

function readOffer(form: Form): Offer | string {
  const from = form.get("From") ?? "";
  const to = form.get("To");
  if (!PARTY.test(from)) return "From";
  if (to === undefined || to === "" || !PARTY.test(to)) return "To";
  const direction = form.get("Direction");
  if (direction === "inbound") return { direction, from, to, attestation: attestationOf(form) };
  if (direction === "outbound-api" || direction === "outbound-dial") {
    return { direction: "outbound", from, to, attestation: null };
  }
  return "Direction";
}

/** `TN-Validation-Passed-A`: Twilio has checked the signature of the call itself. Anything that failed is nothing. */
function attestationOf(form: Form): Offer["attestation"] {
  const level = /^TN-Validation-Passed-([ABC])(-|$)/.exec(form.get("StirVerstat") ?? "")?.[1];
  return level === "A" || level === "B" || level === "C" ? level : null;
}
