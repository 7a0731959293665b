import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { CallRef, Carrier } from "../../../src/call/ports.ts";
import { createTelnyxApi } from "../../../src/carrier/telnyx/api.ts";
import { TelnyxCarrier } from "../../../src/carrier/telnyx/carrier.ts";
import { readState } from "../../../src/carrier/telnyx/client-state.ts";
import {
  startTelnyxEmulator,
  type Fault,
  type LiveCall,
  type Operation,
  type TelnyxEmulator,
  type TelnyxEmulatorOptions,
} from "../../emulator/telnyx/index.ts";
import { openDesk, type Desk } from "./desk.ts";
import { API_KEY, CONNECTION, INBOUND, OUTBOUND, OURS, THEIRS } from "./fixtures.ts";

const BYE: Instruction = { gen: 1, say: ["Dinner is ready."], next: { kind: "hangup", afterMs: 0 } };
const LISTEN: Instruction = {
  gen: 1,
  say: ["Hi."],
  next: { kind: "listen", token: "tok-1", timeoutMs: 5000 },
};
const NEW: CallRef = { ...OUTBOUND, carrierCallId: null, state: "dialing" };
const SCREENED: CallRef = {
  ...NEW,
  screening: { policy: "leave-message", verdict: "pending", words: [], said: false },
};

let emulator: TelnyxEmulator;
let desk: Desk;
let carrier: Carrier;
let signal: AbortSignal;
let naps: number[];

async function start(options: Partial<TelnyxEmulatorOptions> = {}): Promise<void> {
  emulator = await startTelnyxEmulator({
    apiKey: API_KEY,
    connectionId: CONNECTION,
    ours: OURS,
    webhookUrl: desk.url,
    ...options,
  });
  carrier = connect();
}

beforeEach(async () => {
  desk = await openDesk(() => emulator.publicKey);
  naps = [];
  signal = new AbortController().signal;
  await start();
});

afterEach(async () => {
  await carrier.close();
  await emulator.close();
  await desk.close();
});

const connect = (change: { apiKey?: string; apiBaseUrl?: string; webhookUrl?: string | null } = {}) =>
  new TelnyxCarrier({
    api: createTelnyxApi({ apiKey: API_KEY, apiBaseUrl: emulator.url, ...change }, fetch),
    connectionId: CONNECTION,
    webhookUrl: () => (change.webhookUrl === undefined ? desk.url : change.webhookUrl),
    inspect: () => Promise.reject(new Error("not here")),
    sleep: async (ms) => void naps.push(ms),
  });

/** Another emulator than the one that every test gets. */
async function restart(options: Partial<TelnyxEmulatorOptions>): Promise<void> {
  await emulator.close();
  await start(options);
}

async function failureOf(command: Promise<unknown>): Promise<unknown> {
  return command.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

async function dialed(call: CallRef = NEW): Promise<{ readonly call: CallRef; readonly live: LiveCall }> {
  const { carrierCallId } = await carrier.dial(call, BYE, signal);
  return { call: { ...call, carrierCallId, state: "answered" }, live: emulator.call(carrierCallId) };
}

/** A call that somebody has picked up. */
async function answered(call: CallRef = NEW) {
  const placed = await dialed(call);
  await desk.event("answered");
  return placed;
}

/** Somebody rings; nobody has answered yet. */
const ringing = async () => {
  const live = emulator.ring(THEIRS);
  const { offer } = await desk.fact((fact) => fact.offer !== null);
  const call: CallRef = { ...INBOUND, id: "vc_in", carrierCallId: live.id, state: "ringing" };
  return { call, live, offer };
};

const bodies = (operation: Operation) => emulator.requestsOf(operation).map(({ body }) => body);
const ids = (operation: Operation) => bodies(operation).map((body) => body["command_id"]);

describe("placing a call", () => {
  it("asks for everything at once, and tells our id where Telnyx signs it", async () => {
    await dialed(SCREENED);
    const [body = {}] = bodies("dial");
    expect(body).toEqual({
      connection_id: CONNECTION,
      to: THEIRS,
      from: OURS,
      timeout_secs: 30,
      time_limit_secs: 300,
      webhook_url: `${desk.url}?call=vc_1`,
      webhook_url_method: "POST",
      answering_machine_detection: "greeting_end",
      client_state: body["client_state"],
      command_id: "vc_1.dial",
    });
    expect(readState(body["client_state"])).toMatchObject({ callId: "vc_1", direction: "outbound", gen: 0 });
    expect(emulator.problems).toEqual([]);
  });

  it("asks for no detection where none is wanted", async () => {
    await dialed();
    expect(bodies("dial")[0]).not.toHaveProperty("answering_machine_detection");
  });

  it("keeps ring time and length within what Telnyx takes", async () => {
    const limits = { ...NEW.limits, ringMs: 1000, maxDurationMs: 86_400_000 };
    await dialed({ ...NEW, limits });
    await dialed({ ...NEW, id: "vc_2", limits: { ...NEW.limits, ringMs: 20_500, maxDurationMs: 1000 } });
    expect(bodies("dial")).toMatchObject([
      { timeout_secs: 5, time_limit_secs: 14_400 },
      { timeout_secs: 21, time_limit_secs: 60 },
    ]);
  });

  it("is refused without a public URL before anything is sent", async () => {
    const deaf = connect({ webhookUrl: null });
    expect(await failureOf(deaf.dial(NEW, BYE, signal))).toMatchObject({
      code: "VC_PUBLIC_URL_MISSING",
      certainty: "refused",
    });
    expect(emulator.requests).toEqual([]);
  });

  it("is refused before anybody's phone rings when what is to be said cannot be said, or heard", async () => {
    for (const [language, instruction] of [
      ["cs-CZ", BYE],
      ["cy-GB", LISTEN],
      ["tlh", LISTEN],
    ] as const) {
      const call = { ...NEW, route: { ...NEW.route, language } };
      expect(await failureOf(carrier.dial(call, instruction, signal))).toMatchObject({
        code: "VC_LANGUAGE_UNSUPPORTED",
        certainty: "refused",
      });
    }
    expect(emulator.requests).toEqual([]);
  });

  it("asked for again rings once", async () => {
    const first = await carrier.dial(NEW, BYE, signal);
    expect(await carrier.dial(NEW, BYE, signal)).toEqual(first);
    expect(ids("dial")).toEqual(["vc_1.dial", "vc_1.dial"]);
    expect(emulator.calls).toHaveLength(1);
  });

  it("whose reply was lost rings once when it is asked for again", async () => {
    emulator.failCreate("lost");
    expect(await failureOf(carrier.dial(NEW, BYE, signal))).toMatchObject({ certainty: "unknown" });
    const { carrierCallId } = await carrier.dial(NEW, BYE, signal);
    expect(emulator.calls.map(({ id }) => id)).toEqual([carrierCallId]);
  });
});

describe("a create that fails", () => {
  const uncertain = { code: "VC_CARRIER_UNCERTAIN", certainty: "unknown" };
  const cases: readonly [string, Fault, object][] = [
    ["HTTP 500", { kind: "error", status: 500 }, uncertain],
    ["HTTP 503 although it was carried out", { kind: "error", status: 503, carriedOut: true }, uncertain],
    ["HTTP 408", { kind: "error", status: 408 }, uncertain],
    ["HTTP 409", { kind: "error", status: 409 }, { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
    ["a reset before it arrived", { kind: "reset" }, uncertain],
    ["a reset instead of the reply", { kind: "lose-reply" }, uncertain],
    ["a redirect", { kind: "error", status: 307 }, uncertain],
    [
      "HTTP 429",
      { kind: "error", status: 429, code: "10011" },
      { code: "VC_CARRIER_RATE", certainty: "not-sent" },
    ],
    ["a bad value", { kind: "error", status: 422, code: "10015" }, { code: "VC_CARRIER_REFUSED" }],
    ["an account level", { kind: "error", status: 403, code: "10038" }, { code: "VC_CARRIER_BLOCKED" }],
  ];

  it.each(cases)("with %s says what is known, and is sent once", async (_, fault, expected) => {
    emulator.fail("dial", fault);
    expect(await failureOf(carrier.dial(NEW, BYE, signal))).toMatchObject(expected);
    expect(emulator.creates()).toBe(1);
  });

  it("without any answer is given up with its time, and was sent once", async () => {
    emulator.fail("dial", { kind: "silence" });
    expect(await failureOf(carrier.dial(NEW, BYE, AbortSignal.timeout(100)))).toMatchObject(uncertain);
    expect(emulator.creates()).toBe(1);
  });

  it.each([
    ["a success without a body", 200, "", uncertain],
    ["a success that is no call", 200, "[]", uncertain],
    ["a success without an id", 200, '{"data":{}}', uncertain],
    ["a page of a proxy", 502, "<html>", uncertain],
    ["a refusal without a reason", 422, "<html>", { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
  ])("with %s says what is known", async (_, status, body, expected) => {
    const there = new TelnyxCarrier({
      api: createTelnyxApi({ apiKey: API_KEY }, async () => new Response(body, { status })),
      connectionId: CONNECTION,
      webhookUrl: () => desk.url,
      inspect: () => Promise.reject(new Error("not here")),
      sleep: async () => {},
    });
    expect(await failureOf(there.dial(NEW, BYE, signal))).toMatchObject(expected);
  });

  it("with a wrong key says so, and never shows the key", async () => {
    const stranger = connect({ apiKey: "KEY_of_somebody_else" });
    const failure = await failureOf(stranger.dial(NEW, BYE, signal));
    expect(failure).toMatchObject({ code: "VC_CARRIER_AUTH", certainty: "refused" });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("somebody");
  });

  it("because nobody is there was certainly not sent", async () => {
    const nobody = connect({ apiBaseUrl: emulator.url });
    await emulator.close();
    expect(await failureOf(nobody.dial(NEW, BYE, signal))).toMatchObject({
      code: "VC_CARRIER_UNREACHABLE",
      certainty: "not-sent",
    });
    await start();
  });

  it("is not even sent when it is no longer wanted, or the carrier has been closed", async () => {
    const unwanted = await failureOf(carrier.dial(NEW, BYE, AbortSignal.abort()));
    await carrier.close();
    for (const failure of [unwanted, await failureOf(carrier.dial(NEW, BYE, signal))]) {
      expect(failure).toMatchObject({ certainty: "not-sent" });
    }
    expect(emulator.requests).toEqual([]);
  });
});

describe("a call", () => {
  it("is told step by step, by our id, in signed events that ask for no answer", async () => {
    const { call, live } = await answered();
    await carrier.instruct(call, BYE, signal);
    await desk.event("played");
    await carrier.hangup(call, signal);
    await live.ended;
    await desk.event("ended");
    expect(live.heard()).toEqual(["Dinner is ready."]);
    expect(desk.events().map(({ type }) => type)).toEqual(["initiated", "answered", "played", "ended"]);
    expect(desk.events().at(-1)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "us" } });
    for (const { callId, carrierCallId, offer, wants } of desk.facts) {
      expect({ callId, carrierCallId, offer, wants }).toEqual({
        callId: "vc_1",
        carrierCallId: live.id,
        offer: null,
        wants: "nothing",
      });
    }
    expect(emulator.problems).toEqual([]);
    expect(desk.refused).toEqual([]);
  });

  it.each([
    ["busy", "busy"],
    ["declines", "rejected"],
    ["fails", "failed"],
    ["noAnswer", "no-answer"],
  ] as const)("whose callee %s ends as %s", async (what, outcome) => {
    emulator.callee(THEIRS)[what]();
    await dialed();
    await desk.event("ended");
    expect(desk.events().at(-1)).toMatchObject({ outcome });
  });

  it("from a number that is not ours ends as failed, and says that Telnyx refused it", async () => {
    await restart({ ownNumbers: ["+15550100077"] });
    await dialed();
    await desk.event("ended");
    expect(desk.events().at(-1)).toMatchObject({
      outcome: "failed",
      evidence: { carrierCode: "call_rejected (SIP 403)", error: "VC_CARRIER_REFUSED" },
    });
  });

  it("listens in turns, each under its token, with one ear", async () => {
    emulator.callee(THEIRS).answers().says("A table for two", "At seven");
    const { call, live } = await answered();
    await carrier.instruct(call, LISTEN, signal);
    const first = await desk.event("speech");
    expect(first.events).toMatchObject([{ text: "A table for two" }]);
    const next: Instruction = {
      gen: 2,
      say: ["When?"],
      next: { kind: "listen", token: "tok-2", timeoutMs: 5000 },
    };
    await carrier.instruct(call, next, signal);
    const second = await desk.fact(({ events }) =>
      events.some((event) => event.type === "speech" && event.text === "At seven"),
    );
    expect(second.events).toMatchObject([{ token: "tok-2", confidence: 0.92 }]);
    expect(live.heard()).toEqual(["Hi.", "When?"]);
    expect(emulator.requestsOf("transcription_start")).toHaveLength(1);
    expect(desk.events().filter(({ type }) => type === "speaking")).toHaveLength(2);
    expect(emulator.problems).toEqual([]);
  });

  it("hears keys one by one", async () => {
    const { call, live } = await answered();
    await carrier.instruct(call, LISTEN, signal);
    await live.press("1#");
    const keys = desk.events().filter(({ type }) => type === "key");
    expect(keys).toEqual([
      { type: "key", digit: "1" },
      { type: "key", digit: "#" },
    ]);
  });

  it("stops talking when the person speaks, once for each instruction, and listens on", async () => {
    const { live, call } = await answered();
    await carrier.instruct(
      call,
      { ...LISTEN, say: ["Let me tell you a very long story about a very long road."] },
      signal,
    );
    await carrier.quiet?.(call, signal);
    await carrier.quiet?.(call, signal);
    const stops = emulator.requests.filter(({ operation }) => operation === "playback_stop");
    expect(stops.map(({ body }) => body["command_id"])).toEqual([`${call.id}.1.quiet`]);
    await live.until("the words are cut", () => live.cut().length === 1);
    expect(live.transcription).not.toBeNull();
  });

  it("stops talking when there is something else to say", async () => {
    const { call, live } = await answered();
    const long = "I will go on about this for quite a while, as you will hear. ".repeat(10);
    await carrier.instruct(call, { ...LISTEN, say: [long] }, signal);
    await live.hears("quite a while");
    await carrier.instruct(call, { ...BYE, gen: 2 }, signal);
    await desk.fact(({ events }) => events.some((event) => event.type === "played" && event.gen === 2));
    expect(live.cut()).toEqual([long.trim()]);
    expect(live.heard().at(-1)).toBe("Dinner is ready.");
    // What was cut off has an end, too, but as the old words.
    const ends = desk.events().flatMap((event) => (event.type === "played" ? [event.gen] : []));
    expect(ends).not.toEqual([2, 2]);
    expect(ends.filter((gen) => gen === 2)).toHaveLength(1);
  });

  it("has its keys pressed first, and waits for them before it talks", async () => {
    const { call, live } = await answered();
    await carrier.instruct(call, { ...BYE, digits: "1w2#" }, signal);
    expect(live.pressed()).toEqual(["1w2#"]);
    expect(naps).toEqual([3 * 350 + 500]);
    await carrier.instruct(call, { gen: 2, digits: "5", say: [], next: { kind: "wait" } }, signal);
    expect(naps).toHaveLength(1);
  });

  it("tells of a machine, and when its greeting is over", async () => {
    emulator.callee(THEIRS).machine({ greetingMs: 4000 });
    await dialed(SCREENED);
    await desk.fact(({ events }) => events.some((event) => event.type === "detected" && event.over === true));
    expect(desk.events().filter(({ type }) => type === "detected")).toEqual([
      { type: "detected", by: "machine" },
      { type: "detected", by: "machine", over: true },
    ]);
  });

  it("tells of a person, where detection was asked for", async () => {
    await dialed(SCREENED);
    await desk.event("detected");
    expect(desk.events()).toContainEqual({ type: "detected", by: "human" });
  });

  it("goes on without an echo of the state: by its numbers, and words by their time", async () => {
    await restart({ echoClientState: false });
    emulator.callee(THEIRS).answers().says("Hello");
    const { call, live } = await answered();
    await carrier.instruct(call, LISTEN, signal);
    const before = Date.now() - 60_000;
    const { events, callId, carrierCallId } = await desk.event("speech");
    expect({ callId, carrierCallId }).toEqual({ callId: null, carrierCallId: live.id });
    expect(events).toMatchObject([{ token: null, text: "Hello" }]);
    expect((events[0] as { at?: number }).at).toBeGreaterThan(before);
    expect(desk.facts[0]?.offer).toEqual({
      direction: "outbound",
      from: OURS,
      to: THEIRS,
      attestation: null,
    });
  });

  it("is understood whatever the order, and as often as its events come", async () => {
    emulator.faults.reorder = true;
    emulator.webhooks.duplicate = true;
    const { call, live } = await answered();
    await carrier.instruct(call, BYE, signal);
    await desk.event("played");
    await carrier.hangup(call, signal);
    await live.ended;
    await emulator.webhooks.settled();
    const claims = new Map<string, string>();
    for (const { claim, events } of desk.facts) {
      const said = JSON.stringify(events);
      expect(claims.get(claim) ?? said).toBe(said);
      claims.set(claim, said);
    }
    expect(claims.size).toBeLessThan(desk.facts.length);
    expect(new Set(desk.events().map(({ type }) => type))).toEqual(
      new Set(["initiated", "answered", "played", "ended"]),
    );
    expect(desk.refused).toEqual([]);
  });
});

describe("a command that is repeated", () => {
  it("doubles nothing, whichever of an instruction's commands failed", async () => {
    for (const operation of ["send_dtmf", "speak", "transcription_start"] as const) {
      for (const fault of [
        { kind: "lose-reply" },
        { kind: "reset" },
        { kind: "error", status: 503, carriedOut: true },
        { kind: "error", status: 429 },
      ] as const satisfies readonly Fault[]) {
        const id = `vc_${operation}-${fault.kind}-${"status" in fault ? fault.status : 0}`;
        const { call, live } = await dialed({ ...NEW, id });
        await live.until("is answered", () => live.state === "answered");
        emulator.fail(operation, fault);
        const instruction: Instruction = { ...LISTEN, digits: "7" };
        await failureOf(carrier.instruct(call, instruction, signal));
        await carrier.instruct(call, instruction, signal);
        expect({ id, pressed: live.pressed(), heard: live.heard() }).toEqual({
          id,
          pressed: ["7"],
          heard: ["Hi."],
        });
        expect(live.transcription).not.toBeNull();
        void live.hangUp();
      }
    }
    expect(emulator.problems.filter((problem) => problem.includes("runs already"))).toEqual([]);
  });

  it("has the same id, and every command of a call has its own", async () => {
    const { call } = await answered();
    await carrier.instruct(call, { ...LISTEN, digits: "7" }, signal);
    await carrier.instruct(call, { ...LISTEN, gen: 2, digits: "7" }, signal);
    await carrier.hangup(call, signal);
    const sent = emulator.requests.flatMap(({ body }) => body["command_id"] ?? []);
    expect(sent).toEqual([
      "vc_1.dial",
      "vc_1.1.keys1",
      "vc_1.1.say1",
      "vc_1.1.listen",
      "vc_1.2.stop",
      "vc_1.2.keys1",
      "vc_1.2.say1",
      "vc_1.hangup",
    ]);
  });

  it("is not sent again once it was confirmed", async () => {
    const { call } = await answered();
    emulator.fail("transcription_start", { kind: "error", status: 500 });
    await failureOf(carrier.instruct(call, LISTEN, signal));
    emulator.forgetCommandIds();
    await carrier.instruct(call, LISTEN, signal);
    await carrier.instruct(call, LISTEN, signal);
    expect(ids("speak")).toEqual(["vc_1.1.say1"]);
    expect(ids("transcription_start")).toEqual(["vc_1.1.listen", "vc_1.1.listen"]);
  });

  it("closes an ear of which nobody knows whether it is open, and opens one anew", async () => {
    const { call, live } = await answered();
    emulator.fail("transcription_start", { kind: "lose-reply" });
    await failureOf(carrier.instruct(call, LISTEN, signal));
    await carrier.instruct(call, { ...LISTEN, gen: 2 }, signal);
    expect(live.transcription).not.toBeNull();
    const restarted = connect();
    await restarted.instruct(call, { ...LISTEN, gen: 3 }, signal);
    expect(live.transcription).not.toBeNull();
    expect(ids("transcription_stop")).toEqual(["vc_1.2.deafen", "vc_1.3.deafen"]);
    expect(emulator.problems.filter((problem) => !problem.includes("webhook"))).toEqual([]);
    await restarted.close();
  });

  it("came too early for Telnyx: nothing happened, it may be sent again", async () => {
    emulator.callee(THEIRS).answers(5000);
    const { call } = await dialed();
    expect(await failureOf(carrier.instruct(call, BYE, signal))).toMatchObject({ certainty: "not-sent" });
    await desk.event("answered");
    await carrier.instruct(call, BYE, signal);
    await desk.event("played");
  });

  it("to stop what does not play is no failure", async () => {
    const { call, live } = await answered();
    emulator.fail("playback_stop", { kind: "error", status: 422, code: "90099" });
    await carrier.instruct(call, { ...BYE, gen: 2 }, signal);
    expect(live.heard()).toEqual(["Dinner is ready."]);
  });

  it("finds that the call is over", async () => {
    const { call, live } = await answered();
    await live.hangUp();
    for (const gen of [1, 2]) {
      expect(await failureOf(carrier.instruct(call, { ...BYE, gen }, signal))).toMatchObject({
        code: "VC_CARRIER_CALL_GONE",
        certainty: "gone",
      });
    }
    await carrier.hangup(call, signal);
    await carrier.reject(call, "policy", signal);
  });

  it("for a call whose id is not known yet is refused", async () => {
    expect(await failureOf(carrier.hangup(NEW, signal))).toMatchObject({ certainty: "refused" });
    expect(emulator.requests).toEqual([]);
  });
});

describe("somebody calls", () => {
  it("and is answered, greeted and heard; from then on events bear our id", async () => {
    const { call, live, offer } = await ringing();
    expect(offer).toEqual({ direction: "inbound", from: THEIRS, to: OURS, attestation: null });
    await carrier.answer(call, signal);
    const { callId } = await desk.event("answered");
    expect(callId).toBe("vc_in");
    await carrier.instruct(call, LISTEN, signal);
    await live.speak("Hello?");
    expect(desk.events()).toContainEqual(expect.objectContaining({ type: "speech", text: "Hello?" }));
    void live.hangUp();
    await desk.event("ended");
    expect(desk.events().at(-1)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "them" } });
    expect(emulator.problems).toEqual([]);
  });

  it("and is answered once, though the answer was asked for twice", async () => {
    const { call } = await ringing();
    emulator.fail("answer", { kind: "lose-reply" });
    await failureOf(carrier.answer(call, signal));
    await carrier.answer(call, signal);
    expect(ids("answer")).toEqual(["vc_in.answer", "vc_in.answer"]);
    expect(desk.refused).toEqual([]);
  });

  it.each([
    ["policy", "CALL_REJECTED"],
    ["busy", "USER_BUSY"],
  ] as const)("and is refused for %s, unanswered", async (reason, cause) => {
    const { call, live } = await ringing();
    await carrier.reject(call, reason, signal);
    expect(await live.ended).toEqual({ by: "api" });
    expect(bodies("reject")).toMatchObject([{ cause, command_id: "vc_in.reject" }]);
    expect(emulator.requestsOf("answer")).toEqual([]);
  });
});

describe("a hand-over", () => {
  const TO = "+15550100009";
  const TRANSFER: Instruction = { gen: 2, say: ["One moment."], next: { kind: "transfer", to: TO } };

  it("connects the two and ends when the other hangs up", async () => {
    emulator.callee(TO).answers().hangsUpAfter(2000);
    const { call, live } = await answered();
    await carrier.instruct(call, TRANSFER, signal);
    const ended = await desk.event("transfer-ended");
    expect(ended).toMatchObject({
      callId: "vc_1",
      carrierCallId: null,
      events: [{ type: "transfer-ended", gen: 2, reached: true }],
    });
    expect(live.transferredTo()).toBe(TO);
    expect(desk.events().filter(({ type }) => type === "answered")).toHaveLength(1);
    expect(emulator.problems).toEqual([]);
  });

  it.each(["busy", "declines", "fails"] as const)("to somebody who %s was not reached", async (what) => {
    emulator.callee(TO)[what]();
    const { call, live } = await answered();
    await carrier.instruct(call, TRANSFER, signal);
    const ended = await desk.event("transfer-ended");
    expect(ended.events).toEqual([{ type: "transfer-ended", gen: 2, reached: false }]);
    expect(live.isAlive).toBe(true);
    // The caller is still there and is talked to.
    await carrier.instruct(call, { ...LISTEN, gen: 3, say: ["Nobody is there."] }, signal);
    expect(await live.hears("Nobody")).toBe("Nobody is there.");
  });
});

describe("a look-up", () => {
  it("finds a call that lives, one that is over, and none", async () => {
    const { live } = await answered();
    expect(await carrier.lookup(live.id, signal)).toEqual({
      found: true,
      carrierCallId: live.id,
      state: "dialing",
    });
    await live.hangUp();
    expect(await carrier.lookup(live.id, signal)).toEqual({
      found: true,
      carrierCallId: live.id,
      state: "ended",
      outcome: "completed",
      evidence: { source: "look-up", hungUpBy: "unknown", carrierCode: "not alive", durationSec: 1 },
    });
    expect(await carrier.lookup("v3:nobody/../x", signal)).toEqual({ found: false });
  });

  it("of a call that nobody answered says so", async () => {
    emulator.callee(THEIRS).busy();
    const { live } = await dialed();
    await live.ended;
    expect(await carrier.lookup(live.id, signal)).toMatchObject({ state: "ended", outcome: "no-answer" });
  });

  it("that fails is no proof of anything, and may be repeated", async () => {
    const { live } = await answered();
    for (const status of [500, 503, 429]) {
      emulator.fail("status", { kind: "error", status });
      expect(await failureOf(carrier.lookup(live.id, signal))).toMatchObject({ certainty: "not-sent" });
    }
    emulator.fail("status", { kind: "error", status: 401, code: "10009" });
    expect(await failureOf(carrier.lookup(live.id, signal))).toMatchObject({ code: "VC_CARRIER_AUTH" });
  });

  it("by our own id finds a call whose reply was lost, and none that is not ours", async () => {
    emulator.failCreate("lost");
    await failureOf(carrier.dial(NEW, BYE, signal));
    await dialed({ ...NEW, id: "vc_2" });
    const [lost] = emulator.calls;
    expect(await carrier.find({ ...OUTBOUND, carrierCallId: null }, signal)).toEqual({
      found: true,
      carrierCallId: lost?.id,
      state: "dialing",
    });
    expect(await carrier.find({ ...OUTBOUND, id: "vc_3" }, signal)).toEqual({ found: false });
    await lost?.hangUp();
    expect(await carrier.find({ ...OUTBOUND, carrierCallId: null }, signal)).toEqual({ found: false });
  });

  it("by our own id does not take the other leg of a hand-over for the call", async () => {
    emulator.callee("+15550100009").noAnswer();
    const { call, live } = await answered();
    await carrier.instruct(call, { gen: 2, say: [], next: { kind: "transfer", to: "+15550100009" } }, signal);
    expect(emulator.calls).toHaveLength(2);
    expect(await carrier.find(OUTBOUND, signal)).toMatchObject({ found: true, carrierCallId: live.id });
  });
});

describe("the carrier", () => {
  it("writes no documents", () => {
    expect(() => carrier.document(null, { kind: "hangup" })).toThrow(
      expect.objectContaining({ code: "VC_UNSUPPORTED", certainty: "refused" }),
    );
  });

  it("says what it can", () => {
    expect(carrier.id).toBe("telnyx");
    expect(carrier.capabilities).toMatchObject({
      control: "commands",
      confirmsPlayback: true,
      startsWithWords: false,
      idempotentCreate: true,
      answeringMachine: "over",
    });
  });
});
