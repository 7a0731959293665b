import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import { OURS, THEIRS } from "./fixtures.ts";
import {
  BYE,
  LISTEN,
  SCREENED,
  emulator,
  desk,
  carrier,
  signal,
  naps,
  restart,
  failureOf,
  dialed,
  answered,
  ringing,
  bodies,
  ids,
  useTelnyx,
} from "./rig.ts";

useTelnyx();

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
