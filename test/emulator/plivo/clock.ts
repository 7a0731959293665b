/** Call time: sleeps that end with the call. */
export class CallClock {
  /** Real milliseconds per millisecond of call time. */
  readonly #pace: number;
  readonly #cancels = new Set<() => void>();

  constructor(pace: number) {
    this.#pace = pace;
  }

  /** Sleeps `ms` of call time; false when it was cut short. */
  sleep(ms: number, signal: AbortSignal | null): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (whole: boolean): void => {
        clearTimeout(timer);
        this.#cancels.delete(cancel);
        signal?.removeEventListener("abort", cancel);
        resolve(whole);
      };
      const cancel = (): void => finish(false);
      const timer = setTimeout(() => finish(true), ms * this.#pace);
      this.#cancels.add(cancel);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }
}
