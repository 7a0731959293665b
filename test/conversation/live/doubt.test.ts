import { describe, expect, it } from "vitest";
import { Doubt } from "../../../src/conversation/live/doubt.ts";
import { virtualClock } from "../../support/clock.ts";

function bench() {
  const clock = virtualClock();
  const told = { doubts: 0 };
  const doubt = new Doubt(clock, () => told.doubts++);
  const speak = async (ms: number): Promise<void> => {
    doubt.voice(true);
    await clock.advance(ms);
    doubt.voice(false);
  };
  return { clock, told, doubt, speak };
}

describe("the doubt whether a provider listens", () => {
  it("comes 6 s after 1.5 s of voice, however it was cut", async () => {
    const { clock, told, speak } = bench();
    for (let stretch = 0; stretch < 3; stretch++) await speak(500);
    await clock.advance(5_999);
    expect(told.doubts).toBe(0);
    await clock.advance(1);
    expect(told.doubts).toBe(1);
  });

  it("does not wait longer because the caller goes on", async () => {
    const { clock, told, speak } = bench();
    await speak(1_500);
    for (let second = 0; second < 6; second++) {
      await speak(500);
      await clock.advance(500);
    }
    expect(told.doubts).toBe(1);
  });

  it("counts a voice once, however often it is told to have begun or ended", async () => {
    const { clock, told, doubt } = bench();
    doubt.voice(false);
    doubt.voice(true);
    await clock.advance(700);
    doubt.voice(true);
    await clock.advance(700);
    doubt.voice(false);
    doubt.voice(false);
    await clock.runAll();
    expect(told.doubts).toBe(0);
  });

  it("comes twice in a row at most, and again once there were words", async () => {
    const { clock, told, doubt, speak } = bench();
    for (let round = 0; round < 5; round++) {
      await speak(2_000);
      await clock.runAll();
    }
    expect(told.doubts).toBe(2);
    doubt.words();
    await speak(2_000);
    await clock.runAll();
    expect(told.doubts).toBe(3);
  });

  it("leaves no timer behind once it is settled", async () => {
    const { clock, told, doubt, speak } = bench();
    await speak(2_000);
    doubt.settle();
    expect(clock.pending).toBe(0);
    expect(told.doubts).toBe(0);
  });
});
