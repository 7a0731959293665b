/** What characters are to the cutter. */

/** One that ends a sentence in any case: never part of an abbreviation. */
const STRONG = new Set("!?！？。｡‼⁇⁈⁉؟۔।॥\u037E։።፧፨។៕။᠃᠉༎෴");
/** A full stop or an ellipsis. */
const DOTS = new Map([
  [".", 1],
  ["．", 1],
  ["‥", 2],
  ["…", 3],
]);
const CLAUSE = new Set(",;:—–、，；：،؛፣፤၊՝·");

/** Everything that may end a piece or open markup. */
const SPECIAL = new Set([...STRONG, ...DOTS.keys(), ...CLAUSE, ...Array.from(" \n<[{`~|፡")]);
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => (SPECIAL.has(String.fromCharCode(code)) ? 0 : 1));

/** True for a character that is nothing but part of a word or some space. */
export const isPlain = (code: number): boolean =>
  code < 128 ? PLAIN[code] === 1 : !SPECIAL.has(String.fromCharCode(code));

export const isStrong = (char: string | undefined): boolean => char !== undefined && STRONG.has(char);
/** How many full stops a character stands for. */
export const dotsOf = (char: string | undefined): number => (char === undefined ? 0 : (DOTS.get(char) ?? 0));
export const isClause = (char: string): boolean => CLAUSE.has(char);
/** A clause mark that needs no space behind it. */
export const isWideClause = (char: string): boolean => char > "\u2E7F" && CLAUSE.has(char);

export const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/u.test(char);
export const isDigit = (char: string | undefined): boolean => char !== undefined && /\p{Nd}/u.test(char);
export const isLetter = (char: string | undefined): boolean =>
  char !== undefined && /[\p{L}\p{M}]/u.test(char);
export const isUpper = (char: string): boolean => /[\p{Lu}\p{Lt}]/u.test(char) && !GEORGIAN.test(char);
/** Georgian's everyday letters are lower case to Unicode, yet begin sentences. */
const GEORGIAN = /\p{Script=Georgian}/u;
export const isLower = (char: string): boolean => /\p{Ll}/u.test(char) && !GEORGIAN.test(char);
/** A script without spaces between its words. */
export const isUnspaced = (char: string | undefined): boolean =>
  char !== undefined && /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]/u.test(char);
export const isPicture = (char: string): boolean => /\p{Extended_Pictographic}/u.test(char);

/** What may begin a list item, a heading, a quotation or a table row. */
export const isBlockMark = (char: string | undefined): boolean =>
  char !== undefined && "-*+•#>|".includes(char);

/** The whole character at `at`, surrogate pairs included; "" behind the end. */
export function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** The first half of a character that takes two code units. */
export const isFirstHalf = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
