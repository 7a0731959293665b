import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameClock, THREAD_TIME, type ClockSource } from "../../src/media/clock.ts";
import { arrives, stall } from "../support/stall.ts";

/** A thread whose timers fire as late as `lateness` says, one value after the other. */
function thread(lateness: () => number = () => 0) {
  const timers = new Set<{ readonly at: number; readonly fn: () => void }>();
  let now = 1_000.5;
  const source: ClockSource = {
    monotonic: () => now,
    setTimer(fn, ms) {
      expect(Number.isInteger(ms) && ms >= 1).toBe(true);
      const timer = { at: now + ms + lateness(), fn };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const run = (ms: number): void => {
    const until = now + ms;
    for (;;) {
      const next = [...timers].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > until) break;
      timers.delete(next);
      now = Math.max(now, next.at);
      next.fn();
    }
    now = until;
  };
  return { source, run, pending: () => timers.size, now: () => now };
}

describe("the frame clock", () => {
  it("ticks every 20 ms while somebody listens, and not a timer longer", () => {
    const { source, run, pending } = thread();
    const clock = new FrameClock(source);
    expect(pending()).toBe(0);
    const times: number[] = [];
    const stop = clock.add((now) => times.push(now - 1_000.5));
    run(100);
    expect(times).toEqual([20, 40, 60, 80, 100]);
    stop();
    expect(pending()).toBe(0);
    run(100);
    expect(times).toHaveLength(5);
  });

  it("starts again after it has stopped, 20 ms after the first listener came", () => {
    const { source, run } = thread();
    const clock = new FrameClock(source);
    clock.add(() => {})();
    run(7);
    const times: number[] = [];
    clock.add((now) => times.push(now - 1_007.5));
    run(45);
    expect(times).toEqual([20, 40]);
  });

  it("gives all listeners the same time, from one timer", () => {
    const { source, run, pending } = thread();
    const clock = new FrameClock(source);
    const times: number[][] = [[], [], []];
    const stops = times.map((own) => clock.add((now) => own.push(now)));
    run(5);
    expect(pending()).toBe(1);
    run(40);
    expect(times[0]).toHaveLength(2);
    expect(times[1]).toEqual(times[0]);
    stops[1]?.();
    stops[1]?.();
    run(20);
    expect(times.map((own) => own.length)).toEqual([3, 2, 3]);
  });

  it("runs one function twice that was added twice", () => {
    const { source, run } = thread();
    const clock = new FrameClock(source);
    let ticks = 0;
    const tick = (): void => void ticks++;
    clock.add(tick);
    const stop = clock.add(tick);
    run(20);
    expect(ticks).toBe(2);
    stop();
    run(20);
    expect(ticks).toBe(3);
  });

  it("lets listeners leave and come within a tick", () => {
    const { source, run } = thread();
    const clock = new FrameClock(source);
    const seen: string[] = [];
    const leave = clock.add(() => {
      seen.push("first");
      leave();
      leaveSecond();
      clock.add(() => seen.push("third"));
    });
    const leaveSecond = clock.add(() => seen.push("second"));
    run(40);
    expect(seen.filter((name) => name === "first")).toHaveLength(1);
    expect(seen).not.toContain("second");
    expect(seen).toContain("third");
  });

  it("ticks on, for everybody, when one listener throws", () => {
    const { source, run } = thread();
    const clock = new FrameClock(source);
    let ticks = 0;
    const stop = clock.add(() => {
      throw new Error("mine alone");
    });
    clock.add(() => void ticks++);
    expect(() => run(20)).toThrow("mine alone");
    stop();
    run(20);
    expect(ticks).toBe(2);
  });

  it("sets a timer again that fires early", () => {
    let early = -5;
    const { source, run } = thread(() => early++);
    const clock = new FrameClock(source);
    const times: number[] = [];
    clock.add((now) => times.push(now - 1_000.5));
    run(45);
    expect(times).toHaveLength(2);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(20);
  });

  it("does not drift, whatever its timers do", () => {
    const late = fc.array(
      fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.constantFrom(0, 19, 45, 700)),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(late, (delays) => {
        let at = 0;
        const { source, run } = thread(() => delays[at++] ?? 0);
        const clock = new FrameClock(source);
        const times: number[] = [];
        clock.add((now) => times.push(now - 1_000.5));
        run(40_000);
        // What follows on late ticks is back on the grid, but for the whole milliseconds in which timers count.
        const steady = times.slice(delays.length + 1);
        for (const time of steady) expect(time % 20).toBeLessThan(1);
        expect(times.at(-1)).toBeGreaterThan(40_000 - 20);
        const sum = delays.reduce((total, delay) => total + delay, 0);
        expect(times.length).toBeGreaterThanOrEqual(2_000 - Math.ceil(sum / 20));
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });

  it("has what arrived while the thread stood still read before it ticks", async () => {
    const seen: string[] = [];
    const clock = new FrameClock();
    const ticked = Promise.withResolvers<void>();
    const stop = clock.add(() => {
      seen.push("tick");
      ticked.resolve();
    });
    // An own timer that holds the thread until the tick.
    const holding = setTimeout(() => {}, 5_000);
    await stall(200, () => arrives("audio", (message) => void seen.push(message)));
    await ticked.promise;
    stop();
    clearTimeout(holding);
    expect(seen.slice(0, 2)).toEqual(["audio", "tick"]);
  });

  it("runs on the thread's own time without keeping it alive", async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const clock = new FrameClock();
    const stop = clock.add(() => {});
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout")).toHaveLength(before);
    stop();
    // An own timer that holds the thread until the tick.
    const holding = setTimeout(() => {}, 5_000);
    const first = await new Promise<number>((resolve) => {
      const leave = clock.add((now) => {
        leave();
        resolve(now);
      });
    });
    clearTimeout(holding);
    expect(THREAD_TIME.monotonic()).toBeGreaterThanOrEqual(first);
  });
});
