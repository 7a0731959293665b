import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tokens } from "../../../src/edge/streams/tokens.ts";
import type { Expected } from "../../../src/media/commands.ts";

const tokenOf = (n: number): string => `token-${String(n).padStart(16, "0")}`;

const expected = (callId: string, n: number, changes: Partial<Expected> = {}): Expected => ({
  token: tokenOf(n),
  callId,
  carrierCallId: null,
  expiresAt: 1_000,
  bargeIn: { pauseMs: 1, commitMs: 2, resumeMs: 3 },
  ...changes,
});

function tokens() {
  const time = { ms: 0 };
  return { time, all: new Tokens(() => time.ms) };
}

describe("a token", () => {
  it("is found until it is used, and never again", () => {
    const { all } = tokens();
    expect(all.expect(expected("a", 1))).toBe(true);
    expect(all.find(tokenOf(1))).toMatchObject({ callId: "a" });
    expect([all.use(tokenOf(1)), all.use(tokenOf(1))]).toEqual([true, false]);
    expect([all.find(tokenOf(1)), all.peek(tokenOf(1))]).toEqual([null, null]);
  });

  it("that was used is not armed by being expected again, as every writing of an instruction does", () => {
    const { all } = tokens();
    all.expect(expected("a", 1));
    all.use(tokenOf(1));
    expect(all.expect(expected("a", 1, { expiresAt: 9_000 }))).toBe(false);
    expect(all.find(tokenOf(1))).toBeNull();
  });

  it("may be expected again with more known about its call", () => {
    const { all } = tokens();
    all.expect(expected("a", 1));
    all.expect(expected("a", 1, { carrierCallId: "CA1", expiresAt: 2_000 }));
    expect(all.find(tokenOf(1))).toMatchObject({ carrierCallId: "CA1", expiresAt: 2_000 });
    expect(all.unused()).toHaveLength(1);
  });

  it("is void once its call has another", () => {
    const { all } = tokens();
    all.expect(expected("a", 1));
    all.expect(expected("a", 2));
    expect([all.find(tokenOf(1)), all.use(tokenOf(1))]).toEqual([null, false]);
    expect(all.find(tokenOf(2))).not.toBeNull();
  });

  it("of one call is not taken for another's", () => {
    const { all } = tokens();
    all.expect(expected("a", 1));
    expect(all.expect(expected("b", 1))).toBe(false);
    expect(all.find(tokenOf(1))).toMatchObject({ callId: "a" });
  });

  it("expires to the millisecond, but not for a socket that came in time", () => {
    const { all, time } = tokens();
    all.expect(expected("a", 1));
    time.ms = 999;
    expect(all.find(tokenOf(1))).not.toBeNull();
    time.ms = 1_000;
    expect(all.find(tokenOf(1))).toBeNull();
    expect(all.unused()).toEqual([]);
    expect(all.peek(tokenOf(1))).not.toBeNull();
    expect(all.use(tokenOf(1))).toBe(true);
  });

  it("is forgotten with its call", () => {
    const { all } = tokens();
    all.expect(expected("a", 1));
    all.forget("a");
    all.forget("never heard of");
    expect(all.peek(tokenOf(1))).toBeNull();
  });

  it.each([
    "",
    "short",
    "x".repeat(129),
    "with/slash/in/it-1234",
    "with space in it 1234",
    "täken-1234567890123",
  ])("is never %j", (token) => {
    const { all } = tokens();
    expect(all.expect(expected("a", 1, { token }))).toBe(false);
    expect([all.find(token), all.peek(token)]).toEqual([null, null]);
  });

  it.each(["__proto__", "constructor", "toString"])(
    "of a call with the id %s is one like any other",
    (callId) => {
      const { all } = tokens();
      expect(all.find(callId.padEnd(20, "_"))).toBeNull();
      all.expect(expected(callId, 1));
      expect(all.find(tokenOf(1))).toMatchObject({ callId });
    },
  );

  it("costs memory for so many calls, and the one heard of longest ago goes first", () => {
    const { all } = tokens();
    for (let n = 0; n < 4_096; n += 1) all.expect(expected(`call-${n}`, n));
    all.expect(expected("call-0", 10_000));
    all.expect(expected("one more", 20_000));
    expect(all.unused()).toHaveLength(4_096);
    expect(all.find(tokenOf(1))).toBeNull();
    expect(all.find(tokenOf(10_000))).not.toBeNull();
  });
});

it("whatever is expected, used and forgotten in whatever order, a token is good at most once and a call has at most one", () => {
  const step = fc.record({
    act: fc.constantFrom("expect", "expect", "use", "forget", "wait"),
    call: fc.integer({ min: 0, max: 2 }),
    n: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { all, time } = tokens();
      const used = new Set<string>();
      for (const { act, call, n } of steps) {
        // Tokens are made for one call.
        const [callId, token] = [`call-${call}`, tokenOf(call * 10 + n)];
        if (act === "expect") all.expect(expected(callId, call * 10 + n, { expiresAt: time.ms + 50 }));
        if (act === "wait") time.ms += 20;
        if (act === "forget") {
          all.forget(callId);
          // What a call that is over has used may be known no more: its id never comes again.
          for (let at = 0; at <= 5; at += 1) used.delete(tokenOf(call * 10 + at));
        }
        const isTwice = used.has(token);
        if (act === "use" && all.use(token)) {
          used.add(token);
          if (isTwice) throw new Error("a token was good twice");
        }
        for (const one of used) expect(all.peek(one)).toBeNull();
        const calls = all.unused().map((one) => one.callId);
        expect(new Set(calls).size).toBe(calls.length);
      }
    }),
  );
});
