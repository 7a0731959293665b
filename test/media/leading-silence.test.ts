import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LeadingSilence } from "../../src/media/leading-silence.ts";
import { after, cut, dbOf, fricative, hiss, mix, pcm, silence, sine, speech, vowel } from "./signals.ts";

/** How many samples of a piece are dropped. */
function dropped(piece: Int16Array, rate: number, sizes: readonly number[] = []): number {
  const silence = new LeadingSilence(rate);
  for (const chunk of cut(piece, sizes)) silence.push(chunk);
  return silence.end();
}

const RATES = [8000, 16_000, 22_050, 24_000, 48_000];
/** Silence before synthetic speech as providers have it, ms. */
const PADS = [75, 150, 200, 250, 341];

const noisy = (signal: Float64Array, rate: number, db = -60, seed = 11): Int16Array =>
  pcm(mix(signal, hiss(rate, (1000 * signal.length) / rate, db, seed)));

describe("silence before speech", () => {
  it.each(RATES)("is dropped to the last hundredth of a second at %d Hz, be it noisy or not", (rate) => {
    let [padded, gone] = [0, 0];
    for (const pad of PADS) {
      for (const db of [-200, -75, -65, -60]) {
        const piece = noisy(after(silence(rate, pad), speech(rate, 400, -20)), rate, db);
        const ms = (1000 * dropped(piece, rate)) / rate;
        // A vowel swells for some milliseconds before anybody hears it.
        expect(ms).toBeGreaterThan(pad - 14);
        expect(ms).toBeLessThanOrEqual(pad);
        if (pad >= 150) [padded, gone] = [padded + pad, gone + ms];
      }
    }
    expect(gone / padded).toBeGreaterThan(0.95);
  });

  it.each([8000, 22_050, 24_000])("ends where a soft fricative swells out of the noise at %d Hz", (rate) => {
    for (const pad of [75, 200]) {
      for (const [swell, db] of [
        [10, -40],
        [40, -40],
        [80, -36],
        [150, -36],
        [40, -48],
      ] as const) {
        const sound = after(fricative(rate, 200, db, swell), vowel(rate, rate / 5, 140, 600, 1700));
        const bare = pcm(after(silence(rate, pad), sound));
        const cutAt = dropped(noisy(after(silence(rate, pad), sound), rate), rate);
        expect(cutAt).toBeGreaterThan((rate * (pad - 14)) / 1000);
        // What is cut of the sound is no louder than the noise, in each of its hundredths of a second.
        for (let at = Math.round((rate * pad) / 1000); at < cutAt; at += rate / 100) {
          expect(dbOf(bare.subarray(at, Math.min(cutAt, at + rate / 100)))).toBeLessThan(-59);
        }
      }
    }
  });

  it("is none when the piece begins with a sound, however soft", () => {
    for (const rate of RATES) {
      for (const sound of [speech(rate, 200, -20), fricative(rate, 200, -50, 0), sine(300, rate, 200, -50)]) {
        expect(dropped(noisy(sound, rate, -70), rate)).toBe(0);
      }
    }
  });

  it("does not begin with a sound that is louder only by chance", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const piece = pcm(hiss(8000, 1900, -60, seed));
      expect(dropped(piece, 8000)).toBe(piece.length);
    }
  });

  it("is all of a piece that is silent, and two seconds of one that goes on", () => {
    expect(dropped(pcm(hiss(24_000, 1000, -70)), 24_000)).toBe(24_000);
    expect(dropped(new Int16Array(3), 24_000)).toBe(3);
    expect(dropped(new Int16Array(0), 24_000)).toBe(0);
    const long = dropped(new Int16Array(24_000 * 5), 24_000);
    expect(long / 24_000).toBeGreaterThan(1.98);
    expect(long / 24_000).toBeLessThanOrEqual(2);
  });

  it("is settled with the first audible sample, and never before the piece says so", () => {
    const trimmer = new LeadingSilence(8000);
    trimmer.push(new Int16Array(1600));
    expect(trimmer.settled).toBe(false);
    const before = trimmer.silent;
    expect(before).toBe(1600 - 64);
    trimmer.push(pcm(sine(400, 8000, 20, -20)));
    expect(trimmer.settled).toBe(true);
    expect(trimmer.silent).toBe(before);
    trimmer.push(new Int16Array(8000));
    expect(trimmer.silent).toBe(before);
    expect(trimmer.end()).toBe(before);
  });

  it("is the same however the piece is cut, and only ever grows", () => {
    const piece = noisy(after(silence(22_050, 120), fricative(22_050, 100, -44, 30)), 22_050);
    const whole = dropped(piece, 22_050);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        const trimmer = new LeadingSilence(22_050);
        let last = 0;
        for (const chunk of cut(piece, sizes)) {
          trimmer.push(chunk);
          expect(trimmer.silent).toBeGreaterThanOrEqual(last);
          last = trimmer.silent;
        }
        expect(trimmer.end()).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });
});
