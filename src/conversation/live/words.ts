import { primaryOf, wordsOf } from "../text/language.ts";
import type { Unfinished, WordTools } from "./turn/options.ts";
import { BACKCHANNELS, DIGIT_WORDS, OPEN_WORDS, SPELLING_WORDS, WEAK_WORDS } from "./word-lists.ts";

/** Longer utterances say something. */
const BACKCHANNEL_WORDS = 3;
/** The most of an utterance, and of what we said, that is compared. */
const MAX_HEARD = 60;
const MAX_SPOKEN = 240;
/** From so many heard words on, not all of them have to be found. */
const LONG_ECHO = 4;
const ECHO_SHARE = 0.7;

/** Lower case, half width, letters and digits only; words apart by one space. */
const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/['’ʼ]/g, "")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();

/** A sign of listening that claims no turn: nothing but words such as "mhm" and "okay", three at most. */
export function isBackchannel(text: string, language: string): boolean {
  const said = plain(text);
  if (said === "" || said.length > 40) return false;
  // "mmmm", "yeahhh"
  const words = said.replace(/(\p{L})\1{2,}/gu, "$1").split(" ");
  const { apart, together } = backchannels(primaryOf(language));
  if (together !== null && together.test(words.join(""))) return true;
  return words.length <= BACKCHANNEL_WORDS && coveredBy(words, apart);
}

interface Backchannels {
  /** Phrases between spaces. */
  readonly apart: ReadonlySet<string>;
  /** For languages without spaces: one to three of them in a row. */
  readonly together: RegExp | null;
}

const known = new Map<string, Backchannels>();

function backchannels(primary: string): Backchannels {
  const found = known.get(primary);
  if (found) return found;
  const own = (BACKCHANNELS[primary] ?? "").split(" | ").filter(Boolean).map(plain);
  const every = (BACKCHANNELS["*"] ?? "").split(" | ").map(plain);
  const isTogether = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー]/u.test(
    own[0] ?? "",
  );
  const made = {
    apart: new Set([...every, ...own]),
    together: isTogether
      ? new RegExp(`^(?:${[...own, ...every].join("|").replaceAll(" ", "")}){1,3}$`, "u")
      : null,
  };
  known.set(primary, made);
  return made;
}

/** True when the words are phrases of the set from the first to the last. */
function coveredBy(words: readonly string[], phrases: ReadonlySet<string>): boolean {
  if (words.length === 0) return true;
  for (let length = words.length; length > 0; length -= 1) {
    if (phrases.has(words.slice(0, length).join(" ")) && coveredBy(words.slice(length), phrases)) return true;
  }
  return false;
}

export function countWords(text: string, language: string): number {
  let count = 0;
  for (const { isWordLike } of wordsOf(language).segment(text)) if (isWordLike) count += 1;
  return count;
}

/** The same words, whatever their case, width, punctuation and spaces. */
export const sameWords = (a: string, b: string): boolean => joined(a) === joined(b);

const joined = (text: string): string => plain(text).replaceAll(" ", "");

/**
 * `heard` is our own voice, come back over the line: most of its words stand close together and in order in what we said
 * of late. One word counts only when it is the last that we said. `spoken`: newest last.
 */
export function isEchoOf(heard: string, spoken: readonly string[]): boolean {
  const words = wordsIn(heard).slice(0, MAX_HEARD);
  const said = spoken.flatMap(wordsIn).slice(-MAX_SPOKEN);
  if (words.length === 0) return false;
  if (words.length === 1) return words[0] === said.at(-1);
  const needed = words.length < LONG_ECHO ? words.length : Math.ceil(words.length * ECHO_SHARE);
  // Recognition drops and adds words, but not many.
  const reach = words.length < LONG_ECHO ? words.length : Math.ceil(words.length * 1.5);
  for (let start = 0; start + needed <= said.length; start += 1) {
    if (inOrder(words, said.slice(start, start + reach)) >= needed) return true;
  }
  return false;
}

const wordsIn = (text: string): string[] => {
  const found: string[] = [];
  for (const { segment, isWordLike } of wordsOf("").segment(plain(text))) if (isWordLike) found.push(segment);
  return found;
};

/** How many of the words stand in the others in the same order: their longest common subsequence. */
function inOrder(words: readonly string[], others: readonly string[]): number {
  let row = Array.from({ length: others.length + 1 }, () => 0);
  for (const word of words) {
    const next = [0];
    for (const [at, other] of others.entries()) {
      next.push(word === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Words that end as if more were to come: in the middle of a number, of a spelling, or hesitating. */
export function endsUnfinished(text: string, language: string): Unfinished | null {
  const heard = text.normalize("NFKC").trim();
  if (heard === "" || /[?？؟]["'”’»)]*$/.test(heard)) return null;
  const primary = primaryOf(language);
  const isClosed = /[.!。！।]["'”’»)]*$/.test(heard) && !heard.endsWith("..");
  const words = plain(heard).split(" ").filter(Boolean);
  const spelled = endsSpelling(heard, words, primary);
  if (spelled !== null) return spelled;
  if (/(?:[,，、،;:–—-]|\.\.|…)["'”’»)]*$/.test(heard)) return "hesitation";
  const last = words.at(-1) ?? "";
  const two = words.slice(-2).join(" ");
  const open = listOf(OPEN_WORDS, primary);
  if (open.has(last) || open.has(two) || open.has(lastOf(last, language))) return "hesitation";
  if (!isClosed && listOf(WEAK_WORDS, primary).has(lastOf(last, language) || last)) return "hesitation";
  return null;
}

/** In scripts without spaces the last word is not apart. */
const lastOf = (text: string, language: string): string =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(text)
    ? ([...wordsOf(language).segment(text)].at(-1)?.segment ?? "")
    : "";

function endsSpelling(
  heard: string,
  words: readonly string[],
  primary: string,
): "digits" | "spelling" | null {
  const digits = /\d(?:[\s-]?\d)*\W*$/u.exec(heard)?.[0] ?? "";
  const count = digits.replace(/\D/g, "").length;
  // A time, a price and a year are whole.
  const isNumber = /[:.,/$€£¥]$/u.test(heard.slice(0, heard.length - digits.length));
  const isYear = /^(?:1[89]|20)\d\d\W*$/.test(digits);
  if (/[零〇一幺二两三四五六七八九]{3,}\W*$/u.test(heard)) return "digits";
  const names = listOf(DIGIT_WORDS, primary);
  let letters = 0;
  let numbers = 0;
  for (const word of words.toReversed()) {
    if (/^\p{L}$/u.test(word) && !/\p{Script=Han}/u.test(word)) letters += 1;
    else if (/^\d{1,4}$/.test(word) || names.has(word)) numbers += 1;
    else break;
  }
  const last = words.at(-1) ?? "";
  const endsInLetter = /^\p{L}$/u.test(last);
  // "Quiero dos y": a word of one letter spells nothing.
  if (letters + numbers >= 2 && endsInLetter && (letters > 1 || !listOf(OPEN_WORDS, primary).has(last)))
    return "spelling";
  if (letters + numbers >= 2 && numbers > 0 && !endsInLetter && !isNumber) return "digits";
  if (count >= 3 && !isNumber && !isYear) return "digits";
  // "D as in dog"
  const as = SPELLING_WORDS[primary];
  return as !== undefined && new RegExp(`(?:^|\\s)\\p{L} (?:${as}) \\p{L}+$`, "u").test(words.join(" "))
    ? "spelling"
    : null;
}

const lists = new WeakMap<Readonly<Record<string, string>>, Map<string, ReadonlySet<string>>>();

/** The words of a language in a table, with those of every language. */
function listOf(table: Readonly<Record<string, string>>, primary: string): ReadonlySet<string> {
  const byLanguage = lists.get(table) ?? new Map<string, ReadonlySet<string>>();
  lists.set(table, byLanguage);
  const found = byLanguage.get(primary);
  if (found) return found;
  const rows = [table["*"], table[primary]].flatMap((row) => (row === undefined ? [] : row.split(" | ")));
  const made = new Set(rows.map(plain));
  byLanguage.set(primary, made);
  return made;
}

export const wordTools: WordTools = { isBackchannel, countWords, sameWords, isEchoOf, endsUnfinished };
