/** Calls that were placed, each for whoever asks for the next one. */
export class Untaken<Call> {
  readonly #calls: Call[] = [];
  readonly #waiting: ((call: Call) => void)[] = [];

  add(call: Call): void {
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#calls.push(call);
    else taker(call);
  }

  /** The next call that is placed, or the first one that nobody has taken yet. */
  next(): Promise<Call> {
    const untaken = this.#calls.shift();
    if (untaken !== undefined) return Promise.resolve(untaken);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
