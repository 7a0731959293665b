import type { Timers } from "./timers.ts";

/** `status` of `call.gather.ended`. */
export type GatherEnd = "valid" | "invalid" | "call_hangup" | "cancelled" | "timeout";

/** A `gather` command; times in milliseconds of call time. */
export interface GatherPlan {
  readonly minimum: number;
  readonly maximum: number;
  /** Empty: none. */
  readonly terminator: string;
  readonly accepted: string;
  readonly initialMs: number;
  readonly betweenMs: number;
  readonly wholeMs: number;
}

/** Collects digits until there are enough, the terminating digit comes, or nothing more does. */
export class Gather {
  readonly #plan: GatherPlan;
  readonly #timers: Timers;
  readonly #done: (digits: string, status: GatherEnd) => void;
  readonly #cancelWhole: () => void;
  #cancelWait: () => void;
  #digits = "";

  constructor(plan: GatherPlan, timers: Timers, done: (digits: string, status: GatherEnd) => void) {
    this.#plan = plan;
    this.#timers = timers;
    this.#done = done;
    this.#cancelWhole = timers.after(plan.wholeMs, () => this.end("timeout"));
    this.#cancelWait = timers.after(plan.initialMs, () => this.end("timeout"));
  }

  take(digit: string): void {
    const { terminator, accepted, maximum, minimum, betweenMs } = this.#plan;
    if (digit === terminator) return this.end(this.#digits.length >= minimum ? "valid" : "invalid");
    this.#digits += digit;
    if (!accepted.includes(digit)) return this.end("invalid");
    if (this.#digits.length >= maximum) return this.end("valid");
    this.#cancelWait();
    this.#cancelWait = this.#timers.after(betweenMs, () =>
      this.end(this.#digits.length >= minimum ? "valid" : "timeout"),
    );
  }

  end(status: GatherEnd): void {
    this.#cancelWhole();
    this.#cancelWait();
    this.#done(this.#digits, status);
  }
}
