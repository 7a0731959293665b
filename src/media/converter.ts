import { ByteQueue } from "./byte-queue.ts";
import type { AudioFormat } from "./commands.ts";
import { isRate } from "./filter.ts";
import { encode, FRAME_SAMPLES, G711_RATE, SILENCE, transcode } from "./g711.ts";
import { PieceSource, samplesOf } from "./piece-source.ts";
import type { Encoding } from "./protocol.ts";
import { Resampler } from "./resampler.ts";

/** Why a piece has no sound, or not all of it. */
export type PieceFault =
  /** It is a file that cannot be played, such as an MP3, where samples were promised; or its sample rate is none. */
  | "format"
  /** More came than a piece may hold; the rest is dropped. */
  | "too-long";

/** What of a piece may wait: over five minutes at 48 kHz, an hour of G.711. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/**
 * Turns one piece of speech, as its provider sends it, into frames of the stream's encoding: 20 ms, 160 bytes. Leading silence
 * is dropped. The work for a frame is done when that frame is asked for. Chunks may be cut anywhere, in the middle of
 * a sample too, and are kept, not copied, until they are needed: whoever pushes bounds how much that is, in any
 * case `MAX_WAITING_BYTES` do. Never throws.
 */
export class PieceConverter {
  readonly #target: Encoding;
  /** One after another; there is more than one only when the format changes on the way. */
  readonly #sources: PieceSource[] = [];
  /** Of the newest source. */
  #format: AudioFormat | null = null;
  /** For the oldest source, once it is needed. */
  #resampler: Resampler | null = null;
  /** G.711 that does not fill a frame yet. */
  readonly #ready = new ByteQueue();
  #ended = false;
  #fault: PieceFault | null = null;
  /** Of sources that are used up. */
  #pastTrimmedMs = 0;
  #pastKnownMs = 0;

  constructor(target: Encoding) {
    this.#target = target;
  }

  /** Leading silence that was dropped so far. */
  get trimmedMs(): number {
    return this.#sources.reduce((sum, source) => sum + source.trimmedMs, this.#pastTrimmedMs);
  }

  /** What has come so far without the dropped silence, given or not. 0 at the end: there was nothing to hear. */
  get knownMs(): number {
    return this.#sources.reduce((sum, source) => sum + source.knownMs, this.#pastKnownMs);
  }

  /** It has ended, and its last frame has been given. */
  get done(): boolean {
    return this.#ended && this.#sources.length === 0 && this.#ready.length === 0;
  }

  get fault(): PieceFault | null {
    return this.#fault;
  }

  /** Bytes that wait to be converted. */
  get waiting(): number {
    return this.#sources.reduce((sum, source) => sum + source.waiting, 0);
  }

  /** The next bytes. After `end` they are dropped. */
  push(format: AudioFormat, bytes: Uint8Array): void {
    if (this.#ended || this.#fault || bytes.length === 0) return;
    if (format.encoding === "pcm16" && !isRate(format.rate)) {
      this.#fault = "format";
    } else if (this.waiting + bytes.length > MAX_WAITING_BYTES) {
      this.#fault = "too-long";
    } else {
      const source = this.#sourceOf(format);
      source.push(bytes);
      if (source.foreign) this.#fault = "format";
    }
  }

  /** One frame; null when there is not enough for it yet, or nothing any more. After `end` silence fills the last one. */
  next(): Uint8Array | null {
    while (this.#ready.length < FRAME_SAMPLES && this.#convert()) {
      // Silence at the beginning is skipped here, two seconds at most.
    }
    const short = this.#ready.length < FRAME_SAMPLES;
    if (short && (this.#ready.length === 0 || !this.#ended || this.#sources.length > 0)) return null;
    const frame = new Uint8Array(FRAME_SAMPLES);
    if (short) frame.fill(SILENCE[this.#target]);
    this.#ready.drop(this.#ready.peek(0, frame));
    return frame;
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sources.at(-1)?.end();
    this.#leave();
  }

  #sourceOf(format: AudioFormat): PieceSource {
    const newest = this.#sources.at(-1);
    if (newest && this.#format && same(format, this.#format)) return newest;
    newest?.end();
    // Silence in the middle of a piece is a pause that is meant.
    const source = new PieceSource(format, this.#format === null);
    this.#sources.push(source);
    this.#format = format;
    return source;
  }

  /** Makes about 20 ms ready; false when there is nothing to make it of (yet). */
  #convert(): boolean {
    const [source] = this.#sources;
    if (!source) return false;
    const bytes = source.take();
    if (bytes.length > 0) this.#ready.push(this.#frameOf(bytes, source.format));
    return this.#leave() || bytes.length > 0;
  }

  /** Goes on to the next source when the oldest is used up. */
  #leave(): boolean {
    const [source] = this.#sources;
    if (!source?.over) return false;
    if (this.#resampler) this.#ready.push(encode(this.#resampler.flush(), this.#target));
    this.#resampler = null;
    this.#pastTrimmedMs += source.trimmedMs;
    this.#pastKnownMs += source.knownMs;
    this.#sources.shift();
    return true;
  }

  /** In the stream's encoding and in a place of its own. */
  #frameOf(bytes: Uint8Array, format: AudioFormat): Uint8Array {
    if (format.encoding === this.#target) return Buffer.from(bytes);
    if (format.encoding !== "pcm16") return transcode(bytes, format.encoding, this.#target);
    this.#resampler ??= new Resampler(format.rate, G711_RATE);
    const samples = this.#resampler.push(samplesOf(bytes, format));
    return encode(samples, this.#target, Buffer.allocUnsafe(samples.length));
  }
}

function same(one: AudioFormat, other: AudioFormat): boolean {
  if (one.encoding !== "pcm16" || other.encoding !== "pcm16") return one.encoding === other.encoding;
  return one.rate === other.rate;
}
