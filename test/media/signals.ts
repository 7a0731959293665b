import { seededRandom } from "../support/random.ts";

/** Sounds for tests, made of arithmetic alone, and measures of them. Levels in dBFS as `levelDb` has them. */

/** Evenly spread over -1 to 1, the same every time. */
function dice(seed: number): () => number {
  const random = seededRandom(seed);
  return () => 2 * random() - 1;
}

/** The peak of a sine of this level. */
const peakOf = (db: number): number => 32_768 * Math.SQRT2 * 10 ** (db / 20);

export function sine(hz: number, rate: number, ms: number, db: number): Float64Array {
  const peak = peakOf(db);
  return Float64Array.from({ length: samplesIn(ms, rate) }, (_, at) => {
    return peak * Math.sin((2 * Math.PI * hz * at) / rate);
  });
}

/** Noise with a flat spectrum. */
export function hiss(rate: number, ms: number, db: number, seed = 1): Float64Array {
  const roll = dice(seed);
  const noise = Float64Array.from({ length: samplesIn(ms, rate) }, () => roll() + roll() + roll());
  return toLevel(noise, db);
}

/** Noise that is louder the deeper it is, as of rooms and streets. */
export function rumble(rate: number, ms: number, db: number, seed = 2): Float64Array {
  let last = 0;
  return toLevel(
    hiss(rate, ms, 0, seed).map((value) => (last = 0.9 * last + value)),
    db,
  );
}

/**
 * Something like talking: syllables of 140 ms, each a gliding pitch through two resonances that swells and fades, with a pause
 * of 60 ms between them. `db`: while a syllable lasts.
 */
export function speech(rate: number, ms: number, db: number, seed = 3): Float64Array {
  const roll = dice(seed);
  const out = new Float64Array(samplesIn(ms, rate));
  const syllable = samplesIn(140, rate);
  for (let from = 0; from < out.length; from += syllable + samplesIn(60, rate)) {
    const sound = vowel(rate, syllable, 130 + 60 * roll(), 550 + 250 * roll(), 1500 + 500 * roll());
    out.set(toLevel(sound, db).subarray(0, out.length - from), from);
  }
  return out;
}

/** A vowel with a pitch and two formants, Hz, over `samples`. */
export function vowel(rate: number, samples: number, pitch: number, low: number, high: number): Float64Array {
  const out = new Float64Array(samples);
  for (let harmonic = 1; harmonic * pitch * 1.1 < Math.min(3600, rate / 2); harmonic++) {
    const hz = harmonic * pitch;
    const gain = 1 / (1 + ((hz - low) / 120) ** 2) + 0.4 / (1 + ((hz - high) / 200) ** 2) + 0.01;
    let phase = 0;
    for (let at = 0; at < samples; at++) {
      phase += (2 * Math.PI * hz * (1 + (0.1 * at) / samples)) / rate;
      out[at] = (out[at] ?? 0) + gain * Math.sin(phase);
    }
  }
  const edge = 0.02 * rate;
  return out.map((value, at) => value * Math.min(1, (at + 1) / edge, (samples - at) / edge));
}

/** A sound like a soft "f" or "s": noise without its deep half, which swells over `swellMs`. */
export function fricative(rate: number, ms: number, db: number, swellMs: number, seed = 4): Float64Array {
  let last = 0;
  const noise = hiss(rate, ms, 0, seed).map((value) => {
    const step = value - last;
    last = value;
    return step;
  });
  const swell = Math.max(1, samplesIn(swellMs, rate));
  return toLevel(noise, db).map((value, at) => value * Math.min(1, at / swell));
}

export const samplesIn = (ms: number, rate: number): number => Math.round((ms * rate) / 1000);

export const silence = (rate: number, ms: number): Float64Array => new Float64Array(samplesIn(ms, rate));

/** One after the other. */
export function after(...parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let from = 0;
  for (const part of parts) {
    out.set(part, from);
    from += part.length;
  }
  return out;
}

/** At the same time, as long as the longest. */
export function mix(...parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(Math.max(...parts.map((part) => part.length)));
  for (const part of parts) for (const [at, value] of part.entries()) out[at] = (out[at] ?? 0) + value;
  return out;
}

export function toLevel(signal: Float64Array, db: number): Float64Array {
  const gain = 10 ** ((db - dbOf(signal)) / 20);
  return signal.map((value) => value * gain);
}

/** The level of samples. */
export function dbOf(signal: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < signal.length; at++) sum += ((signal[at] ?? 0) / 32_768) ** 2;
  return 10 * Math.log10(sum / Math.max(1, signal.length) + 1e-20);
}

/** As samples of 16 bits. */
export function pcm(signal: Float64Array): Int16Array {
  return Int16Array.from(signal, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value))));
}

export function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength).slice();
}

export function* cut<T extends Int16Array | Uint8Array>(all: T, sizes: readonly number[]): Generator<T> {
  let from = 0;
  for (let turn = 0; from < all.length; turn++) {
    const size = sizes.length === 0 ? all.length : Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield all.slice(from, from + size) as T;
    from += size;
  }
}
