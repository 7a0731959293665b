import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CarrierFact, WebhookReply } from "../../src/call/ports.ts";
import { Decisions, TRY_AGAIN } from "../../src/edge/decisions.ts";
import type { FactAnswer } from "../../src/edge/protocol.ts";

const LIMITS = { pendingFacts: 100, pendingPerClaim: 4, replyTimeoutMs: 12_000, rememberedReplies: 3 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(limits: Partial<typeof LIMITS> = {}) {
  const asked: { id: number; claim: string }[] = [];
  const got: [name: string, reply: WebhookReply][] = [];
  const decisions = new Decisions(
    { ...LIMITS, ...limits },
    (id, fact) => void asked.push({ id, claim: fact.claim }),
  );
  return {
    asked,
    got,
    ask: (name: string, claim: string, wants: CarrierFact["wants"] = "nothing") =>
      decisions.ask(fact(claim, wants), (reply) => void got.push([name, reply])),
    /** Answers the latest question. */
    answer: (answer: FactAnswer) => decisions.settle(asked.at(-1)?.id ?? 0, answer),
    settle: (id: number, answer: FactAnswer) => decisions.settle(id, answer),
  };
}

const DONE: WebhookReply = { status: 204 };
const DOCUMENT: WebhookReply = { status: 200, body: "<Gather token='t1'/>" };
const WAIT: WebhookReply = { status: 200, body: "<Pause/>" };

describe("a repeat", () => {
  it("of a saved fact is answered without asking again", () => {
    const { ask, answer, asked, got } = setUp();
    ask("first", "c");
    answer({ reply: DONE, remember: true });
    ask("second", "c");
    expect(asked).toHaveLength(1);
    expect(got).toEqual([
      ["first", DONE],
      ["second", DONE],
    ]);
  });

  it("gets the reply meant for repeats, never the first one's document", () => {
    const { ask, answer, asked, got } = setUp();
    ask("first", "c", "document");
    answer({ reply: DOCUMENT, replay: WAIT, remember: true });
    ask("second", "c", "document");
    expect(asked).toHaveLength(1);
    expect(got).toEqual([
      ["first", DOCUMENT],
      ["second", WAIT],
    ]);
  });

  it("of a document without a reply for repeats is decided anew", () => {
    const { ask, answer, asked, got } = setUp();
    ask("first", "c", "document");
    answer({ reply: DOCUMENT, remember: true });
    ask("second", "c", "document");
    answer({ reply: WAIT, remember: true });
    expect(asked).toHaveLength(2);
    expect(got).toEqual([
      ["first", DOCUMENT],
      ["second", WAIT],
    ]);
  });

  it("that comes while the first is undecided waits for its decision", () => {
    const { ask, answer, asked, got } = setUp();
    for (const name of ["first", "second", "third"]) ask(name, "c", "document");
    expect(asked).toHaveLength(1);
    answer({ reply: DOCUMENT, replay: WAIT, remember: true });
    expect(got).toEqual([
      ["first", DOCUMENT],
      ["second", WAIT],
      ["third", WAIT],
    ]);
  });

  it("is asked about when the first could not be saved", () => {
    const { ask, answer, asked, got } = setUp();
    ask("first", "c");
    ask("second", "c");
    answer({ reply: TRY_AGAIN, remember: false });
    expect(asked).toHaveLength(2);
    answer({ reply: DONE, remember: true });
    expect(got).toEqual([
      ["first", TRY_AGAIN],
      ["second", DONE],
    ]);
  });

  it("does not pile up: past a handful it is sent away", () => {
    const { ask, got } = setUp();
    for (const name of ["1", "2", "3", "4", "5"]) ask(name, "c");
    expect(got).toEqual([["5", TRY_AGAIN]]);
  });

  it("is remembered for the latest claims only", () => {
    const { ask, answer, asked } = setUp();
    for (const claim of ["a", "b", "c"]) {
      ask(claim, claim);
      answer({ reply: DONE, remember: true });
    }
    ask("a again", "a");
    ask("d", "d");
    answer({ reply: DONE, remember: true });
    ask("a once more", "a");
    expect(asked).toHaveLength(4);
    ask("b again", "b");
    expect(asked.at(-1)?.claim).toBe("b");
  });
});

describe("a main thread that does not answer", () => {
  it("has its carriers told to come again, before they give up by themselves", () => {
    const { ask, got } = setUp();
    ask("first", "c");
    vi.advanceTimersByTime(11_999);
    expect(got).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(got).toEqual([["first", TRY_AGAIN]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is asked again for the repeat that is still waiting, and its late answer to the first is dropped", () => {
    const { ask, asked, got, settle } = setUp();
    ask("first", "c");
    vi.advanceTimersByTime(6_000);
    ask("second", "c");
    vi.advanceTimersByTime(6_000);
    expect(asked.map(({ id }) => id)).toEqual([1, 2]);
    settle(1, { reply: DOCUMENT, remember: true });
    expect(got).toEqual([["first", TRY_AGAIN]]);
    settle(2, { reply: DONE, remember: true });
    expect(got.at(-1)).toEqual(["second", DONE]);
  });

  it("is not buried: past the bound webhooks are sent away at once", () => {
    const { ask, got, asked } = setUp({ pendingFacts: 2 });
    for (const claim of ["a", "b", "c"]) ask(claim, claim);
    expect(asked).toHaveLength(2);
    expect(got).toEqual([["c", TRY_AGAIN]]);
  });
});

it("every request is answered exactly once, whatever the order of repeats, answers and silence", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("ask" as const), claim: fc.constantFrom("a", "b", "c", "d") }),
    fc.record({
      do: fc.constant("answer" as const),
      id: fc.nat(12),
      remember: fc.boolean(),
      replay: fc.boolean(),
    }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.nat(8_000) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { ask, got, settle } = setUp({ pendingFacts: 6 });
      let requests = 0;
      for (const one of steps) {
        if (one.do === "ask") ask(String((requests += 1)), one.claim, requests % 2 ? "document" : "nothing");
        else if (one.do === "wait") vi.advanceTimersByTime(one.ms);
        else settle(one.id, { reply: DONE, remember: one.remember, ...(one.replay ? { replay: WAIT } : {}) });
      }
      vi.advanceTimersByTime(LIMITS.replyTimeoutMs);
      expect(got.map(([name]) => name).toSorted()).toEqual(
        Array.from({ length: requests }, (_, at) => String(at + 1)).toSorted(),
      );
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 300 },
  );
});

function fact(claim: string, wants: CarrierFact["wants"]): CarrierFact {
  return { carrier: "test", claim, callId: null, carrierCallId: null, events: [], wants, offer: null };
}
