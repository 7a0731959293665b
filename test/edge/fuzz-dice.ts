import { seededRandom } from "../support/random.ts";

/** Repeatable choices: the same seed makes the same inputs. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 to `below` - 1. */
  upTo(below: number): number {
    return Math.floor(this.#random() * below);
  }

  chance(of: number): boolean {
    return this.#random() < of;
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.upTo(from.length)];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.upTo(16).toString(16)).join("");
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.upTo(256)));
  }

  /** In any order. */
  shuffle<T>(from: readonly T[]): readonly T[] {
    return from
      .map((one) => ({ one, at: this.#random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ one }) => one);
  }
}
