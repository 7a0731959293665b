import { describe, expect, it } from "vitest";
import {
  CALL_SID,
  factOf,
  FIELDS,
  receive,
  SETTINGS,
  raw,
  TOKEN,
  WEBHOOK,
  ACCOUNT,
  type Fields,
} from "./fixtures.ts";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { twilioWebhook } from "../../../src/carrier/twilio/webhook.ts";

const STATUS = "?call=vc_1&event=status";
const TURN = "?call=vc_1&turn=tok-1_A";
const FETCH = "?call=vc_1&fetch=n1";
const MACHINE = "?call=vc_1&event=machine";
const TRANSFER = "?call=vc_1&transfer=7-n-1";
const STREAM = "?call=vc_1&stream=tok-1_A";

/** What Twilio sends about a stream; it tells nothing about the call itself. */
const ABOUT_STREAM: Fields = {
  AccountSid: ACCOUNT,
  CallSid: CALL_SID,
  StreamSid: `MZ${"2c".repeat(16)}`,
  StreamName: `MZ${"2c".repeat(16)}`,
  Timestamp: "2026-10-01T12:00:00.000Z",
};

const events = (query: string, fields: Fields): unknown => factOf(query, { ...FIELDS, ...fields }).events;

describe("a callback about a stream", () => {
  it("that failed tells which one, and wants nothing", () => {
    const failed = { ...ABOUT_STREAM, StreamEvent: "stream-error", StreamError: "31920: handshake" };
    expect(factOf(STREAM, failed)).toMatchObject({
      callId: "vc_1",
      carrierCallId: CALL_SID,
      events: [{ type: "stream-failed", token: "tok-1_A" }],
      wants: "nothing",
      offer: null,
    });
  });

  it.each(["stream-started", "stream-stopped", "stream-of-tomorrow"])("with %s says nothing new", (word) => {
    expect(factOf(STREAM, { ...ABOUT_STREAM, StreamEvent: word }).events).toEqual([]);
  });

  it.each([undefined, "", "started", "stream-\u0000"])("with StreamEvent %j is answered with 400", (word) => {
    const fields = word === undefined ? ABOUT_STREAM : { ...ABOUT_STREAM, StreamEvent: word };
    expect(receive(STREAM, fields)).toEqual({ ok: false, status: 400, reason: "StreamEvent" });
  });
});

describe("a status callback", () => {
  it("tells about the call it was asked for and wants nothing", () => {
    expect(factOf(STATUS, { ...FIELDS, CallStatus: "ringing" })).toMatchObject({
      carrier: "twilio",
      callId: "vc_1",
      carrierCallId: CALL_SID,
      events: [{ type: "ringing" }],
      wants: "nothing",
      offer: null,
    });
  });

  it.each([
    ["queued", "initiated"],
    ["initiated", "initiated"],
    ["ringing", "ringing"],
    ["in-progress", "answered"],
  ])("with CallStatus %s says %s", (CallStatus, type) => {
    expect(events(STATUS, { CallStatus })).toEqual([{ type }]);
  });

  it.each([
    ["completed", "200", "completed"],
    ["busy", "486", "busy (SIP 486)"],
    ["no-answer", "487", "no-answer (SIP 487)"],
    ["canceled", "487", "canceled (SIP 487)"],
    ["failed", "404", "failed (SIP 404)"],
  ])("with CallStatus %s ends the call so, with its evidence", (CallStatus, SipResponseCode, carrierCode) => {
    expect(events(STATUS, { CallStatus, SipResponseCode, CallDuration: "12" })).toEqual([
      {
        type: "ended",
        outcome: CallStatus,
        evidence: { source: "carrier", hungUpBy: "unknown", carrierCode, durationSec: 12 },
      },
    ]);
  });

  it.each([
    ["human", "human", {}],
    ["machine_start", "machine", {}],
    ["machine_end_beep", "machine", { over: true }],
    ["machine_end_silence", "machine", { over: true }],
    ["machine_end_other", "machine", { over: true }],
    ["fax", "machine", { over: true }],
    ["unknown", "unknown", {}],
    ["a word of tomorrow", "unknown", {}],
  ])("with AnsweredBy %s tells that a %s answered", (AnsweredBy, by, over) => {
    const detected = { type: "detected", by, ...over };
    expect(events(STATUS, { AnsweredBy })).toEqual([{ type: "answered" }, detected]);
    expect(events(STATUS, { AnsweredBy, CallStatus: "completed" })).toMatchObject([
      { type: "detected", by },
      { type: "ended" },
    ]);
  });

  it("may hold nothing but the detector's word", () => {
    const { CallStatus: _, ...without } = FIELDS;
    expect(factOf(STATUS, { ...without, AnsweredBy: "machine_start" }).events).toEqual([
      { type: "detected", by: "machine" },
    ]);
    expect(receive(STATUS, without)).toMatchObject({ ok: false, status: 400 });
  });
});

describe("the result of a listening turn", () => {
  it("is the words, stamped with the token of their turn", () => {
    expect(factOf(TURN, { ...FIELDS, SpeechResult: " Hello there. ", Confidence: "0.91" })).toMatchObject({
      callId: "vc_1",
      wants: "document",
      offer: null,
      events: [{ type: "speech", token: "tok-1_A", text: "Hello there.", confidence: 0.91 }],
    });
  });

  it("leaves a confidence out that is none", () => {
    for (const Confidence of ["", "high", "7", "-1"]) {
      const heard = events(TURN, { SpeechResult: "yes", ...(Confidence === "" ? {} : { Confidence }) });
      expect(heard).toEqual([{ type: "speech", token: "tok-1_A", text: "yes" }]);
    }
  });

  it("is the digits, or both as one answer, or silence", () => {
    const token = "tok-1_A";
    const digits = { type: "digits", token, digits: "12*" };
    const both = { type: "speech", token, text: "yes [digits 12*]" };
    expect(events(TURN, { Digits: "12*" })).toEqual([digits]);
    expect(events(TURN, { Digits: "12*", SpeechResult: "yes" })).toEqual([both]);
    expect(events(TURN, { SpeechResult: "", Digits: "" })).toEqual([{ type: "silence", token }]);
  });

  it("comes before the end when the caller has hung up", () => {
    expect(events(TURN, { SpeechResult: "bye", CallStatus: "completed" })).toMatchObject([
      { type: "speech", text: "bye" },
      { type: "ended", outcome: "completed" },
    ]);
  });
});

/** All that it has. */
const verdict = (AnsweredBy: string): Fields => ({
  AccountSid: ACCOUNT,
  CallSid: CALL_SID,
  AnsweredBy,
  MachineDetectionDuration: "3280",
});

describe("the callback of the answering machine detection", () => {
  it("tells the verdict of our call from four fields, and wants nothing", () => {
    expect(factOf(MACHINE, verdict("machine_start"))).toMatchObject({
      callId: "vc_1",
      carrierCallId: CALL_SID,
      events: [{ type: "detected", by: "machine" }],
      wants: "nothing",
      offer: null,
    });
    expect(factOf(MACHINE, verdict("machine_end_beep")).events).toEqual([
      { type: "detected", by: "machine", over: true },
    ]);
  });

  it("without a verdict is not understood", () => {
    const { AnsweredBy: _, ...nothing } = verdict("human");
    expect(receive(MACHINE, nothing)).toEqual({ ok: false, status: 400, reason: "AnsweredBy" });
  });
});

describe("the end of a hand-over", () => {
  it.each([
    ["completed", true],
    ["answered", true],
    ["busy", false],
    ["no-answer", false],
    ["failed", false],
    ["canceled", false],
  ])("with DialCallStatus %s says whether the two have talked: %s", (DialCallStatus, reached) => {
    expect(factOf(TRANSFER, { ...FIELDS, DialCallStatus })).toMatchObject({
      wants: "document",
      events: [{ type: "transfer-ended", gen: 7, reached }],
    });
  });

  it("comes before the end of the call, when the caller has hung up meanwhile", () => {
    const fields = { DialCallStatus: "completed", CallStatus: "completed" };
    expect(events(TRANSFER, fields)).toMatchObject([{ type: "transfer-ended" }, { type: "ended" }]);
  });
});

describe("a document request", () => {
  it("tells what the detector found, before its own facts", () => {
    for (const [query, type] of [
      [FETCH, "fetched"],
      [TURN, "silence"],
    ] as const) {
      const both = [{ type: "detected", by: "machine" }, { type }];
      expect(events(query, { AnsweredBy: "machine_end_beep" })).toMatchObject(both);
    }
  });
});

describe("a fetch", () => {
  it("asks what to do", () => {
    expect(factOf(FETCH, FIELDS)).toMatchObject({
      callId: "vc_1",
      wants: "document",
      events: [{ type: "fetched" }],
      offer: null,
    });
  });

  it("asks for the words that it was told to fetch, by their generation", () => {
    expect(factOf("?call=vc_1&words=7-n-1", FIELDS).events).toEqual([{ type: "fetched", gen: 7 }]);
  });
});

describe("a request without a call of ours", () => {
  const inbound = { ...FIELDS, Direction: "inbound", CallStatus: "ringing", From: "+15550003333" };

  it("is somebody calling one of our numbers", () => {
    expect(factOf("", { ...inbound, StirVerstat: "TN-Validation-Passed-A" })).toMatchObject({
      callId: null,
      carrierCallId: CALL_SID,
      events: [{ type: "ringing" }],
      wants: "document",
      offer: { direction: "inbound", from: "+15550003333", to: "+15550002222", attestation: "A" },
    });
  });

  it.each([
    ["TN-Validation-Passed-B", "B"],
    ["TN-Validation-Passed-C-Passport", "C"],
    ["TN-Validation-Failed-A", null],
    ["No-TN-Validation", null],
    ["TN-Validation-Passed-Aaa", null],
  ])("with StirVerstat %s is attested %s", (StirVerstat, attestation) => {
    expect(factOf("", { ...inbound, StirVerstat }).offer).toMatchObject({ attestation });
  });

  it("hands on withheld and odd callers as they are", () => {
    for (const From of ["", "Anonymous", "+266696687", "client:alice", "sip:bob@example.test"]) {
      expect(factOf("", { ...inbound, From }).offer).toMatchObject({ from: From });
    }
  });

  it("may be an outbound call that somebody else has made with this webhook", () => {
    expect(factOf("", FIELDS).offer).toMatchObject({ direction: "outbound", attestation: null });
  });

  it("that is the number's own status callback offers nothing", () => {
    for (const CallStatus of ["ringing", "completed"]) {
      const fact = factOf("", { ...inbound, CallStatus, CallbackSource: "call-progress-events" });
      expect(fact).toMatchObject({ offer: null, wants: "nothing", carrierCallId: CALL_SID });
    }
    const ended = factOf("", { ...inbound, CallStatus: "completed", CallDuration: "7" });
    expect(ended).toMatchObject({ offer: null, wants: "nothing", events: [{ type: "ended" }] });
  });

  it("is not taken by GET, however genuine: no URL of ours is given that way", () => {
    const url = `${WEBHOOK}?${new URLSearchParams(inbound).toString()}`;
    const headers = { "x-twilio-signature": getExpectedTwilioSignature(TOKEN, url, {}) };
    const verdict = twilioWebhook(SETTINGS).receive(raw(url, "", headers, "GET"), url, 0);
    expect(verdict).toEqual({ ok: false, status: 400, reason: "method" });
  });
});

describe("a genuine request that cannot be right", () => {
  it.each<[string, string, Fields]>([
    ["no CallSid", STATUS, { CallSid: "" }],
    ["a malformed CallSid", STATUS, { CallSid: "CA1" }],
    ["an unknown CallStatus", STATUS, { CallStatus: "sleeping" }],
    ["a CallDuration that is no number", STATUS, { CallStatus: "completed", CallDuration: "1e9" }],
    ["a malformed SIP code", STATUS, { CallStatus: "failed", SipResponseCode: "4040" }],
    ["digits that no key makes", TURN, { Digits: "12; drop" }],
    ["an unknown event", "?call=vc_1&event=other", {}],
    ["a call without a kind", "?call=vc_1", {}],
    ["a turn without a call", "?turn=abc", {}],
    ["two kinds", "?call=vc_1&turn=a&fetch=b", {}],
    ["two calls", "?call=vc_1&call=vc_2&turn=a", {}],
    ["an odd token", "?call=vc_1&turn=a%20b", {}],
    ["words of no generation", "?call=vc_1&words=n1", {}],
    ["words without a call", "?words=1-n1", {}],
    ["a hand-over without a result", TRANSFER, {}],
    ["a hand-over with a result that is none", TRANSFER, { DialCallStatus: "fine" }],
    ["a hand-over of no generation", "?call=vc_1&transfer=n1", { DialCallStatus: "busy" }],
    ["a parameter name that Twilio never sends", STATUS, { "&turn=x": "1" }],
    ["an inbound call to nobody", "", { Direction: "inbound", CallStatus: "ringing", To: "" }],
    ["an inbound call from a control character", "", { Direction: "inbound", From: "+1\u0000" }],
    ["no direction", "", { Direction: "sideways" }],
  ])("is answered with 400: %s", (_, query, fields) => {
    expect(receive(query, { ...FIELDS, ...fields })).toMatchObject({ ok: false, status: 400 });
  });

  it("is answered with 400: two different values of one name", () => {
    const url = `${WEBHOOK}${STATUS}`;
    const fields = { ...FIELDS, CallStatus: ["ringing", "completed"] };
    const headers = { "x-twilio-signature": getExpectedTwilioSignature(TOKEN, url, fields) };
    const body = `${new URLSearchParams({ ...FIELDS, CallStatus: "ringing" }).toString()}&CallStatus=completed`;
    expect(twilioWebhook(SETTINGS).receive(raw(url, body, headers), url, 0)).toMatchObject({ status: 400 });
  });

  it("is answered with 400: a method that Twilio never uses", () => {
    const request = raw(`${WEBHOOK}${STATUS}`, `AccountSid=${ACCOUNT}`, { "x-twilio-signature": "x" }, "PUT");
    expect(twilioWebhook(SETTINGS).receive(request, `${WEBHOOK}${STATUS}`, 0)).toMatchObject({ status: 400 });
  });
});
