import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reorder } from "../../src/media/reorder.ts";

/** What comes out, `n` or `+gap n`. */
function sorter(waitMs = 40) {
  const out: string[] = [];
  const reorder = new Reorder<string>(waitMs, (value, missing) =>
    out.push(missing > 0 ? `+${missing} ${value}` : value),
  );
  const push = (chunk: number, now = 0): void => reorder.push(chunk, String(chunk), now);
  return { out, push, tick: (now: number) => reorder.tick(now) };
}

describe("frames that arrive out of order", () => {
  it("pass at once while they are in order, whatever number they begin with", () => {
    const { out, push } = sorter();
    for (const chunk of [7, 8, 9]) push(chunk);
    expect(out).toEqual(["7", "8", "9"]);
  });

  it("are sorted", () => {
    const { out, push } = sorter();
    for (const chunk of [1, 4, 3, 2, 6, 5]) push(chunk);
    expect(out).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("wait for one that is missing, and not for longer than they may", () => {
    const { out, push, tick } = sorter();
    push(1, 0);
    push(3, 20);
    push(4, 40);
    tick(59);
    expect(out).toEqual(["1"]);
    tick(60);
    expect(out).toEqual(["1", "+1 3", "4"]);
    push(2, 61);
    expect(out).toHaveLength(3);
  });

  it("wait for each gap anew", () => {
    const { out, push, tick } = sorter();
    push(1, 0);
    push(3, 10);
    push(6, 30);
    tick(50);
    expect(out).toEqual(["1", "+1 3"]);
    tick(70);
    expect(out).toEqual(["1", "+1 3", "+2 6"]);
  });

  it("do not wait on a line that keeps their order", () => {
    const { out, push } = sorter(0);
    for (const chunk of [1, 2, 5, 6, 3]) push(chunk);
    expect(out).toEqual(["1", "2", "+2 5", "6"]);
  });

  it("are dropped when they come twice", () => {
    const { out, push } = sorter();
    for (const chunk of [1, 1, 2, 4, 4, 3, 3, 2]) push(chunk);
    expect(out).toEqual(["1", "2", "3", "4"]);
  });

  it("are counted anew by a carrier that begins again, far back or step by step", () => {
    const { out, push } = sorter();
    push(1_000);
    push(1_002);
    push(1);
    expect(out).toEqual(["1000", "+1 1002", "1"]);
    const near = sorter();
    for (let chunk = 20; chunk <= 30; chunk++) near.push(chunk);
    for (let chunk = 1; chunk <= 15; chunk++) near.push(chunk);
    expect(near.out.slice(11)).toEqual(["10", "11", "12", "13", "14", "15"]);
  });

  it("never pile up, even when no time passes", () => {
    const { out, push } = sorter();
    push(0);
    for (let chunk = 2; chunk < 10_000; chunk += 2) push(chunk);
    expect(out.length).toBeGreaterThan(4_980);
  });

  it("come out in order, once each, and no later than they may", () => {
    const delays = fc.array(
      fc.record({ late: fc.integer({ min: 0, max: 90 }), lost: fc.boolean(), twice: fc.boolean() }),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(delays, (frames) => {
        const arrivals = frames.flatMap(({ late, lost, twice }, index) => {
          const at = index * 20 + late;
          const once = { chunk: index, at };
          return index > 0 && lost ? [] : twice ? [once, { chunk: index, at: at + 35 }] : [once];
        });
        arrivals.sort((a, b) => a.at - b.at);
        const released: { chunk: number; at: number; missing: number }[] = [];
        let now = 0;
        const reorder = new Reorder<number>(40, (chunk, missing) =>
          released.push({ chunk, at: now, missing }),
        );
        for (let tick = 0; tick < frames.length * 20 + 300; tick += 20) {
          for (const { chunk, at } of arrivals.filter((one) => one.at >= tick - 20 && one.at < tick)) {
            now = at;
            reorder.push(chunk, chunk, at);
          }
          now = tick;
          reorder.tick(tick);
        }
        const order = released.map(({ chunk }) => chunk);
        expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
        for (const { chunk, at } of released) {
          const came = arrivals.find((one) => one.chunk === chunk)?.at ?? Number.NaN;
          expect(at - came).toBeLessThanOrEqual(60);
        }
        // What did not come out was late by more than the others would wait, or was lost; either way it is told.
        const first = order[0] ?? 0;
        const last = order.at(-1) ?? 0;
        const missing = released.reduce((sum, one) => sum + one.missing, 0);
        expect(missing).toBe(last - first + 1 - order.length);
        const timely = [...frames.keys()].filter((index) => {
          const { lost = true, late = 0 } = frames[index] ?? {};
          return !lost && late < 40 && index > first;
        });
        expect(order).toEqual(expect.arrayContaining(timely));
      }),
      { numRuns: 300 },
    );
  });
});
