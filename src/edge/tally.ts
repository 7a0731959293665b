const MAX_REASONS = 32;
const WORDS = /^[a-z][a-z0-9 -]{0,39}$/;
/** `CallSid`, `hangup_cause` */
const FIELD = /^[A-Za-z][A-Za-z_]{0,39}$/;

/** Counts by reason and reports now and then: soon after the first, then at most once per period. */
export class Tally {
  readonly #report: (counts: Readonly<Record<string, number>>) => void;
  readonly #periods: { readonly firstMs: number; readonly everyMs: number };
  readonly #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #quiet = true;

  constructor(
    periods: { readonly firstMs: number; readonly everyMs: number },
    report: (counts: Readonly<Record<string, number>>) => void,
  ) {
    this.#periods = periods;
    this.#report = report;
  }

  /**
   * `reason` is a few fixed words or the name of a carrier's field; anything else, and everything past 32 kinds, counts
   * as `other`.
   */
  add(reason: string): void {
    const isKnown = this.#counts.has(reason);
    const fits = (WORDS.test(reason) || FIELD.test(reason)) && this.#counts.size < MAX_REASONS;
    const key = isKnown || fits ? reason : "other";
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#arm(this.#quiet ? this.#periods.firstMs : this.#periods.everyMs);
  }

  /** Reports what is left and stops. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #arm(delay: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#quiet = !this.#flush();
      if (!this.#quiet) this.#arm(this.#periods.everyMs);
    }, delay).unref();
  }

  #flush(): boolean {
    if (this.#counts.size === 0) return false;
    this.#report(Object.fromEntries(this.#counts));
    this.#counts.clear();
    return true;
  }
}
