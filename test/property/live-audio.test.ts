import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOver, type DeadlineName } from "../../src/call/call.ts";
import type { CallEvent } from "../../src/call/event.ts";
import { acceptedCall, outboundCall } from "../../src/call/line.ts";
import { BARE, Bench, CARRIER_ID, ended, OURS, seedOf, THEIRS } from "../call/bench.ts";
import { LAWS, type Lived } from "./laws.ts";

const DEADLINES: readonly DeadlineName[] = [
  "ring",
  "max-duration",
  "stream",
  "hand-over",
  "reopen",
  "hangup",
  "screening",
];
const offer = { direction: "inbound", from: THEIRS, to: OURS, attestation: null } as const;

/** What happens next. `back`: of the tokens that were ever given out, counted from the newest; below 0 = none of them. */
type Make = (bench: Bench, tokens: readonly string[]) => CallEvent;

const back = fc.integer({ min: -1, max: 2 });
const tokenOf = (tokens: readonly string[], at: number): string => tokens.at(-1 - at) ?? "never";

const make: fc.Arbitrary<Make> = fc.oneof(
  fc
    .constantFrom<CallEvent>(
      { type: "answered" },
      { type: "fetched" },
      { type: "stream-failed", token: null },
      { type: "stream-lost", token: null },
      { type: "said", role: "agent", text: "Hello." },
      { type: "said", role: "caller", text: "Hi." },
      { type: "answer", text: "Noon." },
      { type: "answer", text: null },
      { type: "talked-out", reason: "goodbye" },
      { type: "talked-out", reason: "hand-over" },
      { type: "talked-out", reason: "failed" },
      { type: "voice-lost" },
      { type: "listening-lost" },
      { type: "detected", by: "machine" },
      { type: "detected", by: "machine", over: true },
      { type: "speech", token: "never", text: "Carrier's ears." },
      { type: "key", digit: "1" },
      { type: "silence", token: "never" },
      { type: "speak", text: "News." },
      { type: "ask", text: "Well?" },
      { type: "press", digits: "1" },
      { type: "transfer", to: "+15550100001", text: "I connect you." },
      { type: "transfer", to: "+15550100001", text: "" },
      { type: "close" },
      { type: "hang-up" },
      ended("completed"),
    )
    .map<Make>((event) => () => event),
  back.map<Make>((at) => (_, tokens) => ({ type: "stream-up", token: tokenOf(tokens, at) })),
  back.map<Make>((at) => (_, tokens) => ({ type: "stream-lost", token: tokenOf(tokens, at) })),
  fc.integer({ min: 0, max: 2 }).map<Make>((old) => ({ call }) => ({
    type: "delivered",
    gen: (call.instruction?.gen ?? 0) - old,
  })),
  fc.boolean().map<Make>((reached) => ({ call }) => ({
    type: "transfer-ended",
    gen: call.instruction?.gen ?? 0,
    reached,
  })),
  fc.constantFrom(...DEADLINES).map<Make>((name) => () => ({ type: "deadline", name })),
);

const seed = (traits = {}, raw: Record<string, unknown> = {}) => ({
  ...seedOf(raw),
  ...(traits === BARE ? { traits: BARE } : {}),
  liveAudio: true,
});
const order = {
  from: OURS,
  to: THEIRS,
  mode: "conversation",
  message: "Hello.",
  requester: { surface: "tool" },
} as const;
const screened = { outbound: { answeringMachine: "leave-message" } };

const start = fc.constantFrom(
  () => new Bench(outboundCall(seed(), order)),
  () => new Bench(outboundCall(seed(BARE), order)),
  () => new Bench(outboundCall(seed({}, screened), order)),
  () => new Bench(acceptedCall(seed(), offer, CARRIER_ID)),
  () => new Bench(acceptedCall(seed(BARE), offer, CARRIER_ID)),
);

const happening = fc.record({ make, afterMs: fc.constantFrom(0, 1, 500, 2_000, 10_000, 60_000) });

function live(bench: Bench, happenings: readonly { make: Make; afterMs: number }[]): Lived[] {
  const tokens: string[] = [];
  return happenings.map(({ make: next, afterMs }) => {
    const before = bench.call;
    const asked = before.instruction?.next;
    if (asked?.kind === "stream" && asked.token !== tokens.at(-1)) tokens.push(asked.token);
    bench.now += afterMs;
    const event = next(bench, tokens);
    const step = bench.step(event);
    return { before, event, step, after: step.call };
  });
}

/** Besides those of every call. */
const LIVE_LAWS: Readonly<Record<string, (lived: readonly Lived[]) => void>> = {
  "nothing replaces its stream but another one, a hand-over or an apology": (lived) => {
    for (const { before, after } of lived) {
      if (before.live === null || after.instruction === before.instruction) continue;
      const kind = after.instruction?.next.kind;
      if (after.live === null) expect(kind).toBe("hangup");
      else expect(["stream", "transfer"]).toContain(kind);
    }
  },

  "the carrier never says a word as long as it has live audio": (lived) => {
    for (const { after } of lived) if (after.live !== null) expect(after.instruction?.say).toEqual([]);
  },

  "every stream has a token of its own": (lived) => {
    const used = new Set<string>();
    for (const { before, after } of lived) {
      if (after.instruction === before.instruction || after.instruction?.next.kind !== "stream") continue;
      const { token } = after.instruction.next;
      expect(used.has(token)).toBe(false);
      used.add(token);
    }
  },

  "an answered call without its stream has a deadline for it": (lived) => {
    for (const { after } of lived) {
      if (isOver(after) || after.hangup !== null || after.live === null || after.answeredAt === null)
        continue;
      if (after.live.stream === "up" || after.instruction?.next.kind !== "stream") continue;
      expect(after.deadlines.stream).toBeDefined();
    }
  },

  "it is up only under a token that was the one asked for": (lived) => {
    for (const { before, after, event } of lived) {
      const isNew =
        after.live !== null && after.live.token !== null && after.live.token !== before.live?.token;
      if (!isNew) continue;
      expect(event).toMatchObject({ type: "stream-up", token: after.live?.token });
      expect(before.instruction?.next).toMatchObject({ kind: "stream", token: after.live?.token });
    }
  },

  "nobody gets an answer who has not asked": (lived) => {
    for (const { before, step } of lived) {
      const heard = step.effects.filter(({ kind }) => kind === "heard");
      expect(heard.length).toBeLessThanOrEqual(before.turn.for === "command" ? 1 : 0);
    }
  },
};

/** Laws of calls that the carrier itself listens and speaks on. */
const CARRIERS_OWN = /caller's words|listen|hand.*over|single commands|machine|given to the carrier/u;

const check = (law: (lived: readonly Lived[], first: Bench["call"]) => void) => {
  fc.assert(
    fc.property(start, fc.array(happening, { maxLength: 40, size: "max" }), (begin, happenings) => {
      const bench = begin();
      bench.do({ type: "dialed", carrierCallId: CARRIER_ID });
      const first = bench.call;
      law(live(bench, happenings), first);
    }),
    { numRuns: 300 },
  );
};

describe("whatever happens to a call with live audio", () => {
  const laws = Object.entries(LAWS).filter(([name]) => !CARRIERS_OWN.test(name));

  it.each([...laws, ...Object.entries(LIVE_LAWS)])("%s", (_, law) => {
    expect(() => check(law)).not.toThrow();
  });
});
