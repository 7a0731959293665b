import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOver, mayLinger } from "../../src/call/call.ts";
import type { MockScript, PartyScript } from "../../src/carrier/mock/carrier.ts";
import type { Unreliability } from "../support/unreliable.ts";
import { world, type World } from "../call/world.ts";

const US = "+15550001111";
const requester = { surface: "tool" } as const;
const numberOf = (index: number): string => `+155577720${String(index).padStart(2, "0")}`;
const live = new AbortController().signal;

const party: fc.Arbitrary<PartyScript> = fc.record({
  pickUp: fc.constantFrom(
    "answer" as const,
    "answer" as const,
    "busy" as const,
    "no-answer" as const,
    "fail" as const,
  ),
  afterMs: fc.constantFrom(0, 3_000),
  detected: fc.constantFrom("human" as const, "machine" as const),
  turns: fc.array(fc.constantFrom("Yes.", "No.", "What?", { press: "1" }, null), { maxLength: 4 }),
  hangsUp: fc.constantFrom({}, { turns: 2 }, { words: 1 }, { ms: 4_000 }),
  interrupts: fc.boolean(),
  create: fc.constantFrom(
    "accepted" as const,
    "accepted" as const,
    "accepted" as const,
    "lost" as const,
    "lost-unplaced" as const,
    "refused" as const,
  ),
});

/** A call, who is on the other end, and what a surface does to it when. */
const play = fc.record({
  party,
  inbound: fc.boolean(),
  notify: fc.boolean(),
  deeds: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 9_000 }),
      deed: fc.constantFrom(
        "speak" as const,
        "ask" as const,
        "press" as const,
        "end" as const,
        "close" as const,
      ),
    }),
    { maxLength: 3 },
  ),
});
type Play = typeof play extends fc.Arbitrary<infer T> ? T : never;

const faults: fc.Arbitrary<Unreliability> = fc.record({
  duplicate: fc.constantFrom(0, 0.5),
  reorder: fc.constantFrom(0, 0.4),
  lose: fc.constantFrom(0, 0.3, 1),
  seed: fc.integer(),
});

interface Played {
  readonly it: World;
  readonly active: () => number;
  readonly most: number;
  readonly initiate: (to: string) => Promise<unknown>;
}

async function run(plays: readonly Play[], path: Unreliability, limit: number): Promise<Played> {
  const script: Record<string, PartyScript> = {};
  for (const [index, one] of plays.entries()) {
    // Who calls us has nothing to create and nothing to pick up.
    const { create: _, pickUp: __, ...caller } = one.party;
    script[numberOf(index)] = one.inbound ? caller : one.party;
  }
  const it = world({
    script: script satisfies MockScript,
    faults: path,
    config: { inboundPolicy: "open", maxConcurrentCalls: limit, maxDurationSeconds: 60 },
    pace: { replyMs: 300, webhookMs: 20, ringMs: 10 },
  });
  const { manager, switchboard } = it.start();
  const initiate = (to: string, mode: "notify" | "conversation" = "conversation") =>
    switchboard.initiate({ to, message: "Hello there.", mode, requester });
  let most = 0;
  const watch = (): void => {
    const outbound = manager.active.filter(({ direction }) => direction === "outbound");
    most = Math.max(most, outbound.length);
  };
  for (const [index, { inbound, notify, deeds }] of plays.entries()) {
    const number = numberOf(index);
    const placing = inbound
      ? it.mock.phone.call(number, US)
      : initiate(number, notify ? "notify" : "conversation");
    placing.then(watch, watch);
    for (const { at, deed } of deeds) {
      it.clock.at(it.clock.now() + at, () => {
        watch();
        const call = manager.active.find(({ from, to }) => [from, to].includes(number));
        if (call === undefined) return;
        const done: Promise<unknown> =
          deed === "speak"
            ? switchboard.request(call.id, { type: "speak", text: "News." })
            : deed === "ask"
              ? switchboard.ask(call.id, "Well?")
              : deed === "press"
                ? switchboard.press(call.id, "1")
                : deed === "end"
                  ? switchboard.end(call.id)
                  : manager.apply(call.id, { type: "close" });
        done.catch(() => {});
      });
    }
  }
  await it.finish();
  return { it, active: () => manager.active.length, most, initiate };
}

type Law = (played: Played, plays: readonly Play[], limit: number) => Promise<void>;

const LAWS: Readonly<Record<string, Law>> = {
  "all end, with one outcome each, and leave no timer, slot or effect behind": async (played) => {
    const { it } = played;
    const { calls, effects, events } = it.store.dump();
    for (const call of calls) {
      expect(isOver(call)).toBe(true);
      expect([call.outcome !== null, call.evidence !== null, call.deadlines]).toEqual([true, true, {}]);
      const own = events.filter(({ callId }) => callId === call.id).map(({ state }) => state);
      const end = own.findIndex((state) => state === "ended" || state === "refused");
      expect(new Set(own.slice(end)).size).toBe(1);
    }
    expect(effects.filter(({ result }) => result === null)).toEqual([]);
    expect([played.active(), it.clock.pending]).toEqual([0, 0]);
    await expect(played.initiate("+15557779999")).resolves.toMatchObject({ state: "dialing" });
    await it.mock.close();
  },

  "are dialled, told and hung up once each": async ({ it }) => {
    const { calls } = it.store.dump();
    for (const { id, direction } of calls) {
      const own = it.commands.filter(({ callId }) => callId === id);
      const told = own.filter(({ kind }) => kind === "instruct").map(({ gen }) => gen);
      expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
      expect(own.filter(({ kind }) => kind === "dial").length).toBe(direction === "outbound" ? 1 : 0);
      const hangups = own.filter(({ kind }) => kind === "hangup");
      const lingering = hangups.filter(({ stored }) => stored !== undefined && mayLinger(stored));
      expect(hangups.length - lingering.length).toBeLessThanOrEqual(1);
      expect(lingering.length).toBeLessThanOrEqual(1);
      expect(it.reports.filter((reported) => reported === id)).toEqual([id]);
      const turns = it.asked.filter((turn) => turn.startsWith(`${id}/`));
      expect(turns).toEqual([...new Set(turns)]);
    }
  },

  "are over at the carrier too, unless it never told us of them": async ({ it }) => {
    for (const { carrierCallId } of it.store.dump().calls) {
      if (carrierCallId === null) continue;
      expect(await it.mock.lookup(carrierCallId, live)).toMatchObject({ found: true, state: "ended" });
    }
  },

  "never outnumber the limit": async ({ most }, _, limit) => {
    expect(most).toBeLessThanOrEqual(limit);
  },
};

describe("calls at once over a path that loses, doubles and reorders", () => {
  it.each(Object.entries(LAWS))("%s", async (_, law) => {
    const plays = fc.array(play, { minLength: 1, maxLength: 5 });
    const limit = fc.integer({ min: 1, max: 3 });
    const property = fc.asyncProperty(plays, faults, limit, async (...how) =>
      law(await run(...how), how[0], how[2]),
    );
    await expect(fc.assert(property, { numRuns: 60 })).resolves.toBeUndefined();
  });
});
