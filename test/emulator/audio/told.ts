import type { Phone } from "./phone-audio.ts";

/** Everything a person was told, in order: what the carrier's own voice said and what was heard on live audio. */
export class Told {
  readonly #phone: Phone;
  readonly #past: string[] = [];
  /** Utterances on the phone that are part of the past. */
  #count = 0;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  /** The carrier's voice says something. */
  say(text: string): void {
    const heard = this.#phone.heard();
    this.#past.push(...heard.slice(this.#count), text);
    this.#count = heard.length;
  }

  get all(): readonly string[] {
    return [...this.#past, ...this.#phone.heard().slice(this.#count)];
  }
}
