import { QUIET } from "./g711.ts";
import { FRAME } from "./ticker.ts";

export interface PlayoutOptions {
  /** What fits, milliseconds of audio; the rest is dropped. Default: everything. */
  readonly capacityMs?: number;
  /** Everything before that mark was played. */
  readonly played: (mark: string) => void;
}

interface Mark {
  readonly name: string;
  /** The place in the audio that it stands at, bytes. */
  readonly at: number;
}

const BYTES_PER_MS = 8;

/** A carrier's buffer of audio that is to be played: PCMU in order, with marks between it. */
export class Playout {
  /** The most that has ever waited here, milliseconds. */
  longestMs = 0;
  /** Audio that did not fit, milliseconds. */
  droppedMs = 0;
  readonly #options: PlayoutOptions;
  readonly #capacity: number;
  #chunks: Uint8Array[] = [];
  #marks: Mark[] = [];
  /** Bytes that came in and bytes that were played or cleared, ever. */
  #in = 0;
  #out = 0;

  constructor(options: PlayoutOptions) {
    this.#options = options;
    this.#capacity = (options.capacityMs ?? Infinity) * BYTES_PER_MS;
  }

  /** Milliseconds of audio that wait. */
  get waitingMs(): number {
    return (this.#in - this.#out) / BYTES_PER_MS;
  }

  push(pcmu: Uint8Array): void {
    const fits = pcmu.subarray(0, Math.max(0, this.#capacity - (this.#in - this.#out)));
    this.droppedMs += (pcmu.length - fits.length) / BYTES_PER_MS;
    if (fits.length === 0) return;
    this.#chunks.push(fits);
    this.#in += fits.length;
    this.longestMs = Math.max(this.longestMs, this.waitingMs);
  }

  /** Comes back at once when nothing waits. */
  mark(name: string): void {
    this.#marks.push({ name, at: this.#in });
    this.#release();
  }

  /** Drops what waits; tells the marks that waited. */
  clear(): readonly string[] {
    const pending = this.#marks.map(({ name }) => name);
    this.#chunks = [];
    this.#marks = [];
    this.#out = this.#in;
    return pending;
  }

  /** The next 20 ms as they are played, silence after the end of the audio; null when there is none. */
  next(): Uint8Array | null {
    if (this.#chunks.length === 0) return null;
    const frame = new Uint8Array(FRAME).fill(QUIET.pcmu);
    let filled = 0;
    while (filled < FRAME) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) break;
      const part = chunk.subarray(0, FRAME - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#out += filled;
    this.#release();
    return frame;
  }

  #release(): void {
    for (let [mark] = this.#marks; mark !== undefined && mark.at <= this.#out; [mark] = this.#marks) {
      this.#marks.shift();
      this.#options.played(mark.name);
    }
  }
}
