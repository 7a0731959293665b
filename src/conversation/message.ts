import { sentences } from "./sentences.ts";
import { speakable } from "./speakable.ts";

/** What is said before slow work is short; anything longer is the model planning aloud. */
const LEAD_IN_SENTENCES = 2;

/** The assistant message being streamed, and how much of it has been said already. */
export class StreamedMessage {
  readonly #language: string;
  #text = "";
  #taken = 0;

  constructor(language: string) {
    this.#language = language;
  }

  /** A new message begins. */
  start(): void {
    this.#text = "";
    this.#taken = 0;
  }

  /** `text` is all of the message so far. */
  update(text: string): void {
    this.#text = text;
  }

  /** Everything new, as words meant for speech. */
  take(): string {
    const fresh = speakable(this.#text.slice(this.#taken), this.#language);
    this.#taken = this.#text.length;
    return fresh;
  }

  /** Its first sentences, for when a tool is about to run. */
  takeLeadIn(): string {
    return sentences(this.take(), this.#language).slice(0, LEAD_IN_SENTENCES).join("").trim();
  }
}
