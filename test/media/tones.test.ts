import { describe, expect, it } from "vitest";
import { decode, SILENCE } from "../../src/media/g711.ts";
import { GAP_MS, keyFrames, TONE_MS, WAIT_MS } from "../../src/media/tones.ts";
import { dbOf } from "./signals.ts";

/** ITU-T Q.23, as it prints them. */
const PAIRS: Record<string, readonly [number, number]> = {
  "1": [697, 1209],
  "2": [697, 1336],
  "3": [697, 1477],
  A: [697, 1633],
  "4": [770, 1209],
  "5": [770, 1336],
  "6": [770, 1477],
  B: [770, 1633],
  "7": [852, 1209],
  "8": [852, 1336],
  "9": [852, 1477],
  C: [852, 1633],
  "*": [941, 1209],
  "0": [941, 1336],
  "#": [941, 1477],
  D: [941, 1633],
};

/** The level of one frequency: the length of its Fourier component. */
function dbAt(samples: Int16Array, hz: number): number {
  let [real, imaginary] = [0, 0];
  for (const [at, sample] of samples.entries()) {
    real += sample * Math.cos((2 * Math.PI * hz * at) / 8000);
    imaginary += sample * Math.sin((2 * Math.PI * hz * at) / 8000);
  }
  return 20 * Math.log10((Math.SQRT2 * Math.hypot(real, imaginary)) / samples.length / 32_768);
}

const heard = (digits: string, encoding: "pcmu" | "pcma" = "pcmu"): Int16Array =>
  decode(Buffer.concat([...keyFrames(digits, encoding)]), encoding);

describe("a key's tone", () => {
  it.each(Object.entries(PAIRS))("of %s is the pair %j and nothing else", (digit, [low, high]) => {
    for (const encoding of ["pcmu", "pcma"] as const) {
      const tone = heard(digit, encoding).subarray(80, 720);
      const [lowDb, highDb] = [dbAt(tone, low), dbAt(tone, high)];
      // 0 dBm0 is 6.2 dB below the square that `levelDb` measures against.
      expect(lowDb).toBeCloseTo(-9 - 6.18, 0);
      expect(highDb).toBeCloseTo(-7 - 6.18, 0);
      const both = 10 * Math.log10(10 ** (lowDb / 10) + 10 ** (highDb / 10));
      expect(dbOf(tone) - both).toBeLessThan(0.1);
      const others = [...new Set(Object.values(PAIRS).flat())].filter((hz) => hz !== low && hz !== high);
      expect(Math.max(...others.map((hz) => dbAt(tone, hz)))).toBeLessThan(lowDb - 20);
    }
  });

  it("lasts, and is followed by a gap, longer than any receiver needs", () => {
    const samples = heard("5");
    expect(samples.length / 8).toBe(TONE_MS + GAP_MS);
    expect(dbOf(samples.subarray(0, TONE_MS * 8))).toBeGreaterThan(-15);
    expect(samples.subarray(TONE_MS * 8).every((sample) => sample === 0)).toBe(true);
    expect(Math.min(TONE_MS, GAP_MS)).toBeGreaterThan(40);
  });

  it("begins and ends without a click", () => {
    const samples = heard("D");
    const loudest = Math.max(...samples);
    for (const edge of [samples.subarray(0, 8), samples.subarray(TONE_MS * 8 - 8, TONE_MS * 8)]) {
      expect(Math.max(...edge.map((sample) => Math.abs(sample)))).toBeLessThan(0.15 * loudest);
    }
  });

  it("is never so loud that it is cut", () => {
    for (const digit of Object.keys(PAIRS)) expect(Math.max(...heard(digit))).toBeLessThan(32_000);
  });
});

describe("keys", () => {
  it("follow one another, with pauses where they are asked for", () => {
    const frames = [...keyFrames("1w2ww", "pcma")];
    expect(frames.every((frame) => frame.length === 160)).toBe(true);
    expect(frames).toHaveLength((2 * (TONE_MS + GAP_MS) + 3 * WAIT_MS) / 20);
    const loud = frames.map((frame) => frame.some((byte) => byte !== SILENCE.pcma));
    expect(loud.flatMap((isLoud, at) => (isLoud ? [at] : []))).toEqual([0, 1, 2, 3, 4, 35, 36, 37, 38, 39]);
  });

  it("are none when there are none", () => {
    expect([...keyFrames("", "pcmu")]).toEqual([]);
  });

  it.each(["E", "a", "1 2", "+", "W", "1\n", "٣"])("are refused at once when %j is among them", (digits) => {
    expect(() => keyFrames(digits, "pcmu")).toThrow(RangeError);
  });
});
