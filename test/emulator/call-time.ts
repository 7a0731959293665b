/** Time on one call: faster than real time, and all of it ends with the call. */
export class CallTime {
  readonly #pace: number;
  readonly #timers = new Set<() => void>();

  /** `pace`: real milliseconds per millisecond of call time. */
  constructor(pace: number) {
    this.#pace = pace;
  }

  /** Sleeps call time; false when it was cut short. */
  sleep(ms: number, signal: AbortSignal | null): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (whole: boolean): void => {
        clearTimeout(timer);
        this.#timers.delete(cancel);
        signal?.removeEventListener("abort", cancel);
        resolve(whole);
      };
      const cancel = (): void => finish(false);
      const timer = setTimeout(() => finish(true), ms * this.#pace);
      this.#timers.add(cancel);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  end(): void {
    for (const cancel of this.#timers) cancel();
  }
}
