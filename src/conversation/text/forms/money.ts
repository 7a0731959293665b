import { primaryOf } from "../language.ts";
import { JOINED, NUMBER, parseNumber, type Parsed } from "./numbers.ts";
import type { Vocabulary } from "./vocabulary.ts";

const SIGNS: Readonly<Record<string, string>> = {
  $: "USD",
  US$: "USD",
  "€": "EUR",
  "£": "GBP",
  "¥": "JPY",
  "￥": "JPY",
  "₹": "INR",
  R$: "BRL",
  zł: "PLN",
};
const CODES = "USD|EUR|GBP|CHF|JPY|PLN|BRL|INR";

/** One, few, many, and a fraction where the language knows more than one and many; then the hundredth part, alike. */
interface Names {
  readonly unit: readonly string[];
  readonly cent: readonly string[];
}

/** Per currency: the forms of its name, and of its hundredth part. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    USD: "dollar dollars / cent cents",
    EUR: "euro euros / cent cents",
    GBP: "pound pounds / penny pence",
    JPY: "yen yen /",
    CHF: "franc francs / centime centimes",
    INR: "rupee rupees / paisa paise",
    PLN: "zloty zlotys / grosz groszy",
    BRL: "real reais / centavo centavos",
  },
  de: {
    USD: "Dollar Dollar / Cent Cent",
    EUR: "Euro Euro / Cent Cent",
    GBP: "Pfund Pfund / Penny Pence",
    JPY: "Yen Yen /",
    CHF: "Franken Franken / Rappen Rappen",
  },
  es: {
    USD: "dólar dólares / centavo centavos",
    EUR: "euro euros / céntimo céntimos",
    GBP: "libra libras / penique peniques",
    JPY: "yen yenes /",
    CHF: "franco francos / céntimo céntimos",
  },
  fr: {
    USD: "dollar dollars / cent cents",
    EUR: "euro euros / centime centimes",
    GBP: "livre livres / penny pence",
    JPY: "yen yens /",
    CHF: "franc francs / centime centimes",
  },
  it: {
    USD: "dollaro dollari / centesimo centesimi",
    EUR: "euro euro / centesimo centesimi",
    GBP: "sterlina sterline / penny pence",
    JPY: "yen yen /",
    CHF: "franco franchi / centesimo centesimi",
  },
  nl: {
    USD: "dollar dollar / cent cent",
    EUR: "euro euro / cent cent",
    GBP: "pond pond / penny pence",
    JPY: "yen yen /",
    CHF: "frank frank / rappen rappen",
  },
  pt: {
    USD: "dólar dólares / centavo centavos",
    EUR: "euro euros / cêntimo cêntimos",
    GBP: "libra libras / péni pence",
    JPY: "iene ienes /",
    CHF: "franco francos / cêntimo cêntimos",
    BRL: "real reais / centavo centavos",
  },
  pl: {
    USD: "dolar dolary dolarów dolara / cent centy centów centa",
    EUR: "euro euro euro euro / cent centy centów centa",
    GBP: "funt funty funtów funta / pens pensy pensów pensa",
    CHF: "frank franki franków franka / centym centymy centymów centyma",
    PLN: "złoty złote złotych złotego / grosz grosze groszy grosza",
  },
  ja: {
    USD: "ドル ドル / セント セント",
    EUR: "ユーロ ユーロ / セント セント",
    GBP: "ポンド ポンド / ペンス ペンス",
    JPY: "円 円 /",
    CHF: "フラン フラン / サンチーム サンチーム",
  },
};

/** Between the amount and its hundredth parts. */
const JOINT: Readonly<Record<string, string>> = { es: " con ", it: " e ", pt: " e " };
/** Between "million" and the currency. */
const OF: Readonly<Record<string, string>> = { es: " de", fr: " de", it: " di", pt: " de" };

const SCALE =
  "thousand|million|billion|trillion|Tausend|Millionen?|Milliarden?|mil millones|mil|mill[oó]n|millones|millions?|milliards?|milioni?|miliardi?|miljoen|miljard|milhões|milhão|bilhões|bilhão|tys\\.|mln|mld";

const BEFORE = new RegExp(
  String.raw`(?<![${JOINED}.,])([-−])?(US\$|R\$|[$€£¥￥₹]|(?:${CODES})(?= ?\d))[ \u00A0\u202F]?(${NUMBER})(?: (${SCALE})(?!\p{L}))?(?:(\/)(?=\p{L}{2})|(?![${JOINED}%]|[.,]\d))`,
  "gu",
);
const BEHIND = new RegExp(
  String.raw`(?<![${JOINED}.,:/-])([-−])?(${NUMBER})(?: (${SCALE}))?[ \u00A0\u202F]?([$€£¥￥₹]|zł|${CODES})(?:(\/)(?=\p{L}{2})|(?![${JOINED}]))`,
  "gu",
);

/** "45,- €": the line stands for no cents. */
const NO_CENTS = /(?<=\d)[.,][-–—](?=\s?(?:€|\$|£|EUR|Euro|CHF|Fr\.|euro)|[\s.!?]|$)/g;

/** Amounts of money in words around their numbers: "$12.50" is "12 dollars 50". */
export function money(written: string, language: string, words: Vocabulary | null): string {
  const primary = primaryOf(language);
  const text = written.replace(NO_CENTS, "");
  if (!words || !NAMES[primary] || !/[$€£¥￥₹ł]|[A-Z]{3}/.test(text)) return text;
  const amount = (whole: string, minus: string, sign: string, number: string, scale: string, per: string) => {
    const names = namesOf(primary, SIGNS[sign] ?? sign);
    if (!names) return whole;
    const said = amountOf(parseNumber(number, language), names, scale, primary);
    return `${minus && `${words.minus} `}${said}${per && (words.per ? ` ${words.per} ` : per)}`;
  };
  return text
    .replace(BEFORE, (whole: string, minus = "", sign = "", number = "", scale = "", per = "") =>
      amount(whole, minus, sign, number, scale, per),
    )
    .replace(BEHIND, (whole: string, minus = "", number = "", scale = "", sign = "", per = "") =>
      amount(whole, minus, sign, number, scale, per),
    );
}

const namesOf = (primary: string, currency: string): Names | null => {
  const row = NAMES[primary]?.[currency];
  if (row === undefined) return null;
  const [unit = "", cent = ""] = row.split("/");
  return { unit: unit.trim().split(" "), cent: cent.trim().split(" ").filter(Boolean) };
};

function amountOf({ value, whole, fraction }: Parsed, names: Names, scale: string, primary: string): string {
  const gap = primary === "ja" ? "" : " ";
  if (scale) {
    const number = fraction ? `${whole}${primary === "en" ? "." : ","}${fraction}` : whole;
    return `${number} ${scale}${OF[primary] ?? ""} ${formOf(names.unit, 1_000_000, primary)}`;
  }
  if (fraction.length !== 2 || names.cent.length === 0) {
    const number =
      Number(fraction) === 0
        ? whole
        : `${whole}${primary === "en" || primary === "ja" ? "." : ","}${fraction}`;
    return `${number}${gap}${formOf(names.unit, Number(fraction) === 0 ? Math.trunc(value) : value, primary)}`;
  }
  const cents = Number(fraction);
  const units = `${whole}${gap}${formOf(names.unit, Math.trunc(value), primary)}`;
  if (cents === 0) return units;
  const parts = `${cents}${gap}${formOf(names.cent, cents, primary)}`;
  if (Math.trunc(value) === 0) return parts;
  if (primary === "pl" || primary === "ja") return `${units}${gap}${parts}`;
  // "12 dollars 5" would be misheard.
  if (primary === "en" && cents < 10) return `${units} and ${parts}`;
  return `${units}${JOINT[primary] ?? " "}${cents}`;
}

const rules = new Map<string, Intl.PluralRules>();

function formOf(forms: readonly string[], value: number, primary: string): string {
  let rule = rules.get(primary);
  if (!rule) {
    rule = new Intl.PluralRules(primary);
    rules.set(primary, rule);
  }
  const kind = rule.select(value);
  const at = kind === "one" ? 0 : forms.length === 2 ? 1 : kind === "few" ? 1 : kind === "many" ? 2 : 3;
  return forms[at] ?? forms.at(-1) ?? "";
}
