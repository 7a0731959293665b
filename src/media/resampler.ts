import { filterFor } from "./filter.ts";
import type { Filter } from "./filter.ts";

/** Input samples that are worked off at a time. */
const BLOCK = 480;

/**
 * Changes the rate of one stream of samples. What comes out depends on all that went in, never on how it was cut, and lies
 * where it lay: the first sample out is at the time of the first sample in. Positions are whole numbers, so nothing drifts.
 */
export class Resampler {
  readonly #filter: Filter;
  /** The input that is still needed, then a block of new input. */
  readonly #window: Float64Array;
  /** How much of `#window` is filled. */
  #filled: number;
  /** Where the next output sample lies: after this index of `#window`, … */
  #at: number;
  /** … by this many `up`ths of a sample. */
  #past = 0;
  /** What was given last. */
  #out = new Int16Array(0);
  /** Since the last flush. */
  #taken = 0;
  #given = 0;

  /** Rates in Hz. Throws a `RangeError` for what is no rate of audio. */
  constructor(fromHz: number, toHz: number) {
    this.#filter = filterFor(fromHz, toHz);
    const { half } = this.#filter;
    this.#window = new Float64Array(2 * half + BLOCK);
    this.#filled = half;
    this.#at = half;
  }

  /** How many input samples an output sample waits for. */
  get lookahead(): number {
    return this.#filter.up === this.#filter.down ? 0 : this.#filter.half;
  }

  /**
   * The samples that `input` completes. They are overwritten by the next call. Between equal rates they are `input` itself.
   */
  push(input: Int16Array): Int16Array {
    const { up, down } = this.#filter;
    if (up === down) return input;
    const most = Math.ceil((input.length * up) / down) + 1;
    if (this.#out.length < most) this.#out = new Int16Array(most);
    return this.#out.subarray(0, this.#run(input, this.#out));
  }

  /** The samples that are still to come, as many as belong to the input. The next `push` begins another stream. */
  flush(): Int16Array {
    const { up, down, half } = this.#filter;
    if (up === down) return new Int16Array(0);
    const missing = Math.ceil((this.#taken * up) / down) - this.#given;
    const out = new Int16Array(missing + Math.ceil((half * up) / down) + 1);
    this.#run(new Int16Array(half), out);
    this.#window.fill(0);
    this.#filled = half;
    this.#at = half;
    this.#past = 0;
    this.#taken = 0;
    this.#given = 0;
    return out.subarray(0, missing);
  }

  #run(input: Int16Array, out: Int16Array): number {
    let given = 0;
    for (let from = 0; from < input.length; from += BLOCK) {
      const block = input.subarray(from, from + BLOCK);
      this.#window.set(block, this.#filled);
      this.#filled += block.length;
      given = this.#filter.up === 1 ? this.#decimate(out, given) : this.#interpolate(out, given);
      this.#forget();
    }
    this.#taken += input.length;
    this.#given += given;
    return given;
  }

  /** To a rate that divides the other: every output sample lies on an input sample, so each tap serves two of them. */
  #decimate(out: Int16Array, given: number): number {
    const { down, half, taps } = this.#filter;
    const window = this.#window;
    const middle = half - 1;
    const last = this.#filled - half;
    let to = given;
    let at = this.#at;
    for (; at < last; at += down) {
      let even = (taps[middle] as number) * (window[at] as number);
      let odd = 0;
      for (let off = 1; off < half; off += 2) {
        even +=
          (taps[middle + off] as number) * ((window[at - off] as number) + (window[at + off] as number));
        odd +=
          (taps[middle + off + 1] as number) *
          ((window[at - off - 1] as number) + (window[at + off + 1] as number));
      }
      out[to++] = toSample(even + odd);
    }
    this.#at = at;
    return to;
  }

  #interpolate(out: Int16Array, given: number): number {
    const { up, down, half, phases, taps } = this.#filter;
    const window = this.#window;
    const last = this.#filled - half;
    let to = given;
    let at = this.#at;
    let past = this.#past;
    while (at < last) {
      const tap = Math.floor((past * phases) / up) * 2 * half;
      const start = at - half + 1;
      let even = 0;
      let odd = 0;
      for (let index = 0; index < 2 * half; index += 2) {
        even += (taps[tap + index] as number) * (window[start + index] as number);
        odd += (taps[tap + index + 1] as number) * (window[start + index + 1] as number);
      }
      out[to++] = toSample(even + odd);
      past += down;
      at += Math.floor(past / up);
      past %= up;
    }
    this.#at = at;
    this.#past = past;
    return to;
  }

  /** Drops the input that lies before every output sample to come. */
  #forget(): void {
    const start = Math.min(this.#at - this.#filter.half, this.#filled);
    this.#window.copyWithin(0, start, this.#filled);
    this.#filled -= start;
    this.#at -= start;
  }
}

/** Rounded; louder than the loudest is the loudest. */
function toSample(value: number): number {
  if (value >= 32_767) return 32_767;
  return value <= -32_768 ? -32_768 : Math.round(value);
}
