/** Samples that are taken in at once. */
export const HOP = 20;

/** One hop of every tone: cosines and sines. */
interface Waves {
  readonly cos: readonly Float64Array[];
  readonly sin: readonly Float64Array[];
}

/** A set of tones and the window that tells them apart. All tones (Hz) are multiples of `rate / size`; `size`: samples. */
export class Tones {
  readonly count: number;
  /** Hops of a window. */
  readonly hops: number;
  /** By place of the hop in the window. */
  readonly waves: readonly Waves[];

  constructor(rate: number, size: number, tones: readonly number[]) {
    this.count = tones.length;
    this.hops = size / HOP;
    const wave = (form: (angle: number) => number, hop: number): readonly Float64Array[] =>
      tones.map((tone) =>
        Float64Array.from({ length: HOP }, (_, index) =>
          form((2 * Math.PI * tone * (hop * HOP + index)) / rate),
        ),
      );
    this.waves = Array.from({ length: this.hops }, (_, hop) => ({
      cos: wave(Math.cos, hop),
      sin: wave(Math.sin, hop),
    }));
  }
}

/**
 * The power of tones in the last window of samples, moved on hop by hop. The sums of a hop (those of Goertzel's filter, written
 * out) serve every window that it is part of.
 */
export class Spectrum {
  /** Mean power of each tone, in squared samples. */
  readonly powers: Float64Array;
  /** Mean power of everything. */
  total = 0;
  readonly #tones: Tones;
  readonly #hops: { readonly real: Float64Array; readonly imaginary: Float64Array; power: number }[];
  #place = 0;

  constructor(tones: Tones) {
    this.#tones = tones;
    this.#hops = Array.from({ length: tones.hops }, () => ({
      real: new Float64Array(tones.count),
      imaginary: new Float64Array(tones.count),
      power: 0,
    }));
    this.powers = new Float64Array(tones.count);
  }

  /** Takes in `HOP` samples. `total` is new then, `powers` only after `measure`. */
  push(samples: Int16Array): void {
    const hop = this.#hops[this.#place];
    const waves = this.#tones.waves[this.#place];
    this.#place = (this.#place + 1) % this.#tones.hops;
    if (hop === undefined || waves === undefined) return;
    hop.power = 0;
    for (const sample of samples) hop.power += sample * sample;
    const isSilent = hop.power === 0;
    for (let tone = 0; tone < this.#tones.count; tone++) {
      hop.real[tone] = isSilent ? 0 : product(samples, waves.cos[tone]);
      hop.imaginary[tone] = isSilent ? 0 : product(samples, waves.sin[tone]);
    }
    this.total = this.#hops.reduce((sum, { power }) => sum + power, 0) / (HOP * this.#tones.hops);
  }

  measure(): Float64Array {
    const size = HOP * this.#tones.hops;
    for (let tone = 0; tone < this.#tones.count; tone++) {
      let real = 0;
      let imaginary = 0;
      for (const hop of this.#hops) {
        real += hop.real[tone] ?? 0;
        imaginary += hop.imaginary[tone] ?? 0;
      }
      this.powers[tone] = (2 * (real * real + imaginary * imaginary)) / (size * size);
    }
    return this.powers;
  }
}

function product(samples: Int16Array, wave: Float64Array | undefined): number {
  if (wave === undefined) return 0;
  let sum = 0;
  for (let index = 0; index < HOP; index++) sum += (samples[index] ?? 0) * (wave[index] ?? 0);
  return sum;
}
