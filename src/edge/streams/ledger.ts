import type { Expected, StreamEvent } from "../../media/commands.ts";
import { Tokens } from "./tokens.ts";

/** What the main thread knows of the worker's streams, so that a worker that dies takes nothing along. */
export class StreamLedger {
  readonly #tokens: Tokens;
  readonly #live = new Set<number>();
  #last = 0;

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#tokens = new Tokens(now);
  }

  /** The number that the next worker begins with: no stream ever has one that another had. */
  get nextStream(): number {
    return this.#last + 1;
  }

  /** False when a stream came with this token before. */
  expect(expected: Expected): boolean {
    return this.#tokens.expect(expected);
  }

  forget(callId: string): void {
    this.#tokens.forget(callId);
  }

  /** False for the end of a stream that has ended. */
  heard(event: StreamEvent): boolean {
    if (event.type === "stream-lost") return this.#live.delete(event.stream);
    if (event.type === "stream-started") {
      this.#live.add(event.stream);
      this.#last = Math.max(this.#last, event.stream);
      this.#tokens.use(event.token);
    }
    return true;
  }

  /** What a new worker has to be told. */
  unused(): readonly Expected[] {
    return this.#tokens.unused();
  }

  /** The worker is gone, and with it these streams. */
  lost(): readonly StreamEvent[] {
    return [...this.#live].map((stream) => ({ type: "stream-lost", stream, reason: "closed" }));
  }
}
