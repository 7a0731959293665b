import { describe, expect, it } from "vitest";
import { patience } from "../../../src/conversation/live/patience.ts";
import { virtualClock } from "../../support/clock.ts";
import { JumpingClock } from "./jumping-clock.ts";

describe("patience", () => {
  it.each([1, 199, 200, 201, 8_000])("ends after %i ms, once", async (ms) => {
    const clock = virtualClock();
    let outs = 0;
    patience(clock, ms, () => outs++);
    await clock.advance(ms - 1);
    expect(outs).toBe(0);
    await clock.advance(1);
    await clock.runAll();
    expect(outs).toBe(1);
  });

  it("does not end once it is no longer needed", async () => {
    const clock = virtualClock();
    let outs = 0;
    const cancel = patience(clock, 1_000, () => outs++);
    await clock.advance(500);
    cancel();
    cancel();
    await clock.runAll();
    expect(outs).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("is not used up by a moment in which nobody could look", () => {
    const clock = new JumpingClock();
    let outs = 0;
    patience(clock, 1_000, () => outs++);
    clock.jump(60_000);
    expect(outs).toBe(0);
    for (let look = 0; look < 4; look++) clock.jump(200);
    expect(outs).toBe(1);
  });
});
