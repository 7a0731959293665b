import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filterFor } from "../../src/media/filter.ts";
import { Resampler } from "../../src/media/resampler.ts";
import { cut, dbOf, hiss, pcm, silence, sine } from "./signals.ts";

const TO_TELEPHONE = [11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const;

function joined(...parts: readonly Int16Array[]): Int16Array {
  const out = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let from = 0;
  for (const part of parts) {
    out.set(part, from);
    from += part.length;
  }
  return out;
}

function resample(input: Int16Array, from: number, to: number, sizes: readonly number[] = []): Int16Array {
  const resampler = new Resampler(from, to);
  const parts = [...cut(input, sizes)].map((chunk) => resampler.push(chunk).slice());
  return joined(...parts, resampler.flush());
}

/** What becomes of a tone, in dB, away from its ends. */
function gainAt(hz: number, from: number, to: number): number {
  const out = resample(pcm(sine(hz, from, 600, -10)), from, to);
  return dbOf(out.subarray(0.05 * to, 0.55 * to)) + 10;
}

describe.each(TO_TELEPHONE)("from %d Hz to a telephone", (rate) => {
  it("keeps the voice up to 3.4 kHz", () => {
    for (const hz of [200, 1004, 2000, 3000]) expect(Math.abs(gainAt(hz, rate, 8000))).toBeLessThan(0.05);
    expect(gainAt(3400, rate, 8000)).toBeGreaterThan(-0.3);
  });

  it("folds nothing back that the telephone does not carry", () => {
    for (let hz = 4500; hz < rate / 2; hz += hz < 6000 ? 100 : 700) {
      expect(gainAt(hz, rate, 8000)).toBeLessThan(hz < 5000 ? -60 : -70);
    }
  });

  it("leaves a tone where it was, with no more noise than 16 bits have", () => {
    const out = resample(pcm(sine(1004, rate, 400, -10)), rate, 8000);
    const ideal = sine(1004, 8000, 400, -10);
    const error = out.map((sample, at) => sample - (ideal[at] ?? 0)).subarray(200, 3000);
    expect(-10 - dbOf(error)).toBeGreaterThan(70);
  });

  it("needs no more than 2 ms of what follows", () => {
    expect(new Resampler(rate, 8000).lookahead / rate).toBeLessThanOrEqual(0.002);
  });
});

describe.each([16_000, 24_000, 48_000])("from a telephone to %d Hz", (rate) => {
  it("keeps the voice, and adds no image of it", () => {
    for (const hz of [300, 1004, 3000, 3400]) expect(Math.abs(gainAt(hz, 8000, rate))).toBeLessThan(0.3);
    const out = resample(pcm(sine(3000, 8000, 400, -10)), 8000, rate);
    const ideal = sine(3000, rate, 400, -10);
    const error = out.map((sample, at) => sample - (ideal[at] ?? 0)).subarray(1000, -1000);
    expect(-10 - dbOf(error)).toBeGreaterThan(60);
  });
});

describe("a resampler", () => {
  const rates = fc.constantFrom(4000, 8000, 11_025, 16_000, 22_050, 23_999, 24_000, 44_100, 48_000);

  it("gives the same however the input is cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        rates,
        fc.constantFrom(8000, 16_000, 24_000),
        sizes,
        fc.nat(3000),
        (from, to, sizes, length) => {
          const input = pcm(hiss(8000, length / 8, -12));
          expect(resample(input, from, to, sizes)).toEqual(resample(input, from, to));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives as many samples as belong to the time of the input", () => {
    fc.assert(
      fc.property(rates, fc.nat(5000), (from, length) => {
        expect(resample(new Int16Array(length), from, 8000)).toHaveLength(Math.ceil((length * 8000) / from));
      }),
    );
  });

  it.each([22_050, 24_000, 44_100])("does not drift within four minutes at %d Hz", (rate) => {
    const resampler = new Resampler(rate, 8000);
    const second = new Int16Array(rate);
    let given = 0;
    for (let turn = 0; turn < 240; turn++) given += resampler.push(second).length;
    // A tone that begins now comes out where it belongs.
    const tone = [...resampler.push(pcm(sine(700, rate, 40, -10))), ...resampler.flush()];
    expect(given + tone.length).toBe(240 * 8000 + 320);
    const ideal = sine(700, 8000, 40, -10);
    const late = tone.length - ideal.length;
    const error = Int16Array.from(tone.slice(late), (sample, at) => sample - (ideal[at] ?? 0)).subarray(
      40,
      280,
    );
    expect(dbOf(error)).toBeLessThan(-80);
  });

  it("clips what would overflow", () => {
    const square = Int16Array.from({ length: 4800 }, (_, at) =>
      Math.floor(at / 40) % 2 === 0 ? 32_767 : -32_768,
    );
    const out = resample(square, 24_000, 8000);
    expect(Math.max(...out)).toBe(32_767);
    expect(Math.min(...out)).toBe(-32_768);
    // A wrap would turn the sign in the middle of a half period.
    const inside = [...out.keys()].filter((at) => (3 * at) % 40 > 5 && (3 * at) % 40 < 35);
    const turned = inside.filter((at) => (out[at] ?? 0) > 0 !== (Math.floor((3 * at) / 40) % 2 === 0));
    expect(turned).toEqual([]);
  });

  it("keeps a level that does not move, at every phase", () => {
    const out = resample(new Int16Array(4410).fill(12_345), 22_050, 8000);
    expect(new Set(out.subarray(50, -50))).toEqual(new Set([12_345]));
  });

  it("begins anew after a flush", () => {
    const noise = pcm(hiss(24_000, 100, -10));
    const resampler = new Resampler(24_000, 8000);
    const once = [...resampler.push(noise), ...resampler.flush()];
    expect([...resampler.push(noise), ...resampler.flush()]).toEqual(once);
    expect(resampler.flush()).toHaveLength(0);
    expect(new Resampler(22_050, 8000).flush()).toHaveLength(0);
  });

  it("has nothing to do between equal rates", () => {
    const samples = pcm(silence(8000, 20));
    const resampler = new Resampler(8000, 8000);
    expect(resampler.push(samples)).toBe(samples);
    expect(resampler.flush()).toHaveLength(0);
    expect(resampler.lookahead).toBe(0);
  });

  it.each([0, -8000, 3999, 192_001, 8000.5, Number.NaN, Infinity])("refuses a rate of %d", (rate) => {
    expect(() => new Resampler(rate, 8000)).toThrow(RangeError);
    expect(() => new Resampler(8000, rate)).toThrow(RangeError);
  });
});

describe("filters", () => {
  it("are made once for a ratio, and only so many are kept", () => {
    const first = filterFor(24_000, 8000);
    expect(filterFor(48_000, 16_000)).toBe(first);
    for (let rate = 4001; rate < 4018; rate++) filterFor(rate, 4000);
    expect(filterFor(24_000, 8000)).not.toBe(first);
    expect(filterFor(24_000, 8000)).toEqual(first);
  });

  it("of rates without a common factor are of bounded size", () => {
    expect(filterFor(23_999, 8000).taps.length * 8).toBeLessThan(1024 * 1024);
  });
});
