import { toDb } from "./level.ts";

/**
 * Finds where a piece of speech begins. Synthetic speech starts with 75 to 340 ms of silence or faint noise, which the caller
 * would have to wait for. Holds no audio: it says how much of it can be dropped.
 */

/** Levels are measured over this. */
const WINDOW_MS = 5;
/** Kept before the first window that is audible, so that an onset which swells from below the noise is whole. */
const KEPT_MS = 8;
/** Audible whatever went before. Speech providers' own noise is below it, a soft "f" above. */
const AUDIBLE_DB = -55;
/** Audible when it stands out by `RISE_DB` from the noise before it. */
const FAINT_DB = -66;
const RISE_DB = 6;
/** The weight of one more window in the mean of the noise. */
const NOISE_WEIGHT = 0.1;
/** A piece that is silent for longer is meant to be, or is fainter than all of this takes for speech. */
const LONGEST_MS = 2000;

export class LeadingSilence {
  readonly #rate: number;
  readonly #window: number;
  #settled = false;
  /** Samples before the present window, all of them silent. */
  #quiet = 0;
  #sum = 0;
  #count = 0;
  #noiseDb: number | null = null;

  /** `rate` in Hz. */
  constructor(rate: number) {
    this.#rate = rate;
    this.#window = Math.round((rate * WINDOW_MS) / 1000);
  }

  /** Nothing more will be dropped than `silent`. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Samples at the beginning of the piece that can be dropped. Grows until it is settled. */
  get silent(): number {
    return Math.max(0, this.#quiet - Math.round((this.#rate * KEPT_MS) / 1000));
  }

  /** Looks at the next samples of the piece. */
  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length && !this.#settled; at++) {
      const sample = (samples[at] as number) / 32_768;
      this.#sum += sample * sample;
      if (++this.#count === this.#window) this.#close();
    }
  }

  /** The piece ends here: one in which nothing was audible is dropped whole. Returns how many samples that are. */
  end(): number {
    if (this.#settled) return this.silent;
    if (this.#count > 0) this.#close();
    return this.#settled ? this.silent : this.#quiet;
  }

  #close(): void {
    const db = toDb(this.#sum / this.#count);
    const rose = this.#noiseDb !== null && db > Math.max(FAINT_DB, this.#noiseDb + RISE_DB);
    if (db > AUDIBLE_DB || rose) {
      this.#settled = true;
    } else {
      this.#quiet += this.#count;
      this.#noiseDb = this.#noiseDb === null ? db : this.#noiseDb + NOISE_WEIGHT * (db - this.#noiseDb);
      this.#settled = this.#quiet >= (this.#rate * LONGEST_MS) / 1000;
    }
    this.#sum = 0;
    this.#count = 0;
  }
}
