import { describe, expect, it } from "vitest";
import {
  AGENT,
  hangup,
  inbound,
  instruction,
  listen,
  live,
  outbound,
  PERSON,
  rig,
  RING_MS,
  wait,
} from "./rig.ts";

const OTHER = "+15550100042";
const aborted = AbortSignal.abort();

describe("an outbound call", () => {
  it("is initiated, rings, is answered, speaks and hangs up, each told by its own webhook", async () => {
    const { clock, dial, types, facts, carrier } = rig();
    const ref = await dial(PERSON, instruction(1, "Your parcel is here.", hangup(3000)));
    expect(types()).toEqual([]);
    await clock.runAll();
    expect(types()).toEqual(["initiated", "ringing", "answered", "played", "ended"]);
    expect(
      facts.map((fact) => [fact.carrier, fact.callId, fact.carrierCallId, fact.wants, fact.offer]),
    ).toEqual(facts.map(() => ["mock", "vc_1", ref.carrierCallId, "nothing", null]));
    expect(new Set(facts.map((fact) => fact.claim)).size).toBe(facts.length);
    expect(await carrier.lookup(ref.carrierCallId ?? "", live)).toMatchObject({
      found: true,
      state: "ended",
      outcome: "completed",
      evidence: { source: "carrier", hungUpBy: "us", carrierCode: "completed", durationSec: 3 },
    });
  });

  it("takes as long to speak as its words need, and confirms them only then", async () => {
    const { clock, dial, types, shown } = rig({ pace: { wordMs: 100, digitMs: 10 } });
    await dial(PERSON, instruction(1, ["one two three", "four five"], hangup(1000), "12w3"));
    await clock.advance(0);
    expect(await shown()).toEqual([`ringing: ${AGENT}`, "answered", "digits: 12w3"]);
    await clock.advance(90);
    expect((await shown()).slice(3)).toEqual(["spoken: one two three"]);
    await clock.advance(499);
    expect((await shown()).slice(4)).toEqual(["spoken: four five"]);
    expect(types()).not.toContain("played");
    await clock.advance(1);
    expect(types().at(-1)).toBe("played");
    await clock.advance(999);
    expect(types()).not.toContain("ended");
    await clock.advance(1);
    expect(types().at(-1)).toBe("ended");
  });

  it("confirms no playback when there were no words", async () => {
    const { clock, dial, types } = rig();
    await dial(PERSON, instruction(1, ["", "  "], hangup()));
    await clock.runAll();
    expect(types()).toEqual(["initiated", "ringing", "answered", "ended"]);
  });

  it("dials once when the create request is repeated", async () => {
    const { carrier, clock, types } = rig();
    const first = await carrier.dial(outbound(PERSON), instruction(1, "Hi.", hangup()), live);
    const second = await carrier.dial(outbound(PERSON), instruction(1, "Hi.", hangup()), live);
    expect(second).toEqual(first);
    await clock.runAll();
    expect(types().filter((type) => type === "initiated")).toHaveLength(1);
    expect(await carrier.dial(outbound(PERSON), instruction(1, "Hi.", hangup()), live)).toEqual(first);
    expect(clock.pending).toBe(0);
  });

  it("is given up by the carrier when it rings too long", async () => {
    const { dial, clock, events } = rig({ script: { [PERSON]: { pickUp: "person" } } });
    await dial(PERSON, instruction(1, "Hi.", hangup()));
    await clock.advance(RING_MS - 1);
    expect(events().at(-1)).toEqual({ type: "ringing" });
    await clock.advance(1);
    expect(events().at(-1)).toMatchObject({ type: "ended", outcome: "no-answer" });
  });

  it("is canceled by a hang-up before the answer and completed by one after it, by our own doing", async () => {
    const { dial, clock, carrier, events } = rig({ script: { [PERSON]: { pickUp: "person" } } });
    const ringing = await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(10);
    await carrier.hangup(ringing, live);
    await clock.runAll();
    expect(events().at(-1)).toMatchObject({ outcome: "canceled", evidence: { hungUpBy: "us" } });
    const talking = await dial(PERSON, instruction(1, "Hi.", wait), "vc_2");
    await clock.advance(10);
    await carrier.phone.answer(talking.carrierCallId ?? "");
    await clock.advance(10);
    await carrier.hangup(talking, live);
    await clock.runAll();
    expect(events().at(-1)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "us" } });
  });

  it("that nobody ends is ended by the carrier after four hours", async () => {
    const { dial, clock, events } = rig();
    await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(4 * 3_600_000 - 1);
    expect(events().at(-1)).toMatchObject({ type: "played" });
    await clock.advance(1);
    expect(events().at(-1)).toMatchObject({ type: "ended", evidence: { hungUpBy: "carrier" } });
  });
});

describe("an instruction", () => {
  it("listens: the person's words come back with the listen's token, once", async () => {
    const { dial, clock, carrier, events } = rig();
    const ref = await dial(PERSON, instruction(1, "Hello?", listen("t1")));
    await clock.advance(10);
    await carrier.phone.say(ref.carrierCallId ?? "", "  Yes, hello. ");
    await clock.advance(10);
    expect(events().at(-1)).toMatchObject({ type: "speech", token: "t1", text: "Yes, hello." });
    await expect(carrier.phone.say(ref.carrierCallId ?? "", "Again")).rejects.toMatchObject({
      code: "VC_NOBODY_LISTENS",
    });
    await clock.advance(60_000);
    expect(events().at(-1)).toMatchObject({ type: "speech" });
  });

  it("listens for digits as well, up to the hash that ends them", async () => {
    const { dial, clock, carrier, events } = rig();
    const ref = await dial(PERSON, instruction(1, [], listen("t1")));
    await clock.advance(10);
    await carrier.phone.press(ref.carrierCallId ?? "", "12#");
    await clock.advance(10);
    expect(events().at(-1)).toEqual({ type: "digits", token: "t1", digits: "12" });
  });

  it("reports silence when the listen's time is over, counted from the end of the words", async () => {
    const { dial, clock, events } = rig({ pace: { wordMs: 100 } });
    await dial(PERSON, instruction(1, "one two", listen("t1", 1000)));
    await clock.advance(1199);
    expect(events().at(-1)).toEqual({ type: "played", gen: 1 });
    await clock.advance(1);
    expect(events().at(-1)).toEqual({ type: "silence", token: "t1" });
  });

  it("is interrupted by the person's words: the rest is never said nor confirmed", async () => {
    const { dial, clock, carrier, types, shown } = rig({ pace: { wordMs: 100 } });
    const ref = await dial(PERSON, instruction(1, ["one two three", "four five six"], listen("t1")));
    await clock.advance(150);
    await carrier.phone.say(ref.carrierCallId ?? "", "Wait.");
    await clock.advance(60_000);
    expect(types().slice(3)).toEqual(["speech"]);
    expect(await shown()).not.toContain("spoken: four five six");
  });

  it("cannot be interrupted when it does not listen afterwards", async () => {
    const { dial, clock, carrier, types } = rig({ pace: { wordMs: 100 } });
    const ref = await dial(PERSON, instruction(1, "one two three", hangup()));
    await clock.advance(100);
    await expect(carrier.phone.say(ref.carrierCallId ?? "", "Wait.")).rejects.toMatchObject({
      code: "VC_NOBODY_LISTENS",
    });
    await clock.runAll();
    expect(types().slice(3)).toEqual(["played", "ended"]);
  });

  it("is replaced by a newer one: what was left of it never happens", async () => {
    const { dial, clock, carrier, events } = rig({ pace: { wordMs: 100 } });
    const ref = await dial(PERSON, instruction(1, "one two three", listen("t1", 1000)));
    await clock.advance(150);
    await carrier.instruct(ref, instruction(2, "new words", listen("t2", 1000)), live);
    await clock.advance(60_000);
    expect(events().slice(3)).toEqual([
      { type: "played", gen: 2 },
      { type: "silence", token: "t2" },
    ]);
  });

  it("changes nothing when it is repeated or older than the running one", async () => {
    const { dial, clock, carrier, shown } = rig();
    const ref = await dial(PERSON, instruction(2, "Second.", wait));
    await clock.advance(10);
    const before = await shown();
    await carrier.instruct(ref, instruction(2, "Second.", wait), live);
    await carrier.instruct(ref, instruction(1, "First.", hangup()), live);
    await clock.advance(10);
    expect(await shown()).toEqual(before);
  });

  it("is refused before the answer, and on a call that is over the carrier says that it is gone", async () => {
    const { dial, clock, carrier } = rig({ script: { [PERSON]: { pickUp: "person" } } });
    const ref = await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(10);
    const next = instruction(2, "Hi again.", wait);
    await expect(carrier.instruct(ref, next, live)).rejects.toMatchObject({ certainty: "refused" });
    await carrier.hangup(ref, live);
    await expect(carrier.instruct(ref, next, live)).rejects.toMatchObject({
      certainty: "gone",
      code: "VC_CARRIER_CALL_GONE",
    });
    await expect(carrier.instruct(inbound("mock-none"), next, live)).rejects.toMatchObject({
      certainty: "gone",
    });
  });
});

const over = (reached: boolean) => ({ type: "transfer-ended", gen: 2, reached });

describe("a hand-over", () => {
  const transfer = { kind: "transfer", to: OTHER } as const;

  it.each([
    [{}, true],
    [{ pickUp: "person" }, true],
    [{ pickUp: "busy" }, false],
    [{ pickUp: "no-answer" }, false],
    [{ pickUp: "decline" }, false],
    [{ create: "refused" }, false],
  ] as const)(
    "to somebody like %o is over once, and says whether they talked: %s",
    async (other, reached) => {
      const { dial, clock, carrier, events, shown } = rig({ script: { [OTHER]: other } });
      const ref = await dial(PERSON, instruction(1, "Hello.", wait));
      await clock.advance(10);
      await carrier.instruct(ref, instruction(2, "I connect you.", transfer), live);
      await clock.advance(60_000);
      expect(events().slice(-2)).toEqual([{ type: "played", gen: 2 }, over(reached)]);
      expect((await shown()).slice(-2)).toEqual(["spoken: I connect you.", `transferred: ${OTHER}`]);
    },
  );

  it("that is replaced by something else is never reported", async () => {
    const { dial, clock, carrier, types } = rig();
    const ref = await dial(PERSON, instruction(1, [], wait));
    await clock.advance(10);
    await carrier.instruct(ref, instruction(2, [], transfer), live);
    await clock.advance(1_000);
    await carrier.instruct(ref, instruction(3, "Come back.", wait), live);
    await clock.advance(60_000);
    expect(types().at(-1)).toBe("played");
    expect(types()).not.toContain("transfer-ended");
  });

  it("hears nobody, and ends with the caller", async () => {
    const { dial, clock, carrier, types } = rig();
    const ref = await dial(PERSON, instruction(1, [], wait));
    await clock.advance(10);
    await carrier.instruct(ref, instruction(2, [], transfer), live);
    const { phone } = carrier;
    await expect(phone.say(ref.carrierCallId ?? "", "Hello?")).rejects.toMatchObject({
      code: "VC_NOBODY_LISTENS",
    });
    await phone.hangUp(ref.carrierCallId ?? "");
    await clock.runAll();
    expect(types().at(-1)).toBe("ended");
    expect(types()).not.toContain("transfer-ended");
  });
});

describe("an inbound call", () => {
  it("is offered to the plugin, and the first instruction answers it", async () => {
    const { clock, carrier, facts, types, shown } = rig();
    const { carrierCallId } = await carrier.phone.call(PERSON, AGENT);
    await clock.advance(10);
    expect(facts).toMatchObject([
      {
        callId: null,
        carrierCallId,
        events: [],
        offer: { direction: "inbound", from: PERSON, to: AGENT, attestation: null },
      },
    ]);
    expect(await carrier.lookup(carrierCallId, live)).toMatchObject({ found: true, state: "ringing" });
    await carrier.instruct(inbound(carrierCallId), instruction(1, "Welcome.", listen("t1")), live);
    await clock.advance(10);
    expect(types()).toEqual(["answered", "played"]);
    expect(facts.slice(1).map((fact) => [fact.callId, fact.offer])).toEqual([
      ["vc_in", null],
      ["vc_in", null],
    ]);
    expect(await shown()).toEqual([`ringing: ${AGENT}`, "answered", "spoken: Welcome.", "listening"]);
  });

  it("is refused once; a repeated refusal changes nothing", async () => {
    const { clock, carrier, events, shown } = rig();
    const { carrierCallId } = await carrier.phone.call(PERSON, AGENT);
    await carrier.reject(inbound(carrierCallId), "busy", live);
    await carrier.reject(inbound(carrierCallId), "busy", live);
    await clock.runAll();
    expect(events()).toMatchObject([
      { type: "ended", outcome: "rejected", evidence: { hungUpBy: "us", carrierCode: "busy" } },
    ]);
    expect((await shown()).at(-1)).toBe("refused: rejected");
    expect(clock.pending).toBe(0);
  });

  it("cannot be refused after the answer or after its end", async () => {
    const { clock, carrier } = rig();
    const { carrierCallId } = await carrier.phone.call(PERSON, AGENT);
    const ref = inbound(carrierCallId);
    await carrier.instruct(ref, instruction(1, "Hi.", wait), live);
    await expect(carrier.reject(ref, "policy", live)).rejects.toMatchObject({ certainty: "refused" });
    await carrier.hangup(ref, live);
    await expect(carrier.reject(ref, "policy", live)).rejects.toMatchObject({ certainty: "gone" });
    await clock.runAll();
  });

  it("ends as canceled when the caller gives up, and as unanswered when nobody takes it", async () => {
    const { clock, carrier, events } = rig();
    const { carrierCallId } = await carrier.phone.call(PERSON, AGENT);
    await carrier.phone.hangUp(carrierCallId);
    await clock.runAll();
    expect(events()).toMatchObject([{ type: "ended", outcome: "canceled", evidence: { hungUpBy: "them" } }]);
    await carrier.phone.call(PERSON, AGENT);
    await clock.runAll();
    expect(events().at(-1)).toMatchObject({ type: "ended", outcome: "no-answer" });
  });
});

describe("the carrier's other answers", () => {
  it("a hang-up of a call that is over or unknown is a success", async () => {
    const { clock, carrier, types, dial } = rig();
    const ref = await dial(PERSON, instruction(1, "Hi.", hangup()));
    await clock.runAll();
    await carrier.hangup(ref, live);
    await carrier.hangup(inbound("mock-none"), live);
    await clock.runAll();
    expect(types().filter((type) => type === "ended")).toHaveLength(1);
  });

  it("a lost create reply leaves a call that can be found by our id and hung up by it", async () => {
    const { carrier, clock, facts } = rig({ script: { [PERSON]: { create: "lost", pickUp: "person" } } });
    const ref = outbound(PERSON);
    await expect(carrier.dial(ref, instruction(1, "Hi.", wait), live)).rejects.toMatchObject({
      certainty: "unknown",
    });
    await clock.advance(10);
    expect(facts.at(-1)).toMatchObject({ callId: "vc_1", events: [{ type: "ringing" }] });
    expect(await carrier.find({ ...ref, createdAt: 0 }, live)).toMatchObject({
      found: true,
      state: "ringing",
    });
    await carrier.hangup(ref, live);
    expect(await carrier.find({ ...ref, createdAt: 0 }, live)).toMatchObject({ outcome: "canceled" });
  });

  it.each([
    ["lost-unplaced", "unknown"],
    ["refused", "refused"],
    ["not-sent", "not-sent"],
  ] as const)("a create that is %s places no call and says %s", async (create, certainty) => {
    const { carrier, clock, facts } = rig({ script: { [PERSON]: { create } } });
    const ref = outbound(PERSON);
    await expect(carrier.dial(ref, instruction(1, "Hi.", wait), live)).rejects.toMatchObject({ certainty });
    await clock.runAll();
    expect(facts).toEqual([]);
    expect(await carrier.find({ ...ref, createdAt: 0 }, live)).toEqual({ found: false });
  });

  it("an aborted request does nothing", async () => {
    const { carrier, clock, dial, types } = rig();
    await expect(carrier.dial(outbound(PERSON), instruction(1, "Hi.", wait), aborted)).rejects.toMatchObject({
      certainty: "not-sent",
    });
    const ref = await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(10);
    await expect(carrier.instruct(ref, instruction(2, "No.", hangup()), aborted)).rejects.toMatchObject({
      certainty: "not-sent",
    });
    await expect(carrier.hangup(ref, aborted)).rejects.toMatchObject({ certainty: "not-sent" });
    await expect(carrier.reject(ref, "policy", aborted)).rejects.toMatchObject({ certainty: "not-sent" });
    await clock.advance(10);
    expect(types().at(-1)).toBe("played");
  });

  it("every number is its own, and cannot pick up without words", async () => {
    const { carrier } = rig();
    expect(await carrier.inspect(AGENT, live)).toEqual({
      credentials: "accepted",
      ownsNumber: true,
      clockSkewMs: 0,
    });
    await expect(carrier.answer(inbound("mock-none"), live)).rejects.toMatchObject({
      code: "VC_UNSUPPORTED",
    });
  });

  it("an unknown call is not found, and there are no documents", async () => {
    const { carrier } = rig();
    expect(await carrier.lookup("mock-none", live)).toEqual({ found: false });
    expect(() => carrier.document(null, { kind: "wait" })).toThrow("VC_UNSUPPORTED");
  });

  it("more calls than it holds are turned away unsent, and old ended ones are forgotten", async () => {
    const { carrier, clock, dial } = rig({ script: { "*": { pickUp: "person" } } });
    const first = await dial(PERSON, instruction(1, "Hi.", wait), "vc_0");
    for (let n = 1; n < 2000; n++) await dial(PERSON, instruction(1, "Hi.", wait), `vc_${n}`);
    await expect(dial(PERSON, instruction(1, "Hi.", wait), "vc_more")).rejects.toMatchObject({
      certainty: "not-sent",
      code: "VC_CARRIER_RATE",
    });
    await expect(carrier.phone.call(PERSON, AGENT)).rejects.toMatchObject({ code: "VC_CARRIER_RATE" });
    await carrier.hangup(first, live);
    for (let n = 1; n < 2000; n++) await carrier.hangup(outbound(PERSON, `vc_${n}`), live);
    expect(await carrier.lookup(first.carrierCallId ?? "", live)).toMatchObject({ found: true });
    const last = await dial(PERSON, instruction(1, "Hi.", wait), "vc_last");
    await carrier.hangup(last, live);
    expect(await carrier.lookup(first.carrierCallId ?? "", live)).toEqual({ found: false });
    expect(await carrier.lookup(last.carrierCallId ?? "", live)).toMatchObject({ found: true });
    await carrier.close();
    expect(clock.pending).toBe(0);
  });

  it("after it is closed nothing is sent, nothing is placed and no timer is left", async () => {
    const { carrier, clock, dial, facts } = rig();
    await dial(PERSON, instruction(1, "Hi.", listen("t1")));
    await clock.advance(10);
    const before = facts.length;
    await carrier.phone.call(PERSON, AGENT);
    await carrier.close();
    expect(clock.pending).toBe(0);
    await clock.runAll();
    expect(facts).toHaveLength(before);
    await expect(dial(PERSON, instruction(1, "Hi.", wait), "vc_9")).rejects.toMatchObject({
      certainty: "not-sent",
    });
    await expect(carrier.phone.call(PERSON, AGENT)).rejects.toMatchObject({ code: "VC_NOT_RUNNING" });
  });
});
