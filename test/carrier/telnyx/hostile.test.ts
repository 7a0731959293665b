import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readState, writeState, type ClientState } from "../../../src/carrier/telnyx/client-state.ts";
import { readEnvelope, readFact } from "../../../src/carrier/telnyx/fact.ts";
import { event, genuine, receive, stateOf } from "./fixtures.ts";

const TYPES = [
  "call.initiated",
  "call.answered",
  "call.hangup",
  "call.speak.ended",
  "call.transcription",
  "call.dtmf.received",
  "call.machine.detection.ended",
  "call.machine.greeting.ended",
];

const NAMES = [
  "call_control_id",
  "client_state",
  "direction",
  "from",
  "to",
  "hangup_cause",
  "hangup_source",
  "sip_hangup_cause",
  "status",
  "digit",
  "result",
  "transcription_data",
  "shaken_stir_attestation",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
];

const value = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: "binary", maxLength: 600 }),
  fc.constantFrom(stateOf(), stateOf({ mark: "other-leg" }), "incoming", "outgoing", "v3:a", "1", {
    toString: 1,
    valueOf: null,
  }),
);

const payload = fc.dictionary(fc.constantFrom(...NAMES), value, { noNullPrototype: false });

/** What is wrong with what is made of a body; null when it is a fact of the documented shape, or a coded refusal. */
function flawIn(body: unknown): string | null {
  const envelope = readEnvelope(body, 0);
  const read = typeof envelope === "string" ? envelope : readFact(envelope);
  if (typeof read === "string") return /^[a-z_]+$/.test(read) ? null : `a refusal: ${read}`;
  const { wants, callId, carrierCallId, events } = read;
  if (wants !== "nothing") return "wants an answer";
  if (callId !== null && !/^[A-Za-z0-9_-]{1,128}$/.test(callId)) return "call id";
  if (carrierCallId !== null && !/^[!-~]{1,256}$/.test(carrierCallId)) return "carrier's call id";
  for (const found of events) {
    if (found.type === "speech" && (found.text === "" || found.text.length > 20_000)) return "words";
    if (found.type === "played" && !Number.isSafeInteger(found.gen)) return "gen";
    if (found.type === "key" && !/^[0-9A-D*#]$/.test(found.digit)) return "key";
  }
  return null;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a hostile body", () => {
  it("is read or refused, and never thrown at", () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), payload, (type, fields) => {
        expect(flawIn(event(type, fields))).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it("is read or refused whatever its envelope is", () => {
    const part = fc.record(
      { id: value, event_type: value, occurred_at: value, payload: fc.oneof(value, payload) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(value, fc.record({ data: fc.oneof(value, part) })), (body) => {
        expect(flawIn(body)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it("of any bytes is refused under a genuine signature", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const verdict = await receive(genuine(Buffer.from(bytes)));
        expect(verdict).toMatchObject({ ok: false, reason: expect.any(String) as string });
      }),
      { numRuns: 200 },
    );
  });

  it("gets nothing out of keys that every object has", () => {
    const body =
      '{"data":{"id":"1","event_type":"call.answered","payload":{"__proto__":{"call_control_id":"v3:a"}}}}';
    const envelope = readEnvelope(JSON.parse(body), 0);
    if (typeof envelope === "string") throw new Error(envelope);
    expect(readFact(envelope)).toBe("call_control_id");
    expect(({} as Record<string, unknown>)["call_control_id"]).toBeUndefined();
  });

  it("with half a letter in its words has a whole one in its place", async () => {
    const said = { transcription_data: { transcript: "a\uD800b", is_final: true } };
    const verdict = await receive(genuine(JSON.stringify(event("call.transcription", said))));
    expect(verdict).toMatchObject({ ok: true, fact: { events: [{ type: "speech", text: "a\uFFFDb" }] } });
  });

  it("that is nested without end is refused", async () => {
    const deep = `${'{"data":'.repeat(20_000)}1${"}".repeat(20_000)}`;
    expect(await receive(genuine(deep))).toMatchObject({ ok: false, status: 400 });
  });
});

describe("the state that travels with commands", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
  const state: fc.Arbitrary<ClientState> = fc.record({
    callId: name,
    direction: fc.constantFrom("inbound", "outbound"),
    gen: fc.nat(999_999_999),
    mark: fc.constantFrom("none", "words", "other-leg"),
    token: fc.oneof(fc.constant(null), name),
  });

  it("comes back as it went, in the Base64 that Telnyx asks for", () => {
    fc.assert(
      fc.property(state, (sent) => {
        const written = writeState(sent);
        expect(written).toMatch(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
        expect(readState(written)).toEqual(sent);
      }),
    );
  });

  it("of anybody else is nobody's", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(readState(Buffer.from(text).toString("base64"))).toBeNull();
        expect(readState(text)).toBeNull();
      }),
    );
    for (const text of [
      "vc1.o.1.-.vc_1",
      "vc1.o.1.-..",
      "vc2.o.1.-.vc_1.",
      "vc1.x.1.-.vc_1.",
      "vc1.o.-1.-.vc_1.",
      "vc1.o.1.q.vc_1.",
      "vc1.o.1.-.vc_1.t\n",
      ` vc1.o.1.-.vc_1.`,
      `vc1.o.1.-.${"a".repeat(500)}.`,
    ]) {
      expect(readState(base64(text))).toBeNull();
    }
    expect(readState(base64("vc1.o.1.-.vc_1."))).not.toBeNull();
  });
});
