import { describe, expect, it } from "vitest";
import { phrasesFor } from "../../src/call/phrases.ts";
import { documentCarrier, contentOf, paperFact } from "../support/document-carrier.ts";
import { settled } from "../support/clock.ts";
import { answered, dialing, ended, OURS, ringing, THEIRS, thinking, type Bench } from "./bench.ts";
import { world } from "./world.ts";

const OTHER = "+15550100777";
const words = phrasesFor("en-US");
const transfer = { type: "transfer", to: OTHER, text: "I connect you." } as const;
const over = (bench: Bench, reached: boolean) =>
  ({ type: "transfer-ended", gen: bench.call.instruction?.gen ?? 0, reached }) as const;

describe("handing a call over", () => {
  it("says the words, connects the other number, and stops listening and thinking", () => {
    const bench = thinking();
    expect(bench.kinds(transfer)).toEqual(["hush", "instruct"]);
    expect(bench.call.instruction).toMatchObject({
      say: ["I connect you."],
      next: { kind: "transfer", to: OTHER },
    });
    expect(bench.call.turn).toMatchObject({ phase: "idle", token: null });
    expect(bench.do({ type: "reply", turn: 1, text: "Too late.", final: true })).toEqual([]);
    expect(bench.said).toEqual(["I connect you."]);
  });

  it("may go without a word", () => {
    const bench = answered();
    bench.do({ ...transfer, text: "" });
    expect(bench.call.instruction?.say).toEqual([]);
    expect(bench.said).toEqual([]);
  });

  it("needs somebody on the line, who is not handed over already", () => {
    for (const bench of [dialing(), ringing()]) {
      bench.do(transfer);
      expect(bench.refusal).toBe("VC_CALL_NOT_ANSWERED");
    }
    const bench = answered();
    bench.do(transfer, transfer);
    expect(bench.refusal).toBe("VC_CALL_HANDED_OVER");
  });

  it.each([
    { type: "speak", text: "Hello?" },
    { type: "ask", text: "Hello?" },
    { type: "press", digits: "1" },
  ] as const)("leaves nobody here to $type to", (request) => {
    const bench = answered();
    bench.do(transfer);
    const before = bench.call;
    bench.do(request);
    expect([bench.refusal, bench.call]).toEqual(["VC_CALL_HANDED_OVER", before]);
  });

  it("can be hung up, and its longest duration holds", () => {
    const bench = answered();
    bench.do(transfer);
    expect(bench.due).toEqual(["max-duration"]);
    expect(bench.do({ type: "hang-up" })).toContainEqual({ kind: "hangup", reason: "requested" });
    const long = answered();
    long.do(transfer);
    expect(long.pass("max-duration")).toContainEqual({ kind: "hangup", reason: "max-duration" });
  });

  it("leaves a question that waits without an answer, and the question's time does not break it up", () => {
    const bench = answered();
    bench.do({ type: "ask", text: "Shall I connect you?" });
    expect(bench.do(transfer)).toContainEqual({ kind: "heard", text: null });
    expect(bench.due).toEqual(["max-duration"]);
    expect(bench.call.turn.for).toBe("agent");
  });

  it("is not cut by a machine that is found out late", () => {
    const bench = dialing({}, { outbound: { answeringMachine: "leave-message" } });
    bench.do({ type: "dialed", carrierCallId: "c" }, { type: "answered" }, transfer);
    for (const event of [
      { type: "detected", by: "machine" },
      { type: "detected", by: "machine", over: true },
    ] as const) {
      expect(bench.do(event)).toEqual([]);
    }
    expect(bench.pass("screening")).toEqual([]);
    expect(bench.call.instruction?.next.kind).toBe("transfer");
  });
});

describe("when the hand-over is over", () => {
  it("a caller who has talked is done, and so is the call", () => {
    const bench = answered();
    bench.do(transfer);
    expect(bench.do(over(bench, true))).toContainEqual({ kind: "hangup", reason: "transferred" });
    bench.do({ type: "hung-up" });
    expect(bench.call.outcome).toBe("completed");
  });

  it("the hang-up is not credited to us: one of the two who have talked did, and the carrier may not know which", () => {
    const bench = answered();
    bench.do(transfer, over(bench, true), { type: "hung-up" });
    expect(bench.call.evidence?.hungUpBy).toBe("unknown");
  });

  it("a caller who could not be connected is told so and is listened to again", () => {
    const bench = answered();
    bench.do(transfer, over(bench, false));
    bench.do({ type: "transfer-ended", gen: 2, reached: false });
    expect(bench.call.instruction).toMatchObject({
      gen: 3,
      say: [words.notReached],
      next: { kind: "listen" },
    });
    expect(bench.hear("Never mind.")).toEqual([{ kind: "think", turn: 1, words: "Never mind." }]);
  });

  it("a goodbye that came before it is forgotten, for the caller is back", () => {
    const bench = thinking();
    bench.do({ type: "close" }, transfer);
    bench.do(over(bench, false));
    bench.hear("Nobody there?");
    bench.do({ type: "reply", turn: 2, text: "I am sorry.", final: true });
    expect(bench.call.instruction?.next.kind).toBe("listen");
  });

  it("an older one, one of nothing, and one after the hang-up change nothing", () => {
    const bench = answered();
    expect(bench.do({ type: "transfer-ended", gen: 1, reached: true })).toEqual([]);
    bench.do(transfer, { type: "transfer-ended", gen: 2, reached: false });
    expect(bench.do({ type: "transfer-ended", gen: 2, reached: true })).toEqual([]);
    bench.do(transfer, { type: "hang-up" });
    expect(bench.do(over(bench, false))).toEqual([]);
    bench.do(ended("completed"));
    expect(bench.do(over(bench, true))).toEqual([]);
  });
});

describe("the second leg of a hand-over", () => {
  it("is no call of its own, as long as the caller is being handed over", async () => {
    const carrier = { ...documentCarrier() };
    const it = world({
      carrier: { ...carrier, capabilities: { ...carrier.capabilities, transfer: true } },
      config: { inboundPolicy: "open" },
    });
    const office = it.start();
    const call = await office.switchboard.initiate({
      to: THEIRS,
      message: "Hello.",
      mode: "conversation",
      requester: { surface: "tool" },
    });
    await office.receive(paperFact(call, [{ type: "answered" }], { wants: "nothing" }));
    await office.switchboard.transfer(call.id, OTHER, "");
    await settled();
    const offer = { direction: "outbound", from: OURS, to: OTHER, attestation: null } as const;
    const leg = { id: "", carrierCallId: "leg-2" };
    const reply = await office.receive(paperFact(leg, [], { callId: null, offer }));
    expect(contentOf(reply)).toEqual({ kind: "hangup" });
    expect(it.store.dump().calls).toHaveLength(1);
    await office.switchboard.end(call.id);
    await it.finish();
  });
});

describe("on the mock carrier", () => {
  const requester = { surface: "tool" } as const;

  const handedOver = async (other: { readonly pickUp?: "busy" | "no-answer" }) => {
    const it = world({ script: { [OTHER]: other, "*": {} }, pace: { answerMs: 1_000, noAnswerMs: 5_000 } });
    const office = it.start();
    const call = await office.switchboard.initiate({
      to: THEIRS,
      message: "Hi.",
      mode: "conversation",
      requester,
    });
    await it.clock.advance(2_000);
    await office.switchboard.transfer(call.id, OTHER, "One moment.");
    return { it, office, id: call.id };
  };

  it("the call ends when the two have talked", async () => {
    const { it, id } = await handedOver({});
    await it.clock.advance(10_000);
    expect(it.call(id)).toMatchObject({ state: "ended", outcome: "completed", hangup: "transferred" });
    await it.finish();
    expect(it.words(id)).toEqual(["Hi.", "One moment."]);
  });

  it.each(["busy", "no-answer"] as const)(
    "somebody who is %s leaves the caller with the agent",
    async (pickUp) => {
      const { it, office, id } = await handedOver({ pickUp });
      await it.clock.advance(6_000);
      expect(it.call(id)).toMatchObject({ state: "answered", instruction: { next: { kind: "listen" } } });
      await office.switchboard.end(id);
      await it.finish();
      expect(it.words(id)).toEqual(["Hi.", "One moment.", words.notReached]);
    },
  );

  it("a caller who hangs up meanwhile has ended the call", async () => {
    const { it, id } = await handedOver({});
    await it.mock.phone.hangUp(it.call(id).carrierCallId ?? "");
    await it.finish();
    expect(it.call(id)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "them" } });
  });
});
