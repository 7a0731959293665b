import type { CarrierEvent } from "../../call/event.ts";
import type { CarrierFact, Offer } from "../../call/ports.ts";
import { PARTY } from "../shapes.ts";
import { endOf, wasReached } from "./cause.ts";
import { readState, type ClientState } from "./client-state.ts";
import { asRecord, field, textField, type Json } from "../record.ts";
import { CALL_CONTROL_ID } from "./snapshot.ts";

type Reading = Omit<CarrierFact, "carrier" | "claim">;

/** The signed part of a webhook that says what kind of event it is. */
export interface Envelope {
  /** The same in every attempt to deliver it. */
  readonly id: string;
  readonly type: string;
  /** Epoch ms, Telnyx's clock. */
  readonly occurredAt: number;
  readonly payload: Json;
}

const ID = /^[!-~]{1,200}$/;
const TYPE = /^[a-z_]+(\.[a-z_]+)*$/;
const WORD = /^[a-z_]{1,64}$/;
const SIP = /^[A-Za-z0-9 _.-]{1,64}$/;
const KEY = /^[0-9A-Da-d*#]$/;
const STREAM_URL = /^wss?:\/\/[!-~]{1,2000}\/[A-Za-z0-9_-]{1,128}$/;
/** Nobody says more in one breath. */
const TRANSCRIPT = /^.{0,20000}$/s;

/** Reads `{data: {event_type, id, occurred_at, payload}}`, or says what is wrong with it. */
export function readEnvelope(body: unknown, now: number): Envelope | string {
  const data = asRecord(field(asRecord(body) ?? {}, "data"));
  if (data === null) return "data";
  const id = textField(data, "id", ID);
  if (!id) return "id";
  const type = textField(data, "event_type", TYPE);
  if (!type || type.length > 100) return "event_type";
  const payload = asRecord(field(data, "payload") ?? {});
  if (payload === null) return "payload";
  const occurred = field(data, "occurred_at");
  const at = typeof occurred === "string" ? Date.parse(occurred) : Number.NaN;
  return { id, type, occurredAt: Number.isNaN(at) ? now : at, payload };
}

/**
 * What an event says, or which of its fields cannot be right. Fields and events that are not known are left alone:
 * Telnyx adds some without notice. Our call id is taken from the state inside the signed body alone, the query of the
 * URL is not signed.
 */
export function readFact(envelope: Envelope): Reading | string {
  const { payload, type } = envelope;
  const id = textField(payload, "call_control_id", CALL_CONTROL_ID);
  if (id === undefined) return "call_control_id";
  const state = readState(field(payload, "client_state"));
  if (state?.mark === "other-leg") return readOtherLeg(envelope, state);

  const about = { callId: state?.callId ?? null, carrierCallId: id, wants: "nothing" } as const;
  if (type === "call.initiated") {
    if (id === null) return "call_control_id";
    const offer = readOffer(payload);
    if (typeof offer === "string") return offer;
    if (offer.direction === "inbound") return { ...about, events: [], offer };
    // A call of ours is recognised by our state, or, where that is missing, by its numbers.
    return { ...about, events: [{ type: "initiated" }], offer: state === null ? offer : null };
  }
  const read = READERS[type];
  const events = Object.hasOwn(READERS, type) && read !== undefined ? read(envelope, state) : [];
  if (typeof events === "string") return events;
  if (events.length > 0 && id === null) return "call_control_id";
  return { ...about, events, offer: null };
}

/** The leg to the number that the caller is handed over to: of it only the end counts, as a fact about the caller's call. */
function readOtherLeg({ type, payload }: Envelope, { callId, gen }: ClientState): Reading | string {
  const about = { callId, carrierCallId: null, wants: "nothing", offer: null } as const;
  if (type !== "call.hangup") return { ...about, events: [] };
  const cause = textField(payload, "hangup_cause", WORD);
  if (cause === undefined) return "hangup_cause";
  return { ...about, events: [{ type: "transfer-ended", gen, reached: wasReached(cause ?? "") }] };
}

type Reader = (envelope: Envelope, state: ClientState | null) => readonly CarrierEvent[] | string;

const READERS: Readonly<Record<string, Reader>> = {
  "call.answered": () => [{ type: "answered" }],
  "call.hangup": ({ payload }, state) => {
    const cause = textField(payload, "hangup_cause", WORD);
    const source = textField(payload, "hangup_source", WORD);
    const sip = textField(payload, "sip_hangup_cause", SIP);
    if (cause === undefined) return "hangup_cause";
    if (source === undefined) return "hangup_source";
    if (sip === undefined) return "sip_hangup_cause";
    const direction = state?.direction ?? null;
    return [endOf({ cause: cause ?? "unspecified", source: source ?? "", sip: sip ?? "", direction })];
  },
  "call.speak.ended": ({ payload }, state) => {
    const status = textField(payload, "status", WORD);
    if (status === undefined) return "status";
    return status === "completed" && state?.mark === "words" ? [{ type: "played", gen: state.gen }] : [];
  },
  "call.transcription": ({ payload, occurredAt }, state) => readHeard(payload, occurredAt, state),
  // That it started or stopped is seen on the socket itself.
  "streaming.failed": ({ payload }) => [{ type: "stream-failed", token: tokenOf(payload) }],
  "call.dtmf.received": ({ payload }) => {
    const digit = textField(payload, "digit", KEY);
    return digit ? [{ type: "key", digit: digit.toUpperCase() }] : "digit";
  },
  "call.machine.detection.ended": ({ payload }) => readVerdict(payload),
  "call.machine.premium.detection.ended": ({ payload }) => readVerdict(payload),
  "call.machine.greeting.ended": () => [{ type: "detected", by: "machine", over: true }],
  "call.machine.premium.greeting.ended": () => [{ type: "detected", by: "machine", over: true }],
};

/** The socket that failed, by the last part of its URL: the state may be that of a later command. */
function tokenOf(payload: Json): string | null {
  const params = asRecord(field(payload, "stream_params")) ?? payload;
  const url = textField(params, "stream_url", STREAM_URL);
  return url ? url.slice(url.lastIndexOf("/") + 1) : null;
}

/** `human`, `human_residence`, `human_business`, `machine`, `fax_detected`, `silence`, `not_sure`. */
function readVerdict(payload: Json): readonly CarrierEvent[] | string {
  const result = textField(payload, "result", WORD);
  if (!result) return "result";
  if (/^human(_|$)/.test(result)) return [{ type: "detected", by: "human" }];
  const machine = result === "machine" || result === "fax_detected";
  return [{ type: "detected", by: machine ? "machine" : "unknown" }];
}

/** The track is named by some engines only (SDK doc of the field); we ask for the inbound one. */
function readHeard(
  payload: Json,
  occurredAt: number,
  state: ClientState | null,
): readonly CarrierEvent[] | string {
  const data = asRecord(field(payload, "transcription_data"));
  if (data === null) return "transcription_data";
  const track = textField(data, "transcription_track", WORD);
  if (track === undefined) return "transcription_track";
  if (track !== null && track !== "inbound") return [];
  const transcript = textField(data, "transcript", TRANSCRIPT);
  if (transcript === undefined) return "transcript";
  // JSON can hold half a letter (`"\ud800"`), which neither UTF-8 nor the records can.
  const text = (transcript ?? "").toWellFormed().trim();
  if (text === "") return [];
  if (field(data, "is_final") !== true) return [{ type: "speaking" }];
  const confidence = field(data, "confidence");
  const sure = typeof confidence === "number" && confidence >= 0 && confidence <= 1 ? { confidence } : {};
  const token = state?.token ?? null;
  return [{ type: "speech", token, text, ...sure, ...(token === null ? { at: occurredAt } : {}) }];
}

function readOffer(payload: Json): Offer | string {
  const from = textField(payload, "from", PARTY);
  const to = textField(payload, "to", PARTY);
  if (from === undefined) return "from";
  if (!to) return "to";
  switch (field(payload, "direction")) {
    case "incoming":
      return { direction: "inbound", from: from ?? "", to, attestation: attestationOf(payload) };
    case "outgoing":
      return { direction: "outbound", from: from ?? "", to, attestation: null };
    default:
      return "direction";
  }
}

/** What the caller's network claims counts only where Telnyx has checked its signature. */
function attestationOf(payload: Json): Offer["attestation"] {
  const level = field(payload, "shaken_stir_attestation");
  if (field(payload, "shaken_stir_validated") !== true) return null;
  return level === "A" || level === "B" || level === "C" ? level : null;
}
