import type { Clock } from "../../call/ports.ts";
import type { PhoneLine, PhoneScreen } from "../../call/service.ts";

/** What a line of `listening` says when it is a socket that listens. */
export const LIVE_AUDIO = "live audio";

/** Lines kept; the oldest go first. */
const MAX_LINES = 2000;
/** A terminal phone that has looked at the screen within this time is attached. */
const ATTACHED_MS = 3000;

/** What the people on the mock's lines see and hear, as a log with a cursor. */
export class Screen {
  readonly #clock: Clock;
  #lines: PhoneLine[] = [];
  #cursor = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  show(carrierCallId: string, kind: PhoneLine["kind"], text: string): void {
    this.#cursor += 1;
    this.#lines.push({ cursor: this.#cursor, at: this.#clock.now(), carrierCallId, kind, text });
    if (this.#lines.length > 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }

  /** Lines after a cursor, oldest first. Reading attaches the reader's phone for a moment. */
  read(after: number): PhoneScreen {
    this.#readAt = this.#clock.now();
    const kept = this.#lines.slice(-MAX_LINES);
    return { cursor: this.#cursor, lines: kept.filter((line) => line.cursor > after) };
  }

  /** How long a terminal phone still counts as attached; 0 = none is. */
  attachedMs(): number {
    return Math.max(0, this.#readAt + ATTACHED_MS - this.#clock.now());
  }
}
