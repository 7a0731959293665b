import { isDigit, isLetter, isSpace, isWideClause } from "./characters.ts";
import { GO_ON, WAIT, type Reading } from "./reading.ts";

/** How far back an open bracket is looked for. */
const MAX_BRACKET = 200;

/** Whether the clause mark at `at` ends a clause of the piece that begins at `from`: the index behind it, or no. */
export function clauseEnd({ text, whole }: Reading, from: number, at: number): number {
  let before = at - 1;
  while (before > from && isSpace(text[before])) before -= 1;
  if (isDigit(text[before])) return GO_ON;
  if (!isWideClause(text[at] ?? "")) {
    const next = text[at + 1];
    if (next === undefined) return whole ? GO_ON : WAIT;
    if (!isSpace(next)) return GO_ON;
  }
  const part = text.slice(Math.max(from, at - MAX_BRACKET), at);
  const inBracket =
    part.lastIndexOf("(") > part.lastIndexOf(")") || part.lastIndexOf("（") > part.lastIndexOf("）");
  return inBracket ? GO_ON : at + 1;
}

/** What may stand behind a clause without being one: a name, a word of thanks. */
const LAST_WORD = /^\s*\S*$/u;
const LAST_SIGNS = 2;
const SENTENCE_MARK = /[.!?…。！？।؟։።]/u;

/**
 * Whether the clause that ends at `end` may be spoken by itself: not when all that follows it in its sentence is a word, such
 * as the caller's name. `end`, or no.
 */
export function mayPart({ text, whole }: Reading, end: number): number {
  const isWide = isWideClause(text[end - 1] ?? "");
  const mark = text.slice(end).search(SENTENCE_MARK);
  const rest = mark < 0 ? text.slice(end) : text.slice(end, end + mark);
  const isLittle = isWide ? rest.trim().length <= LAST_SIGNS : LAST_WORD.test(rest);
  if (!isLittle) return end;
  return mark >= 0 || whole ? GO_ON : WAIT;
}

/** Polite words that end a sentence where a space is all that parts it from the next. */
const FINAL = /(?:ครับ|คับ|ค่ะ|คะ|นะ|จ้ะ|จ๊ะ|จ้า|ขอรับ|ເຈົ້າ|ເດີ້)$/u;

/** Whether a sentence, or with `clause` a clause, ends at the space at `at`; for scripts without full stops. */
export function phraseEnd({ text, from, whole }: Reading, at: number, clause: boolean): number {
  const next = text[at + 1];
  if (next === undefined) return whole ? GO_ON : WAIT;
  if (!isLetter(next)) return GO_ON;
  const before = text.slice(Math.max(from, at - 10), at);
  return FINAL.test(before) || (clause && isLetter(before.at(-1))) ? at : GO_ON;
}
