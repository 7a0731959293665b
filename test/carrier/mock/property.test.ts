import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instruction, Next } from "../../../src/call/instruction.ts";
import type { CallRef } from "../../../src/call/ports.ts";
import { isVoiceCallError } from "../../../src/call/errors.ts";
import { CarrierError } from "../../../src/carrier/carrier.ts";
import type { PartyScript } from "../../../src/carrier/mock/carrier.ts";
import { AGENT, inbound, live, outbound, PERSON, rig, type Rig } from "./rig.ts";

type Step =
  | { readonly do: "instruct"; readonly newer: number; readonly say: number; readonly next: Next["kind"] }
  | { readonly do: "say" | "press" | "answer" | "decline" | "hang-up" | "look" }
  | { readonly do: "our-hang-up" | "reject" }
  | { readonly do: "open" | "drop" | "clear" }
  | { readonly do: "pass"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("instruct" as const),
      newer: fc.integer({ min: -1, max: 2 }),
      say: fc.integer({ min: 0, max: 3 }),
      next: fc.constantFrom<Next["kind"]>(
        "listen",
        "listen",
        "listen",
        "wait",
        "hangup",
        "transfer",
        "stream",
        "stream",
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("open" as const, "drop" as const, "clear" as const) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "say" as const,
        "say" as const,
        "press" as const,
        "answer" as const,
        "look" as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("decline" as const, "hang-up" as const, "our-hang-up" as const, "reject" as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(0, 1, 40, 150, 300, 1500, 6000),
    }),
  },
);

const party: fc.Arbitrary<PartyScript> = fc.record(
  {
    pickUp: fc.constantFrom("answer" as const, "person" as const, "no-answer" as const, "busy" as const),
    detected: fc.constantFrom("human" as const, "machine" as const),
    turns: fc.array(fc.constantFrom("Yes.", null, { press: "5" }), { maxLength: 3 }),
    interrupts: fc.boolean(),
    hangsUp: fc.record({ turns: fc.nat(3), words: fc.nat(8), ms: fc.nat(9000) }, { requiredKeys: [] }),
    webhooks: fc.record({ doubled: fc.boolean(), late: fc.boolean() }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const pace = fc.constantFrom(
  {},
  { wordMs: 100, replyMs: 120, initiatedMs: 40, ringMs: 40, digitMs: 30, webhookMs: 7 },
);

interface Played {
  readonly genOfToken: ReadonlyMap<string, number>;
  /** Each instruction that the carrier took, and how many facts had been delivered by then. */
  readonly taken: readonly { readonly gen: number; readonly facts: number }[];
}

/** Runs the steps on one call and lets time pass until it is over; a refused step is part of the game. */
async function play(test: Rig, direction: "outbound" | "inbound", steps: readonly Step[]): Promise<Played> {
  const genOfToken = new Map<string, number>();
  const taken: Played["taken"][number][] = [];
  let gen = 0;
  const make = (newer: number, say: number, kind: Next["kind"]): Instruction => {
    gen = Math.max(gen, gen + newer);
    const wanted = newer <= 0 ? gen + newer : gen;
    const token = `t${genOfToken.size}`;
    if (kind === "listen" || kind === "stream") genOfToken.set(token, wanted);
    const nexts: Record<Next["kind"], Next> = {
      listen: { kind: "listen", token, timeoutMs: 1000 },
      wait: { kind: "wait" },
      hangup: { kind: "hangup", afterMs: 500 },
      transfer: { kind: "transfer", to: "+15550100999" },
      stream: { kind: "stream", token },
    };
    const words = Array.from({ length: say }, (_, n) => `word ${n}`);
    return { gen: wanted, say: words, next: nexts[kind], ...(say === 2 ? { digits: "1w2" } : {}) };
  };
  let ref: CallRef;
  if (direction === "outbound") {
    ref = outbound(PERSON);
    ref = { ...ref, ...(await test.carrier.dial(ref, make(1, 1, "listen"), live)) };
  } else {
    ref = inbound((await test.carrier.phone.call(PERSON, AGENT)).carrierCallId);
  }
  const id = ref.carrierCallId ?? "";
  const { phone } = test.carrier;
  const run = async (step: Step): Promise<unknown> => {
    if (step.do === "pass") return test.clock.advance(step.ms);
    if (step.do === "instruct") {
      await test.clock.advance(0);
      const next = make(step.newer, step.say, step.next);
      await test.carrier.instruct(ref, next, live);
      return taken.push({ gen: next.gen, facts: test.facts.length });
    }
    if (step.do === "open") return test.sockets.at(-1)?.open();
    if (step.do === "drop") return test.sockets.at(-1)?.drop();
    if (step.do === "clear") return test.sockets.at(-1)?.say({ event: "clear" });
    if (step.do === "say") return phone.say(id, "Hello.");
    if (step.do === "press") return phone.press(id, "1");
    if (step.do === "answer") return phone.answer(id);
    if (step.do === "decline") return phone.decline(id);
    if (step.do === "hang-up") return phone.hangUp(id);
    if (step.do === "look") return phone.screen(0);
    if (step.do === "reject") return test.carrier.reject(ref, "policy", live);
    return test.carrier.hangup(ref, live);
  };
  for (const each of steps) {
    try {
      await run(each);
    } catch (error) {
      // The plugin's requests say how certain their failure is; a person's are told what they can do instead.
      const ours = each.do === "instruct" || each.do === "reject" || each.do === "our-hang-up";
      if (ours ? !(error instanceof CarrierError) : !isVoiceCallError(error)) throw error;
    }
  }
  for (const socket of test.sockets) socket.drop();
  await test.clock.runAll();
  return { genOfToken, taken };
}

const game = {
  direction: fc.constantFrom("outbound" as const, "inbound" as const),
  party,
  pace,
  steps: fc.array(step, { maxLength: 40 }),
};

describe("whatever the person and the plugin do", () => {
  it("a call ends exactly once, leaves no timer, and nothing but what the script wants late follows its end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(game), async ({ direction, party: script, pace: speed, steps }) => {
        const test = rig({ script: { [PERSON]: script }, pace: speed });
        await play(test, direction, steps);
        const claims = test.facts.map((fact) => fact.claim);
        const once = test.facts.filter((fact, at) => claims.indexOf(fact.claim) === at);
        const types = once.flatMap((fact) => fact.events.map((event) => event.type));
        const throughEnd = types.slice(0, types.indexOf("ended") + 1);
        expect(types.filter((type) => type === "ended")).toHaveLength(1);
        expect(script.webhooks?.late === true ? throughEnd : types).toEqual(throughEnd);
        for (const type of ["initiated", "answered"]) {
          expect(throughEnd.filter((each) => each === type).length).toBeLessThan(2);
        }
        // A verdict, and of a machine the end of its greeting.
        const detected = once.flatMap(({ events }) => events.filter(({ type }) => type === "detected"));
        const verdicts = [{ type: "detected", by: script.detected }];
        const wanted =
          script.detected === "machine" ? [...verdicts, { ...verdicts[0], over: true }] : verdicts;
        expect(wanted.slice(0, detected.length)).toEqual(detected);
        expect(test.facts.length).toBe(once.length * (script.webhooks?.doubled === true ? 2 : 1));
        expect(test.clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("words, digits, silence and playback belong to the newest instruction, and each listen is answered once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(game), async ({ direction, party: script, pace: speed, steps }) => {
        const test = rig({
          script: { [PERSON]: { ...script, webhooks: {} } },
          pace: { ...speed, webhookMs: 0 },
        });
        const { genOfToken, taken } = await play(test, direction, steps);
        const used: string[] = [];
        for (const [at, fact] of test.facts.entries()) {
          const event = fact.events[0];
          if (!event) continue;
          const token = "token" in event ? event.token : null;
          if (token !== null) used.push(token);
          const newest = Math.max(0, ...taken.filter(({ facts }) => facts <= at).map(({ gen }) => gen));
          const gen = token !== null ? genOfToken.get(token) : event.type === "played" ? event.gen : newest;
          expect(gen).toBeGreaterThanOrEqual(newest);
        }
        expect(new Set(used).size).toBe(used.length);
      }),
      { numRuns: 300 },
    );
  });

  it("the same steps give the same facts at the same times", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(game), async ({ direction, party: script, pace: speed, steps }) => {
        const runs = [];
        for (const _ of [1, 2]) {
          const at: number[] = [];
          const test = rig({
            script: { [PERSON]: script },
            pace: speed,
            deliver: async () => {
              at.push(test.clock.now());
              return { status: 200 };
            },
          });
          await play(test, direction, steps);
          runs.push({ facts: test.facts, at });
        }
        expect(runs[0]).toEqual(runs[1]);
      }),
      { numRuns: 50 },
    );
  });
});
