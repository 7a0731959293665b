import { describe, expect, it, test } from "vitest";
import type { CallEvent } from "../../src/call/event.ts";
import { phrasesFor } from "../../src/call/phrases.ts";
import { answered, inbound, thinking, type Bench } from "./bench.ts";

const reply = (turn: number, text: string, final = true) => ({ type: "reply", turn, text, final }) as const;
const words = phrasesFor("en-US");

describe("the caller's words", () => {
  it("go to the agent, once, and close the listen", () => {
    const bench = answered();
    const { token } = bench;
    expect(bench.hear("  What time is it? ")).toEqual([
      { kind: "think", turn: 1, words: "What time is it?" },
    ]);
    expect(bench.call.turn).toMatchObject({ no: 1, phase: "thinking", token: null, for: "agent" });
    expect(bench.do({ type: "speech", token, text: "Hello?" })).toEqual([]);
    expect(bench.do({ type: "digits", token, digits: "1" })).toEqual([]);
    expect(bench.heard).toEqual(["What time is it?"]);
  });

  it("may be digits, which are marked as such", () => {
    const bench = answered();
    expect(bench.do({ type: "digits", token: bench.token, digits: "42#" })).toEqual([
      { kind: "think", turn: 1, words: "[digits 42#]" },
    ]);
  });

  test.each<(token: string) => CallEvent>([
    (token) => ({ type: "speech", token, text: "   " }),
    (token) => ({ type: "digits", token, digits: "" }),
  ])("that are empty make no turn", (event) => {
    const bench = answered();
    bench.do(event(bench.token));
    expect(bench.call.turn).toMatchObject({ no: 0, misses: 1 });
    expect(bench.heard).toEqual([]);
  });

  test.each(["speech", "digits", "silence"] as const)("in an older listen (%s) are dropped", (type) => {
    const bench = answered();
    const old = bench.token;
    bench.do({ type: "speak", text: "Wait." });
    const before = bench.call;
    expect(bench.do({ type, token: old, text: "One.", digits: "1" })).toEqual([]);
    expect(bench.call).toEqual(before);
  });

  it("of a reordered hang-up's listen are dropped", () => {
    const bench = answered();
    const { token } = bench;
    bench.do({ type: "hang-up" });
    expect(bench.do({ type: "speech", token, text: "Wait!" })).toEqual([]);
  });
});

describe("the agent's reply", () => {
  it("is spoken and followed by a listen under a new token", () => {
    const bench = answered();
    const old = bench.token;
    bench.hear("Hi.");
    const effects = bench.do(reply(1, "Good morning."));
    expect(effects).toEqual([{ kind: "instruct", instruction: bench.call.instruction }]);
    expect(bench.call.instruction).toMatchObject({ say: ["Good morning."], next: { kind: "listen" } });
    expect(bench.token).not.toBe(old);
    expect(bench.said.at(-1)).toBe("Good morning.");
  });

  it("to an older turn, or a second one to the same turn, is never spoken", () => {
    const bench = thinking();
    bench.do(reply(1, "Good morning."));
    const before = bench.call;
    expect(bench.do(reply(1, "Good evening."))).toEqual([]);
    expect(bench.call).toEqual(before);
    bench.hear("And you?");
    expect(bench.do(reply(1, "Too late."))).toEqual([]);
    expect(bench.do({ type: "reply-failed", turn: 1, error: "VC_REPLY_FAILED" })).toEqual([]);
    expect(bench.do(reply(3, "Too early."))).toEqual([]);
    expect(bench.said).toEqual(["Good morning."]);
  });

  it("may begin with a lead-in while the line waits for the rest", () => {
    const bench = thinking();
    bench.do(reply(1, "Let me see.", false));
    expect(bench.call.instruction).toMatchObject({ say: ["Let me see."], next: { kind: "wait" } });
    bench.do({ type: "delivered", gen: bench.call.instruction?.gen ?? 0 }, reply(1, "It is noon."));
    expect(bench.call.instruction?.say).toEqual(["It is noon."]);
  });

  it("takes a lead-in along that has not reached the carrier yet", () => {
    const bench = thinking();
    bench.do(reply(1, "Let me see.", false), reply(1, "One moment.", false), reply(1, "It is noon."));
    expect(bench.call.instruction?.say).toEqual(["Let me see.", "One moment.", "It is noon."]);
    expect(bench.effects).toEqual([{ kind: "instruct", instruction: bench.call.instruction }]);
    expect(bench.said).toEqual(["Let me see.", "One moment.", "It is noon."]);
  });

  it("that is empty says nothing and listens", () => {
    const bench = thinking();
    expect(bench.do(reply(1, "", false))).toEqual([]);
    bench.do(reply(1, ""));
    expect(bench.call.instruction).toMatchObject({ say: [], next: { kind: "listen" } });
  });

  it("that failed is an apology, and a goodbye the second time in a row", () => {
    const bench = thinking();
    bench.do({ type: "reply-failed", turn: 1, error: "VC_REPLY_TIMEOUT" });
    expect(bench.call.instruction).toMatchObject({ say: [words.sorry], next: { kind: "listen" } });
    bench.hear("Once more?");
    bench.do({ type: "reply-failed", turn: 2, error: "VC_REPLY_TIMEOUT" });
    expect(bench.call.instruction).toMatchObject({ say: [words.giveUp], next: { kind: "hangup" } });
    expect(bench.call.closing).toBe(true);
  });

  it("that succeeded forgives earlier failures", () => {
    const bench = thinking();
    bench.do({ type: "reply-failed", turn: 1, error: "VC_REPLY_FAILED" });
    bench.hear("Again.");
    bench.do(reply(2, "Here I am."));
    bench.hear("Again.");
    bench.do({ type: "reply-failed", turn: 3, error: "VC_REPLY_FAILED" });
    expect(bench.call.instruction?.say).toEqual([words.sorry]);
  });

  it("after the call is being hung up is not spoken", () => {
    const bench = thinking();
    bench.do({ type: "hang-up" });
    expect(bench.do(reply(1, "Hello?"))).toEqual([]);
    expect(bench.do({ type: "reply-failed", turn: 1, error: "VC_REPLY_FAILED" })).toEqual([]);
    expect(bench.said).toEqual([]);
  });
});

const miss = (bench: Bench) => bench.do({ type: "silence", token: bench.token });

describe("silence", () => {
  it("is asked about twice, then the call ends with a goodbye", () => {
    const bench = answered();
    for (const _ of [1, 2]) {
      miss(bench);
      expect(bench.call.instruction).toMatchObject({ say: [words.stillThere], next: { kind: "listen" } });
    }
    miss(bench);
    expect(bench.call.instruction).toMatchObject({ say: [words.goodbye], next: { kind: "hangup" } });
    expect(bench.call.turn).toMatchObject({ phase: "idle", token: null });
    bench.do({ type: "played", gen: bench.call.instruction?.gen ?? 0 });
    expect(bench.pass("notify-hangup")).toContainEqual({ kind: "hangup", reason: "message-delivered" });
  });

  it("is forgiven by a word", () => {
    const bench = answered();
    miss(bench);
    miss(bench);
    bench.hear("I am here.");
    bench.do(reply(1, "Good."));
    miss(bench);
    expect(bench.call.instruction?.say).toEqual([words.stillThere]);
  });

  it("is asked about in the language of the call", () => {
    const bench = inbound({ language: "de-DE" });
    bench.do({ type: "delivered", gen: 1 });
    miss(bench);
    expect(bench.call.instruction?.say).toEqual([phrasesFor("de").stillThere]);
  });
});

describe("generations", () => {
  it("grow by one with every instruction, and a listen never reuses a token", () => {
    const bench = answered();
    const seen = new Set([bench.token]);
    let gen = bench.call.instruction?.gen ?? 0;
    for (let turn = 1; turn <= 5; turn++) {
      bench.hear(`Word ${turn}.`);
      expect(bench.call.instruction?.gen).toBe(++gen);
      bench.do(reply(turn, `Answer ${turn}.`));
      expect(bench.call.instruction?.gen).toBe(++gen);
      expect(seen).not.toContain(bench.token);
      seen.add(bench.token);
    }
  });
});
