import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { isOver, type DeadlineName } from "../../src/call/call.ts";
import type { CallEvent } from "../../src/call/event.ts";
import { speakingMs, SCREENING_MS } from "../../src/call/step.ts";
import { BARE, CARRIER_ID, dialing, ended, NOW, type Bench } from "./bench.ts";
import { world } from "./world.ts";

const MESSAGE = "Dinner is ready.";
const human = { type: "detected", by: "human" } as const;
const unknown = { type: "detected", by: "unknown" } as const;
const machine = { type: "detected", by: "machine" } as const;
const beep = { type: "detected", by: "machine", over: true } as const;

type Policy = "hangup" | "leave-message" | "continue";

/** A message on its way to whoever picks up. */
function message(answeringMachine: Policy | "off", ...events: readonly CallEvent[]): Bench {
  const bench = dialing({ mode: "notify", message: MESSAGE }, { outbound: { answeringMachine } });
  bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "answered" }, ...events);
  return bench;
}

/** A conversation, which is answered. */
function talk(answeringMachine: Policy, ...events: readonly CallEvent[]): Bench {
  const bench = dialing({ message: "Hello?" }, { outbound: { answeringMachine } });
  bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "answered" }, ...events);
  return bench;
}

const played = (bench: Bench): CallEvent => ({ type: "played", gen: bench.call.instruction?.gen ?? 0 });

describe("without detection", () => {
  it("a message is closed after its words, and a verdict of the carrier's own is only noted", () => {
    const bench = message("off");
    expect(bench.call).toMatchObject({ screening: null, instruction: { next: { kind: "hangup" } } });
    expect(bench.do(machine)).toEqual([]);
    expect(bench.call).toMatchObject({ answeredBy: "machine", hangup: null });
    expect(bench.due).not.toContain("screening");
  });
});

describe("while nothing is known", () => {
  it.each(["hangup", "leave-message"] as const)(
    "a message (%s) stays on the line after its words",
    (policy) => {
      const bench = message(policy);
      expect(bench.call.instruction).toMatchObject({ say: [MESSAGE], next: { kind: "wait" } });
      expect(bench.do(played(bench))).toEqual([]);
      expect(bench.call).toMatchObject({ closing: false, screening: { verdict: "pending", said: true } });
    },
  );

  it("a message that goes on whoever it is does not wait", () => {
    expect(message("continue").call.instruction?.next.kind).toBe("hangup");
  });

  it.each(["hangup", "leave-message"] as const)("no verdict at all is a person (%s)", (policy) => {
    const bench = message(policy);
    bench.do(played(bench));
    bench.pass("screening");
    expect(bench.now).toBe(NOW + SCREENING_MS);
    expect(bench.call).toMatchObject({ closing: true, screening: { verdict: "person" } });
    expect(bench.said).toEqual([]);
  });

  it("a conversation talks", () => {
    const bench = talk("hangup");
    expect(bench.hear("Yes?")).toEqual([{ kind: "think", turn: 1, words: "Yes?" }]);
  });
});

describe("a person", () => {
  it.each([human, unknown])("($by) who has heard the message is let go at once", (verdict) => {
    const bench = message("hangup");
    bench.do(played(bench));
    expect(bench.kinds(verdict)).toEqual(["instruct"]);
    expect(bench.call.instruction).toEqual({ gen: 2, say: [], next: { kind: "hangup", afterMs: 3_000 } });
  });

  it("who is still listening to it hears it to the end, once", () => {
    const bench = message("leave-message", human);
    expect(bench.effects).toEqual([]);
    expect(bench.call.instruction?.gen).toBe(1);
    expect(bench.kinds(played(bench))).toEqual(["instruct"]);
    expect(bench.call.instruction).toMatchObject({ say: [], next: { kind: "hangup" } });
  });

  it("whose carrier loses the report of the played words is let go all the same, after them", () => {
    const bench = message("leave-message", human);
    expect(bench.call.deadlines.screening).toBeGreaterThan(NOW + speakingMs([MESSAGE]));
    bench.pass("screening");
    expect(bench.call.instruction).toMatchObject({ say: [], next: { kind: "hangup" } });
  });

  it("that a carrier of documents tells by asking for more has heard it", () => {
    const bench = message("hangup", human);
    expect(bench.kinds({ type: "fetched" })).toEqual(["instruct"]);
    expect(bench.call.closing).toBe(true);
  });

  it("who fetches the words themselves has not heard them yet", () => {
    const bench = message("hangup", human);
    expect(bench.do({ type: "fetched", gen: 1 })).toEqual([]);
    expect(bench.call.closing).toBe(false);
  });

  it("goes on with a conversation, and the verdict is noted", () => {
    const bench = talk("leave-message", human);
    expect(bench.effects).toEqual([]);
    expect(bench.call).toMatchObject({ answeredBy: "human", screening: { verdict: "person" } });
    expect(bench.due).toEqual(["max-duration"]);
  });
});

describe("a machine", () => {
  it.each([machine, beep])("is hung up on where the policy says so, and that is voicemail", (verdict) => {
    const bench = message("hangup", verdict);
    expect(bench.effects).toContainEqual({ kind: "hangup", reason: "machine" });
    bench.do({ type: "hung-up" });
    expect(bench.call).toMatchObject({ outcome: "voicemail", answeredBy: "machine" });
  });

  it("is hung up on even when it is found out after the message", () => {
    const bench = message("hangup");
    bench.do(played(bench), machine);
    expect(bench.call.hangup).toBe("machine");
  });

  it("hears silence until its greeting is over, and then the message from its beginning", () => {
    const bench = message("leave-message", machine);
    expect(bench.call.instruction).toEqual({ gen: 2, say: [], next: { kind: "wait" } });
    bench.do(beep);
    expect(bench.call.instruction).toEqual({
      gen: 3,
      say: [MESSAGE],
      next: { kind: "hangup", afterMs: 3_000 },
    });
    bench.do(played(bench));
    bench.pass("notify-hangup");
    bench.do({ type: "hung-up" });
    expect(bench.call.outcome).toBe("voicemail");
  });

  it("whose end of the greeting is the first that is told is spoken to at once", () => {
    const bench = message("leave-message", beep);
    expect(bench.call.instruction).toMatchObject({ gen: 2, say: [MESSAGE], next: { kind: "hangup" } });
  });

  it("is told once, however often its greeting ends", () => {
    const bench = message("leave-message", machine, beep);
    expect(bench.do(beep)).toEqual([]);
    expect(bench.do(machine)).toEqual([]);
    expect(bench.said).toEqual([MESSAGE]);
  });

  it("whose end of the greeting is never told gets the message when no greeting is as long", () => {
    const bench = message("leave-message", machine);
    bench.now += 10_000;
    bench.do(machine);
    bench.pass("screening");
    expect(bench.now).toBe(NOW + SCREENING_MS);
    expect(bench.call.instruction).toMatchObject({ say: [MESSAGE], next: { kind: "hangup" } });
  });

  it("hears a message that goes on whoever it is, once", () => {
    const bench = message("continue", machine, beep);
    expect(bench.call.instruction?.gen).toBe(1);
    bench.do(ended("completed"));
    expect(bench.call.outcome).toBe("voicemail");
  });

  it("that was taken for a person by silence is left a message as long as the call is not closed", () => {
    const bench = message("leave-message", unknown, beep);
    expect(bench.call.instruction).toMatchObject({ say: [MESSAGE], next: { kind: "hangup" } });
  });

  it("that answers a conversation is not talked with: it hears the first words and the call ends", () => {
    const bench = talk("leave-message");
    bench.hear("You have reached the voicemail of");
    expect(bench.kinds(machine)).toEqual(["hush", "instruct"]);
    expect(bench.do({ type: "reply", turn: 1, text: "Whose?", final: true })).toEqual([]);
    bench.do(beep);
    expect(bench.call.instruction).toMatchObject({ say: ["Hello?"], next: { kind: "hangup" } });
  });

  it("found out on a call that is being hung up changes nothing", () => {
    const bench = message("leave-message", { type: "hang-up" });
    expect(bench.do(machine)).toEqual([]);
    expect(bench.do(beep)).toEqual([]);
  });
});

describe("a verdict", () => {
  it("that overtakes the answer tells that somebody has picked up", () => {
    const bench = dialing({ mode: "notify", message: MESSAGE }, { outbound: { answeringMachine: "hangup" } });
    bench.do({ type: "dialed", carrierCallId: CARRIER_ID });
    expect(bench.kinds(human)).toEqual(["picked-up"]);
    expect(bench.call).toMatchObject({ state: "answered", answeredAt: NOW });
    expect(bench.due).toEqual(["max-duration", "screening"]);
  });

  it("that is the first to tell the carrier's id has the machine hung up on once", () => {
    const bench = dialing({ mode: "notify", message: MESSAGE }, { outbound: { answeringMachine: "hangup" } });
    const { effects } = bench.step(machine, CARRIER_ID);
    expect(effects.filter(({ kind }) => kind === "hangup")).toHaveLength(1);
  });

  it("that overtakes the answer has a carrier of commands told what to say", () => {
    const settings = { outbound: { answeringMachine: "leave-message" } };
    const bench = dialing({ mode: "notify", message: MESSAGE }, settings, BARE);
    bench.do({ type: "dialed", carrierCallId: CARRIER_ID });
    expect(bench.kinds(human)).toEqual(["picked-up", "instruct"]);
    expect(bench.do({ type: "answered" })).toEqual([]);
  });
});

// ---------------------------------------------------------------- whatever the order

const FACTS = {
  answered: () => ({ type: "answered" }),
  fetched: () => ({ type: "fetched" }),
  played: (bench) => played(bench),
  delivered: (bench) => ({ type: "delivered", gen: bench.call.instruction?.gen ?? 0 }),
  human: () => human,
  unknown: () => unknown,
  machine: () => machine,
  beep: () => beep,
  ended: () => ended("completed"),
} as const satisfies Record<string, (bench: Bench) => CallEvent>;

type Happening = keyof typeof FACTS | "time";

const anything = fc.array(
  fc.constantFrom<Happening>(
    "answered",
    "fetched",
    "played",
    "delivered",
    "human",
    "unknown",
    "machine",
    "beep",
    "time",
    "time",
    "ended",
  ),
  { maxLength: 14, size: "max" },
);
const people = anything.map((all) => all.filter((one) => one !== "machine" && one !== "beep"));
const policies = fc.constantFrom<Policy>("hangup", "leave-message", "continue");

/** What one event made the carrier say, and what was known by then. */
interface Told {
  readonly say: readonly string[];
  readonly closes: boolean;
  readonly at: number;
}

interface Life {
  readonly bench: Bench;
  readonly told: readonly Told[];
  /** When the first words may have been heard to their end; null = never. */
  readonly heardAt: number | null;
  readonly verdicts: readonly { readonly what: Happening; readonly at: number }[];
}

/** Lets a message go through all that, and then through every deadline to its end. */
function live(policy: Policy, happenings: readonly Happening[], bare: boolean): Life {
  const settings = { outbound: { answeringMachine: policy } };
  const order = { mode: "notify", message: MESSAGE } as const;
  const bench = bare ? dialing(order, settings, BARE) : dialing(order, settings);
  bench.do({ type: "dialed", carrierCallId: CARRIER_ID });
  const told: Told[] = [];
  const verdicts: { what: Happening; at: number }[] = [];
  let heardAt: number | null = null;
  const note = (): void => {
    for (const effect of bench.effects) {
      if (effect.kind !== "instruct") continue;
      const { say, next } = effect.instruction;
      told.push({ say, closes: next.kind === "hangup", at: bench.now });
    }
  };
  for (const what of happenings) {
    if (what === "time") {
      const [next] = Object.entries(bench.call.deadlines).toSorted(([, one], [, other]) => one - other);
      if (next !== undefined) bench.pass(next[0] as DeadlineName);
    } else {
      const { call } = bench;
      const isFirst = call.instruction?.gen === 1;
      const isHeard = what === "played" || (what === "fetched" && call.delivered >= 1);
      if (isFirst && isHeard && !isOver(call)) heardAt ??= bench.now;
      if (!isOver(call) && call.hangup === null) verdicts.push({ what, at: bench.now });
      bench.do(FACTS[what](bench));
    }
    note();
  }
  while (bench.due.length > 0) {
    const [next] = Object.entries(bench.call.deadlines).toSorted(([, one], [, other]) => one - other);
    if (next !== undefined) bench.pass(next[0] as DeadlineName);
    note();
  }
  return { bench, told, heardAt, verdicts };
}

const holds = (
  happenings: fc.Arbitrary<readonly Happening[]>,
  law: (life: Life, policy: Policy, bare: boolean) => void,
): void =>
  fc.assert(
    fc.property(policies, happenings, fc.boolean(), (policy, all, bare) =>
      law(live(policy, all, bare), policy, bare),
    ),
    { numRuns: 1_000 },
  );

describe("in whatever order verdicts, reports, time and the end come", () => {
  it("the call always ends, with nothing left to wait for", () => {
    expect(() =>
      holds(anything, ({ bench }) => {
        expect([isOver(bench.call), bench.call.deadlines]).toEqual([true, {}]);
      }),
    ).not.toThrow();
  });

  it("a person hears the message once", () => {
    expect(() =>
      holds(people, ({ told }, _, bare) => {
        // What travelled with the create request is no instruction of its own.
        const again = told.filter(({ say }) => say.includes(MESSAGE)).length;
        expect(again).toBeLessThanOrEqual(bare ? 1 : 0);
      }),
    ).not.toThrow();
  });

  it("nobody hears it more than twice: as a person, and as the machine it turned out to be", () => {
    expect(() =>
      holds(anything, ({ told }, _, bare) => {
        expect(told.filter(({ say }) => say.includes(MESSAGE)).length).toBeLessThanOrEqual(bare ? 2 : 1);
      }),
    ).not.toThrow();
  });

  it("we close it only after the message was heard, or is being said, or has surely been", () => {
    expect(() =>
      holds(anything, ({ told, heardAt, verdicts }) => {
        const person = verdicts.find(({ what }) => what === "human" || what === "unknown");
        for (const { say, closes, at } of told) {
          if (!closes || say.includes(MESSAGE)) continue;
          const since = Math.min(person?.at ?? Infinity, NOW + SCREENING_MS);
          const isHeard = heardAt !== null && heardAt <= at;
          expect(isHeard || at >= since + speakingMs([MESSAGE])).toBe(true);
        }
      }),
    ).not.toThrow();
  });

  it("nothing is said to a machine while its greeting runs", () => {
    expect(() =>
      holds(anything, ({ bench, told, verdicts }, policy) => {
        if (policy !== "leave-message") return;
        const found = verdicts.findIndex(({ what }) => what === "machine");
        const over = verdicts.findIndex(({ what }) => what === "beep");
        if (found === -1 || (over !== -1 && over < found)) return;
        const from = verdicts[found]?.at ?? 0;
        const until = Math.min(verdicts[over]?.at ?? Infinity, from + SCREENING_MS);
        const meanwhile = told.filter(({ at, say }) => at > from && at < until && say.length > 0);
        expect([meanwhile, bench.call.answeredBy !== null]).toEqual([[], true]);
      }),
    ).not.toThrow();
  });

  it("a machine is never left without the message that it should be left", () => {
    expect(() =>
      holds(anything, ({ bench, told, verdicts }, policy) => {
        if (policy !== "leave-message" || bench.call.evidence?.source === "carrier") return;
        const first = verdicts.find(({ what }) => ["human", "unknown", "machine", "beep"].includes(what));
        if (first === undefined || (first.what !== "machine" && first.what !== "beep")) return;
        // By then it had been taken for a person.
        if (first.at >= NOW + SCREENING_MS) return;
        const closed = told.findIndex(({ closes }) => closes);
        expect(told.slice(0, closed + 1).some(({ say, closes }) => closes && say.includes(MESSAGE))).toBe(
          true,
        );
      }),
    ).not.toThrow();
  });
});

// ---------------------------------------------------------------- with a carrier

describe("on the mock carrier", () => {
  const THEM = "+15550100001";
  const pace = { detectMs: 500, wordMs: 100, answerMs: 1_000 };

  const run = async (
    policy: Policy,
    script: Parameters<typeof world>[0] extends infer O
      ? NonNullable<O extends { script?: infer S } ? S : never>
      : never,
  ) => {
    const it = world({ config: { outbound: { answeringMachine: policy } }, script, pace });
    const { switchboard } = it.start();
    const call = await switchboard.initiate({
      to: THEM,
      message: MESSAGE,
      mode: "notify",
      requester: { surface: "tool" },
    });
    await it.finish();
    const { lines } = await it.mock.phone.screen(0);
    const heard = lines.filter(({ kind }) => kind === "spoken").map(({ text }) => text);
    return { it, call: it.call(call.id), heard, reports: it.reports.length };
  };

  test.each([
    ["hangup", {}, "completed", [MESSAGE]],
    ["leave-message", {}, "completed", [MESSAGE]],
    ["hangup", { detected: "human" }, "completed", [MESSAGE]],
    ["leave-message", { detected: "unknown" }, "completed", [MESSAGE]],
    ["hangup", { detected: "machine" }, "voicemail", [MESSAGE]],
    ["leave-message", { detected: "machine", greetingMs: 4_000 }, "voicemail", [MESSAGE, MESSAGE]],
    ["continue", { detected: "machine", greetingMs: 4_000 }, "voicemail", [MESSAGE]],
  ] as const)("%s with %o ends as %s", async (policy, party, outcome, heard) => {
    const seen = await run(policy, { [THEM]: party });
    expect(seen.call).toMatchObject({ outcome, deadlines: {} });
    expect(seen.heard).toEqual(heard);
    expect(seen.reports).toBe(1);
    await seen.it.mock.close();
  });
});
