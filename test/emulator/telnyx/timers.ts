/** Timers in call time, which passes `1 / pace` times as fast as real time. */
export class Timers {
  readonly #pace: number;
  readonly #running = new Set<() => void>();

  /** `pace`: real milliseconds per millisecond of call time. */
  constructor(pace: number) {
    this.#pace = pace;
  }

  /** Does something once `ms` of call time have passed; returns how to call it off. */
  after(ms: number, action: () => void): () => void {
    const cancel = (): void => {
      clearTimeout(timer);
      this.#running.delete(cancel);
    };
    const timer = setTimeout(() => {
      cancel();
      action();
    }, ms * this.#pace);
    this.#running.add(cancel);
    return cancel;
  }

  cancelAll(): void {
    for (const cancel of this.#running) cancel();
  }
}
