import { primaryOf } from "../language.ts";

/** What continues a number or a word; scripts that put no spaces between words do not. For a character class. */
export const JOINED = String.raw`\p{sc=Latn}\p{sc=Cyrl}\p{sc=Grek}\p{sc=Arab}\p{N}_`;

/** A number as people write it: digits, perhaps in groups of three, perhaps with a fraction. */
export const NUMBER = String.raw`\d{1,15}(?:[.,'’   ]\d{3}){0,4}(?:[.,]\d{1,9})?`;
/** Nothing that would make the number part of something longer. */
export const NOT_BEHIND = String.raw`(?<![${JOINED}.,:/#@-])`;

/** Languages whose decimals stand behind a point. */
const POINT = new Set("en ja zh ko th he hi bn ta te mr ur ms fil sw am my".split(" "));

export interface Parsed {
  readonly value: number;
  /** Digits before the fraction, as they may be said. */
  readonly whole: string;
  /** Digits of the fraction; "" without one. */
  readonly fraction: string;
}

/** Reads a number. One separator before three digits groups or parts, as the language has it. */
export function parseNumber(text: string, language: string): Parsed {
  const point = POINT.has(primaryOf(language)) ? "." : ",";
  const last = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  const isFraction = last >= 0 && isDecimal(text, last, point);
  const whole = isFraction ? text.slice(0, last) : text;
  const fraction = isFraction ? text.slice(last + 1) : "";
  const digits = whole.replace(/\D/g, "");
  const group = point === "." ? "," : ".";
  const asWritten = /^\d+$/.test(whole) || new RegExp(`^\\d{1,3}(?:[${group}’'   ]\\d{3})+$`).test(whole);
  return { value: Number(`${digits}.${fraction || "0"}`), whole: asWritten ? whole : digits, fraction };
}

function isDecimal(text: string, at: number, point: string): boolean {
  const behind = text.length - at - 1;
  if (behind !== 3) return true;
  const mark = text[at] ?? "";
  // "1.234.567" and "1,234.567": a second mark of the same kind groups, another kind parts.
  if (text.indexOf(mark) !== at) return false;
  const other = mark === "." ? "," : ".";
  return mark === point || text.slice(0, at).includes(other);
}

/** Separate digits with a pause between groups: "5 5 5, 0 1 2 3". */
export const spelled = (groups: readonly string[], language: string): string =>
  groups.map((group) => Array.from(group).join(" ")).join(primaryOf(language) === "ja" ? "、" : ", ");

/** Digits in groups of three; no group of one. */
export function inThrees(digits: string): string[] {
  if (digits.length <= 4) return [digits];
  return [digits.slice(0, 3), ...inThrees(digits.slice(3))];
}
