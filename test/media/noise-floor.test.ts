import { describe, expect, it } from "vitest";
import { NoiseFloor } from "../../src/media/noise-floor.ts";
import { VoiceLevel } from "../../src/media/voice-level.ts";

const loud = (voice: VoiceLevel, frames: number, db: number, speech: boolean): void => {
  for (let at = 0; at < frames; at++) voice.push(db, speech);
};
const push = (floor: NoiseFloor, frames: number, db: number, speech = false): void => {
  for (let at = 0; at < frames; at++) floor.push(db, speech);
};

describe("the noise floor", () => {
  it("is that of the line within a few frames", () => {
    const floor = new NoiseFloor();
    push(floor, 3, -52);
    expect(floor.quietestDb).toBe(-52);
    push(floor, 60, -52);
    expect(Math.abs(floor.meanDb + 52)).toBeLessThan(2);
  });

  it("takes no speech for noise when it begins with the line", () => {
    const floor = new NoiseFloor();
    push(floor, 5, -15);
    expect(floor.quietestDb).toBeLessThanOrEqual(-38);
    expect(floor.meanDb).toBeLessThan(-40);
  });

  it("follows a line that becomes quieter at once, and one that becomes louder after 1.6 s", () => {
    const floor = new NoiseFloor();
    push(floor, 100, -40);
    push(floor, 3, -60);
    expect(floor.quietestDb).toBe(-60);
    push(floor, 60, -45);
    expect(floor.quietestDb).toBe(-60);
    push(floor, 30, -45);
    expect(floor.quietestDb).toBe(-45);
  });

  it("stays where it is over speech with its gaps", () => {
    const floor = new NoiseFloor();
    push(floor, 100, -55);
    for (let turn = 0; turn < 20; turn++) {
      push(floor, 30, -20, true);
      push(floor, 4, -55, true);
      expect(floor.quietestDb).toBeLessThan(-50);
      expect(Math.abs(floor.meanDb + 55)).toBeLessThan(1);
    }
  });

  it("is not lower than a line that sends nothing needs", () => {
    const floor = new NoiseFloor();
    push(floor, 500, -100);
    expect(floor.quietestDb).toBe(-65);
    expect(floor.meanDb).toBeGreaterThanOrEqual(-65);
  });
});

describe("the caller's level", () => {
  it("rises with the caller's louder moments, and only with the caller's", () => {
    const voice = new VoiceLevel();
    const before = voice.db;
    loud(voice, 10, -10, false);
    expect(voice.db).toBeLessThan(before);
    loud(voice, 40, -12, true);
    expect(Math.abs(voice.db + 12)).toBeLessThan(1);
    loud(voice, 40, -30, true);
    expect(voice.db).toBeGreaterThan(-13);
  });

  it("falls slowly, and never out of hearing", () => {
    const voice = new VoiceLevel();
    loud(voice, 40, -12, true);
    loud(voice, 500, -30, false);
    expect(voice.db).toBeGreaterThan(-17);
    loud(voice, 20_000, -60, false);
    expect(voice.db).toBe(-36);
  });
});
