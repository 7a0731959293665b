import { describe, expect, it } from "vitest";
import { isKeyTone, shapeOf } from "../../src/media/frame-shape.ts";
import { encode } from "../../src/media/g711.ts";
import { NO_LEVEL_DB } from "../../src/media/level.ts";
import type { Encoding } from "../../src/media/protocol.ts";
import { HIGH_HZ, LOW_HZ } from "../../src/media/tones.ts";
import { dbOf, fricative, hiss, mix, pcm, sine, speech, toLevel, vowel } from "./signals.ts";

const frames = (sound: Float64Array, encoding: Encoding = "pcmu"): Uint8Array[] =>
  Array.from({ length: Math.floor(sound.length / 160) }, (_, at) =>
    encode(pcm(sound.subarray(at * 160, (at + 1) * 160)), encoding),
  );
const tilts = (sound: Float64Array): number[] => frames(sound).map((frame) => shapeOf(frame, "pcmu").tilt);

describe("the shape of a frame", () => {
  it("is as loud as its samples, whatever constant the line adds", () => {
    for (const [db, offset] of [
      [-15, 0],
      [-15, -2000],
      [-30, 2000],
      [-40, 0],
      [-40, 400],
    ] as const) {
      const noise = hiss(8000, 20, db);
      const frame = encode(pcm(noise.map((value) => value + offset)), "pcma");
      expect(Math.abs(shapeOf(frame, "pcma").db - dbOf(noise))).toBeLessThan(2);
    }
  });

  it("tells vowels from hissing", () => {
    expect(Math.max(...tilts(toLevel(vowel(8000, 3200, 180, 700, 1800), -20)))).toBeLessThan(1);
    expect(Math.min(...tilts(hiss(8000, 400, -20)))).toBeGreaterThan(1.4);
    expect(Math.min(...tilts(fricative(8000, 400, -20, 0)))).toBeGreaterThan(2);
  });

  it("of nothing is nothing", () => {
    expect(shapeOf(new Uint8Array(0), "pcmu").db).toBe(NO_LEVEL_DB);
    expect(shapeOf(new Uint8Array(160).fill(0xff), "pcmu")).toEqual({ db: NO_LEVEL_DB, tilt: 2 });
    // A-law has no zero, but nothing moves.
    expect(shapeOf(new Uint8Array(160).fill(0xd5), "pcma").db).toBe(NO_LEVEL_DB);
  });
});

describe("a key's tone", () => {
  const pairs = LOW_HZ.flatMap((low) => HIGH_HZ.map((high) => [low, high] as const));

  it.each(pairs)("of %d and %d Hz is one, detuned, unequal and in noise too", (low, high) => {
    for (const [detune, twist, noise] of [
      [1, 0, -80],
      [1.008, 2, -45],
      [0.992, -2, -45],
      [1, 4, -50],
    ] as const) {
      const tone = mix(
        sine(low * detune, 8000, 100, -20 - twist),
        sine(high * detune, 8000, 100, -20 + twist),
      );
      for (const encoding of ["pcmu", "pcma"] as const) {
        for (const frame of frames(mix(tone, hiss(8000, 100, noise)), encoding)) {
          expect(isKeyTone(frame, encoding)).toBe(true);
        }
      }
    }
  });

  it.each([
    ["speech", speech(8000, 4000, -20)],
    ["noise", hiss(8000, 1000, -20)],
    ["a ringing tone", mix(sine(440, 8000, 500, -20), sine(480, 8000, 500, -20))],
    ["one tone", sine(697, 8000, 500, -20)],
    ["two low tones", mix(sine(697, 8000, 500, -20), sine(941, 8000, 500, -20))],
    ["a tone and a very faint one", mix(sine(852, 8000, 500, -20), sine(1336, 8000, 500, -36))],
    ["a chord", mix(...[697, 1209, 523, 1046].map((hz) => sine(hz, 8000, 500, -20)))],
    ["silence", new Float64Array(800)],
  ])("is not %s", (_, sound) => {
    expect(frames(sound).filter((frame) => isKeyTone(frame, "pcmu"))).toEqual([]);
  });
});
