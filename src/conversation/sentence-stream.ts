import { spokenField } from "./json-text.ts";
import { sentences } from "./sentences.ts";
import { MAX_SPOKEN, speakable, speakablePart } from "./speakable.ts";
import { Cutter } from "./text/cutter.ts";

/** Longer sentences are cut at a clause or between words. Some 15 s of speech. A wide character counts twice. */
const LONGEST = 250;
/** A shorter sentence is spoken together with the next, if that is there. */
const SHORTEST = 20;
/** How much of what has been given out is looked for in a text that has changed. */
const TAIL = 64;
const LEAST_TAIL = 8;
/** A message that shows more than this says nothing more. */
const MAX_SHOWN = 4 * MAX_SPOKEN;

/**
 * Cuts a reply into speakable sentences while the model writes it. The first piece may be a clause, so that the voice
 * starts early. What is hidden is never spoken, also while its end has not arrived; nothing is spoken twice.
 */
export class SentenceStream {
  readonly #language: string;
  #cutter: Cutter;
  /** All of the message so far. */
  #text = "";
  #item = 0;
  #spoken = 0;
  #shown = 0;

  /** `language` is BCP-47. */
  constructor(language: string) {
    this.#language = language;
    this.#cutter = cutterFor(language);
  }

  /** `text` is all of the message so far. Gives the new sentences that are certain, ready to speak. */
  push(text: string): string[] {
    if (!this.#adopt(text)) return [];
    return this.#take(false);
  }

  /** The message is complete: everything that has not been given out. */
  end(): string[] {
    const rest = this.#take(true);
    if (this.#spoken > 0 || spokenField(this.#text) === null) return rest;
    const words = speakable(this.#text, this.#language);
    this.#spoken += words.length;
    return joined(sentences(words, this.#language).map((sentence) => sentence.trim()));
  }

  /** A new message begins. */
  reset(): void {
    this.#cutter = cutterFor(this.#language);
    this.#text = "";
    this.#item = 0;
    this.#spoken = 0;
    this.#shown = 0;
  }

  #take(whole: boolean): string[] {
    const fresh: string[] = [];
    while (this.#spoken < MAX_SPOKEN && this.#shown < MAX_SHOWN) {
      const piece = this.#cutter.next(this.#text, whole, this.#spoken === 0);
      if (!piece) break;
      const place = { atLineStart: piece.atLineStart, item: this.#item };
      const { words, item } = speakablePart(piece.shown, this.#language, place);
      this.#item = item;
      this.#spoken += words.length;
      this.#shown += piece.shown.length;
      if (words) fresh.push(words);
    }
    return joined(fresh);
  }

  /** Takes over a newer text. False when it holds nothing new. */
  #adopt(text: string): boolean {
    const known = this.#text;
    // The end of what is known tells whether it is the same text: comparing all of it would cost more than cutting it.
    if (text.length > known.length && text.startsWith(known.slice(-TAIL), Math.max(0, known.length - TAIL))) {
      this.#text = text;
      return true;
    }
    if (known.startsWith(text)) return false;
    this.#text = text;
    this.#cutter = cutterFor(this.#language, continuation(known, this.#cutter.from, text));
    return true;
  }
}

/** Something of everything that is said otherwise than it is written. */
const SAMPLE =
  "Ok, it is 5 km, $12.50, e.g. 5–7 on 2026-11-26: +1 415 555 0123, v1.2.3, code 012345, a@b.com & #1. ";

/** Compiles what the first reply in a language needs: some 50 ms of work, once, that a call has to spare while it rings. */
export function warmSentences(language: string): void {
  const stream = new SentenceStream(language);
  stream.push(SAMPLE + SAMPLE);
  stream.end();
}

const cutterFor = (language: string, from = 0): Cutter =>
  new Cutter(language, { structured: true, longest: LONGEST }, from);

/** Where `text`, which takes the place of `known`, goes on behind the first `given` characters of that. */
function continuation(known: string, given: number, text: string): number {
  if (text.startsWith(known.slice(0, given))) return given;
  for (let length = TAIL; length >= LEAST_TAIL; length /= 2) {
    const tail = known.slice(Math.max(0, given - length), given);
    const at = text.indexOf(tail);
    if (at >= 0) return at + tail.length;
  }
  // Another message, or the same one put differently: what has been said is not said again.
  return text[0] === known[0] ? Math.min(given, text.length) : 0;
}

function joined(pieces: readonly string[]): string[] {
  const all: string[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last === undefined || weightOf(last) >= SHORTEST) all.push(piece);
    else all[all.length - 1] = last.slice(-1) > "\u2E7F" ? last + piece : `${last} ${piece}`;
  }
  return all;
}

function weightOf(text: string): number {
  let weight = 0;
  for (const char of text) weight += char > "\u2E7F" ? 2 : 1;
  return weight;
}
