import { randomUUID } from "node:crypto";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { CarrierWebhook, RawWebhook, WebhookSettings } from "../../src/carrier/carrier.ts";
import { plivoWebhook } from "../../src/carrier/plivo/webhook.ts";
import { telnyxWebhook } from "../../src/carrier/telnyx/webhook.ts";
import { twilioWebhook } from "../../src/carrier/twilio/webhook.ts";
import * as plivo from "../carrier/plivo/fixtures.ts";
import * as telnyx from "../carrier/telnyx/fixtures.ts";
import * as twilio from "../carrier/twilio/fixtures.ts";

export const PATH = "/voice/webhook";
export const WEBHOOK = `https://voice.example.test${PATH}`;

export type Headers = Readonly<Record<string, string>>;

/** A webhook before it is signed: what is asked of us and with what words. */
export interface Draft {
  /** With its `?`, or empty. */
  readonly query: string;
  readonly body: Buffer;
}

/** A webhook as the carrier sends it. */
export interface Signed extends Draft {
  readonly headers: Headers;
}

/** One carrier as its webhooks are: real webhook part, real signatures. */
export interface SigningCarrier {
  readonly name: "twilio" | "telnyx" | "plivo";
  readonly settings: WebhookSettings;
  readonly create: (settings: WebhookSettings) => CarrierWebhook;
  /** The header with the signature. */
  readonly signatureHeader: string;
  readonly contentType: string;
  /** Headers that the carrier signs these bytes with now; `key` is another account's. */
  sign(draft: Draft, key?: string): Headers;
  /** Genuine webhooks of every kind about calls of these ids; `id` is the carrier's. */
  drafts(id: string, callId?: string): readonly Draft[];
  /** An id of a call in the carrier's own form, made of 32 hexadecimal digits. */
  callId(hex: string): string;
}

const form = (fields: Headers): Buffer => Buffer.from(new URLSearchParams(fields).toString());
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** What the official package is given of a form: one value, or all values of a repeated name. */
function params(body: Buffer): Record<string, string | string[]> {
  const read = new URLSearchParams(body.toString("utf8"));
  const found: Record<string, string | string[]> = Object.create(null);
  for (const name of read.keys()) {
    const all = [...new Set(read.getAll(name))];
    found[name] = all.length === 1 ? (all[0] ?? "") : all;
  }
  return found;
}

const TWILIO: SigningCarrier = {
  name: "twilio",
  settings: twilio.SETTINGS,
  create: twilioWebhook,
  signatureHeader: "x-twilio-signature",
  contentType: "application/x-www-form-urlencoded; charset=UTF-8",
  sign: ({ query, body }, key = twilio.TOKEN) => ({
    "x-twilio-signature": getExpectedTwilioSignature(key, WEBHOOK + query, params(body)),
  }),
  drafts(id, callId = "vc_1") {
    const fields = { ...twilio.FIELDS, CallSid: id };
    const offer = { ...fields, Direction: "inbound", CallStatus: "ringing", From: "+15550101234" };
    const spoken = { ...fields, SpeechResult: "Yes, at eight, please.", Confidence: "0.93" };
    const ended = { ...fields, CallStatus: "completed", CallDuration: "42", SipResponseCode: "200" };
    return [
      { query: `?call=${callId}&event=status`, body: form({ ...fields, CallStatus: "ringing" }) },
      { query: `?call=${callId}&event=status`, body: form(ended) },
      { query: `?call=${callId}&event=machine`, body: form({ ...fields, AnsweredBy: "machine_end_beep" }) },
      { query: `?call=${callId}&turn=tok_1`, body: form(spoken) },
      { query: `?call=${callId}&turn=tok_1`, body: form({ ...fields, Digits: "12#" }) },
      { query: `?call=${callId}&fetch=n_1`, body: form(fields) },
      { query: `?call=${callId}&words=2-n_1`, body: form(fields) },
      { query: `?call=${callId}&transfer=2-n_1`, body: form({ ...fields, DialCallStatus: "completed" }) },
      { query: "", body: form(offer) },
      { query: "?tenant=a", body: form({ ...offer, From: "anonymous" }) },
    ];
  },
  callId: (hex) => `CA${hex}`,
};

const PLIVO: SigningCarrier = {
  name: "plivo",
  settings: plivo.SETTINGS,
  create: plivoWebhook,
  signatureHeader: "x-plivo-signature-v3",
  contentType: "application/x-www-form-urlencoded",
  sign: ({ query, body }, key = plivo.TOKEN) =>
    plivoWebhook({ ...plivo.SETTINGS, secrets: { authToken: key } }).sign?.({
      url: WEBHOOK + query,
      body: body.toString("utf8"),
    }) ?? {},
  drafts(id, callId = "vc_1") {
    const fields = {
      ...plivo.FIELDS,
      CallUUID: id,
      RequestUUID: id,
      ALegRequestUUID: id,
      ALegUUID: id,
    };
    const offer = { ...plivo.INCOMING, CallUUID: id };
    const spoken = {
      ...fields,
      InputType: "speech",
      Speech: "Yes, at eight, please.",
      SpeechConfidenceScore: "0.93",
    };
    const ended = {
      ...fields,
      CallStatus: "completed",
      Event: "Hangup",
      Duration: "42",
      HangupCauseCode: "4000",
    };
    return [
      {
        query: `?call=${callId}&event=status`,
        body: form({ ...fields, Event: "Ring", CallStatus: "ringing" }),
      },
      { query: `?call=${callId}&event=status`, body: form(ended) },
      {
        query: `?call=${callId}&event=status`,
        body: form({ ...fields, Event: "MachineDetection", Machine: "true" }),
      },
      { query: `?call=${callId}&turn=tok_1`, body: form(spoken) },
      { query: `?call=${callId}&turn=tok_1`, body: form({ ...fields, InputType: "dtmf", Digits: "12#" }) },
      { query: `?call=${callId}&silence=tok_1`, body: form(fields) },
      { query: `?call=${callId}&fetch=n_1`, body: form(fields) },
      { query: `?call=${callId}&words=2-n_1`, body: form(fields) },
      { query: `?call=${callId}&transfer=2-n_1`, body: form({ ...fields, DialStatus: "completed" }) },
      { query: "", body: form(offer) },
      { query: "?tenant=a", body: form({ ...offer, From: "anonymous" }) },
    ];
  },
  callId: (hex) =>
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
};

const TELNYX: SigningCarrier = {
  name: "telnyx",
  settings: telnyx.SETTINGS,
  create: telnyxWebhook,
  signatureHeader: "telnyx-signature-ed25519",
  contentType: "application/json",
  sign: ({ body }, key) => {
    const stamp = telnyx.timestamp();
    const signature = telnyx.signed(key === undefined ? stamp : `${stamp}${key}`, body);
    return { "telnyx-timestamp": stamp, "telnyx-signature-ed25519": signature };
  },
  drafts(id, callId = "vc_1") {
    const state = telnyx.stateOf({ callId, token: "tok_1" });
    const words = telnyx.stateOf({ callId, mark: "words" });
    const event = (type: string, payload: object): Draft => ({
      query: `?call=${callId}`,
      body: json(
        telnyx.event(type, { call_control_id: id, client_state: state, ...payload }, { id: randomUUID() }),
      ),
    });
    const said = { transcript: "Yes, at eight, please.", is_final: true, confidence: 0.93 };
    const offer = { client_state: null, direction: "incoming", from: "+15550101234", to: telnyx.OURS };
    const ended = { hangup_cause: "normal_clearing", hangup_source: "callee", sip_hangup_cause: "200" };
    return [
      event("call.answered", {}),
      event("call.hangup", ended),
      event("call.machine.detection.ended", { result: "machine" }),
      event("call.transcription", { transcription_data: said }),
      event("call.dtmf.received", { digit: "5" }),
      event("call.speak.ended", { client_state: words, status: "completed" }),
      event("call.initiated", offer),
      event("call.initiated", { ...offer, from: "anonymous" }),
    ];
  },
  callId: (hex) => `v3:${hex}`,
};

/** The carriers that a stranger can write to. The mock carrier has no listener: its facts never leave the process. */
export const CARRIERS: readonly SigningCarrier[] = [TWILIO, TELNYX, PLIVO];

/** A webhook of that carrier, signed now. */
export const signed = (carrier: SigningCarrier, draft: Draft): Signed => ({
  ...draft,
  headers: carrier.sign(draft),
});

/** As the edge hands it to the carrier's part. */
export function rawOf(
  carrier: SigningCarrier,
  { query, body, headers }: Signed,
  method = "POST",
): RawWebhook {
  return {
    method,
    target: PATH + query,
    headers: { host: "voice.example.test", "content-type": carrier.contentType, ...headers },
    body,
  };
}

/** What the carrier's part makes of it. */
export async function judge(
  carrier: SigningCarrier,
  request: Signed,
  webhook: CarrierWebhook = carrier.create(carrier.settings),
) {
  return webhook.receive(rawOf(carrier, request), WEBHOOK + request.query, Date.now());
}
