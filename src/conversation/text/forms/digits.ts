import { inThrees, JOINED, spelled } from "./numbers.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Words before a number that names something and counts nothing. */
const NAMING =
  "codes?|orders?|confirmation|reference|booking|tracking|tickets?|invoice|account|extension|pin|serial|case|" +
  "bestellnummer|bestellung|auftrag|auftragsnummer|kundennummer|rechnungsnummer|buchungsnummer|kontonummer|vorgangsnummer|kennwort|" +
  "código|pedido|reserva|factura|cuenta|referencia|commande|référence|réservation|facture|compte|" +
  "codice|ordine|prenotazione|fattura|conto|bestelling|reservering|factuur|rekening|kod|zamówienie|zamówienia|rezerwacja|kodu|" +
  "番号|コード|注文";
const EITHER_CASE = NAMING.replace(/(?<=^|\|)\p{Ll}/gu, (letter) => `[${letter}${letter.toUpperCase()}]`);
const CONNECTING =
  "number|no\\.?|code|is|nummer|lautet|ist|número|numéro|numero|es|est|è|numer|to|nr\\.?|of|de";
const NAMED = new RegExp(
  String.raw`(?<!\p{L})((?:PIN|${EITHER_CASE})(?: (?:${CONNECTING}))?(?::? #?|:? ?))([A-Z\d](?:-?[A-Z\d]){3,24})(?![${JOINED}]|[-.,:/]\d| \d)`,
  "gu",
);
/** Behind these even a short number is a name. */
const STRONG = /[#:]|\bn(?:umber|ummer|umero|úmero|uméro|r\b|o\b)|code|kod|pin|código|codice|番号|コード/iu;
const LONG = new RegExp(
  String.raw`(?<![${JOINED}.,:/#@+$€£-]|\d )\d{8,40}(?![${JOINED}]|[.,:/-]\d| \d)`,
  "gu",
);
const CARD = new RegExp(String.raw`(?<![${JOINED}.,-]|\d )(?:\d{4}[ -]){3}\d{2,4}(?![${JOINED}-]| \d)`, "gu");
const IBAN = new RegExp(
  String.raw`(?<![${JOINED}-])[A-Z]{2}\d{2}(?: [A-Z\d]{4}){3,7}(?: [A-Z\d]{1,3})?(?![${JOINED}-]| \d)`,
  "gu",
);

/** Order numbers, codes and card numbers digit by digit. Amounts stay numbers. */
export function codes(text: string, language: string): string {
  if (!/\d/.test(text)) return text;
  return text
    .replace(IBAN, (code) => spelled(code.split(" "), language))
    .replace(CARD, (code) => spelled(code.split(/[ -]/), language))
    .replace(NAMED, (whole: string, before: string, code: string) => {
      if (!/\d/.test(code)) return whole;
      // "order 1500 units" counts.
      if (/^[1-9]\d{3,4}$/.test(code) && !STRONG.test(before)) return whole;
      const groups = code.split("-").flatMap((part) => inThrees(part));
      return before + spelled(groups, language);
    })
    .replace(LONG, (number) => (number.endsWith("000") ? number : spelled(inThrees(number), language)));
}

const VERSION = new RegExp(
  String.raw`(?<![${JOINED}.,/-])(?:(\p{L}+) )?[vV]\.? ?(\d{1,6}(?:\.\d{1,6}){1,5})(?![\p{N}_]|\.\d)`,
  "gu",
);
const PARTS = new RegExp(
  String.raw`(?<![${JOINED}.,:/-])\d{1,6}(?:\.\d{1,6}){2,5}(?![\p{N}_]|[.,:]\d)`,
  "gu",
);

const GROUPED_OR_DATE = /^(?:\d{1,3}(?:\.\d{3})+|\d{1,2}\.\d{1,2}\.\d{4})$/;

/** "v2.1.3" as "version 2 point 1 point 3". */
export function versions(text: string, words: Vocabulary): string {
  if (!/\d\.\d/.test(text)) return text;
  const said = (number: string): string => number.split(".").join(` ${words.point} `);
  return text
    .replace(VERSION, (_, word: string | undefined, number: string) => {
      const parts = number.split(".").length > 2 ? said(number) : number;
      if (word === undefined) return `${words.version} ${parts}`;
      return word.toLowerCase() === words.version.toLowerCase()
        ? `${word} ${parts}`
        : `${word} ${words.version} ${parts}`;
    })
    .replace(PARTS, (number) => (GROUPED_OR_DATE.test(number) ? number : said(number)));
}
