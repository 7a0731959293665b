import { isDigit, isLetter, isUpper } from "./characters.ts";
import type { Reading, Verdict } from "./reading.ts";
import type { Writing } from "./writing.ts";

/** The longest abbreviation, with its parts, that is looked for. */
const MAX_WORD = 40;

const WORD = /[^\s"'’“”„‚«»‹›(（[{<*_~`—–|,;:!?。！？、，]+$/u;
/** "z. B.", "p. ej.", "т. д.": parts with spaces between them. */
const SPACED_PARTS = /(?<![\p{L}\p{N}.])(?:\p{L}{1,2}\.\s?)+\p{L}{1,4}$/u;
const DOTTED = /^(?:\p{L}{1,3}\.)+\p{L}{1,3}$/u;
const INITIAL = /^(?:\p{L}|\p{L}\.-\p{L}|\p{Lu}\p{Ll}?\.-\p{Lu})$/u;
const SYLLABLE = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const ROMAN = /^[IVX]{1,5}$/;
const TIME_ZONE_OR_DAY =
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day$|^(?:[ecmp][sd]?t|gmt|utc|cest?|bst|eastern|pacific|central|mountain)$/i;

/**
 * Whether the sentence ends with the single full stop at `at`. `next` is the first character of the following word, at
 * `start`; it is no small letter, unless the writer does without capitals.
 */
export function judgeStop(reading: Reading, at: number, next: string, start: number): Verdict {
  const { text, from, writing } = reading;
  const before = text.slice(Math.max(from, at - MAX_WORD), at);
  const word = WORD.exec(before)?.[0] ?? "";
  if (word === "") return "cut";
  const name = (): Verdict => (isUpper(next) ? unlessStarter(reading, start) : "go-on");

  const parts = SPACED_PARTS.exec(before)?.[0].replace(/\s/g, "");
  const kinds = (parts && writing.abbreviation(parts)) || writing.abbreviation(word) || [];
  if (kinds.includes("never")) return "go-on";
  if (kinds.includes("number") && isDigit(next)) return "go-on";
  if (kinds.includes("unit")) return /\d\s*$/.test(before.slice(0, -word.length)) ? "cut" : "go-on";
  if (kinds.includes("name")) return name();
  if (kinds.includes("end"))
    return isUpper(next) && /^[ap]\.m$/i.test(word) ? unlessDay(reading, start) : "cut";
  if (/^\d+$/.test(word)) return afterNumber(reading, at, word, next, start);
  if (writing.primary === "en" && word === "I") return "cut";
  if (INITIAL.test(word) && !SYLLABLE.test(word) && !/\p{L}["״]\p{L}$/u.test(before)) return name();
  if (DOTTED.test(word)) return name();
  if (writing.ordinals && (ROMAN.test(word) || /^\d{1,2}\.\d{1,2}$/.test(word))) {
    return isDigit(next) ? "go-on" : name();
  }
  if (writing.danda && isLetter(next) && Array.from(word).length <= 4 && !/[A-Za-z\d]/.test(word))
    return "go-on";
  if (writing.spaced && isLetter(next) && isLetter(word.at(-1))) return "go-on";
  return "cut";
}

function afterNumber(reading: Reading, at: number, word: string, next: string, start: number): Verdict {
  const { text, writing } = reading;
  const before = text.slice(Math.max(0, at - MAX_WORD), at);
  // The number of a list item, a date with spaces: "2024. 5. 3."
  if (word.length <= 3 && /(?:^|\n)[ \t]*\d+$/.test(before) && (at < MAX_WORD || before.includes("\n")))
    return "go-on";
  if (/(?<!\d)\d{2,4}\. ?\d{1,2}\. ?\d{1,2}$/.test(before)) return "go-on";
  if (isDigit(next)) return writing.ordinals || writing.primary === "ko" ? "go-on" : "cut";
  if (!writing.ordinals || word.length > 2) return "cut";
  return isUpper(next) ? unlessStarter(reading, start) : "go-on";
}

/** Cuts where the next word usually begins a sentence. */
function unlessStarter(reading: Reading, start: number): Verdict {
  const word = nextWord(reading, start);
  if (word === null) return "wait";
  // "A. P. Chekhov", where "A" and "I" could be words as well.
  if (Array.from(word).length === 1 && reading.text[start + word.length] === ".") return "go-on";
  return starts(reading.writing, word) ? "cut" : "go-on";
}

function starts({ starters }: Writing, word: string): boolean {
  const lower = word.toLowerCase();
  return starters.has(lower) || starters.has(lower.replace(/['’].*$/, ""));
}

/** "5 p.m. Monday", "5 p.m. EST". */
function unlessDay(reading: Reading, start: number): Verdict {
  const word = nextWord(reading, start);
  if (word === null) return "wait";
  return TIME_ZONE_OR_DAY.test(word) ? "go-on" : "cut";
}

/** The whole word at `start`; null while more of it may come. */
function nextWord({ text, whole }: Reading, start: number): string | null {
  const word = /^[\p{L}\p{M}'’]*/u.exec(text.slice(start, start + MAX_WORD))?.[0] ?? "";
  return start + word.length === text.length && !whole ? null : word;
}
