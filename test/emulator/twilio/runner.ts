import type { CalleeScript } from "./callee.ts";
import type { CallTime } from "../call-time.ts";
import type { Connected } from "./connect.ts";
import type { Params, Reply } from "./delivery.ts";
import { resultOf, type Ear, type Taken } from "./ear.ts";
import { dialled, handOver } from "./hand-over.ts";
import { lint, parseTwiml, withoutPaid, type Verb } from "./twiml.ts";

/** The call that documents run on. */
export interface RunningCall {
  readonly time: CallTime;
  readonly ear: Ear;
  /** Posts the call's fields and these, and resolves with the answer. */
  ask(url: string, more: Params): Promise<Reply>;
  say(text: string): void;
  press(digits: string): void;
  /** The next thing that the callee was told to say in a listening turn; undefined after the last. */
  line(): string | null | undefined;
  /** The callee has nothing more to say: true when it hangs up then. */
  leaves(): boolean;
  listens(): void;
  /** Runs a `<Connect>`; settles when it is over, or cut short. */
  connects(connect: Verb, signal: AbortSignal): Promise<Connected>;
  /** A Dial calls that number now. */
  handsOver(to: string): void;
  target(number: string): CalleeScript;
  /** Whether a Dial may show that number. */
  mayShow(callerId: string): boolean;
  end(by: "document" | "carrier"): void;
  /** Documents are run without what a trial account may not do. */
  readonly isTrial: boolean;
  /** What Twilio's debugger would show. */
  problem(text: string): void;
}

/** Nobody talks longer than this in a test. */
const LONGEST_SAY_MS = 5000;

/** Runs documents as Twilio does, until the signal says that something else has begun. */
export class Runner {
  readonly #call: RunningCall;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  async follow(url: string, more: Params, signal: AbortSignal): Promise<void> {
    const document = await this.fetch(url, more, signal);
    if (document !== null && !signal.aborted) await this.perform(document, signal);
  }

  async execute(source: string, signal: AbortSignal): Promise<void> {
    const document = this.#parse(source);
    if (document !== null) await this.perform(document, signal);
  }

  /** Asks for a document. Null when there is none to run: the caller hears an apology and the call ends. */
  async fetch(url: string, more: Params, signal: AbortSignal): Promise<Verb | null> {
    const reply = await this.#call.ask(url, more);
    if (signal.aborted) return null;
    if (reply.status !== 200) return this.#broken(`11200: HTTP ${reply.status}`);
    if (!/^(text|application)\/xml/.test(reply.contentType)) {
      return this.#broken(`12300: content type ${reply.contentType}`);
    }
    return this.#parse(reply.body);
  }

  /** Runs a document to its end, which hangs up, or to the verb that leads elsewhere. */
  async perform(document: Verb, signal: AbortSignal): Promise<void> {
    for (const verb of document.children) {
      if (signal.aborted) return;
      switch (verb.name) {
        case "Gather":
          if (await this.#gather(verb, signal)) return;
          break;
        case "Connect":
          if (await this.#connect(verb, signal)) return;
          break;
        case "Dial":
          if (await this.#dial(verb, signal)) return;
          break;
        case "Redirect":
          return this.follow(verb.text.trim(), {}, signal);
        case "Reject":
          this.#call.problem("13710: Reject is not the first verb of a ringing call");
          return this.#call.end("document");
        case "Hangup":
          return this.#call.end("document");
        default:
          await this.#utter(verb, signal);
      }
    }
    if (!signal.aborted) this.#call.end("document");
  }

  #parse(source: string): Verb | null {
    try {
      const document = parseTwiml(source);
      for (const problem of lint(document)) this.#call.problem(problem);
      return this.#call.isTrial ? withoutPaid(document) : document;
    } catch (error) {
      return this.#broken(`12100: ${error instanceof Error ? error.message : "?"}`);
    }
  }

  #broken(problem: string): null {
    this.#call.problem(problem);
    this.#call.say("An application error has occurred. Goodbye.");
    this.#call.end("carrier");
    return null;
  }

  /** Say, Play and Pause. */
  async #utter(verb: Verb, signal: AbortSignal): Promise<void> {
    const { time } = this.#call;
    if (verb.name === "Say") {
      this.#call.say(verb.text);
      await time.sleep(Math.min(verb.text.length * 60, LONGEST_SAY_MS), signal);
    } else if (verb.name === "Play") {
      this.#call.press(verb.attributes["digits"] ?? "");
    } else if (verb.name === "Pause") {
      await time.sleep(Number(verb.attributes["length"] ?? 1) * 1000, signal);
    }
  }

  /** True when the action URL has taken over; false falls through to the next verb. */
  async #gather(gather: Verb, signal: AbortSignal): Promise<boolean> {
    const prompt = new AbortController();
    this.#call.ear.onBargeIn(() => prompt.abort());
    for (const verb of gather.children) {
      if (signal.aborted) break;
      // Words and keys of the callee stop the prompt.
      if (prompt.signal.aborted && gather.attributes["bargeIn"] !== "false") break;
      await this.#utter(verb, AbortSignal.any([signal, prompt.signal]));
    }
    if (signal.aborted) return true;
    const taken = await this.#hear(gather, signal);
    if (taken === null) return true;
    const { input, done } = taken;
    const { action, actionOnEmptyResult } = gather.attributes;
    if ("nothing" in input && actionOnEmptyResult !== "true") {
      done();
      return false;
    }
    if (action === undefined) {
      this.#call.problem("Gather has no action");
      done();
      return false;
    }
    const document = await this.fetch(action, resultOf(input, gather), signal);
    done();
    if (document !== null && !signal.aborted) await this.perform(document, signal);
    return true;
  }

  async #hear(gather: Verb, signal: AbortSignal): Promise<Taken | null> {
    const { ear, time } = this.#call;
    const waiting = ear.take();
    if (waiting !== null) return waiting;
    const line = this.#call.line();
    if (line !== undefined) {
      const input = line === null ? { nothing: true as const } : { speech: line, confidence: 0.92 };
      return (await time.sleep(500, signal)) ? { input, done: () => undefined } : null;
    }
    if (this.#call.leaves()) return null;
    const next = ear.next(gather, signal);
    this.#call.listens();
    return next;
  }

  /** True when the document does not go on. */
  async #connect(connect: Verb, signal: AbortSignal): Promise<boolean> {
    const how = await this.#call.connects(connect, signal);
    if (how === "over") this.#call.end("carrier");
    const { action } = connect.attributes;
    if (how !== "next" || signal.aborted) return true;
    if (action === undefined) return false;
    await this.follow(action, {}, signal);
    return true;
  }

  /** True when the action URL has taken over; without one the document goes on. */
  async #dial(dial: Verb, signal: AbortSignal): Promise<boolean> {
    const to = dialled(dial);
    const { action, callerId } = dial.attributes;
    if (to === null) this.#call.problem("13224: Dial calls no valid number");
    if (callerId !== undefined && !this.#call.mayShow(callerId))
      this.#call.problem("13214: callerId of Dial");
    if (to === null) return false;
    this.#call.handsOver(to);
    const { time } = this.#call;
    const { fields, cut } = await handOver({ time, dial, target: this.#call.target(to), signal });
    // A caller who has hung up is reported all the same; one who was told something else is not.
    if (cut && !isOver(signal)) return true;
    if (action === undefined) return signal.aborted;
    if (signal.aborted) {
      await this.#call.ask(action, fields);
      return true;
    }
    await this.follow(action, fields, signal);
    return true;
  }
}

/** Why a run was cut short: the call is over, as opposed to redirected. */
export const OVER = new Error("the call is over");
const isOver = (signal: AbortSignal): boolean => signal.reason === OVER;
