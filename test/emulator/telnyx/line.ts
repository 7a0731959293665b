import type { Deliveries } from "./delivery.ts";
import type { CallEvent } from "./events.ts";

/** What goes wrong on the way of webhooks; Telnyx promises no order at all. */
export interface EventFaults {
  /** Sends each event after the next one. */
  reorder: boolean;
  /** Real milliseconds to keep an event of that type back, while later ones pass it. */
  delay: (eventType: string) => number;
}

/** An event that waits for the next one goes out all the same after this many real milliseconds. */
const LONGEST_HOLD_MS = 30;

/**
 * The events of one call on their way. Without faults each is sent once the one before was answered, which real ones are not
 * bound to; retries do not hold up the others.
 */
export class EventLine {
  readonly #deliveries: Deliveries;
  readonly #faults: EventFaults;
  readonly #underway = new Set<Promise<unknown>>();
  #order: Promise<unknown> = Promise.resolve();
  #release: (() => void) | null = null;

  constructor(deliveries: Deliveries, faults: EventFaults) {
    this.#deliveries = deliveries;
    this.#faults = faults;
  }

  /** Nothing is on its way. */
  get idle(): boolean {
    return this.#underway.size === 0;
  }

  /** Resolves once the event was taken or given up; `last`: nothing comes after it. */
  send(
    event: CallEvent,
    url: string,
    retriesMs: readonly number[] | undefined,
    last: boolean,
  ): Promise<void> {
    const sending = this.#deliveries.track(this.#route(event, url, retriesMs, last));
    this.#underway.add(sending);
    return sending.finally(() => this.#underway.delete(sending));
  }

  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway);
  }

  async #route(
    event: CallEvent,
    url: string,
    retriesMs: readonly number[] | undefined,
    last: boolean,
  ): Promise<void> {
    const go = (): Promise<void> => this.#queue(event, url, retriesMs);
    const late = this.#faults.delay(event.event_type);
    if (late > 0) {
      if (!(await this.#deliveries.pause(late))) return;
      await this.#deliveries.deliver(event, url, retriesMs).whole;
      return;
    }
    if (this.#faults.reorder && !last && this.#release === null) {
      await this.#hold();
      return go();
    }
    const sent = go();
    this.#release?.();
    return sent;
  }

  #hold(): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        clearTimeout(timer);
        this.#release = null;
        resolve();
      };
      const timer = setTimeout(release, LONGEST_HOLD_MS);
      this.#release = release;
    });
  }

  async #queue(event: CallEvent, url: string, retriesMs: readonly number[] | undefined): Promise<void> {
    const turn = this.#order.then(() => {
      const underway = this.#deliveries.deliver(event, url, retriesMs);
      return { underway, first: underway.first };
    });
    this.#order = turn.then(({ first }) => first);
    await (
      await turn
    ).underway.whole;
  }
}
