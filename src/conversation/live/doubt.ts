import type { Clock } from "../../call/ports.ts";

/** So much of the caller's voice ought to be words. */
const VOICE_MS = 1_500;
/** The slowest provider has told something of it by then. */
const ANSWER_MS = 6_000;
/** Noise is no reason to doubt for ever: so often in a row at most. */
const MOST = 2;

/**
 * Notices that a provider which seems to listen does not: the caller's voice was heard on the line, and nothing came of it.
 * A connection that is cut without a word can look alive for minutes.
 */
export class Doubt {
  readonly #clock: Clock;
  readonly #onDoubt: () => void;
  #voiceMs = 0;
  #since: number | null = null;
  #doubts = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, onDoubt: () => void) {
    this.#clock = clock;
    this.#onDoubt = onDoubt;
  }

  /** The line's own speech gate: the caller began or fell silent. */
  voice(on: boolean): void {
    const now = this.#clock.now();
    if (on) {
      this.#since ??= now;
      return;
    }
    if (this.#since !== null) this.#voiceMs += now - this.#since;
    this.#since = null;
    if (this.#voiceMs < VOICE_MS || this.#cancel !== null || this.#doubts >= MOST) return;
    this.#cancel = this.#clock.at(now + ANSWER_MS, () => {
      this.#doubts++;
      this.settle();
      this.#onDoubt();
    });
  }

  /** There were words. */
  words(): void {
    this.#doubts = 0;
    this.settle();
  }

  /** What was heard so far is of no interest any more. */
  settle(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#voiceMs = 0;
  }
}
