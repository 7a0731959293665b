import { ByteQueue } from "./byte-queue.ts";
import type { AudioFormat } from "./commands.ts";
import { Unwrapper } from "./container.ts";
import { decode, FRAME_MS, G711_RATE } from "./g711.ts";
import { LeadingSilence } from "./leading-silence.ts";

const NOTHING = new Uint8Array(0);

/** The audio of one piece in one format, as it comes from a provider: a header is skipped, leading silence dropped. */
export class PieceSource {
  readonly #unwrapper: Unwrapper;
  readonly #trims: boolean;
  readonly #queue = new ByteQueue();
  #ended = false;
  #silence: LeadingSilence | null = null;
  /** Bytes of audio that have come, and those that were dropped. */
  #come = 0;
  #trimmed = 0;
  /** Bytes of the queue that have been looked at for silence. */
  #seen = 0;
  /** What was read last. */
  #block = new Uint8Array(0);

  /** `trims`: silence at the beginning is dropped. */
  constructor(format: AudioFormat, trims: boolean) {
    this.#unwrapper = new Unwrapper(format);
    this.#trims = trims;
  }

  /** Of what `take` gives. */
  get format(): AudioFormat {
    return this.#unwrapper.format;
  }

  get rate(): number {
    const { format } = this;
    return format.encoding === "pcm16" ? format.rate : G711_RATE;
  }

  /** It is a file that cannot be played, and gives nothing. */
  get foreign(): boolean {
    return this.#unwrapper.foreign;
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  get trimmedMs(): number {
    return this.#ms(this.#trimmed);
  }

  /** All that has come, without what was trimmed. */
  get knownMs(): number {
    return this.#ms(this.#come - this.#trimmed);
  }

  /** Nothing is left, and nothing more comes. */
  get over(): boolean {
    return this.#ended && this.#queue.length < this.#width;
  }

  push(bytes: Uint8Array): void {
    if (!this.#ended) this.#add(this.#unwrapper.push(bytes));
  }

  end(): void {
    if (this.#ended) return;
    this.#add(this.#unwrapper.end());
    this.#ended = true;
  }

  /** Up to 20 ms of whole samples; empty when there are none (yet). They are overwritten by the next call. */
  take(): Uint8Array {
    if (this.#trims && !this.#trim()) return NOTHING;
    const bytes = this.#peek(0);
    this.#queue.drop(bytes.length);
    return bytes;
  }

  /** Bytes of a sample. */
  get #width(): number {
    return this.format.encoding === "pcm16" ? 2 : 1;
  }

  #add(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#come += bytes.length;
  }

  /** 20 ms of whole samples from byte `from` on, as much as there is of them. */
  #peek(from: number): Uint8Array {
    const size = Math.ceil((this.rate * FRAME_MS) / 1000) * this.#width;
    const there = Math.min(size, this.#queue.length - from);
    if (this.#block.length < size) this.#block = new Uint8Array(size);
    const bytes = this.#block.subarray(0, there - (there % this.#width));
    this.#queue.peek(from, bytes);
    return bytes;
  }

  /** Drops the silence that has come; false while all of it may be. Looks at two seconds at most. */
  #trim(): boolean {
    this.#silence ??= new LeadingSilence(this.rate);
    while (!this.#silence.settled) {
      const bytes = this.#peek(this.#seen);
      if (bytes.length === 0) break;
      this.#silence.push(samplesOf(bytes, this.format));
      this.#seen += bytes.length;
      this.#dropTo(this.#silence.silent);
    }
    if (this.#ended && !this.#silence.settled) this.#dropTo(this.#silence.end());
    return this.#silence.settled;
  }

  #dropTo(samples: number): void {
    const bytes = samples * this.#width - this.#trimmed;
    this.#queue.drop(bytes);
    this.#trimmed += bytes;
    this.#seen -= bytes;
  }

  #ms(bytes: number): number {
    return Math.floor(bytes / this.#width) / (this.rate / 1000);
  }
}

/** As signed 16 bits, at the rate they have. `bytes` must be their buffer's beginning. */
export function samplesOf(bytes: Uint8Array, format: AudioFormat): Int16Array {
  if (format.encoding !== "pcm16") return decode(bytes, format.encoding);
  // Little-endian is what every platform of Node's releases but one mainframe has.
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}
