import type { CarrierEvent } from "../../call/event.ts";
import { isE164 } from "../../call/number.ts";
import type { CarrierFact, Offer } from "../../call/ports.ts";
import { KEYS, PARTY, SECONDS } from "../shapes.ts";
import type { Form } from "./form.ts";
import { ending, isLiveStatus, isOverStatus, stateOf, type OverStatus } from "./status.ts";
import type { CallbackOf, NoCallback } from "../callbacks.ts";

/** What Plivo calls back about. `status` is also what the answering machine detection found. */
export const KINDS = new Set([
  "status",
  "turn",
  "silence",
  "fetch",
  "beep",
  "words",
  "transfer",
  "stream",
] as const);
type Callback = CallbackOf<typeof KINDS extends ReadonlySet<infer K> ? K : never>;

type Addressed = { readonly callId: string; readonly callback: Callback } | NoCallback;
type Reading = Omit<CarrierFact, "carrier" | "claim">;

const ID = /^[0-9A-Za-z][0-9A-Za-z-]{7,63}$/;
const CODE = /^[0-9]{1,5}$/;
const WORD = /^[A-Za-z][A-Za-z -]{0,31}$/;

/**
 * What a verified request says, or which of its fields cannot be right. Plivo signs names and values without
 * separators, so shapes are checked before anything is believed.
 */
export function readFact(form: Form, addressed: Addressed): Reading | string {
  const common = readCommon(form);
  if (typeof common === "string") return common;
  const about = { callId: "callId" in addressed ? addressed.callId : null, carrierCallId: common.id };

  if (!("callback" in addressed)) {
    // The hangup URL of an application; without one Plivo reports to its answer URL.
    if (common.ended !== null) return { ...about, events: [common.ended], wants: "nothing", offer: null };
    const offer = readOffer(form, common.direction);
    if (typeof offer === "string") return offer;
    // Whatever `CallStatus` says: a call to us is answered by the document that it asks for.
    const events: CarrierEvent[] = [{ type: offer.direction === "inbound" ? "ringing" : "answered" }];
    return { ...about, events, wants: "document", offer };
  }

  const { callback } = addressed;
  if (callback.kind === "stream") {
    // The id is that of the socket's `start`, which need not be the one that an outbound call is known by.
    const events = readStream(common.event, callback.token);
    return { ...about, carrierCallId: null, events, wants: "nothing", offer: null };
  }
  if (callback.kind === "status") {
    const events = reported(common);
    return events.length === 0 ? "Event" : { ...about, events, wants: "nothing", offer: null };
  }
  const own = readOwn(form, callback);
  if (typeof own === "string") return own;
  const events = [...common.detected, ...own, ...(common.ended === null ? [] : [common.ended])];
  return { ...about, events, wants: "document", offer: null };
}

interface Common {
  readonly id: string;
  readonly direction: Offer["direction"] | null;
  /** `Ring`, `StartApp`, `Hangup`, `MachineDetection`, …; documents are asked for with others or none. */
  readonly event: string | undefined;
  /** Where the call stands; null when it is over or not said. */
  readonly standing: CarrierEvent | null;
  readonly ended: CarrierEvent | null;
  readonly detected: readonly CarrierEvent[];
}

function readCommon(form: Form): Common | string {
  const id = readId(form);
  if (id === null) return "CallUUID";
  const direction = readDirection(form);
  if (direction === undefined) return "Direction";
  const event = form.get("Event");
  if (event !== undefined && !WORD.test(event)) return "Event";
  const status = form.get("CallStatus");
  if (status !== undefined && !isLiveStatus(status) && !isOverStatus(status)) return "CallStatus";
  const machine = form.get("Machine");
  const detected: CarrierEvent[] =
    machine === undefined ? [] : [{ type: "detected", by: detectedBy(machine) }];
  const common = { id, direction, event, detected };
  if (status !== undefined && isLiveStatus(status)) {
    const state = stateOf(status);
    return { ...common, standing: { type: state === "dialing" ? "initiated" : state }, ended: null };
  }
  if (status === undefined) return { ...common, standing: null, ended: null };
  const ended = readEnd(form, status, direction ?? "outbound");
  return typeof ended === "string" ? ended : { ...common, standing: null, ended };
}

/** Null when it is not said, undefined when it is neither of the two. */
function readDirection(form: Form): Offer["direction"] | null | undefined {
  const word = form.get("Direction");
  if (word === undefined) return null;
  return word === "inbound" || word === "outbound" ? word : undefined;
}

/**
 * The id by which the call is known to us. An outbound call is known by the id that its create request was answered
 * with, `RequestUUID` here; that `CallUUID` is the same is nowhere promised. A call to us has only a `CallUUID`.
 */
function readId(form: Form): string | null {
  const uuid = form.get("CallUUID");
  if (uuid === undefined || !ID.test(uuid)) return null;
  if (form.get("Direction") === "inbound") return uuid;
  const request = form.get("RequestUUID") ?? form.get("ALegRequestUUID") ?? uuid;
  return ID.test(request) ? request : null;
}

function readEnd(form: Form, status: OverStatus, direction: Offer["direction"]): CarrierEvent | string {
  const duration = form.get("Duration");
  if (duration !== undefined && !SECONDS.test(duration)) return "Duration";
  const code = form.get("HangupCauseCode");
  if (code !== undefined && !CODE.test(code)) return "HangupCauseCode";
  const by = form.get("HangupSource");
  if (by !== undefined && !WORD.test(by)) return "HangupSource";
  const durationSec = duration === undefined ? null : Number(duration);
  const end = ending({
    source: "carrier",
    status,
    code: code === undefined ? null : Number(code),
    by,
    direction,
    durationSec,
    wasAnswered: status === "completed",
  });
  return { type: "ended", ...end };
}

/** Documents show `true` only; nothing is sent for a person. */
function detectedBy(word: string): "human" | "machine" | "unknown" {
  if (word.toLowerCase() === "true") return "machine";
  return word.toLowerCase() === "false" ? "human" : "unknown";
}

/** What a report says. Its event goes before its status, which may be of another moment. */
function reported({ event, standing, ended, detected }: Common): readonly CarrierEvent[] {
  if (event === "MachineDetection") return detected;
  if (event === "Ring") return [{ type: "ringing" }];
  if (ended !== null) return [...detected, ended];
  return standing === null ? detected : [standing, ...detected];
}

/**
 * `DroppedStream`: it "failed to connect or got disconnected" (https://docs.plivo.com/docs/voice/xml/audiostream).
 * `StartStream`, `StopStream` and what else there is are seen on the socket itself.
 */
const readStream = (event: string | undefined, token: string): readonly CarrierEvent[] =>
  event === "DroppedStream" ? [{ type: "stream-failed", token }] : [];

/** What a request for a document is about. */
function readOwn(
  form: Form,
  callback: Exclude<Callback, { kind: "status" | "stream" }>,
): readonly CarrierEvent[] | string {
  switch (callback.kind) {
    case "turn":
      return readHeard(form, callback.token);
    case "silence":
      return [{ type: "silence", token: callback.token }];
    case "beep":
      return [{ type: "detected", by: "machine", over: true }];
    case "transfer":
      return readTransfer(form, callback.gen);
    case "words":
      return [{ type: "fetched", gen: callback.gen }];
    case "fetch":
      return [{ type: "fetched" }];
  }
}

/** `<GetInput>`'s result. Words or digits, whichever were first; both would be one answer. */
function readHeard(form: Form, token: string): readonly CarrierEvent[] | string {
  const text = form.get("Speech")?.trim() ?? "";
  const digits = form.get("Digits") ?? "";
  if (digits !== "" && !KEYS.test(digits)) return "Digits";
  if (text === "") return [digits === "" ? { type: "silence", token } : { type: "digits", token, digits }];
  const confidence = Number(form.get("SpeechConfidenceScore") ?? Number.NaN);
  const sure = confidence >= 0 && confidence <= 1 ? { confidence } : {};
  const whole = digits === "" ? text : `${text} [digits ${digits}]`;
  return [{ type: "speech", token, text: whole, ...sure }];
}

/** `<Dial>`'s result. The other leg has an id only if somebody answered. */
function readTransfer(form: Form, gen: number): readonly CarrierEvent[] | string {
  const status = form.get("DialStatus");
  if (status === undefined || !WORD.test(status)) return "DialStatus";
  const reached = status === "completed" && form.get("DialBLegUUID") !== undefined;
  return [{ type: "transfer-ended", gen, reached }];
}

function readOffer(form: Form, direction: Offer["direction"] | null): Offer | string {
  if (direction === null) return "Direction";
  const from = form.get("From") ?? "";
  const to = form.get("To");
  if (!PARTY.test(from)) return "From";
  if (to === undefined || !PARTY.test(to)) return "To";
  const attestation = direction === "inbound" ? attestationOf(form) : null;
  return { direction, from: international(from), to: international(to), attestation };
}

/** Plivo writes numbers without their plus. Everything else (`anonymous`, `sip:…`, a short code) stays as it is. */
const international = (party: string): string => (isE164(`+${party}`) ? `+${party}` : party);

/**
 * "Verified is equivalent to attestation level A", for calls in both directions
 * (https://docs.plivo.com/docs/voice/concepts/stir-shaken). Every other word is nothing.
 */
const attestationOf = (form: Form): Offer["attestation"] =>
  form.get("STIRVerification") === "Verified" ? "A" : null;
