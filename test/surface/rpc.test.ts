import * as fc from "fast-check";
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";
import { describe, expect, it } from "vitest";
import { VoiceCallError } from "../../src/call/errors.ts";
import { GUARDS } from "../../src/call/guard/guards.ts";
import type { RpcClient, RpcRegistrar } from "../../src/surface/rpc.ts";
import { asList, CALL, fakeService, missingKeys, notRunning, NUMBER, OWN_NUMBER, WORDS } from "./fake.ts";
import { ADMIN, gateway, PLUGIN, READER, withService, WRITER } from "./rpc-rig.ts";

/** The host's API is accepted as it is. */
export const accepted: (api: OpenClawPluginApi) => RpcRegistrar = (api) => api;

const gone = async () => await Promise.reject(new VoiceCallError("VC_CALL_NOT_FOUND"));
describe("voicecall gateway methods", () => {
  it("ask for read to look, write to steer calls, and admin for pairing and the mock phone", () => {
    const { methods } = gateway(notRunning);
    const scopes = Object.fromEntries([...methods].map(([name, { scope }]) => [name, scope]));
    expect(scopes).toEqual({
      "voicecall.initiate": "operator.write",
      "voicecall.start": "operator.write",
      "voicecall.continue": "operator.write",
      "voicecall.continue.start": "operator.write",
      "voicecall.continue.result": "operator.write",
      "voicecall.speak": "operator.write",
      "voicecall.dtmf": "operator.write",
      "voicecall.transfer": "operator.write",
      "voicecall.end": "operator.write",
      "voicecall.status": "operator.read",
      "voicecall.list": "operator.read",
      "voicecall.events": "operator.read",
      "voicecall.latency": "operator.read",
      "voicecall.setup": "operator.read",
      "voicecall.pairing.list": "operator.admin",
      "voicecall.pairing.approve": "operator.admin",
      "voicecall.pairing.revoke": "operator.admin",
      "voicecall.phone.screen": "operator.admin",
      "voicecall.phone.call": "operator.admin",
      "voicecall.phone.answer": "operator.admin",
      "voicecall.phone.decline": "operator.admin",
      "voicecall.phone.say": "operator.admin",
      "voicecall.phone.press": "operator.admin",
      "voicecall.phone.play": "operator.admin",
      "voicecall.phone.listen": "operator.admin",
      "voicecall.phone.hangup": "operator.admin",
    });
  });

  const VALID: Record<string, Record<string, unknown>> = {
    "voicecall.initiate": { message: "hi" },
    "voicecall.start": { to: NUMBER },
    "voicecall.continue": { callId: CALL.callId, message: "hi" },
    "voicecall.continue.start": { callId: CALL.callId, message: "hi" },
    "voicecall.continue.result": { operationId: "op-1" },
    "voicecall.speak": { callId: CALL.callId, message: "hi" },
    "voicecall.dtmf": { callId: CALL.callId, digits: "1#" },
    "voicecall.transfer": { callId: CALL.callId, to: "+15550100777" },
    "voicecall.end": { callId: CALL.callId },
    "voicecall.pairing.approve": { code: "AB12" },
    "voicecall.pairing.revoke": { number: NUMBER },
    "voicecall.phone.call": { to: OWN_NUMBER },
    "voicecall.phone.answer": { carrierCallId: "m" },
    "voicecall.phone.decline": { carrierCallId: "m" },
    "voicecall.phone.say": { carrierCallId: "m", text: "hi" },
    "voicecall.phone.press": { carrierCallId: "m", digits: "1" },
    "voicecall.phone.play": { carrierCallId: "m", audio: "AQI=" },
    "voicecall.phone.listen": { carrierCallId: "m" },
    "voicecall.phone.hangup": { carrierCallId: "m" },
  };
  const NAMES = [...gateway(notRunning).methods.keys()];

  it.each(NAMES)("%s is answered with VC_NOT_RUNNING while no service runs", async (name) => {
    const answer = await gateway(notRunning).call(name, VALID[name]);
    expect(answer).toMatchObject({
      ok: false,
      error: { code: "VC_NOT_RUNNING", retryable: true, details: { code: "VC_NOT_RUNNING" } },
    });
  });

  it.each(NAMES)("%s refuses a parameter it does not know by its name", async (name) => {
    const answer = await withService(fakeService()).call(name, { ...VALID[name], colour: "red" });
    expect(answer.error?.code).toBe("VC_REQUEST_INVALID");
    expect(answer.error?.message).toContain('"colour"');
  });

  it.each(
    Object.entries(VALID).flatMap(([name, params]) => Object.keys(params).map((param) => [name, param])),
  )("%s names the parameter %s when it is missing, empty or of another type", async (name, param) => {
    const service = fakeService();
    for (const value of [undefined, null, "", "  ", 12, {}]) {
      const answer = await withService(service).call(name, { ...VALID[name], [param]: value });
      expect(answer.error?.code).toBe("VC_REQUEST_INVALID");
      expect(answer.error?.message).toContain(`"${param}"`);
    }
    expect(service.asked).toEqual([]);
  });

  it.each([
    ["voicecall.initiate", { message: "hi", mode: "loud" }, "mode"],
    ["voicecall.list", { limit: 0 }, "limit"],
    ["voicecall.list", { limit: 1.5 }, "limit"],
    ["voicecall.events", { after: -1 }, "after"],
    ["voicecall.latency", { last: "9" }, "last"],
    ["voicecall.initiate", { message: "x".repeat(10_001) }, "message"],
  ])("%s refuses %j and names the parameter", async (name, params, param) => {
    const answer = await withService(fakeService()).call(name, params);
    expect(answer.error?.code).toBe("VC_REQUEST_INVALID");
    expect(answer.error?.message).toContain(`"${param}"`);
  });

  it("refuse parameters that are not an object, and say when a method takes none", async () => {
    const { call } = withService(fakeService());
    expect((await call("voicecall.setup", [] as never)).error?.message).toContain("must be an object");
    expect((await call("voicecall.setup", { a: 1 })).error?.message).toContain("it takes none");
    expect((await call("voicecall.setup", undefined as never)).ok).toBe(true);
  });

  it("turns an unexpected failure into VC_INTERNAL without its text", async () => {
    const service = fakeService({
      end: async () => {
        await Promise.resolve();
        throw new Error(`leak ${NUMBER}`);
      },
    });
    const answer = await withService(service).call("voicecall.end", { callId: "x" });
    expect(answer.error?.code).toBe("VC_INTERNAL");
    expect(JSON.stringify(answer)).not.toContain(NUMBER);
  });
});

describe("voicecall.initiate and voicecall.start", () => {
  it("place the call for the client and answer with its id and view", async () => {
    const service = fakeService();
    const answer = await withService(service).call("voicecall.initiate", {
      to: NUMBER,
      message: "hi",
      mode: "notify",
    });
    expect(answer).toMatchObject({ ok: true, payload: { callId: CALL.callId, call: { state: "ringing" } } });
    expect(service.asked).toEqual([
      {
        method: "initiate",
        args: [{ to: NUMBER, message: "hi", mode: "notify", requester: { surface: "rpc" } }],
      },
    ]);
  });

  it("know the command line by its connection", async () => {
    const service = fakeService();
    const cli: RpcClient = { connect: { scopes: ["operator.admin"], client: { mode: "cli" } } };
    await withService(service).call("voicecall.initiate", { message: "hi" }, cli);
    expect(service.asked[0]?.args[0]).toMatchObject({ requester: { surface: "cli" } });
  });

  const MEETING = {
    to: NUMBER,
    mode: "conversation",
    dtmfSequence: "ww123#",
    requesterSessionKey: "agent:boss:main",
    agentId: "boss",
    sessionKey: "meeting:1",
  };

  it("take the agent and the asking session from a plugin that the gateway vouches for", async () => {
    const service = fakeService();
    const answer = await withService(service).call("voicecall.start", MEETING, PLUGIN);
    expect(answer).toMatchObject({ ok: true, payload: { callId: CALL.callId } });
    expect(service.asked[0]?.args[0]).toEqual({
      to: NUMBER,
      mode: "conversation",
      digits: "ww123#",
      agentId: "boss",
      requester: { surface: "rpc", sessionKey: "agent:boss:main" },
    });
  });

  it.each([
    ["an outside client", WRITER],
    ["no client at all", null],
    ["a client whose owner id is empty", { ...WRITER, internal: { pluginRuntimeOwnerId: " " } }],
    [
      "a client that claims an owner in its own handshake",
      { connect: { ...WRITER.connect, pluginRuntimeOwnerId: "x" } },
    ],
  ])("never take the agent or the session from %s", async (_, client) => {
    const service = fakeService();
    const answer = await withService(service).call("voicecall.start", MEETING, client);
    expect(answer.ok).toBe(true);
    expect(JSON.stringify(service.asked)).not.toContain("boss");
    expect(JSON.stringify(service.asked)).not.toContain("meeting:1");
  });

  it("answer with the missing keys while the plugin is not set up", async () => {
    const service = fakeService({ initiate: async () => await Promise.reject(missingKeys()) });
    const answer = await withService(service).call("voicecall.initiate", { message: "hi" });
    expect(answer.error).toMatchObject({ code: "VC_CREDENTIALS_MISSING" });
    expect(answer.error?.message).toContain("twilio.authToken");
  });
});

describe.each(["voicecall.initiate", "voicecall.start"])("override of %s", (name) => {
  const order = { to: NUMBER, message: "hi" };

  it.each([
    [
      ["quiet-hours", "allow-list"],
      ["quiet-hours", "allow-list"],
    ],
    ["quiet-hours, allow-list", ["quiet-hours", "allow-list"]],
    ["premium", ["premium"]],
    [["premium", "premium"], ["premium"]],
    [GUARDS, GUARDS],
    [GUARDS.join(","), GUARDS],
  ])("%j reaches the service from an administrator", async (override, guards) => {
    const service = fakeService();
    expect(await withService(service).call(name, { ...order, override }, ADMIN)).toMatchObject({ ok: true });
    expect(service.asked[0]?.args[0]).toMatchObject({ override: guards });
  });

  it.each([
    ["a client with write scope", WRITER],
    ["a client with read scope", READER],
    ["no client at all", null],
    ["a plugin of the same gateway", PLUGIN],
    ["a client that says of itself that it is admin", { connect: { scopes: "operator.admin" } as never }],
  ])("is refused to %s, and nothing is dialled", async (_, client) => {
    for (const guard of GUARDS) {
      const service = fakeService();
      const answer = await withService(service).call(name, { ...order, override: [guard] }, client);
      expect(answer.error?.code).toBe("VC_OVERRIDE_NOT_ALLOWED");
      expect(answer.error?.message).toContain("operator.admin");
      expect(service.asked).toEqual([]);
    }
  });

  it("left out or null is no override, for anybody", async () => {
    for (const client of [ADMIN, WRITER]) {
      for (const given of [order, { ...order, override: null }]) {
        const service = fakeService();
        expect((await withService(service).call(name, given, client)).ok).toBe(true);
        expect(service.asked[0]?.args[0]).not.toMatchObject({ override: expect.anything() });
      }
    }
  });

  it.each([[""], [[]], ["all"], ["premium,"], [["premium", "all"]], [["premium", 1]], [true], [{}]])(
    "%j is refused with the words that are known",
    async (override) => {
      const service = fakeService();
      const answer = await withService(service).call(name, { ...order, override }, ADMIN);
      expect(answer.error?.code).toBe("VC_REQUEST_INVALID");
      expect(answer.error?.message).toContain('"override" must name some of: emergency, premium, allow-list');
      expect(service.asked).toEqual([]);
    },
  );
});

describe("voicecall methods on a running call", () => {
  it("continue answers with what the caller said", async () => {
    const answer = await withService(fakeService()).call("voicecall.continue", {
      callId: "c",
      message: "well?",
    });
    expect(answer).toEqual({ ok: true, payload: { success: true, callId: CALL.callId, text: WORDS } });
  });

  it("continue can be started and its result fetched later", async () => {
    const { call } = withService(fakeService());
    expect(await call("voicecall.continue.start", { callId: "c", message: "well?" })).toEqual({
      ok: true,
      payload: { operationId: "op-1" },
    });
    expect(await call("voicecall.continue.result", { operationId: "op-1" })).toEqual({
      ok: true,
      payload: { status: "done", text: WORDS },
    });
  });

  it("speak, dtmf, transfer and end answer with success", async () => {
    const service = fakeService();
    const { call } = withService(service);
    const done = { ok: true, payload: { success: true } };
    expect(await call("voicecall.speak", { callId: "c", message: "hi", allowTwimlFallback: false })).toEqual(
      done,
    );
    expect(await call("voicecall.dtmf", { callId: "c", digits: "1w2" })).toEqual(done);
    const transfer = { callId: "c", to: "+15550100777", message: "I connect you." };
    expect(await call("voicecall.transfer", transfer)).toEqual(done);
    expect(await call("voicecall.end", { callId: "c" })).toEqual(done);
    expect(service.asked).toEqual([
      { method: "speak", args: ["c", "hi"] },
      { method: "press", args: ["c", "1w2"] },
      { method: "transfer", args: [{ ...transfer, override: undefined }] },
      { method: "end", args: ["c"] },
    ]);
  });

  it("speak tells in its answer why it could not speak", async () => {
    const service = fakeService({
      speak: async () =>
        await Promise.reject(new VoiceCallError("VC_CALL_NOT_ANSWERED", { state: "ringing" })),
    });
    const answer = await withService(service).call("voicecall.speak", { callId: "c", message: "hi" });
    expect(answer).toMatchObject({
      ok: true,
      payload: {
        success: false,
        error: expect.stringContaining("nobody has answered yet"),
        details: { code: "VC_CALL_NOT_ANSWERED" },
      },
    });
  });

  it.each([
    ["VC_CALL_NOT_FOUND", "call not found"],
    ["VC_CALL_NOT_ACTIVE", "call is not active"],
  ] as const)("end says %s in the words that meeting plugins look for", async (code, words) => {
    const service = fakeService({ end: async () => await Promise.reject(new VoiceCallError(code)) });
    const answer = await withService(service).call("voicecall.end", { callId: "c" });
    expect(answer.error?.message.toLowerCase()).toContain(words);
  });

  it.each([
    ["voicecall.end", { callId: "c" }],
    ["voicecall.speak", { callId: "c", message: "hi" }],
    ["voicecall.status", { callId: "c" }],
  ])(
    "%s names what is missing when there is no such call because nothing is set up",
    async (name, params) => {
      const service = fakeService({ end: gone, speak: gone, problem: missingKeys });
      const answer = await withService(service).call(name, params);
      expect(answer.error?.code).toBe("VC_CREDENTIALS_MISSING");
    },
  );
});

describe("voicecall.status", () => {
  it("finds an ended call by our id and by the carrier's", async () => {
    const { call } = withService(fakeService());
    for (const callId of [CALL.callId, CALL.carrierCallId]) {
      expect(await call("voicecall.status", { callId })).toEqual({
        ok: true,
        payload: { found: true, call: CALL },
      });
    }
  });

  it("says that a call is not found", async () => {
    const answer = await withService(fakeService()).call("voicecall.status", { callId: "other" });
    expect(answer).toEqual({ ok: true, payload: { found: false } });
  });

  it("lists calls and what stands in the way of new ones when no call is named", async () => {
    const answer = await withService(fakeService({ problem: missingKeys })).call("voicecall.status");
    expect(answer).toMatchObject({
      payload: { calls: [{ callId: CALL.callId }], problem: { code: "VC_CREDENTIALS_MISSING" } },
    });
  });
});

describe("a client without write scope", () => {
  const READS: [string, Record<string, unknown>][] = [
    ["voicecall.status", { callId: CALL.callId }],
    ["voicecall.status", { callId: CALL.carrierCallId }],
    ["voicecall.status", {}],
    ["voicecall.list", {}],
    ["voicecall.events", { after: 0 }],
    ["voicecall.latency", {}],
    ["voicecall.setup", {}],
  ];

  it.each(READS)("gets %s %j without numbers, words, agent or carrier data", async (name, params) => {
    for (const client of [READER, null, { connect: {} }, { connect: { scopes: ["operator.pairing"] } }]) {
      const answer = await withService(fakeService()).call(name, params, client);
      expect(answer.ok).toBe(true);
      const seen = JSON.stringify(answer);
      for (const secret of [NUMBER.slice(1), OWN_NUMBER.slice(1), WORDS, "Hello", "secretary", "CA-"]) {
        expect(seen).not.toContain(secret);
      }
    }
  });

  it("gets no digit of the numbers and no word, whatever they are and whatever fields a view grows", async () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{9,14}$/);
    const phrase = fc.stringMatching(/^zz[a-z]{6,20}$/);
    await fc.assert(
      fc.asyncProperty(digits, phrase, fc.constantFrom(...READS), async (number, words, [name, params]) => {
        const loud = {
          ...CALL,
          from: `+${number}`,
          to: `+${number}`,
          carrierCallId: words,
          agentId: words,
          evidence: { source: "carrier", hungUpBy: "them", carrierCode: words, error: `+${number}` },
          transcript: [{ role: "caller", text: words, at: 1 }],
          sessionKey: `agent:${words}:+${number}`,
          metadata: { raw: words },
        } as const;
        const event = {
          cursor: 1,
          at: 1,
          callId: "vc_x",
          state: "live",
          type: `${words} ${number}`,
          event: words,
        };
        const check = { id: "a", ok: true, level: "error", message: `is +${number}`, next: `call ${number}` };
        const service = fakeService({
          status: async () => await Promise.resolve(loud),
          list: async () => await Promise.resolve([loud]),
          events: async () => await Promise.resolve({ cursor: 1, events: [event as never] }),
          setup: async () => await Promise.resolve({ ok: true, checks: [check as never] }),
        });
        const seen = JSON.stringify(await withService(service).call(name, params, READER));
        expect(seen).not.toContain(words);
        expect(seen).not.toContain(number);
      }),
      { numRuns: 60 },
    );
  });

  it("sees the outcome, the times and that the rest was left out", async () => {
    const answer = await withService(fakeService()).call("voicecall.status", { callId: CALL.callId }, READER);
    expect(answer.payload).toEqual({
      found: true,
      call: {
        callId: "vc_abcdef",
        provider: "mock",
        direction: "outbound",
        mode: "conversation",
        state: "ended",
        createdAt: 1_000,
        answeredAt: 3_000,
        endedAt: 15_000,
        outcome: "completed",
        evidence: { source: "carrier", hungUpBy: "them", durationSec: 12 },
        redacted: true,
      },
    });
  });

  it("sees a coded error of the catalogue", async () => {
    const evidence = { source: "us", hungUpBy: "us", error: "VC_CARRIER_GEO" } as const;
    const service = fakeService({ status: async () => await Promise.resolve({ ...CALL, evidence }) });
    const answer = await withService(service).call("voicecall.status", { callId: "c" }, READER);
    expect(answer).toMatchObject({ payload: { call: { evidence: { error: "VC_CARRIER_GEO" } } } });
  });

  it("with admin instead of write sees everything, as the host counts admin as write", async () => {
    const admin: RpcClient = { connect: { scopes: ["operator.admin"] } };
    const answer = await withService(fakeService()).call("voicecall.status", { callId: CALL.callId }, admin);
    expect(answer.payload).toEqual({ found: true, call: CALL });
  });
});

describe("voicecall reading methods", () => {
  it("events follow a cursor, and without one only what is new", async () => {
    const service = fakeService();
    const { call } = withService(service);
    expect(await call("voicecall.events", { after: 3, limit: 10 })).toEqual({
      ok: true,
      payload: {
        cursor: 7,
        events: [{ cursor: 7, at: 5_000, callId: CALL.callId, state: "live", type: "speech" }],
      },
    });
    await call("voicecall.events");
    expect(service.asked).toEqual([
      { method: "events", args: [{ after: 3, limit: 10 }] },
      { method: "events", args: [{ after: null, limit: 200 }] },
    ]);
  });

  it("latency answers with one row per stage", async () => {
    const service = fakeService();
    expect(await withService(service).call("voicecall.latency", { last: 50 })).toEqual({
      ok: true,
      payload: { stages: [{ stage: "reply", count: 3, p50: 120, p95: 340, max: 350 }] },
    });
    expect(service.asked).toEqual([{ method: "latency", args: [50] }]);
  });

  it("setup shows the settings to a writer", async () => {
    const answer = await withService(fakeService()).call("voicecall.setup");
    expect(JSON.stringify(answer)).toContain(OWN_NUMBER);
  });
});

describe("voicecall.pairing", () => {
  it("lists, approves and revokes", async () => {
    const service = fakeService();
    const { call } = withService(service);
    expect(await call("voicecall.pairing.list")).toMatchObject({ payload: { pairings: [{ code: "AB12" }] } });
    expect(await call("voicecall.pairing.approve", { code: "AB12" })).toMatchObject({
      payload: { pairing: { number: NUMBER, approvedAt: 2 } },
    });
    expect(await call("voicecall.pairing.revoke", { number: NUMBER })).toEqual({
      ok: true,
      payload: { revoked: true },
    });
    expect(asList(service.asked)).toEqual([
      ["pairings"],
      ["approvePairing", "AB12"],
      ["revokePairing", NUMBER],
    ]);
  });
});
