import { randomUUID } from "node:crypto";

/** The signed part of a webhook: `data` of the envelope (`webhooks.d.ts` of the SDK). */
export interface CallEvent {
  readonly record_type: "event";
  readonly event_type: string;
  /** The same in every attempt and every duplicate. */
  readonly id: string;
  /** ISO 8601 with microseconds. */
  readonly occurred_at: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Makes events; no two have the same `occurred_at`, which alone tells their order. */
export class EventMaker {
  readonly #clock: () => number;
  #lastMicros = 0;

  /** `clock`: epoch milliseconds. */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  make(type: string, payload: Readonly<Record<string, unknown>>): CallEvent {
    return {
      record_type: "event",
      event_type: type,
      id: randomUUID(),
      occurred_at: this.#now(),
      payload,
    };
  }

  #now(): string {
    this.#lastMicros = Math.max(this.#clock() * 1000, this.#lastMicros + 1);
    const millis = Math.floor(this.#lastMicros / 1000);
    const micros = String(this.#lastMicros % 1000).padStart(3, "0");
    return new Date(millis).toISOString().replace("Z", `${micros}Z`);
  }
}

/** What a person says or we say, as `call.transcription` writes it. */
export function isFinalSpeech(event: CallEvent): boolean {
  const data = event.payload["transcription_data"];
  return typeof data === "object" && data !== null && "is_final" in data && data.is_final === true;
}
