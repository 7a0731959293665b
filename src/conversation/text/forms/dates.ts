import { primaryOf } from "../language.ts";
import { JOINED } from "./numbers.ts";

/** Words before a day and a month without a year. */
const BEFORE_DAY: Readonly<Record<string, string>> = {
  en: "on|by|until|till|from|since|before|after|due",
  de: "am|vom|bis|zum|ab|seit|den|dem",
  es: "el|del|al|hasta|desde",
  fr: "le|du|au|dès",
  it: "il|dal|al|del",
  nl: "op|tot|van|vanaf",
  pt: "em|dia|até|de",
  pl: "do|od|dnia",
};

const ISO = new RegExp(String.raw`(?<![${JOINED}./-])(\d{4})-(\d{2})-(\d{2})(?![${JOINED}/-]|\.\d)`, "gu");
const DOTTED = new RegExp(
  String.raw`(?<![${JOINED}./-])(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?![${JOINED}/-]|\.\d)`,
  "gu",
);
const SLASHED = new RegExp(
  String.raw`(?<![${JOINED}./-])(\d{1,2})/(\d{1,2})/(\d{4})(?![${JOINED}/-]|\.\d)`,
  "gu",
);
/** Languages that put the month first only in one country; without a country nobody can tell. */
const DAY_FIRST = new Set("es fr it pt nl pl de ru uk cs sk tr el ro hr sr bg ca sv da nb fi".split(" "));

/** Dates in digits as dates in words. What could be two dates is left. */
export function dates(text: string, language: string): string {
  if (!/\d[-./]\s?\d/.test(text)) return text;
  const primary = primaryOf(language);
  return text
    .replace(ISO, (whole: string, year: string, month: string, day: string) =>
      long(whole, language, year, month, day),
    )
    .replace(DOTTED, (whole: string, day: string, month: string, year: string) =>
      long(whole, language, year, month, day),
    )
    .replace(SLASHED, (whole: string, first: string, second: string, year: string) => {
      const order = orderOf(Number(first), Number(second), language);
      if (order === null) return whole;
      return order === "day-month"
        ? long(whole, language, year, second, first)
        : long(whole, language, year, first, second);
    })
    .replace(
      shortDate(primary),
      (whole: string, word: string, first: string, sign: string, second: string) => {
        const order = sign === "." ? "day-month" : orderOf(Number(first), Number(second), language);
        if (order === null || (sign === "." && !whole.endsWith("."))) return whole;
        const [day, month] = order === "day-month" ? [first, second] : [second, first];
        const said = dateOf("2024", month, day);
        return said === null ? whole : `${word}${formatted(said, language, false)}`;
      },
    );
}

const shortDates = new Map<string, RegExp>();

/** A day and a month behind a word that dates stand behind: "am 26.11.", "on 11/26". */
function shortDate(primary: string): RegExp {
  const found = shortDates.get(primary);
  if (found) return found;
  const words = BEFORE_DAY[primary];
  const made =
    words === undefined
      ? /(?!)/g
      : new RegExp(
          String.raw`(?<!\p{L})((?:${words}) )(\d{1,2})([./])(\d{1,2})(?:\.(?!\d)|(?![\d./]))(?=[\s,;:!?)]|$)`,
          "giu",
        );
  shortDates.set(primary, made);
  return made;
}

/** Which comes first; null when that is open. */
function orderOf(first: number, second: number, language: string): "day-month" | "month-day" | null {
  if (first > 12 && second <= 12) return "day-month";
  if (second > 12 && first <= 12) return "month-day";
  if (/^en[-_]US$/i.test(language)) return "month-day";
  return DAY_FIRST.has(primaryOf(language)) || /^en[-_](?:GB|IE|AU|NZ|IN|ZA)$/i.test(language)
    ? "day-month"
    : null;
}

function long(whole: string, language: string, year: string, month: string, day: string): string {
  const date = dateOf(year, month, day);
  return date === null ? whole : formatted(date, language, true);
}

/** Null for a day that does not exist. */
function dateOf(year: string, month: string, day: string): Date | null {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists && Number(year) >= 1000 ? date : null;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

function formatted(date: Date, language: string, withYear: boolean): string {
  const key = `${language} ${withYear ? "y" : ""}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = formatFor(language, withYear);
    formats.set(key, format);
  }
  const said = format?.format(date) ?? date.toISOString().slice(0, 10);
  // Voices spell the short form of "year".
  return said.replace(/ г\.$/, " года").replace(/ р\.$/, " року");
}

function formatFor(language: string, withYear: boolean): Intl.DateTimeFormat | null {
  const shape = { day: "numeric", month: "long", ...(withYear ? { year: "numeric" as const } : {}) } as const;
  try {
    return new Intl.DateTimeFormat(language, {
      ...shape,
      timeZone: "UTC",
      calendar: "gregory",
      numberingSystem: "latn",
    });
  } catch {
    return null;
  }
}

interface Clockwork {
  readonly pattern: RegExp;
  /** `minute` is "" for a full hour. */
  readonly say: (hour: string, minute: string) => string;
}

const TIME = String.raw`(?<![${JOINED}.,:/-])([01]?\d|2[0-3])`;
const TIME_END = String.raw`(?![\p{N}]|[.,:/-]\d)`;

/** Only languages whose voices stumble over "14:30". */
const TIMES: Readonly<Record<string, readonly Clockwork[]>> = {
  de: [
    {
      pattern: new RegExp(
        `${TIME}[:.]([0-5]\\d)(?:[ \\u00A0\\u202F]?Uhr\\b|${TIME_END}(?= bis \\d{1,2}[:.]\\d\\d\\b[^.]))`,
        "gu",
      ),
      say: (h, m) => `${h} Uhr${m && ` ${m}`}`,
    },
    {
      pattern: new RegExp(
        `(?<=\\b(?:um|ab|bis|gegen|von|nach|vor|seit) )${TIME}:([0-5]\\d)${TIME_END}`,
        "giu",
      ),
      say: (h, m) => `${h} Uhr${m && ` ${m}`}`,
    },
  ],
  nl: [
    {
      pattern: new RegExp(`${TIME}[:.]([0-5]\\d)[ \\u00A0\\u202F]?uur\\b`, "gu"),
      say: (h, m) => `${h} uur${m && ` ${m}`}`,
    },
  ],
  fr: [
    {
      pattern: new RegExp(
        `${TIME}[ \\u00A0\\u202F]?(?:h|:)[ \\u00A0\\u202F]?([0-5]\\d)${TIME_END}(?![${JOINED}])`,
        "gu",
      ),
      say: (h, m) => `${h} ${hours(h)}${m && ` ${m}`}`,
    },
    {
      pattern: new RegExp(`${TIME}[ \\u00A0\\u202F]?h()(?![${JOINED}/])`, "gu"),
      say: (h) => `${h} ${hours(h)}`,
    },
  ],
  pt: [
    {
      pattern: new RegExp(`${TIME}h([0-5]\\d)(?![${JOINED}])`, "gu"),
      say: (h, m) => `${h} ${horas(h)}${m && ` e ${m}`}`,
    },
    { pattern: new RegExp(`${TIME}h()(?![${JOINED}/])`, "gu"), say: (h) => `${h} ${horas(h)}` },
  ],
  ja: [
    {
      pattern: new RegExp(`(?<![\\p{N}.,:/-])([01]?\\d|2[0-3]):([0-5]\\d)${TIME_END}`, "gu"),
      say: (h, m) => `${h}時${m && `${m}分`}`,
    },
  ],
};

const hours = (hour: string): string => (Number(hour) < 2 ? "heure" : "heures");
const horas = (hour: string): string => (Number(hour) === 1 ? "hora" : "horas");

/** Times of day as the language says them. */
export function times(text: string, language: string): string {
  const rules = TIMES[primaryOf(language)];
  if (!rules || !/\d\s?[:.h]/.test(text)) return text;
  let said = text;
  for (const { pattern, say } of rules) {
    said = said.replace(pattern, (_, hour: string, minute: string) =>
      say(String(Number(hour)), Number(minute) === 0 ? "" : String(Number(minute))),
    );
  }
  return said;
}
