import type { Clock } from "../call/ports.ts";

/** How long the end of such a call may go unnoticed. */
const LOOK_EVERY_MS = 10_000;

export interface StrayDeps {
  readonly clock: Clock;
  isUp(callId: string): boolean;
  /** Asks the carrier how the call is. */
  lookUp(callId: string): void;
}

/**
 * Calls that were placed under a public URL that has changed since. Their words come to the new one, for every instruction
 * names it; that they are over is still reported to the old one, where nobody hears it. So they are looked up until then.
 */
export class Strays {
  readonly #deps: StrayDeps;
  readonly #calls = new Set<string>();
  #cancel: (() => void) | null = null;

  constructor(deps: StrayDeps) {
    this.#deps = deps;
  }

  add(callIds: Iterable<string>): void {
    for (const callId of callIds) this.#calls.add(callId);
    this.#lookLater();
  }

  stop(): void {
    this.#cancel?.();
    this.#calls.clear();
  }

  #lookLater(): void {
    const { clock } = this.#deps;
    if (this.#calls.size > 0) this.#cancel ??= clock.at(clock.now() + LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    this.#cancel = null;
    for (const callId of this.#calls) {
      if (this.#deps.isUp(callId)) this.#deps.lookUp(callId);
      else this.#calls.delete(callId);
    }
    this.#lookLater();
  }
}
