import type { WebhookReply } from "../call/ports.ts";

/** Replies to claims that are saved, least recently asked for dropped first. */
export class ReplyCache {
  readonly #max: number;
  readonly #replies = new Map<string, WebhookReply>();

  constructor(max: number) {
    this.#max = max;
  }

  get(claim: string): WebhookReply | undefined {
    const reply = this.#replies.get(claim);
    if (reply !== undefined) this.#touch(claim, reply);
    return reply;
  }

  put(claim: string, reply: WebhookReply): void {
    this.#touch(claim, reply);
    if (this.#replies.size <= this.#max) return;
    const oldest = this.#replies.keys().next().value;
    if (oldest !== undefined) this.#replies.delete(oldest);
  }

  #touch(claim: string, reply: WebhookReply): void {
    this.#replies.delete(claim);
    this.#replies.set(claim, reply);
  }
}
