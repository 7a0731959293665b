import { isBlockMark, isLower, isSpace } from "./characters.ts";
import { GO_ON, WAIT, type Reading } from "./reading.ts";

const BLOCK = /^[ \t]*(?:[-*+•‣◦▪][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|>|\|)/;
/** Longer gaps of empty lines end a sentence whatever follows. */
const MAX_GAP = 64;

/**
 * Whether the sentence ends with the line that ends at `at`: `at`, `GO_ON` or `WAIT`. `line` is where the line begins.
 * A line that is merely wrapped goes on; list items, headings and table rows are sentences.
 */
export function lineEnd({ text, whole }: Reading, line: number, at: number): number {
  let next = at;
  let newlines = 0;
  while (next < text.length && next - at < MAX_GAP && isSpace(text[next])) {
    if (text[next] === "\n") newlines += 1;
    next += 1;
  }
  if (newlines > 1 || next - at >= MAX_GAP) return at;
  const first = text[next];
  if (first === undefined) return whole ? at : WAIT;
  if (isBlockMark(first) || BLOCK.test(text.slice(line, line + MAX_GAP))) return at;
  if (isLower(first)) return GO_ON;
  // A mark here has been judged already; a comma or a dash promises more.
  return /[.．…!?,，、–—-]["'”’»)*_]{0,3}[ \t]*$/.test(text.slice(Math.max(line, at - 8), at)) ? GO_ON : at;
}
