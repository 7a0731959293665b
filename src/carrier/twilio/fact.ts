import type { CarrierEvent } from "../../call/event.ts";
import type { CarrierFact, Offer } from "../../call/ports.ts";
import { KEYS, PARTY, SECONDS } from "../shapes.ts";
import type { Form } from "./form.ts";
import { eventOf, isTwilioStatus, standing, type TwilioStatus } from "./status.ts";
import type { CallbackOf, NoCallback } from "../callbacks.ts";

/** What Twilio calls back about. */
export const KINDS = new Set(["status", "machine", "turn", "fetch", "words", "transfer", "stream"] as const);
type Callback = CallbackOf<typeof KINDS extends ReadonlySet<infer K> ? K : never>;

type Addressed = { readonly callId: string; readonly callback: Callback } | NoCallback;
type Reading = Omit<CarrierFact, "carrier" | "claim">;

const CALL_SID = /^CA[0-9a-f]{32}$/i;
const SIP_CODE = /^[1-6][0-9]{2}$/;
const STREAM_EVENT = /^stream-[a-z-]{1,32}$/;
const DIAL_STATUS = /^(completed|answered|busy|no-answer|failed|canceled)$/;

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
  if (callback.kind === "stream") {
    const events = readStream(form, callback.token);
    return typeof events === "string" ? events : { ...about, events, wants: "nothing", offer: null };
  }
  if (callback.kind === "status" || callback.kind === "machine") {
    if (common.events.length === 0) return callback.kind === "status" ? "CallStatus" : "AnsweredBy";
    return { ...about, events: common.events, wants: "nothing", offer: null };
  }
  const own = readOwn(form, callback);
  if (typeof own === "string") return own;
  return { ...about, events: around(common, own), wants: "document", offer: null };
}

/** What the callback itself is about. */
function readOwn(
  form: Form,
  callback: Exclude<Callback, { kind: "status" | "machine" | "stream" }>,
): readonly CarrierEvent[] | string {
  switch (callback.kind) {
    case "turn":
      return readHeard(form, callback.token);
    case "transfer":
      return readTransfer(form, callback.gen);
    case "words":
      return [{ type: "fetched", gen: callback.gen }];
    case "fetch":
      return [{ type: "fetched" }];
  }
}

/** `<Dial>`'s result: `completed` and `answered` mean that the two have talked. */
function readTransfer(form: Form, gen: number): readonly CarrierEvent[] | string {
  const status = form.get("DialCallStatus") ?? "";
  if (!DIAL_STATUS.test(status)) return "DialCallStatus";
  return [{ type: "transfer-ended", gen, reached: status === "completed" || status === "answered" }];
}

/** `stream-started` and `stream-stopped` are seen on the socket itself. */
function readStream(form: Form, token: string): readonly CarrierEvent[] | string {
  const event = form.get("StreamEvent") ?? "";
  if (!STREAM_EVENT.test(event)) return "StreamEvent";
  return event === "stream-error" ? [{ type: "stream-failed", token }] : [];
}

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
  const detected: CarrierEvent[] = answeredBy ? [detection(answeredBy)] : [];
  // What was found out about a call that is over came before its end.
  events.push(...(over ? [...detected, ...byStatus] : [...byStatus, ...detected]));
  return { sid, over, events };
}

const isOver = (status: TwilioStatus): boolean => standing(status).state === "ended";

/** `human`, `machine_start`, `machine_end_beep` …, `fax`, `unknown`. */
function detection(word: string): CarrierEvent {
  if (word === "human") return { type: "detected", by: "human" };
  const isMachine = word === "fax" || word.startsWith("machine_");
  if (!isMachine) return { type: "detected", by: "unknown" };
  return { type: "detected", by: "machine", ...(word === "machine_start" ? {} : { over: true }) };
}

/**
 * What a document request says: what was detected, its own facts, then the end, if it is one. That the call was
 * answered goes without saying, as it is being talked on.
 */
function around(common: Common, own: readonly CarrierEvent[]): readonly CarrierEvent[] {
  const of = (type: CarrierEvent["type"]) => common.events.filter((event) => event.type === type);
  return [...of("detected"), ...own, ...of("ended")];
}

/** `<Gather>`'s result: words, digits, both, or neither. Both are one answer. */
function readHeard(form: Form, token: string): readonly CarrierEvent[] | string {
  const text = form.get("SpeechResult")?.trim() ?? "";
  const digits = form.get("Digits") ?? "";
  if (digits !== "" && !KEYS.test(digits)) return "Digits";
  const confidence = Number(form.get("Confidence") ?? Number.NaN);
  if (text === "") return [digits === "" ? { type: "silence", token } : { type: "digits", token, digits }];
  const sure = confidence >= 0 && confidence <= 1 ? { confidence } : {};
  const whole = digits === "" ? text : `${text} [digits ${digits}]`;
  return [{ type: "speech", token, text: whole, ...sure }];
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
