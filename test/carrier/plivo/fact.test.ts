import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plivoWebhook } from "../../../src/carrier/plivo/webhook.ts";
import {
  CALL_UUID,
  factOf,
  FIELDS,
  INCOMING,
  raw,
  receive,
  SETTINGS,
  WEBHOOK,
  type Fields,
} from "./fixtures.ts";

const STATUS = "?call=vc_1&event=status";
const TURN = "?call=vc_1&turn=tok-1_A";
const OTHER_UUID = "9b0d7a14-58c0-11e1-86da-adf28403fe48";

const events = (query: string, fields: Fields): unknown => factOf(query, { ...FIELDS, ...fields }).events;
const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

const hangup = (fields: Fields): Fields => ({ Event: "Hangup", Duration: "12", ...fields });

describe("a report", () => {
  it("tells about the call it was asked for and wants nothing", () => {
    expect(factOf(STATUS, { ...FIELDS, Event: "Ring", CallStatus: "ringing" })).toMatchObject({
      carrier: "plivo",
      callId: "vc_1",
      carrierCallId: CALL_UUID,
      events: [{ type: "ringing" }],
      wants: "nothing",
      offer: null,
    });
  });

  it("of ringing that comes late is still one of ringing", () => {
    expect(events(STATUS, { Event: "Ring", CallStatus: "completed" })).toEqual([{ type: "ringing" }]);
  });

  it.each([
    ["queued", "initiated"],
    ["ringing", "ringing"],
    ["in-progress", "answered"],
  ])("without an event says with CallStatus %s: %s", (CallStatus, type) => {
    expect(events(STATUS, { CallStatus })).toEqual([{ type }]);
  });

  it.each([
    ["completed", "4000", "Callee", "completed", "them", "completed"],
    ["completed", "4000", "API Request", "completed", "us", "completed"],
    ["completed", "4000", "Answer XML", "completed", "us", "completed"],
    ["completed", "4010", "Plivo", "completed", "carrier", "completed (4010)"],
    ["busy", "3010", "Callee", "busy", "them", "busy (3010)"],
    ["busy", "3020", "Callee", "busy", "them", "busy (3020)"],
    ["no-answer", "3000", "Callee", "no-answer", "them", "no-answer (3000)"],
    ["timeout", "6010", "Plivo", "no-answer", "carrier", "timeout (6010)"],
    ["cancel", "1000", "API Request", "canceled", "us", "cancel (1000)"],
    ["failed", "2000", "Carrier", "failed", "carrier", "failed (2000)"],
    ["completed", "9100", "Plivo", "voicemail", "carrier", "completed (9100)"],
    ["completed", "8012", "Error", "failed", "carrier", "completed (8012)"],
    ["failed", "7011", "Error", "failed", "carrier", "failed (7011)"],
    ["completed", "4000", "Unknown", "completed", "unknown", "completed"],
  ])(
    "with CallStatus %s, code %s from %s ends the call as %s, by %s",
    (CallStatus, HangupCauseCode, HangupSource, outcome, hungUpBy, carrierCode) => {
      const fields = hangup({ CallStatus, HangupCauseCode, HangupSource });
      expect(events(STATUS, fields)).toMatchObject([
        { type: "ended", outcome, evidence: { source: "carrier", hungUpBy, carrierCode, durationSec: 12 } },
      ]);
    },
  );

  it.each([
    ["2000", "VC_CARRIER_TO_INVALID"],
    ["2030", "VC_CARRIER_GEO"],
    ["2040", "VC_CARRIER_BLOCKED"],
    ["2070", "VC_CARRIER_BLOCKED"],
    ["3030", "VC_CARRIER_FROM_INVALID"],
    ["5030", "VC_CARRIER_RATE"],
  ])("of a call that Plivo refused later, with code %s, says so: %s", (HangupCauseCode, error) => {
    expect(events(STATUS, hangup({ CallStatus: "failed", HangupCauseCode }))).toMatchObject([
      { outcome: "failed", evidence: { error } },
    ]);
  });

  it("without a cause is known by its status alone", () => {
    expect(events(STATUS, { CallStatus: "busy" })).toEqual([
      {
        type: "ended",
        outcome: "busy",
        evidence: { source: "carrier", hungUpBy: "unknown", carrierCode: "busy" },
      },
    ]);
  });

  it.each([
    ["true", "machine"],
    ["True", "machine"],
    ["false", "human"],
    ["maybe", "unknown"],
  ])("of the machine detection with Machine=%s says that a %s answered, and nothing else", (Machine, by) => {
    expect(events(STATUS, { Event: "MachineDetection", Machine, IfMachine: "true" })).toEqual([
      { type: "detected", by },
    ]);
  });

  it("is of the call by which its request is known, if that has another id", () => {
    const other = { ...FIELDS, Event: "Ring", CallUUID: OTHER_UUID, ALegUUID: OTHER_UUID };
    expect(factOf(STATUS, other).carrierCallId).toBe(CALL_UUID);
    expect(factOf(STATUS, without(other, "RequestUUID")).carrierCallId).toBe(CALL_UUID);
    expect(factOf(STATUS, without(other, "RequestUUID", "ALegRequestUUID")).carrierCallId).toBe(OTHER_UUID);
  });
});

describe("the result of a listening turn", () => {
  const heard = { InputType: "speech", Digits: "", SpeechConfidenceScore: "0.91", BilledAmount: "0.005" };

  it("is the words, stamped with the token of their turn", () => {
    expect(factOf(TURN, { ...FIELDS, ...heard, Speech: " Hello there. " })).toMatchObject({
      callId: "vc_1",
      wants: "document",
      offer: null,
      events: [{ type: "speech", token: "tok-1_A", text: "Hello there.", confidence: 0.91 }],
    });
  });

  it("leaves a confidence out that is none", () => {
    for (const SpeechConfidenceScore of ["", "high", "7", "-1"]) {
      expect(events(TURN, { ...heard, Speech: "yes", SpeechConfidenceScore })).toEqual([
        { type: "speech", token: "tok-1_A", text: "yes" },
      ]);
    }
  });

  it("is the digits, or both as one answer, or silence", () => {
    const token = "tok-1_A";
    expect(events(TURN, { InputType: "dtmf", Digits: "12*", Speech: "" })).toEqual([
      { type: "digits", token, digits: "12*" },
    ]);
    expect(events(TURN, { Digits: "12", Speech: "yes" })).toEqual([
      { type: "speech", token, text: "yes [digits 12]" },
    ]);
    expect(events(TURN, { Digits: "", Speech: "" })).toEqual([{ type: "silence", token }]);
  });

  it("is silence where Plivo went on behind the element", () => {
    expect(factOf("?call=vc_1&silence=tok-1_A", FIELDS)).toMatchObject({
      wants: "document",
      events: [{ type: "silence", token: "tok-1_A" }],
    });
  });

  it("comes before the end when the caller has hung up", () => {
    expect(events(TURN, { ...heard, Speech: "bye", CallStatus: "completed" })).toMatchObject([
      { type: "speech", text: "bye" },
      { type: "ended", outcome: "completed" },
    ]);
  });
});

describe("a request for a document", () => {
  it("asks for the words of its generation, or what to do now", () => {
    expect(factOf("?call=vc_1&words=7-n-1", { ...FIELDS, Event: "StartApp" })).toMatchObject({
      wants: "document",
      offer: null,
      events: [{ type: "fetched", gen: 7 }],
    });
    expect(factOf("?call=vc_1&fetch=n1", FIELDS).events).toEqual([{ type: "fetched" }]);
  });

  it("tells what the detector found before its own facts", () => {
    expect(events("?call=vc_1&words=1-n", { Event: "StartApp", Machine: "true" })).toEqual([
      { type: "detected", by: "machine" },
      { type: "fetched", gen: 1 },
    ]);
  });

  it("tells that a machine's greeting is over", () => {
    expect(events("?call=vc_1&beep=n1", {})).toEqual([{ type: "detected", by: "machine", over: true }]);
  });

  it.each([
    ["completed", OTHER_UUID, true],
    ["completed", "", false],
    ["busy", "", false],
    ["no-answer", "", false],
    ["timeout", "", false],
    ["cancel", "", false],
    ["failed", OTHER_UUID, false],
  ])("tells how a hand-over ended: DialStatus %s", (DialStatus, DialBLegUUID, reached) => {
    expect(events("?call=vc_1&transfer=3-n1", { DialStatus, DialBLegUUID })).toEqual([
      { type: "transfer-ended", gen: 3, reached },
    ]);
  });
});

describe("a request without a call of ours", () => {
  it("is somebody calling one of our numbers, written as Plivo does without plus", () => {
    expect(factOf("", { ...INCOMING, STIRVerification: "Verified" })).toMatchObject({
      callId: null,
      carrierCallId: CALL_UUID,
      events: [{ type: "ringing" }],
      wants: "document",
      offer: { direction: "inbound", from: "+15550107777", to: "+15550101000", attestation: "A" },
    });
  });

  it("is one that rings even where Plivo says that it is in progress: our document answers it", () => {
    expect(factOf("", { ...INCOMING, CallStatus: "in-progress" }).events).toEqual([{ type: "ringing" }]);
  });

  it.each([
    ["Verified", "A"],
    ["Not Verified", null],
    ["Not Applicable", null],
    ["verified", null],
    ["", null],
  ])("with STIRVerification %s is attested %s", (STIRVerification, attestation) => {
    expect(factOf("", { ...INCOMING, STIRVerification }).offer).toMatchObject({ attestation });
  });

  it("hands on withheld and odd callers as they are", () => {
    for (const From of ["anonymous", "Restricted", "sip:bob@example.test", "12345", "+15550107777", "007"]) {
      expect(factOf("", { ...INCOMING, From }).offer).toMatchObject({ from: From });
    }
    expect(factOf("", { ...INCOMING, From: "" }).offer).toMatchObject({ from: "" });
    expect(factOf("", without(INCOMING, "From")).offer).toMatchObject({ from: "" });
  });

  it("may be an outbound call that somebody else has made with this webhook", () => {
    expect(factOf("", FIELDS)).toMatchObject({
      events: [{ type: "answered" }],
      offer: { direction: "outbound", from: "+15550101000", to: "+15550101234", attestation: null },
    });
  });

  it("that tells of an end offers nothing, at the hangup URL or at the answer URL", () => {
    const over = { ...INCOMING, ...hangup({ CallStatus: "completed", HangupCauseCode: "4000" }) };
    const fact = factOf("", { ...over, HangupSource: "Caller" });
    expect(fact).toMatchObject({
      callId: null,
      carrierCallId: CALL_UUID,
      offer: null,
      wants: "nothing",
      events: [{ type: "ended", outcome: "completed", evidence: { hungUpBy: "them", durationSec: 12 } }],
    });
  });

  it("that we refused ends as rejected", () => {
    for (const [HangupCauseCode, CallStatus] of [
      ["3020", "busy"],
      ["3010", "busy"],
    ] as const) {
      const fields = { ...hangup({ CallStatus, HangupCauseCode }), HangupSource: "Answer XML" };
      expect(events("", { ...INCOMING, ...fields })).toMatchObject([
        { type: "ended", outcome: "rejected", evidence: { hungUpBy: "us" } },
      ]);
    }
  });

  it("may have more in its query than we know", () => {
    expect(factOf("?tenant=7", INCOMING)).toMatchObject({ callId: null, wants: "document" });
  });
});

describe("a genuine request that cannot be right", () => {
  it.each<[string, string, Fields]>([
    ["no CallUUID", STATUS, { CallUUID: "" }],
    ["a malformed CallUUID", STATUS, { CallUUID: "../Account" }],
    ["a malformed RequestUUID", STATUS, { RequestUUID: "a b" }],
    ["an unknown CallStatus", STATUS, { CallStatus: "sleeping" }],
    ["an odd Event", STATUS, { Event: "<Ring>" }],
    ["a direction that is none", STATUS, { Direction: "sideways" }],
    ["a duration that is no number", STATUS, { CallStatus: "completed", Duration: "1e9" }],
    ["a malformed cause", STATUS, { CallStatus: "completed", HangupCauseCode: "40x" }],
    ["an odd source", STATUS, { CallStatus: "completed", HangupSource: "me; drop" }],
    ["a report of nothing", STATUS, { CallStatus: "" }],
    ["a detection of nothing", STATUS, { Event: "MachineDetection" }],
    ["digits that no key makes", TURN, { Digits: "12; drop" }],
    ["a hand-over without a result", "?call=vc_1&transfer=1-n", {}],
    ["an odd result of a hand-over", "?call=vc_1&transfer=1-n", { DialStatus: "42" }],
    ["an unknown event", "?call=vc_1&event=other", {}],
    ["an unknown kind", "?call=vc_1&other=1", {}],
    ["a call without a kind", "?call=vc_1", {}],
    ["a turn without a call", "?turn=abc", {}],
    ["two kinds", "?call=vc_1&turn=a&fetch=b", {}],
    ["two calls", "?call=vc_1&call=vc_2", {}],
    ["two calls and a kind", "?call=vc_1&call=vc_2&turn=a", {}],
    ["an odd token", "?call=vc_1&turn=a%20b", {}],
    ["words of no generation", "?call=vc_1&words=n1", {}],
    ["words without a call", "?words=1-n1", {}],
    ["a parameter name that Plivo never sends", STATUS, { "&turn=x": "1" }],
  ])("is answered with 400: %s", (_, query, fields) => {
    expect(receive(query, { ...FIELDS, ...fields })).toMatchObject({ ok: false, status: 400 });
  });

  it.each<[string, Fields]>([
    ["to nobody", { To: "" }],
    ["from a control character", { From: "+1\u0000" }],
    ["in no direction", { Direction: "" }],
  ])("is answered with 400: a call %s", (_, fields) => {
    expect(receive("", { ...INCOMING, ...fields })).toMatchObject({ ok: false, status: 400 });
  });

  it("is answered with 400: a name that comes twice", () => {
    const url = `${WEBHOOK}${STATUS}`;
    const body = `${new URLSearchParams(FIELDS).toString()}&CallStatus=completed`;
    const webhook = plivoWebhook(SETTINGS);
    const headers = webhook.sign?.({ url, body }) ?? {};
    expect(webhook.receive(raw(url, body, headers), url, 0)).toMatchObject({ status: 400 });
  });

  it("is answered with 400: a URL that is none", () => {
    const request = { method: "POST", target: "/", headers: {}, body: Buffer.alloc(0) };
    expect(plivoWebhook(SETTINGS).receive(request, "//", 0)).toMatchObject({ status: 400 });
  });
});

const STREAM = "?call=vc_1&stream=tok-1_A";
/** https://docs.plivo.com/docs/voice/xml/audiostream, "Parameters sent to the statusCallbackUrl". */
const aboutStream = (Event: string): Fields => ({
  CallUUID: CALL_UUID,
  Event,
  From: "15550101000",
  ServiceURL: "wss://voice.example.test/voice/stream/tok-1_A",
  StreamID: "20170ada-f610-433b-8758-c02a2aab3662",
  Timestamp: "2026-10-01 12:00:00.000000",
  To: "15550101234",
});

describe("a callback about a stream", () => {
  it("that was dropped tells which one, and wants nothing", () => {
    expect(factOf(STREAM, aboutStream("DroppedStream"))).toMatchObject({
      callId: "vc_1",
      carrierCallId: null,
      events: [{ type: "stream-failed", token: "tok-1_A" }],
      wants: "nothing",
      offer: null,
    });
  });

  it.each(["StartStream", "StopStream", "DegradedStream", "PlayedStream", "ClearedAudio"])(
    "with %s says nothing new",
    (word) => {
      expect(factOf(STREAM, aboutStream(word))).toMatchObject({ events: [], wants: "nothing" });
    },
  );
});

// ---------------------------------------------------------------- whatever comes

const NAMES = [
  ...Object.keys(FIELDS),
  "Event",
  "Machine",
  "Speech",
  "Digits",
  "SpeechConfidenceScore",
  "Duration",
  "HangupCauseCode",
  "HangupSource",
  "DialStatus",
  "STIRVerification",
];
const QUERIES = [
  "",
  STATUS,
  TURN,
  "?call=vc_1&silence=t",
  "?call=vc_1&words=1-n",
  "?call=vc_1&transfer=1-n",
  "?call=vc_1&stream=t",
];
const KNOWN = ["completed", "Hangup", "true", "12", "-1", CALL_UUID, "inbound", "\u0000", "💥", "%", "&=?#."];

const value = fc.oneof(fc.constantFrom(...KNOWN), fc.string({ unit: "binary", maxLength: 20 }));
const hostile = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 9 })), value));

describe("whatever is sent", () => {
  const skip = plivoWebhook({ ...SETTINGS, skipSignatureVerification: true });

  it("as fields is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUERIES), hostile, fc.boolean(), (query, pairs, whole) => {
        const fields = whole ? { ...FIELDS, ...Object.fromEntries(pairs) } : Object.fromEntries(pairs);
        const url = WEBHOOK + query;
        const verdict = skip.receive(raw(url, new URLSearchParams(fields).toString(), {}), url, 0);
        const said = verdict.ok ? String(verdict.fact.carrierCallId) : String(verdict.status);
        expect(said).toMatch(verdict.ok ? /^([0-9A-Za-z-]{8,64}|null)$/ : /^400$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("as bytes and query is refused, never thrown at", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const query = fc.string({ maxLength: 40 }).map((text) => `?${text.replace(/[#\s]/g, "")}`);
    fc.assert(
      fc.property(bytes, query, (body, target) => {
        const url = WEBHOOK + target;
        const request = { method: "POST", target, headers: {}, body: Buffer.from(body) };
        expect(skip.receive(request, url, 0).ok).toBe(false);
        expect(plivoWebhook(SETTINGS).receive(request, url, 0)).toMatchObject({ ok: false, status: 401 });
      }),
    );
  });
});
