import {
  charAt,
  dotsOf,
  isBlockMark,
  isDigit,
  isLetter,
  isLower,
  isPicture,
  isSpace,
  isStrong,
  isUnspaced,
  isUpper,
} from "./characters.ts";
import { GO_ON, WAIT, type Reading, type Verdict } from "./reading.ts";
import { judgeStop } from "./stop.ts";

/** Longer runs of marks or spaces are nobody's prose; they are not looked at as one. */
const MAX_RUN = 64;

/** Behind a quotation in the middle of a Japanese sentence. */
const PARTICLES = new Set("とっをの、，");
const CONTINUES = new Set(",;:、，；：،؛)）");
const CLOSERS = new Set("\"'”’»›)）]}」』】〉》*_~`");
const OPENERS = new Set("\"'“”‘’„‚«»‹›¿¡(（[「『【《*_~`—–-―•·");
const OPENS = new Set("“„「『【«¿¡<{《");
const EMOTICON = /\s?[:;]-?[)(DP](?=\s|$)/y;

/**
 * Where the sentence ends whose last mark may be the one at `at`: the index behind its closing quotes and brackets,
 * `GO_ON`, or `WAIT`.
 */
export function sentenceEnd(reading: Reading, at: number): number {
  const { text, whole } = reading;
  const run = markRun(text, at);
  const end = behindClosers(reading, at, run.end);
  if (end === WAIT) return WAIT;
  const closed = end > run.end;
  let next = end;
  while (next < text.length && next - end < MAX_RUN && isSpace(text[next])) next += 1;
  if (next >= text.length) return whole ? end : WAIT;
  const newlines = text.slice(end, next).split("\n").length - 1;
  if (next - end >= MAX_RUN || newlines > 1 || (newlines === 1 && isBlockMark(text[next]))) return end;
  const verdict =
    next === end
      ? attached(reading, { at, end, closed, strong: run.strong, ellipsis: run.dots > 1 })
      : apart(reading, { at, end: next, closed, strong: run.strong, ellipsis: run.dots > 1 });
  return verdict === "cut" ? end : verdict === "wait" ? WAIT : GO_ON;
}

interface Mark {
  readonly at: number;
  /** Where what follows begins. */
  readonly end: number;
  /** Quotes or brackets close behind it. */
  readonly closed: boolean;
  readonly strong: boolean;
  readonly ellipsis: boolean;
}

function markRun(text: string, at: number): { end: number; strong: boolean; dots: number } {
  // The first mark is one by its language, such as the Greek question mark.
  let dots = dotsOf(text[at]);
  let strong = dots === 0;
  let end = at + 1;
  for (; end < text.length && end - at < MAX_RUN; end += 1) {
    const more = dotsOf(text[end]);
    dots += more;
    if (isStrong(text[end])) strong = true;
    else if (more === 0) break;
  }
  return { end, strong, dots };
}

/** Skips what closes the sentence together with its mark. */
function behindClosers({ text, from, whole }: Reading, at: number, start: number): number {
  let end = start;
  for (;;) {
    const char = text[end];
    if (char === undefined) return whole ? end : WAIT;
    if (CLOSERS.has(char) || (turned(char) && text.slice(from, at).includes(turned(char)))) {
      end += 1;
      if (end - start > MAX_RUN) return end;
      continue;
    }
    if (isSpace(char) && text[end + 1] === "»" && text.slice(from, at).includes("«")) {
      end += 2;
      continue;
    }
    EMOTICON.lastIndex = end;
    if (EMOTICON.test(text)) {
      if (EMOTICON.lastIndex === text.length && !whole) return WAIT;
      end = EMOTICON.lastIndex;
      continue;
    }
    return end;
  }
}

/** The opening partner of a quote that closes in some languages and opens in others; "" for other characters. */
const turned = (char: string): string => (char === "“" ? "„" : char === "‘" ? "‚" : char === "«" ? "»" : "");

/** Something follows without a space. */
function attached(reading: Reading, mark: Mark): Verdict {
  const { text, from } = reading;
  const next = charAt(text, mark.end);
  if (CONTINUES.has(next)) return mayBeEmoticon(reading, mark.end) ? "wait" : "go-on";
  const last = text[mark.end - 1] ?? "";
  if (mark.closed && isLetter(next) && "》〉)）】".includes(last) && !opensWith(text, from, last))
    return "go-on";
  if (mark.strong) {
    if (PARTICLES.has(next) && mark.closed) return "go-on";
    if (OPENS.has(next) || isPicture(next)) return "cut";
    const wide = (text[mark.at] ?? "") > "\u02FF";
    if (isUnspaced(next)) return "cut";
    if (!isLetter(next) && !isDigit(next)) return wide && next !== "[" ? "cut" : "go-on";
    if (mark.closed) return wide && isUnspaced(last) ? "cut" : "go-on";
    if (wide) return "cut";
    if (isUpper(next)) return inAddress(text, mark.at) ? "go-on" : "cut";
    return isLower(next) || isDigit(next) ? "go-on" : "cut";
  }
  if (mark.ellipsis) return isPicture(next) ? "cut" : "go-on";
  if (isUnspaced(next) && (mark.closed || isUnspaced(text[mark.at - 1]))) return "cut";
  if (OPENS.has(next) || isPicture(next)) return judgeStop(reading, mark.at, next, mark.end);
  return "go-on";
}

/** A space stands between the mark and what follows. */
function apart(reading: Reading, mark: Mark): Verdict {
  const { text, from, whole } = reading;
  const first = text[mark.end] ?? "";
  if (CONTINUES.has(first)) return mayBeEmoticon(reading, mark.end) ? "wait" : "go-on";
  let start = mark.end;
  let inverted = false;
  while (start < text.length && start - mark.end < MAX_RUN) {
    const char = text[start] ?? "";
    if (char === "¿" || char === "¡") inverted = true;
    if (!OPENERS.has(char) && !isSpace(char)) break;
    start += 1;
  }
  if (start >= text.length && !whole) return "wait";
  const next = charAt(text, start);
  if (isLower(next) && !inverted) {
    const brand = isBrand(text, start, whole);
    if (brand === "wait") return "wait";
    if (brand === "no" && (mark.closed || mark.ellipsis || !inLowerCase(text, from))) return "go-on";
  }
  if (mark.strong) return "cut";
  if (mark.ellipsis) return afterEllipsis(reading, mark.at, start, next);
  return judgeStop(reading, mark.at, next, start);
}

/** An emoticon closes its sentence, and this may be the beginning of one. */
const mayBeEmoticon = ({ text, whole }: Reading, at: number): boolean =>
  !whole && text.length - at < 4 && /^[:;]-?[)(DP]?$/.test(text.slice(at, at + 4));

/** A hesitation of one or two words goes on, unless a capital shows that it does not. */
function afterEllipsis(
  { text, from, whole, writing }: Reading,
  at: number,
  start: number,
  next: string,
): Verdict {
  const words = text.slice(Math.max(from, at - 200), at).match(/[\p{L}\p{N}\p{M}'’]+/gu)?.length ?? 0;
  if (words > 2) return "cut";
  if (!isUpper(next)) return isLetter(next) ? "go-on" : "cut";
  if (writing.primary !== "en" || next !== "I") return "cut";
  const after = text[start + 1];
  if (after === undefined && !whole) return "wait";
  // The English "I" has its capital everywhere.
  return after === undefined || !isLetter(after) ? "go-on" : "cut";
}

/** "iPhone", "eBay": a name that begins with a small letter may begin a sentence. */
function isBrand(text: string, at: number, whole: boolean): "yes" | "no" | "wait" {
  if (!"iex".includes(text[at] ?? "")) return "no";
  const after = text[at + 1];
  if (after === undefined) return whole ? "no" : "wait";
  return /[A-Z]/.test(after) ? "yes" : "no";
}

/** The writer does without capitals: this sentence began without one. */
function inLowerCase(text: string, from: number): boolean {
  const first = /\p{L}/u.exec(text.slice(from, from + MAX_RUN))?.[0];
  return first !== undefined && isLower(first);
}

/** The bracket that closes at the end was opened where the sentence began. */
function opensWith(text: string, from: number, closer: string): boolean {
  const opener = { "》": "《", "〉": "〈", ")": "(", "）": "（", "】": "【" }[closer] ?? "";
  return text
    .slice(from, from + MAX_RUN)
    .trimStart()
    .startsWith(opener);
}

function inAddress(text: string, at: number): boolean {
  const word = /\S*$/u.exec(text.slice(Math.max(0, at - MAX_RUN), at))?.[0] ?? "";
  return /[/@=]|\p{L}\.\p{L}/u.test(word);
}
