/**
 * Frames of a carrier that does not keep their order (Telnyx says so of its own), sorted by their number within a small
 * window. A frame is held back only while one before it is missing.
 */

/** So far back a frame may be late. Further back, the carrier has begun to count anew. */
const LATE = 50;
/** As many late ones in a row are a new count too: within the window no more can be out of order. */
const LATE_IN_A_ROW = 10;
/** Frames that may wait, whatever the clock says. */
const MOST_WAITING = 16;

interface Waiting<T> {
  readonly chunk: number;
  readonly value: T;
  readonly at: number;
}

export class Reorder<T> {
  readonly #waitMs: number;
  readonly #release: (value: T, missing: number) => void;
  /** The number that is to be released next; null before the first. */
  #next: number | null = null;
  /** By number, without doubles. */
  #window: Waiting<T>[] = [];
  #late = 0;

  /**
   * `waitMs`: how long a frame waits for those before it; 0 = not at all.
   * `release`: takes frames in order; `missing`: how many before this one never came.
   */
  constructor(waitMs: number, release: (value: T, missing: number) => void) {
    this.#waitMs = waitMs;
    this.#release = release;
  }

  push(chunk: number, value: T, now: number): void {
    const next = this.#next ?? chunk;
    if (chunk < next) {
      this.#late += 1;
      if (next - chunk <= LATE && this.#late < LATE_IN_A_ROW) return;
      this.#flush();
      this.#pass(chunk, value, 0);
      return;
    }
    this.#late = 0;
    if (chunk === next) {
      this.#pass(chunk, value, 0);
      this.#follow();
      return;
    }
    const at = this.#window.findIndex((waiting) => waiting.chunk >= chunk);
    if (this.#window[at]?.chunk === chunk) return;
    this.#window.splice(at < 0 ? this.#window.length : at, 0, { chunk, value, at: now });
    if (this.#window.length > MOST_WAITING) this.#skip();
    this.tick(now);
  }

  /** Gives up on what has been waited for long enough. */
  tick(now: number): void {
    while (this.#window.some(({ at }) => now - at >= this.#waitMs)) this.#skip();
  }

  /** The first that waits, and what follows on it. */
  #skip(): void {
    const first = this.#window.shift();
    if (first === undefined) return;
    this.#pass(first.chunk, first.value, first.chunk - (this.#next ?? first.chunk));
    this.#follow();
  }

  #follow(): void {
    while (this.#window[0]?.chunk === this.#next && this.#window.length > 0) this.#skip();
  }

  #flush(): void {
    while (this.#window.length > 0) this.#skip();
  }

  #pass(chunk: number, value: T, missing: number): void {
    this.#next = chunk + 1;
    this.#late = 0;
    this.#release(value, missing);
  }
}
