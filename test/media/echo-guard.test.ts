import { describe, expect, it } from "vitest";
import { EchoGuard } from "../../src/media/echo-guard.ts";

/** What the caller has to exceed after `frames` of a line at `db` while we send at `sentDb`. */
function after(frames: number, db: number, sentDb: number | null, guard = new EchoGuard()): number {
  let threshold = Number.NaN;
  for (let at = 0; at < frames; at++) threshold = guard.push(db, sentDb);
  return threshold;
}

describe("the echo guard", () => {
  it("asks for nothing while we are silent, or as good as", () => {
    expect(after(10, -20, null)).toBe(-Infinity);
    expect(after(10, -20, -55)).toBe(-Infinity);
  });

  it("asks for more the louder we are, from the first frame on", () => {
    expect(after(1, -60, -30) - after(1, -60, -40)).toBeCloseTo(10, 0);
    expect(after(1, -60, -18)).toBeGreaterThan(-38);
    expect(after(1, -60, -18)).toBeLessThan(-30);
  });

  it("goes by the loudest of the last 600 ms, and forgets it then", () => {
    const guard = new EchoGuard();
    const loud = after(1, -60, -18, guard);
    expect(after(29, -60, null, guard)).toBeCloseTo(loud, -1);
    expect(after(1, -60, null, guard)).toBe(-Infinity);
  });

  it("learns a strong echo within half a second, and stays above it", () => {
    expect(after(25, -34, -18)).toBeGreaterThan(-34);
    expect(after(100, -30, -18)).toBeGreaterThan(-30);
  });

  it("learns within seconds that there is none, and lets a faint caller interrupt", () => {
    expect(after(250, -60, -18)).toBeLessThan(-42);
  });

  it("never lets the caller have to shout", () => {
    expect(after(1000, -5, -18)).toBeLessThanOrEqual(-18 - 12 + 5);
    expect(after(1000, 0, -18)).toBeLessThan(-20);
  });
});
