import type { CarrierFact, WebhookReply } from "../call/ports.ts";
import type { EdgeLimits } from "./limits.ts";
import type { FactAnswer } from "./protocol.ts";
import { ReplyCache } from "./reply-cache.ts";

/** The answer when nobody decided in time; the carrier is meant to come again. */
export const TRY_AGAIN: WebhookReply = { status: 503 };

interface Waiter {
  readonly fact: CarrierFact;
  readonly done: (reply: WebhookReply) => void;
  readonly timer: NodeJS.Timeout;
}

/** One fact that the main thread has been asked about, and the repeats that arrived meanwhile. */
interface Question {
  readonly id: number;
  asker: Waiter;
  readonly repeats: Waiter[];
}

type DecisionLimits = Pick<
  EdgeLimits,
  "pendingFacts" | "pendingPerClaim" | "replyTimeoutMs" | "rememberedReplies"
>;

/**
 * Takes verified facts to the main thread and their answers back. Of the same claim one fact is under way at a time;
 * repeats wait for its answer, and what is remembered is answered at once.
 */
export class Decisions {
  readonly #limits: DecisionLimits;
  readonly #post: (id: number, fact: CarrierFact) => void;
  readonly #remembered: ReplyCache;
  readonly #byId = new Map<number, Question>();
  readonly #byClaim = new Map<string, Question>();
  #waiting = 0;
  #lastId = 0;

  constructor(limits: DecisionLimits, post: (id: number, fact: CarrierFact) => void) {
    this.#limits = limits;
    this.#post = post;
    this.#remembered = new ReplyCache(limits.rememberedReplies);
  }

  /** Calls `done` once, within `replyTimeoutMs`. */
  ask(fact: CarrierFact, done: (reply: WebhookReply) => void): void {
    const remembered = this.#remembered.get(fact.claim);
    if (remembered !== undefined) return done(remembered);
    const running = this.#byClaim.get(fact.claim);
    if (this.#waiting >= this.#limits.pendingFacts) return done(TRY_AGAIN);
    if (running !== undefined && running.repeats.length + 1 >= this.#limits.pendingPerClaim)
      return done(TRY_AGAIN);
    const timer = setTimeout(() => this.#giveUp(waiter), this.#limits.replyTimeoutMs);
    const waiter: Waiter = { fact, done, timer };
    this.#waiting += 1;
    if (running === undefined) return this.#question(waiter, []);
    running.repeats.push(waiter);
    return undefined;
  }

  /** Takes an answer of the main thread. One that comes too late is dropped: a repeat is asked about anew. */
  settle(id: number, answer: FactAnswer): void {
    const question = this.#byId.get(id);
    if (question === undefined) return;
    const { fact } = question.asker;
    this.#forget(question);
    this.#finish(question.asker, answer.reply);
    const replay = answer.replay ?? (fact.wants === "nothing" ? answer.reply : undefined);
    if (!answer.remember || replay === undefined) return this.#askNext(question.repeats);
    this.#remembered.put(fact.claim, replay);
    for (const repeat of question.repeats) this.#finish(repeat, replay);
    return undefined;
  }

  /** Stops every timer without answering. */
  close(): void {
    for (const { asker, repeats } of this.#byId.values()) {
      for (const { timer } of [asker, ...repeats]) clearTimeout(timer);
    }
    this.#byId.clear();
    this.#byClaim.clear();
  }

  #question(asker: Waiter, repeats: Waiter[]): void {
    this.#lastId += 1;
    const question: Question = { id: this.#lastId, asker, repeats };
    this.#byId.set(question.id, question);
    this.#byClaim.set(asker.fact.claim, question);
    this.#post(question.id, asker.fact);
  }

  #askNext(repeats: Waiter[]): void {
    const [next, ...rest] = repeats;
    if (next !== undefined) this.#question(next, rest);
  }

  #giveUp(waiter: Waiter): void {
    const question = this.#byClaim.get(waiter.fact.claim);
    if (question?.asker === waiter) {
      this.#forget(question);
      this.#finish(waiter, TRY_AGAIN);
      return this.#askNext(question.repeats);
    }
    const at = question?.repeats.indexOf(waiter) ?? -1;
    if (at !== -1) question?.repeats.splice(at, 1);
    return this.#finish(waiter, TRY_AGAIN);
  }

  #forget(question: Question): void {
    this.#byId.delete(question.id);
    this.#byClaim.delete(question.asker.fact.claim);
  }

  #finish(waiter: Waiter, reply: WebhookReply): void {
    clearTimeout(waiter.timer);
    this.#waiting -= 1;
    waiter.done(reply);
  }
}
