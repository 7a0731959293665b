import { FRAME_MS } from "./g711.ts";

/** Where a `FrameClock` gets its time from. */
export interface ClockSource {
  /** Milliseconds with fractions that never go back. Which moment is zero does not matter. */
  monotonic(): number;
  /** Calls `fn` once, `ms` from now; returns how to cancel that. Does not keep the thread alive. */
  setTimer(fn: () => void, ms: number): () => void;
}

/** The thread's own clock. */
export const THREAD_TIME: ClockSource = {
  monotonic: () => performance.now(),
  setTimer(fn, ms) {
    const timer = setTimeout(fn, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A tick that is so late waits until what has arrived meanwhile is read: the caller's audio decides, not the lack of it. */
export const STALLED_MS = 3 * FRAME_MS;

/**
 * One tick every 20 ms for all streams of a thread. Ticks are due at fixed distances from the first, not from one another,
 * so a late one makes none of the following late. Ticks that were missed are not made up for: each stream knows by the
 * time what it owes. It runs while there is somebody to run for.
 */
export class FrameClock {
  readonly #source: ClockSource;
  readonly #ticking = new Set<(nowMs: number) => void>();
  /** When the next tick is due. */
  #due = 0;
  #cancel: (() => void) | null = null;

  constructor(source: ClockSource = THREAD_TIME) {
    this.#source = source;
  }

  /** Calls `fn` at every tick from now on with `monotonic()`; returns how to stop that. */
  add(fn: (nowMs: number) => void): () => void {
    // Twice the same function is two entries.
    const entry = (nowMs: number): void => fn(nowMs);
    this.#ticking.add(entry);
    if (this.#cancel === null) {
      this.#due = this.#source.monotonic() + FRAME_MS;
      this.#arm(FRAME_MS);
    }
    return () => {
      this.#ticking.delete(entry);
      if (this.#ticking.size > 0) return;
      this.#cancel?.();
      this.#cancel = null;
    };
  }

  #arm(ms: number, isCaughtUp = false): void {
    // Timers count in whole milliseconds, and one that is early has to be set again.
    this.#cancel = this.#source.setTimer(() => this.#tick(isCaughtUp), Math.max(1, Math.ceil(ms)));
  }

  #tick(isCaughtUp: boolean): void {
    const now = this.#source.monotonic();
    if (now < this.#due) return this.#arm(this.#due - now);
    // Between two timers the thread reads what has arrived.
    if (!isCaughtUp && now - this.#due > STALLED_MS) return this.#arm(0, true);
    this.#due += FRAME_MS * (Math.floor((now - this.#due) / FRAME_MS) + 1);
    this.#arm(this.#due - now);
    // What one stream throws does not cost the others their tick.
    const thrown: unknown[] = [];
    for (const entry of this.#ticking) {
      try {
        entry(now);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}
