/** What a peer may send: so much a second, and what it saved up to a limit. Full at first. */
export class Budget {
  readonly #perMs: number;
  readonly #most: number;
  #left: number;
  #at: number;

  constructor(limits: { readonly perSecond: number; readonly most: number }, now: number) {
    this.#perMs = limits.perSecond / 1_000;
    this.#most = limits.most;
    this.#left = limits.most;
    this.#at = now;
  }

  /** False when there is not so much left; then nothing is taken. `now` in milliseconds, never earlier than before. */
  spend(amount: number, now: number): boolean {
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (amount > this.#left) return false;
    this.#left -= amount;
    return true;
  }
}
