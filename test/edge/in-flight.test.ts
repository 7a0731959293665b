import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BodySlots, type BodySlot } from "../../src/edge/in-flight.ts";
import { singleFlight } from "../../src/edge/single-flight.ts";
import { Tally } from "../../src/edge/tally.ts";

describe("the room for bodies", () => {
  it("is never exceeded, and always the oldest leave, once each", () => {
    const step = fc.oneof(
      fc.constant({ do: "admit" as const }),
      fc.record({ do: fc.constant("grow" as const), at: fc.nat(20), bytes: fc.nat(50) }),
      fc.record({ do: fc.constant("release" as const), at: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const slots = new BodySlots({ slots: 4, bytes: 100 });
        let open: { slot: BodySlot; held: number }[] = [];
        for (const one of steps) {
          if (one.do === "admit") {
            const entry = { slot: slots.admit(() => leave(entry)), held: 0 };
            open.push(entry);
          } else {
            const entry = open[one.at];
            if (entry === undefined) continue;
            if (one.do === "release") {
              entry.slot.release();
              open = open.filter((other) => other !== entry);
            } else {
              entry.held += one.bytes;
              entry.slot.grow(one.bytes);
            }
          }
          expect(slots.size).toBe(open.length);
          expect(open.length).toBeLessThanOrEqual(4);
          expect(open.reduce((sum, { held }) => sum + held, 0)).toBeLessThanOrEqual(100);
        }

        function leave(entry: (typeof open)[number]): void {
          expect(open[0]).toBe(entry);
          open = open.slice(1);
        }
      }),
    );
  });
});

describe("work in single flight", () => {
  it("is shared by everybody who asks while it runs, and runs again after it failed", async () => {
    const { promise, reject } = Promise.withResolvers<number>();
    const work = vi.fn<() => Promise<number>>().mockReturnValueOnce(promise).mockResolvedValueOnce(7);
    const start = singleFlight(work);
    const both = Promise.allSettled([start(), start()]);
    reject(new Error("taken"));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(work).toHaveBeenCalledTimes(1);
    expect(await start()).toBe(7);
  });
});

describe("the tally of refusals", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is reported soon after the first, then once per period, and holds only fixed words", () => {
    const reports: Readonly<Record<string, number>>[] = [];
    const tally = new Tally({ firstMs: 1_000, everyMs: 60_000 }, (counts) => void reports.push(counts));
    for (const reason of ["path", "path", "signature missing", "+15550001234", "Drop table"])
      tally.add(reason);
    vi.advanceTimersByTime(1_000);
    expect(reports).toEqual([{ path: 2, "signature missing": 1, other: 2 }]);
    tally.add("path");
    vi.advanceTimersByTime(59_999);
    expect(reports).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(reports[1]).toEqual({ path: 1 });
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
    tally.add("method");
    tally.close();
    expect(reports[2]).toEqual({ method: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("names the field of a genuine webhook that could not be read", () => {
    const reports: Readonly<Record<string, number>>[] = [];
    const tally = new Tally({ firstMs: 1, everyMs: 1 }, (counts) => void reports.push(counts));
    for (const reason of ["CallSid", "hangup_cause", "hangup_cause", "Say hello", "a=1"]) tally.add(reason);
    tally.close();
    expect(reports).toEqual([{ CallSid: 1, hangup_cause: 2, other: 2 }]);
  });

  it("does not grow with the number of reasons", () => {
    const reports: Readonly<Record<string, number>>[] = [];
    const tally = new Tally({ firstMs: 1, everyMs: 1 }, (counts) => void reports.push(counts));
    for (let at = 0; at < 1_000; at += 1) tally.add(`reason ${at}`);
    tally.close();
    expect(Object.keys(reports[0] ?? {}).length).toBe(33);
  });
});
