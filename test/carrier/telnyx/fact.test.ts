import { describe, expect, it } from "vitest";
import {
  CALL_CONTROL,
  event,
  eventsOf,
  factOf,
  genuine,
  OCCURRED_AT,
  OURS,
  receive,
  stateOf,
  THEIRS,
} from "./fixtures.ts";

const ENDED_AT = Date.parse(OCCURRED_AT);

/** What a live capture of an inbound call holds beyond the SDK's types. */
const INCOMING = {
  caller_id_name: THEIRS,
  calling_party_type: "pstn",
  connection_codecs: "PCMA,PCMU,VP8,H264",
  direction: "incoming",
  from: THEIRS,
  from_sip_uri: "5550100002@192.0.2.1:5060",
  offered_codecs: "PCMU,G729",
  start_time: "2026-10-01T12:00:00.076316Z",
  state: "parked",
  to: OURS,
};

const refusalOf = async (type: string, payload: object, more: object = {}) => {
  const verdict = await receive(genuine(JSON.stringify(event(type, payload, more))));
  return verdict.ok ? null : [verdict.status, verdict.reason];
};

const heard = (data: object, client_state: string | null = null) =>
  eventsOf("call.transcription", {
    client_state,
    transcription_data: { transcript: "I would like a table", confidence: 0.97, is_final: true, ...data },
  });

const endOf = async (hangup_cause: string, more: object = {}) => {
  const [ended] = await eventsOf("call.hangup", { client_state: stateOf(), hangup_cause, ...more });
  if (ended?.type !== "ended") throw new Error("not ended");
  return ended;
};

const speakEnded = (status: string, client_state: string | null) =>
  eventsOf("call.speak.ended", { status, client_state });

describe("an inbound call", () => {
  it("is offered with its direction and numbers, and nothing is answered but the receipt", async () => {
    expect(await factOf("call.initiated", INCOMING)).toEqual({
      carrier: "telnyx",
      claim: expect.any(String) as string,
      callId: null,
      carrierCallId: CALL_CONTROL,
      events: [],
      wants: "nothing",
      offer: { direction: "inbound", from: THEIRS, to: OURS, attestation: null },
    });
  });

  it.each([
    ["A", true, "A"],
    ["B", true, "B"],
    ["C", true, "C"],
    ["A", false, null],
    ["A", null, null],
    ["A", "true", null],
    ["D", true, null],
    [null, true, null],
  ])(
    "with attestation %s, validated %s, counts as %s",
    async (shaken_stir_attestation, shaken_stir_validated, attestation) => {
      const stir = { shaken_stir_attestation, shaken_stir_validated };
      expect((await factOf("call.initiated", { ...INCOMING, ...stir })).offer).toMatchObject({ attestation });
    },
  );

  it("keeps a withheld or SIP caller as Telnyx writes it", async () => {
    for (const from of ["anonymous", "sip:ann@192.0.2.7", ""]) {
      expect((await factOf("call.initiated", { ...INCOMING, from })).offer?.from).toBe(from);
    }
    const { from: _, ...nobody } = INCOMING;
    expect((await factOf("call.initiated", nobody)).offer?.from).toBe("");
  });
});

describe("an outbound call", () => {
  const outgoing = { direction: "outgoing", state: "bridging", from: OURS, to: THEIRS };

  it("of ours is known by the state in the signed body", async () => {
    const fact = await factOf("call.initiated", { ...outgoing, client_state: stateOf() });
    expect(fact).toMatchObject({ callId: "vc_1", events: [{ type: "initiated" }], offer: null });
  });

  it("without an echo of the state is told by its numbers", async () => {
    for (const client_state of [null, undefined, "", "aGVsbG8=", "Li4u", 7, { a: 1 }]) {
      const fact = await factOf("call.initiated", { ...outgoing, client_state });
      expect(fact).toMatchObject({
        callId: null,
        carrierCallId: CALL_CONTROL,
        events: [{ type: "initiated" }],
        offer: { direction: "outbound", from: OURS, to: THEIRS, attestation: null },
      });
    }
  });

  it("is never known by the query of the URL, which is not signed", async () => {
    const raw = genuine(JSON.stringify(event("call.answered", {})));
    expect(raw.target).toContain("call=vc_1");
    const verdict = await receive(raw);
    expect(verdict.ok && verdict.fact.callId).toBeNull();
  });

  it("is answered", async () => {
    const captured = { codec: "PCMU", sampling_rate: 8000, client_state: stateOf() };
    expect(await factOf("call.answered", captured)).toMatchObject({
      callId: "vc_1",
      events: [{ type: "answered" }],
    });
    expect(await eventsOf("call.answered", {})).toEqual([{ type: "answered" }]);
  });

  it.each([
    ["human", [{ type: "detected", by: "human" }]],
    ["machine", [{ type: "detected", by: "machine" }]],
    ["not_sure", [{ type: "detected", by: "unknown" }]],
    ["something_new", [{ type: "detected", by: "unknown" }]],
  ])("was picked up by %s", async (result, events) => {
    expect(await eventsOf("call.machine.detection.ended", { result })).toEqual(events);
  });

  it.each([
    ["human_residence", "human"],
    ["human_business", "human"],
    ["machine", "machine"],
    ["fax_detected", "machine"],
    ["silence", "unknown"],
    ["not_sure", "unknown"],
  ])("was picked up by %s, as the premium detection says", async (result, by) => {
    expect(await eventsOf("call.machine.premium.detection.ended", { result })).toEqual([
      { type: "detected", by },
    ]);
  });

  it.each([
    ["call.machine.greeting.ended", "beep_detected"],
    ["call.machine.greeting.ended", "ended"],
    ["call.machine.greeting.ended", "not_sure"],
    ["call.machine.premium.greeting.ended", "beep_detected"],
    ["call.machine.premium.greeting.ended", "no_beep_detected"],
  ])("may be left a message after %s %s", async (type, result) => {
    expect(await eventsOf(type, { result })).toEqual([{ type: "detected", by: "machine", over: true }]);
  });
});

describe("the end of a call", () => {
  it.each([
    ["normal_clearing", "200", "callee", "completed", "normal_clearing"],
    ["user_busy", "486", "callee", "busy", "user_busy (SIP 486)"],
    ["timeout", "487", "unknown", "no-answer", "timeout (SIP 487)"],
    ["no_answer", "unspecified", "unknown", "no-answer", "no_answer"],
    ["originator_cancel", "487", "caller", "canceled", "originator_cancel (SIP 487)"],
    ["time_limit", "unspecified", "unknown", "timeout", "time_limit"],
    ["not_found", "404", "unknown", "failed", "not_found (SIP 404)"],
    ["unspecified", "unspecified", "unknown", "failed", "unspecified"],
    ["something_new", "500", "unknown", "failed", "something_new (SIP 500)"],
    ["call_rejected", "603", "callee", "rejected", "call_rejected (SIP 603)"],
    ["call_rejected", "607", "unknown", "rejected", "call_rejected (SIP 607)"],
    ["call_rejected", "486", "callee", "busy", "call_rejected (SIP 486)"],
    ["call_rejected", "600", "unknown", "busy", "call_rejected (SIP 600)"],
    ["call_rejected", "403", "unknown", "failed", "call_rejected (SIP 403)"],
    ["call_rejected", "unspecified", "callee", "rejected", "call_rejected"],
    ["call_rejected", "unspecified", "unknown", "failed", "call_rejected"],
  ])("by %s, SIP %s, from the %s side is %s", async (cause, sip, source, outcome, carrierCode) => {
    const end = await endOf(cause, { sip_hangup_cause: sip, hangup_source: source });
    expect(end).toMatchObject({ outcome, evidence: { source: "carrier", carrierCode } });
  });

  it("that Telnyx itself refused says that something failed", async () => {
    const refused = await endOf("call_rejected", { sip_hangup_cause: "403" });
    expect(refused.evidence.error).toBe("VC_CARRIER_REFUSED");
    const declined = await endOf("call_rejected", { sip_hangup_cause: "603" });
    expect(declined.evidence.error).toBeUndefined();
  });

  it.each([
    ["outbound", "callee", "normal_clearing", "them"],
    ["outbound", "caller", "normal_clearing", "us"],
    ["inbound", "caller", "normal_clearing", "them"],
    ["inbound", "callee", "normal_clearing", "us"],
    ["outbound", "unknown", "normal_clearing", "unknown"],
    ["outbound", "unknown", "time_limit", "carrier"],
    ["outbound", "unknown", "timeout", "carrier"],
  ] as const)("of an %s call from the %s, by %s, was made by %s", async (direction, source, cause, side) => {
    const more = { client_state: stateOf({ direction }), hangup_source: source };
    expect((await endOf(cause, more)).evidence.hungUpBy).toBe(side);
  });

  it("whose direction nobody tells was made by somebody", async () => {
    const end = await endOf("normal_clearing", { client_state: null, hangup_source: "caller" });
    expect(end.evidence.hungUpBy).toBe("unknown");
  });

  it("is an end even where it gives no reason", async () => {
    const [end] = await eventsOf("call.hangup", {});
    expect(end).toMatchObject({ type: "ended", outcome: "failed" });
  });
});

describe("words", () => {
  it("are heard in the listen whose token came back", async () => {
    expect(await heard({}, stateOf({ token: "tok-1" }))).toEqual([
      { type: "speech", token: "tok-1", text: "I would like a table", confidence: 0.97 },
    ]);
  });

  it("without a token are heard with the time at which they ended", async () => {
    const words = {
      type: "speech",
      token: null,
      text: "I would like a table",
      confidence: 0.97,
      at: ENDED_AT,
    };
    expect(await heard({}, stateOf())).toEqual([words]);
    expect(await heard({}, null)).toEqual([words]);
  });

  it("are heard whether or not Telnyx says how sure it is", async () => {
    for (const confidence of [null, undefined, 2, -1, "0.9"]) {
      const [words] = await heard({ confidence });
      expect(words).not.toHaveProperty("confidence");
    }
  });

  it("that go on only say that somebody speaks", async () => {
    expect(await heard({ is_final: false, transcript: "I would" })).toEqual([{ type: "speaking" }]);
    expect(await heard({ is_final: undefined })).toEqual([{ type: "speaking" }]);
  });

  it("of our own are never taken for the caller's", async () => {
    expect(await heard({ transcription_track: "outbound" })).toEqual([]);
    expect(await heard({ transcription_track: "both" })).toEqual([]);
    expect(await heard({ transcription_track: "inbound" })).toHaveLength(1);
  });

  it("that are none are nothing", async () => {
    for (const transcript of ["", "   ", null, undefined]) expect(await heard({ transcript })).toEqual([]);
    for (const transcript of ["", " "]) expect(await heard({ transcript, is_final: false })).toEqual([]);
  });

  it("of ours were played to the end when Telnyx says so, and when all of them were in one command", async () => {
    expect(await speakEnded("completed", stateOf({ mark: "words", gen: 7 }))).toEqual([
      { type: "played", gen: 7 },
    ]);
    expect(await speakEnded("completed", stateOf({ mark: "none", gen: 7 }))).toEqual([]);
    expect(await speakEnded("completed", null)).toEqual([]);
    expect(await speakEnded("call_hangup", stateOf({ mark: "words" }))).toEqual([]);
    expect(await speakEnded("cancelled_amd", stateOf({ mark: "words" }))).toEqual([]);
  });
});

describe("keys", () => {
  it.each("0123456789*#ABCD".split(""))("%s is one key", async (digit) => {
    expect(await eventsOf("call.dtmf.received", { digit })).toEqual([{ type: "key", digit }]);
  });

  it("of any other kind are refused", async () => {
    for (const digit of ["", "12", "x", null, 5, ["1"]]) {
      expect(await refusalOf("call.dtmf.received", { digit })).toEqual([400, "digit"]);
    }
    expect(await eventsOf("call.dtmf.received", { digit: "a" })).toEqual([{ type: "key", digit: "A" }]);
  });
});

describe("live audio", () => {
  const stream_params = {
    stream_url: "wss://voice.example.test/voice/stream/tok-1_A",
    track: "inbound_track",
  };
  const failed = { failure_reason: "connection_failed", stream_id: "1edb94f9", stream_type: "websocket" };

  it("that failed tells which socket, whatever command the state is of", async () => {
    for (const client_state of [stateOf(), stateOf({ gen: 9 })]) {
      const fact = await factOf("streaming.failed", { ...failed, stream_params, client_state });
      expect(fact).toMatchObject({
        callId: "vc_1",
        carrierCallId: CALL_CONTROL,
        events: [{ type: "stream-failed", token: "tok-1_A" }],
        wants: "nothing",
      });
    }
    const { stream_url } = stream_params;
    expect(await eventsOf("streaming.failed", { ...failed, stream_url })).toEqual([
      { type: "stream-failed", token: "tok-1_A" },
    ]);
  });

  it("that failed without a URL of ours is still a failure", async () => {
    for (const stream_url of [undefined, 7, "", "https://voice.example.test/t", "wss://a/b/<t>"]) {
      expect(await eventsOf("streaming.failed", { ...failed, stream_params: { stream_url } })).toEqual([
        { type: "stream-failed", token: null },
      ]);
    }
  });

  it("that started or stopped says nothing new", async () => {
    expect(await eventsOf("streaming.started", { stream_params })).toEqual([]);
    expect(await eventsOf("streaming.stopped", { stream_params })).toEqual([]);
  });
});

describe("the other leg of a hand-over", () => {
  const other = { client_state: stateOf({ mark: "other-leg", gen: 9 }), call_control_id: "v3:the-other-leg" };

  it("is no call of its own, and its answer none of the caller's", async () => {
    for (const type of ["call.initiated", "call.answered", "call.bridged", "call.machine.detection.ended"]) {
      const fact = await factOf(type, { ...other, direction: "outgoing", from: OURS, to: "+15550100009" });
      expect(fact).toMatchObject({ callId: "vc_1", carrierCallId: null, events: [], offer: null });
    }
  });

  it.each([
    ["normal_clearing", true],
    ["time_limit", true],
    ["timeout", false],
    ["no_answer", false],
    ["user_busy", false],
    ["call_rejected", false],
    ["not_found", false],
    ["originator_cancel", false],
    ["unspecified", false],
    [null, false],
  ])("that ends by %s was reached: %s", async (hangup_cause, reached) => {
    const fact = await factOf("call.hangup", { ...other, hangup_cause });
    expect(fact).toMatchObject({
      callId: "vc_1",
      carrierCallId: null,
      events: [{ type: "transfer-ended", gen: 9, reached }],
    });
  });
});

describe("an event that asks for nothing", () => {
  it.each([
    "call.bridged",
    "call.speak.started",
    "call.playback.ended",
    "call.cost",
    "call.recording.saved",
    "call.gather.ended",
    "call.conversation.ended",
    "streaming.started",
    "conference.created",
    "call.something.new",
    "constructor",
    "to_string",
    "valueof",
  ])("%s is acknowledged", async (type) => {
    const fact = await factOf(type, { anything: { nested: [1, 2, 3] } });
    expect(fact).toMatchObject({ events: [], wants: "nothing", offer: null });
  });

  it("need not be about a call", async () => {
    const fact = await factOf("number_order.complete", { call_control_id: undefined });
    expect(fact).toMatchObject({ callId: null, carrierCallId: null, events: [] });
    const bare = JSON.stringify({ data: { id: "1", event_type: "balance.low" } });
    expect(await receive(genuine(bare))).toMatchObject({ ok: true });
  });
});

describe("a genuine request that is not understood", () => {
  it.each([
    ["a form, as TeXML applications send", "CallSid=v3%3Aabc&CallStatus=ringing&From=%2B15550100002", "data"],
    ["nothing", "", "data"],
    ["text", '"call.answered"', "data"],
    ["a list", "[]", "data"],
    ["null", "null", "data"],
    ["no data", "{}", "data"],
    ["a list as data", '{"data":[]}', "data"],
    ["API version 1, which has no envelope", '{"event_type":"call_answered","id":"1","payload":{}}', "data"],
    ["data without an id", '{"data":{"event_type":"call.answered","payload":{}}}', "id"],
    ["data without a type", '{"data":{"id":"1","payload":{}}}', "event_type"],
    ["a type of API version 1 in capitals", '{"data":{"id":"1","event_type":"CALL"}}', "event_type"],
    ["a payload that is a list", '{"data":{"id":"1","event_type":"a.b","payload":[1]}}', "payload"],
  ])("is refused: %s", async (_, body, reason) => {
    expect(await receive(genuine(body))).toEqual({ ok: false, status: 400, reason });
  });

  it("is refused: a GET, whose body nobody signs", async () => {
    const raw = { ...genuine(JSON.stringify(event("call.answered", {}))), method: "GET" };
    expect(await receive(raw)).toEqual({ ok: false, status: 400, reason: "method" });
  });

  it.each([
    ["call.answered", { call_control_id: 5 }, "call_control_id"],
    ["call.answered", { call_control_id: "x".repeat(300) }, "call_control_id"],
    ["call.answered", { call_control_id: "" }, "call_control_id"],
    ["call.answered", { call_control_id: null }, "call_control_id"],
    ["call.initiated", { ...INCOMING, call_control_id: null }, "call_control_id"],
    ["call.initiated", { ...INCOMING, direction: "sideways" }, "direction"],
    ["call.initiated", { ...INCOMING, direction: undefined }, "direction"],
    ["call.initiated", { ...INCOMING, to: "" }, "to"],
    ["call.initiated", { ...INCOMING, to: ["+15550100001"] }, "to"],
    ["call.initiated", { ...INCOMING, from: "+1\n555" }, "from"],
    ["call.initiated", { ...INCOMING, from: "5".repeat(300) }, "from"],
    ["call.hangup", { hangup_cause: 16 }, "hangup_cause"],
    ["call.hangup", { hangup_cause: "x".repeat(100) }, "hangup_cause"],
    ["call.hangup", { hangup_source: {} }, "hangup_source"],
    ["call.hangup", { sip_hangup_cause: 603 }, "sip_hangup_cause"],
    ["call.speak.ended", { status: 1 }, "status"],
    ["call.machine.detection.ended", { result: null }, "result"],
    ["call.transcription", {}, "transcription_data"],
    ["call.transcription", { transcription_data: "hello" }, "transcription_data"],
    ["call.transcription", { transcription_data: { transcript: 5 } }, "transcript"],
    ["call.transcription", { transcription_data: { transcript: "a".repeat(20_001) } }, "transcript"],
  ])("is refused: %s with %o", async (type, payload, reason) => {
    expect(await refusalOf(type, payload)).toEqual([400, reason]);
  });

  it("is refused by an id that nobody could remember", async () => {
    for (const id of ["", " ", "a b", "x".repeat(201), 5, null, {}]) {
      expect(await refusalOf("call.answered", {}, { id })).toEqual([400, "id"]);
    }
  });
});
