import { describe, expect, it } from "vitest";
import { FRAME_MS, HandTicker, RealTicker } from "./ticker.ts";

describe("real time", () => {
  it("beats for everybody until they stop, and makes up for what was late", async () => {
    const ticker = new RealTicker();
    const began = ticker.now();
    let [mine, theirs] = [0, 0];
    const stop = ticker.every(() => (mine += 1));
    await new Promise<void>((resolve) => {
      const stopThem = ticker.every(() => {
        theirs += 1;
        if (theirs < 5) return;
        stopThem();
        resolve();
      });
    });
    stop();
    const due = Math.floor((ticker.now() - began) / FRAME_MS);
    expect(theirs).toBe(5);
    expect(mine).toBeGreaterThanOrEqual(4);
    expect(mine).toBeLessThanOrEqual(due);
  });
});

describe("time by hand", () => {
  it("beats once for every 20 ms that pass", () => {
    const ticker = new HandTicker();
    let beats = 0;
    const stop = ticker.every(() => (beats += 1));
    ticker.pass(100);
    expect([beats, ticker.now()]).toEqual([5, 100]);
    stop();
    ticker.pass(100);
    expect(beats).toBe(5);
  });
});
