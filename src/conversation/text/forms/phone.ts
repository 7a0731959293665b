import { primaryOf } from "../language.ts";
import { inThrees, JOINED, spelled } from "./numbers.ts";
import type { Vocabulary } from "./vocabulary.ts";

const FREE = String.raw`(?<![${JOINED}.,:/#@$€£+-]|\d )`;
const END = String.raw`(?![${JOINED}@]|[.,/:-]\d| \d)`;

const INTERNATIONAL = new RegExp(
  String.raw`(?<![${JOINED}+])\+ ?(\d{1,15}(?:(?: ?\(0?\d{0,4}\) ?|[ ./-])\d{1,9}){0,6})${END}`,
  "gu",
);
const NATIONAL = [
  /** "(415) 555-0123", "1-800-555-0199", "415.555.0123" */
  String.raw`(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}`,
  /** "(11) 91234-5678" */
  String.raw`\(\d{2}\) ?\d{4,5}-\d{4}`,
  /** "030 1234567", "0171/2345678", "03-1234-5678", "020 7946 0958" */
  String.raw`\(?0\d{1,4}\)?[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}`,
].map((pattern) => new RegExp(FREE + pattern + END, "gu"));
/** "01 23 45 67 89": said in pairs. */
const PAIRS = new RegExp(`${FREE}0\\d(?:[ .]\\d{2}){4}${END}`, "gu");
/** "912 345 678", "612 34 56 78" */
const SPANISH = new RegExp(
  `${FREE}[6-9]\\d{2}(?: \\d{3}){2}${END}|${FREE}[6-9]\\d{2}(?: \\d{2}){3}${END}`,
  "gu",
);
/** Seven digits are a telephone number where somebody is to call it. */
const LOCAL = new RegExp(
  String.raw`(?<=\b(?:call|phone|number|dial|tel|reach|text)\b[^.!?\d]{0,20})(?<!\d)\d{3}-\d{4}${END}`,
  "giu",
);

const TWO_DIGIT_COUNTRIES = /^(?:2[07]|3[0-4]|36|39|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** Telephone numbers digit by digit, in the groups they are written in. */
export function telephones(text: string, language: string, words: Vocabulary | null): string {
  if (!/\d[\d ()./-]{5}/.test(text)) return text;
  const primary = primaryOf(language);
  let said = text;
  if (words) {
    said = said.replace(INTERNATIONAL, (whole: string, number: string) => {
      const groups = number.replace(/\(0\)/g, " ").split(/\D+/).filter(Boolean);
      const digits = groups.join("");
      if (digits.length < 8 || digits.length > 15) return whole;
      return `${words.plus} ${spelled(groups.length > 1 ? groups : international(digits), language)}`;
    });
  }
  said = said.replace(PAIRS, (number) =>
    primary === "fr" ? number.split(/[ .]/).join(", ") : spelled(number.split(/\D+/), language),
  );
  const spell = (number: string): string => {
    const groups = number.split(/\D+/).filter(Boolean);
    const { length } = groups.join("");
    return length < 7 || length > 13 ? number : spelled(groups, language);
  };
  for (const pattern of NATIONAL) said = said.replace(pattern, spell);
  if (primary === "es") said = said.replace(SPANISH, spell);
  if (primary === "en") said = said.replace(LOCAL, spell);
  return said;
}

/** The country code, then groups of three. */
function international(digits: string): string[] {
  const length = /^[17]/.test(digits) ? 1 : TWO_DIGIT_COUNTRIES.test(digits) ? 2 : 3;
  return [digits.slice(0, length), ...inThrees(digits.slice(length))];
}
