import { primaryOf } from "../language.ts";
import { JOINED, NOT_BEHIND, NUMBER, parseNumber } from "./numbers.ts";

/** Signs of units that are the same everywhere, by what `Intl` calls them. */
const UNITS: Readonly<Record<string, string>> = {
  "%": "percent",
  "°C": "celsius",
  "℃": "celsius",
  "°F": "fahrenheit",
  "℉": "fahrenheit",
  "°": "degree",
  km: "kilometer",
  m: "meter",
  cm: "centimeter",
  mm: "millimeter",
  kg: "kilogram",
  g: "gram",
  l: "liter",
  L: "liter",
  ml: "milliliter",
  "km/h": "kilometer-per-hour",
  "m/s": "meter-per-second",
  h: "hour",
  min: "minute",
  s: "second",
  ms: "millisecond",
  kB: "kilobyte",
  KB: "kilobyte",
  MB: "megabyte",
  GB: "gigabyte",
  TB: "terabyte",
};
const ENGLISH: Readonly<Record<string, string>> = {
  mph: "mile-per-hour",
  mi: "mile",
  ft: "foot",
  lb: "pound",
  lbs: "pound",
  oz: "ounce",
  hrs: "hour",
  hr: "hour",
  mins: "minute",
  sec: "second",
  secs: "second",
};

const SIGN = Object.keys({ ...UNITS, ...ENGLISH })
  .toSorted((a, b) => b.length - a.length)
  .join("|");
const MEASURE = new RegExp(
  String.raw`${NOT_BEHIND}([-−](?=\d))?(${NUMBER})([ \u00A0\u202F]?)(${SIGN})(?![${JOINED}/²³°%])`,
  "gu",
);

/** "5 km" as "5 kilometers", in any language. */
export function units(text: string, language: string, minus: string | undefined): string {
  if (!/\d[ \u00A0\u202F]?[%°℃℉a-zA-Z]/u.test(text)) return text;
  const isEnglish = primaryOf(language) === "en";
  return text.replace(MEASURE, (whole: string, sign = "", number = "", gap = "", unit = "") => {
    // "the 90s", "5G", "3m": a letter alone needs its space.
    if (/^[a-zA-Z]$/.test(unit) && gap === "") return whole;
    const id = UNITS[unit] ?? (isEnglish ? ENGLISH[unit] : undefined);
    if (id === undefined) return whole;
    const said = measure(number, id, language);
    return said === null ? whole : `${sign && minus ? `${minus} ` : sign}${said}`;
  });
}

const formats = new Map<string, Intl.NumberFormat | null>();

function measure(number: string, unit: string, language: string): string | null {
  const { value, fraction } = parseNumber(number, language);
  const digits = Math.min(fraction.length, 3);
  const key = `${language} ${unit} ${digits}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = formatFor(language, unit, digits);
    formats.set(key, format);
  }
  if (!format) return null;
  let said = "";
  for (const part of format.formatToParts(value)) {
    if (part.type === "unit" || part.type === "percentSign" || part.type === "literal") said += part.value;
    else if (part.type === "integer" && !said.includes(number)) said += number;
  }
  return said.includes(number) ? said.replace(/[\u00A0\u202F]/g, " ") : null;
}

function formatFor(language: string, unit: string, digits: number): Intl.NumberFormat | null {
  try {
    return new Intl.NumberFormat(language, {
      style: "unit",
      unit,
      unitDisplay: "long",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: false,
      numberingSystem: "latn",
    });
  } catch {
    return null;
  }
}
