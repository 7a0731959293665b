import type { Clock } from "../../call/ports.ts";

/** Named timers of one owner: setting a name again replaces it, and all of them end together. */
export class Timers {
  readonly #clock: Clock;
  readonly #running = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(name: string, afterMs: number, fn: () => void): void {
    this.clear(name);
    const cancel = this.#clock.at(this.#clock.now() + Math.max(0, afterMs), () => {
      this.#running.delete(name);
      fn();
    });
    this.#running.set(name, cancel);
  }

  clear(name: string): void {
    this.#running.get(name)?.();
    this.#running.delete(name);
  }

  clearAll(): void {
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
  }
}
