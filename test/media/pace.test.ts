import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOST_AHEAD_MS, Pace } from "../../src/media/pace.ts";

/** Sends what is due at `now`; returns how many frames that were. */
function send(pace: Pace, count: number, now: number): number {
  for (let frame = 0; frame < count; frame++) pace.sent(now);
  return count;
}

describe("the pace of audio", () => {
  it("begins with two frames at once, fills the buffer at the next tick, then sends one frame a tick", () => {
    const pace = new Pace();
    pace.sent(990);
    expect(send(pace, pace.between(1_003), 1_003)).toBe(2);
    expect(send(pace, pace.between(1_004), 1_004)).toBe(0);
    expect(send(pace, pace.atTick(1_010), 1_010)).toBe(4);
    expect(pace.aheadMs(1_010)).toBe(120);
    for (let now = 1_030; now < 61_000; now += 20) expect(send(pace, pace.atTick(now), now)).toBe(1);
  });

  it("sends exactly one frame a tick, however ticks lie between frames and however they tremble", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 9.9, noNaN: true }), { minLength: 2, maxLength: 200 }),
        (silentMs, late) => {
          const pace = new Pace();
          pace.sent(980 + silentMs);
          send(pace, pace.between(1_000), 1_000);
          const counts: number[] = [];
          for (const [index, ms] of late.entries()) {
            const now = 1_010 + index * 20 + ms;
            counts.push(send(pace, pace.atTick(now), now));
          }
          expect(new Set(counts.slice(1))).toEqual(new Set([1]));
        },
      ),
    );
  });

  it("makes up for a late tick, and is never further ahead than it may", () => {
    const ticks = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(ticks, (waits) => {
        const pace = new Pace();
        let now = 1_000;
        let frames = 0;
        let starved = 0;
        for (const wait of waits) {
          starved += Math.max(0, wait - pace.aheadMs(now));
          now += wait;
          frames += send(pace, pace.atTick(now), now);
          expect(pace.aheadMs(now)).toBeLessThanOrEqual(MOST_AHEAD_MS);
          expect(pace.aheadMs(now)).toBeGreaterThan(80);
          // What was sent is what time has passed, what is ahead, and what nobody could send.
          expect(frames * 20 + starved).toBeCloseTo(now - 1_000 + pace.aheadMs(now), 3);
        }
      }),
    );
  });

  it("has silence sent when the buffer is as good as empty, so that words do not queue behind it", () => {
    const pace = new Pace();
    expect(pace.isDry(1_000)).toBe(true);
    expect(pace.sent(1_000)).toBe(1_020);
    expect([pace.isDry(1_009), pace.isDry(1_010), pace.isDry(1_040)]).toEqual([false, true, true]);
    expect(pace.sent(1_040)).toBe(1_060);
  });

  it("begins anew when the carrier has dropped what it had", () => {
    const pace = new Pace();
    send(pace, 5, 1_000);
    expect([pace.between(1_000), pace.isDry(1_000)]).toEqual([0, false]);
    pace.cleared();
    expect([pace.between(1_000), pace.isDry(1_000)]).toEqual([2, true]);
  });
});
