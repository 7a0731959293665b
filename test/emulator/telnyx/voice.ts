import type { Timers } from "./timers.ts";

/** `status` of `call.speak.ended`. The SDK knows no word for a speak that was stopped: it is taken to say `completed`. */
export type SpeakEnd = "completed" | "call_hangup" | "cancelled_amd";

export type StopScope = "current" | "all";

interface Utterance {
  readonly text: string;
  /** Counts the speak commands of the call from 1. */
  readonly number: number;
}

interface Listener {
  started(utterance: Utterance): void;
  ended(utterance: Utterance, status: SpeakEnd): void;
}

/** Nobody talks longer than this in a test. */
const LONGEST_MS = 5000;
const MS_PER_CHARACTER = 60;

/**
 * What the carrier says to the person: speaks are queued and played one after the other (SDK doc of `speak`). `stop: current`
 * stops what plays and goes on with the next of the queue, `all` empties the queue as well.
 */
export class Voice {
  readonly #timers: Timers;
  readonly #listener: Listener;
  readonly #queue: Utterance[] = [];
  readonly #heard: string[] = [];
  readonly #cut: string[] = [];
  #playing: { readonly utterance: Utterance; readonly cancel: () => void } | null = null;
  #count = 0;

  constructor(timers: Timers, listener: Listener) {
    this.#timers = timers;
    this.#listener = listener;
  }

  get busy(): boolean {
    return this.#playing !== null;
  }

  /** Speak commands so far. */
  get count(): number {
    return this.#count;
  }

  /** Texts that began to be said, in order. */
  get heard(): readonly string[] {
    return [...this.#heard];
  }

  /** Those of them that were stopped before their end. */
  get cut(): readonly string[] {
    return [...this.#cut];
  }

  say(text: string, stop: StopScope | null): void {
    if (stop === "all") this.#queue.length = 0;
    this.#count++;
    this.#queue.push({ text, number: this.#count });
    if (stop !== null && this.#playing !== null) this.#end("completed", true);
    this.#next();
  }

  stop(scope: StopScope): void {
    if (scope === "all") this.#queue.length = 0;
    this.#end("completed", true);
    this.#next();
  }

  /** Says no more: the call is over, or a machine has picked up. Queued texts end without an event (assumed). */
  silence(status: SpeakEnd): void {
    this.#queue.length = 0;
    this.#end(status, true);
  }

  #next(): void {
    if (this.#playing !== null) return;
    const utterance = this.#queue.shift();
    if (utterance === undefined) return;
    this.#heard.push(utterance.text);
    const ms = Math.min(utterance.text.length * MS_PER_CHARACTER, LONGEST_MS);
    const cancel = this.#timers.after(ms, () => {
      this.#end("completed", false);
      this.#next();
    });
    this.#playing = { utterance, cancel };
    this.#listener.started(utterance);
  }

  #end(status: SpeakEnd, cutShort: boolean): void {
    if (this.#playing === null) return;
    const { utterance, cancel } = this.#playing;
    cancel();
    this.#playing = null;
    if (cutShort) this.#cut.push(utterance.text);
    this.#listener.ended(utterance, status);
  }
}
