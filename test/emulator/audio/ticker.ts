/** Telephones exchange a frame every 20 ms. */
export const FRAME_MS = 20;
/** Bytes of a frame of G.711. */
export const FRAME = 160;

/** The beat to which all audio of an emulator moves. */
export interface Ticker {
  /** Calls `beat` once per frame; returns how to stop. */
  every(beat: () => void): () => void;
  /** Milliseconds, from anywhere. */
  now(): number;
}

/** After a longer standstill of the process the lost time is not made up for. */
const LONGEST_LAG_MS = 2000;

/** Real time without drift, or `speed` times as fast. Its timer runs as long as somebody listens. */
export class RealTicker implements Ticker {
  readonly #speed: number;
  readonly #beats = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #overdue: NodeJS.Immediate | undefined;
  #next = 0;

  constructor(speed = 1) {
    this.#speed = speed;
  }

  every(beat: () => void): () => void {
    // Not the function itself: one that is given twice is called twice.
    const own = (): void => beat();
    this.#beats.add(own);
    if (this.#beats.size === 1) {
      this.#next = this.now() + FRAME_MS;
      this.#wait();
    }
    return () => {
      this.#beats.delete(own);
      if (this.#beats.size > 0) return;
      clearTimeout(this.#timer);
      clearImmediate(this.#overdue);
    };
  }

  now(): number {
    return performance.now() * this.#speed;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, (this.#next - this.now()) / this.#speed));
  }

  #beat(): void {
    const now = this.now();
    if (now - this.#next > LONGEST_LAG_MS) this.#next = now;
    if (this.#next <= now) {
      this.#next += FRAME_MS;
      for (const beat of this.#beats) beat();
    }
    if (this.#beats.size === 0) return;
    // What has arrived is read before the next frame is played, also when that is overdue.
    if (this.#next <= this.now()) this.#overdue = setImmediate(() => this.#beat());
    else this.#wait();
  }
}

/** Time that passes when a test says so. */
export class HandTicker implements Ticker {
  readonly #beats = new Set<() => void>();
  #now = 0;

  every(beat: () => void): () => void {
    const own = (): void => beat();
    this.#beats.add(own);
    return () => void this.#beats.delete(own);
  }

  now(): number {
    return this.#now;
  }

  /** Whole frames. */
  pass(ms: number): void {
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now += FRAME_MS;
      for (const beat of this.#beats) beat();
    }
  }
}
