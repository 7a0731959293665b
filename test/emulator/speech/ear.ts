import { QUIET } from "../audio/g711.ts";
import { Hearing } from "../audio/words.ts";

/** What a transcription hears, at which point of the audio (ms since its beginning). */
export interface EarEvents {
  begin(atMs: number): void;
  /** Words of the utterance so far. */
  partial(text: string, atMs: number): void;
  /** Silence has lasted long enough: the utterance is over. */
  end(text: string, atMs: number): void;
}

export interface EarSettings {
  /** Silence that ends an utterance. */
  readonly endpointMs: number;
  /** Audio between two partials; 0 = none. */
  readonly partialEveryMs: number;
}

const BYTES_PER_MS = 8;

/** Finds utterances in PCMU as it comes in. Its time is that of the audio, so it may be fed faster than anybody speaks. */
export class Ear {
  readonly #settings: EarSettings;
  readonly #events: EarEvents;
  #hearing = new Hearing();
  /** Where the present hearing began. */
  #offset = 0;
  #bytes = 0;
  #isSpeaking = false;
  #said = "";
  #lastPartial = 0;

  constructor(settings: EarSettings, events: EarEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  get lengthMs(): number {
    return this.#bytes / BYTES_PER_MS;
  }

  push(pcmu: Uint8Array): void {
    const step = 20 * BYTES_PER_MS;
    for (let at = 0; at < pcmu.length; at += step) this.#frame(pcmu.subarray(at, at + step));
  }

  /** What has been said until now is all of it. */
  finish(): void {
    if (this.#isSpeaking) this.#end();
  }

  #frame(frame: Uint8Array): void {
    this.#hearing.push(frame);
    this.#bytes += frame.length;
    const heard = this.#hearing.utterances;
    const last = heard.at(-1);
    if (last === undefined) return this.#forget();
    if (!this.#isSpeaking) {
      this.#isSpeaking = true;
      this.#events.begin(this.#offset + (heard[0]?.from ?? 0) / BYTES_PER_MS);
    }
    const text = heard.map((one) => one.text).join(" ");
    const { partialEveryMs, endpointMs } = this.#settings;
    if (partialEveryMs > 0 && text !== this.#said && this.lengthMs - this.#lastPartial >= partialEveryMs) {
      this.#lastPartial = this.lengthMs;
      this.#said = text;
      this.#events.partial(text, this.lengthMs);
    }
    if (this.#hearing.length - last.to >= endpointMs * BYTES_PER_MS) this.#end();
  }

  #end(): void {
    const text = this.#hearing.utterances.map((one) => one.text).join(" ");
    this.#isSpeaking = false;
    this.#said = "";
    this.#begin();
    this.#events.end(text, this.lengthMs);
  }

  /** A long silence need not be remembered. */
  #forget(): void {
    const quiet = this.#hearing.length > 10_000 * BYTES_PER_MS && !this.#isSpeaking;
    if (quiet) this.#begin();
  }

  #begin(): void {
    this.#hearing = new Hearing();
    this.#offset = this.lengthMs;
  }
}

export const silence = (ms: number): Uint8Array => new Uint8Array(ms * BYTES_PER_MS).fill(QUIET.pcmu);
