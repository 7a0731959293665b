import type { CarrierFact, Clock, WebhookReply } from "../../call/ports.ts";
import type { WebhookScript } from "./script.ts";
import { Timers } from "./timers.ts";

/** A carrier sends a webhook again when the receiver fails: after these times, then it gives up. */
const RETRY_MS = [250, 1000, 4000] as const;
/** How long a fact of a `reordered` call waits for another to overtake it. */
const OVERTAKE_MS = 200;

export interface MailboxOptions {
  readonly clock: Clock;
  readonly webhookMs: number;
  readonly deliver: (fact: CarrierFact) => Promise<WebhookReply>;
}

/**
 * The webhooks of one call: sent in order after the network's delay without waiting for the answers, sent again
 * when the receiver throws or answers 5xx, and made worse as the script says.
 */
export class Mailbox {
  readonly #options: MailboxOptions;
  readonly #script: WebhookScript;
  readonly #timers: Timers;
  readonly #due: { readonly at: number; readonly fact: CarrierFact }[] = [];
  #held: CarrierFact | null = null;
  #retries = 0;
  #closed = false;

  constructor(options: MailboxOptions, script: WebhookScript) {
    this.#options = options;
    this.#script = script;
    this.#timers = new Timers(options.clock);
  }

  post(fact: CarrierFact): void {
    if (this.#closed) return;
    this.#due.push({ at: this.#options.clock.now() + this.#options.webhookMs, fact });
    if (this.#due.length === 1) this.#timers.set("drain", this.#options.webhookMs, () => this.#drain());
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#closed = true;
    this.#timers.clearAll();
  }

  #drain(): void {
    const now = this.#options.clock.now();
    for (let next = this.#due[0]; next && next.at <= now; next = this.#due[0]) {
      this.#due.shift();
      this.#arrange(next.fact);
    }
    const next = this.#due[0];
    if (next) this.#timers.set("drain", next.at - now, () => this.#drain());
  }

  #arrange(fact: CarrierFact): void {
    if (this.#script.reordered !== true) return this.#send(fact);
    const overtaken = this.#held;
    this.#held = null;
    this.#timers.clear("overtake");
    if (overtaken) {
      this.#send(fact);
      this.#send(overtaken);
      return;
    }
    this.#held = fact;
    this.#timers.set("overtake", OVERTAKE_MS, () => {
      this.#held = null;
      this.#send(fact);
    });
  }

  #send(fact: CarrierFact): void {
    void this.#attempt(fact, 0);
    if (this.#script.doubled === true) void this.#attempt(fact, 0);
  }

  async #attempt(fact: CarrierFact, failures: number): Promise<void> {
    if (await this.#accepted(fact)) return;
    const wait = RETRY_MS[failures];
    if (wait === undefined || this.#closed) return;
    this.#retries += 1;
    this.#timers.set(`retry-${this.#retries}`, wait, () => void this.#attempt(fact, failures + 1));
  }

  async #accepted(fact: CarrierFact): Promise<boolean> {
    try {
      return (await this.#options.deliver(fact)).status < 500;
    } catch {
      return false;
    }
  }
}
