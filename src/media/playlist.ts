import type { AudioFormat, CutPiece, Yields } from "./commands.ts";
import type { PieceConverter, PieceFault } from "./converter.ts";
import { FRAME_MS } from "./g711.ts";
import type { MediaStreamName } from "./protocol.ts";
import { WAIT_MS } from "./tones.ts";

/** What waits to be played, one after the other. */
export type Item = Piece | Tones | Keystrokes;

/** Something that is heard, frame by frame. What was sent and not heard can be put back, and goes out again first. */
abstract class Audible {
  readonly #again: Uint8Array[] = [];
  /** Its end mark is out, and everything before it. */
  endMarked = false;
  /** Frames sent since its last mark; null when it has none, or none that counts. */
  unmarked: number | null = null;

  protected abstract fresh(): Uint8Array | null;
  protected abstract get exhausted(): boolean;

  /** Everything has been sent, and nothing more comes. */
  get drained(): boolean {
    return this.#again.length === 0 && this.exhausted;
  }

  /** The next frame to be sent; null: there is none now. */
  next(): Uint8Array | null {
    return this.#again.shift() ?? this.fresh();
  }

  putBack(frames: readonly Uint8Array[]): void {
    this.#again.unshift(...frames);
    this.endMarked = false;
    this.unmarked = null;
  }
}

/** One piece of speech. */
export class Piece extends Audible {
  readonly kind = "piece";
  readonly piece: number;
  readonly yields: Yields;
  readonly #converter: PieceConverter;
  #ended = false;
  #heardFrames = 0;
  /** When its first audio had come; null before. */
  readyAt: number | null = null;
  /** A frame of it has been sent. */
  started = false;

  constructor(piece: number, yields: Yields, converter: PieceConverter) {
    super();
    this.piece = piece;
    this.yields = yields;
    this.#converter = converter;
  }

  /** Bytes that wait to be sent. */
  get waiting(): number {
    return this.#converter.waiting;
  }

  get trimmedMs(): number {
    return this.#converter.trimmedMs;
  }

  /** Why nothing of it can be heard, once it is known that nothing can. */
  get failure(): "empty" | PieceFault | null {
    return this.started ? null : (this.#converter.fault ?? "empty");
  }

  /** What was heard, in whole frames; the last one of a piece may be a part. */
  get playedMs(): number {
    return Math.min(this.#heardFrames * FRAME_MS, this.#converter.knownMs);
  }

  get cut(): CutPiece {
    const { piece, playedMs } = this;
    return { piece, playedMs, knownMs: this.#converter.knownMs, whole: this.#ended };
  }

  push(format: AudioFormat, bytes: Uint8Array, now: number): void {
    if (bytes.length === 0) return;
    this.readyAt ??= now;
    this.#converter.push(format, bytes);
  }

  end(): void {
    this.#ended = true;
    this.#converter.end();
  }

  heard(): void {
    this.#heardFrames += 1;
  }

  protected override fresh(): Uint8Array | null {
    return this.#converter.next();
  }

  protected override get exhausted(): boolean {
    return this.#converter.done;
  }
}

/** Keys as tones in the audio. */
export class Tones extends Audible {
  readonly kind = "tones";
  readonly #frames: Iterator<Uint8Array, void, void>;
  #following: Uint8Array | null;

  constructor(frames: Iterator<Uint8Array, void, void>) {
    super();
    this.#frames = frames;
    this.#following = frames.next().value ?? null;
  }

  protected override fresh(): Uint8Array | null {
    const frame = this.#following;
    this.#following = this.#frames.next().value ?? null;
    return frame;
  }

  protected override get exhausted(): boolean {
    return this.#following === null;
  }
}

/** From one key to the next: carriers press for 100 ms or more, with a pause. */
const KEY_MS = 250;

/** Keys by the carrier's own frame, one after the other. */
export class Keystrokes {
  readonly kind = "keystrokes";
  /** The frame that presses one. */
  readonly key: (stream: MediaStreamName, digit: string) => string;
  readonly #digits: string;
  #at = 0;
  #nextAt = 0;

  constructor(digits: string, key: (stream: MediaStreamName, digit: string) => string) {
    this.#digits = digits;
    this.key = key;
  }

  /** All have been pressed, and the last one's time is over. */
  isOver(now: number): boolean {
    return this.#at >= this.#digits.length && now >= this.#nextAt;
  }

  /** The key whose time has come; null: none now. */
  next(now: number): string | null {
    const digit = this.#digits[this.#at];
    if (digit === undefined || now < this.#nextAt) return null;
    this.#at += 1;
    this.#nextAt = now + (digit === "w" ? WAIT_MS : KEY_MS);
    return digit === "w" ? null : digit;
  }
}
