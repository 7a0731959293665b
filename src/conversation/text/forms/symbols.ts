import { isUnspaced } from "../characters.ts";
import { primaryOf } from "../language.ts";
import { JOINED } from "./numbers.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A number with what may stand around it in a range. */
const LEFT = String.raw`(?<![${JOINED}.,/-])([$€£¥]?)(\d{1,9}(?:[.,:]\d{1,6}){0,2})( ?(?:%|°C?|[ap]\.?m\.?|€|Uhr|h))?`;
const RIGHT = String.raw`([$€£¥]?)(\d{1,9}(?:[.,:]\d{1,6}){0,2})(?![\p{N}_-]|[.,:/]\d)`;
const DASHED = new RegExp(String.raw`${LEFT}(?:–|(?<=\d) – (?=\d)|〜|～)${RIGHT}`, "gu");
/** A hyphen is a range only with a currency, or before what is counted. */
const HYPHENED = new RegExp(
  String.raw`${LEFT}-${RIGHT}(?=( ?(?:%|°|€|km|kg|cm|mm|GB|MB|min)(?![\p{L}\p{N}])| (?:days?|hours?|minutes?|weeks?|months?|years?|people|dollars|euros?|Tage|Stunden|Minuten|Wochen|Monate|Jahre|días|horas|minutos|semanas|meses|años|jours|heures|minutes|semaines|mois|ans|giorni|ore|minuti|settimane|mesi|anni|dagen|uur|minuten|weken|maanden|jaar|dias|anos|dni|godzin|minut|tygodni|miesięcy|lat)(?!\p{L}))?)`,
  "gu",
);

/** Ranges of numbers: "5–7" as "5 to 7". */
export function ranges(text: string, words: Vocabulary): string {
  if (!/[–〜～-]/.test(text)) return text;
  return text
    .replace(DASHED, (whole: string, ...parts: string[]) => rangeOf(whole, parts, words, true))
    .replace(HYPHENED, (whole: string, ...parts: string[]) => rangeOf(whole, parts, words, false));
}

function rangeOf(whole: string, parts: readonly string[], { to }: Vocabulary, isDash: boolean): string {
  const [sign = "", from = "", unit = "", secondSign = "", until = "", counted = ""] = parts;
  const isMoney = sign !== "" || secondSign !== "";
  if (!isDash && !isMoney && typeof counted === "string" && counted === "") return whole;
  // "555–1234" is a telephone number, "10–2" a score.
  if (/^\d{3}$/.test(from) && /^\d{4}$/.test(until)) return whole;
  const joint = isUnspaced(to[0]) ? to : ` ${to} `;
  if (sign && !secondSign) return `${from}${unit}${joint}${sign}${until}`;
  return `${sign}${from}${unit}${joint}${secondSign}${until}`;
}

const FRACTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: { "½": "one half", "¼": "one quarter", "¾": "three quarters", "⅓": "one third", "⅔": "two thirds" },
  de: { "½": "ein halb", "¼": "ein Viertel", "¾": "drei Viertel", "⅓": "ein Drittel", "⅔": "zwei Drittel" },
  es: { "½": "medio", "¼": "un cuarto", "¾": "tres cuartos", "⅓": "un tercio", "⅔": "dos tercios" },
  fr: { "½": "un demi", "¼": "un quart", "¾": "trois quarts", "⅓": "un tiers", "⅔": "deux tiers" },
  it: { "½": "mezzo", "¼": "un quarto", "¾": "tre quarti", "⅓": "un terzo", "⅔": "due terzi" },
  nl: { "½": "een half", "¼": "een kwart", "¾": "drie kwart", "⅓": "een derde", "⅔": "twee derde" },
  pt: { "½": "meio", "¼": "um quarto", "¾": "três quartos", "⅓": "um terço", "⅔": "dois terços" },
  pl: { "½": "pół", "¼": "jedna czwarta", "¾": "trzy czwarte", "⅓": "jedna trzecia", "⅔": "dwie trzecie" },
  ja: { "½": "2分の1", "¼": "4分の1", "¾": "4分の3", "⅓": "3分の1", "⅔": "3分の2" },
};
/** Between a whole number and a fraction. */
const AND_HALF: Readonly<Record<string, string>> = {
  en: "and ",
  es: "y ",
  fr: "et ",
  it: "e ",
  nl: "en ",
  pt: "e ",
  pl: "i ",
  de: "und ",
  ja: "と",
};
const SIMPLE: Readonly<Record<string, string>> = {
  "1/2": "½",
  "1/4": "¼",
  "3/4": "¾",
  "1/3": "⅓",
  "2/3": "⅔",
};

/** "½", and "1/2" where something is measured. */
export function fractions(text: string, language: string): string {
  const primary = primaryOf(language);
  const names = FRACTIONS[primary];
  if (!names || !/[½¼¾⅓⅔]|\d\/\d/.test(text)) return text;
  const joint = AND_HALF[primary] ?? "";
  return text
    .replace(
      /(?<![\p{N}./-])(\d{1,3} )?([1-3]\/[2-4])(?![\p{N}/.-])(?= (?:of|cups?|hours?|miles?|teaspoons?|tablespoons?|pounds?|inch|inches|de|von|di|van|del|Liter|Stunde|Tasse)(?!\p{L}))/gu,
      (whole: string, before: string | undefined, part: string) => {
        const sign = SIMPLE[part];
        return sign === undefined ? whole : `${before ?? ""}${sign}`;
      },
    )
    .replace(
      /(\d) ?([½¼¾⅓⅔])/g,
      (_, digit: string, sign: string) => `${digit} ${joint}${withArticle(names[sign] ?? sign, primary)}`,
    )
    .replace(/[½¼¾⅓⅔]/g, (sign) => names[sign] ?? sign);
}

/** "1 and a half", not "1 and one half". */
const withArticle = (name: string, primary: string): string =>
  primary === "en" ? name.replace(/^one /, "a ") : name;

/** Signs between numbers and words. What a voice says well, or what could mean several things, stays. */
export function symbols(text: string, words: Vocabulary): string {
  if (!/[#&+=×÷±≈~@№*]/.test(text)) return text;
  return text
    .replace(/(?<![\p{L}\p{N}_&#/])(?:#|№ ?)(?=\d)/gu, `${words.number} `)
    .replace(/(?<![\p{L}\p{N}_&#/])#(?=\p{L})/gu, "hashtag ")
    .replace(/(?<=[\p{L}\p{N}.,)”"]) & (?=[\p{L}\p{N}(“"])/gu, ` ${words.and} `)
    .replace(/(?<=\d) ?\+ ?(?=\d)/g, ` ${words.plus} `)
    .replace(/(?<=(?<!\p{L})\d{1,6})\+(?=[\s.,!?]|$)/gu, ` ${words.plus}`)
    .replace(/(?<=[\p{L}\p{N})]) = (?=[\p{L}\p{N}(-])/gu, ` ${words.equals} `)
    .replace(/(?<=\d)(?: [*×] |×)(?=\d)/g, ` ${words.times} `)
    .replace(/(?<![\p{L}\p{N}_~/])[~≈] ?(?=\d)/gu, `${words.about} `)
    .replace(/± ?(?=\d)/g, `${words.plus} ${words.minus} `)
    .replace(/(?<![\p{L}\p{N}_.+@/-])@(?=\p{L})/gu, `${words.at} `);
}
