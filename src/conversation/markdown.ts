/** Markdown and HTML written for the eye, turned into sentences for the ear. */

const LINK: Readonly<Record<string, string>> = {
  en: "a link",
  de: "ein Link",
  es: "un enlace",
  fr: "un lien",
  it: "un link",
  ja: "リンク",
  ko: "링크",
  nl: "een link",
  pl: "link",
  pt: "um link",
  sv: "en länk",
  tr: "bir bağlantı",
  zh: "链接",
};

const ADDRESS_CHAR = String.raw`[^\s<>"'()[\]{}|，。！？、；：）」』】]`;
const ADDRESS = String.raw`${ADDRESS_CHAR}*(?![.,;:!?])${ADDRESS_CHAR}`;
/** Scripts without spaces write an address right behind a word, so only the forms that may be part of one need a gap. */
const URL_TEXT = String.raw`(?:(?:https?|ftp|wss?|file):\/\/|(?<![\p{L}\p{N}])(?:mailto:|tel:|www\.))${ADDRESS}`;
const BARE_URL = new RegExp(URL_TEXT, "giu");
/** One that is nothing but a domain can be said. */
const ONLY_HOST = /^(?:https?:\/\/)?(?:www\.)?((?:[a-z\d-]{1,63}\.){1,4}[a-z]{2,24})\/?$/i;
const ONLY_URL = new RegExp(`^${URL_TEXT}$`, "iu");

/** Links and images by their text; an address without a text is named as one. `language` is BCP-47. */
export function withoutLinks(text: string, language: string): string {
  const [primary = "en"] = language.toLowerCase().split("-");
  const link = LINK[primary] ?? "a link";
  const label = (words: string): string => (words.trim() && !ONLY_URL.test(words.trim()) ? words : link);
  return text
    .replace(/!\[([^\]]{0,300})\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)/g, "$1")
    .replace(/\[([^\]]{0,300})\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)/g, (_, words: string) =>
      label(words),
    )
    .replace(/\[([^\]]{1,300})\]\[[^\]]{0,300}\]/g, "$1")
    .replace(/^[ \t]*\[[^\]]{1,300}\]:[ \t]*\S+.*$/gm, "")
    .replace(/\[\^[^\]]{0,300}\]/g, "")
    .replace(/<((?:https?|mailto|tel):[^<>\s]*)>/gi, link)
    .replace(BARE_URL, (address: string, at: number, all: string) => {
      const host = ONLY_HOST.exec(address)?.[1];
      if (host !== undefined) return host;
      // "The link https://…": once is enough.
      const before = all
        .slice(Math.max(0, at - 20), at)
        .toLowerCase()
        .trimEnd();
      return before.endsWith(link.toLowerCase().split(" ").at(-1) ?? link) ? "" : link;
    });
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  hellip: "…",
  lt: "<",
  mdash: "—",
  nbsp: " ",
  ndash: "–",
  quot: '"',
};

export function withoutTags(text: string): string {
  return text
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<(?:br|hr|p|div|li|tr)\b[^<>]{0,200}>|<\/(?:p|div|li|tr|h[1-6])>/gi, "\n")
    .replace(/<[/!?]?[A-Za-z][^<>\n]{0,400}>/g, "")
    .replace(/<\/?[A-Za-z][\w:-]*$/, "")
    .replace(/&(\w{2,6});/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}

const TABLE_RULE = /^\s*\|?[ \t:|-]*-{2,}[ \t:|-]*\|?\s*$/;
const RULE = /^\s*(?:[-*_=]\s*){3,}$/;
const HEADING = /^\s{0,3}#{1,6}\s+/;
const QUOTE = /^\s*(?:>\s?)+/;
const BULLET = /^\s*[-*+•‣◦▪–—]\s+(?:\[[ xX]\]\s+)?/;
const NUMBERED = /^\s*(\d{1,3})[.)]\s+(?=\S)/;
const ENDS_SENTENCE = /[.!?…:;,。！？；：、،؟۔।՞։]["'”’»)\]]*$/u;
/** "1. Mai" is a date, not the first item of a list. */
const IS_DATE =
  /^\s*\d{1,2}\.\s+(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)/;

/** Where in a message a part of it stands. */
export interface Place {
  /** Its first line is a whole one. */
  readonly atLineStart: boolean;
  /** The number of the last list item before it; 0 when there was none. */
  readonly item: number;
}

/** One line of prose for all lines: headings, list items and table rows become sentences of their own. */
export function flattened(text: string, place: Place): { readonly words: string; readonly item: number } {
  const spoken: string[] = [];
  let { item } = place;
  for (const [at, line] of text.split("\n").entries()) {
    if (TABLE_RULE.test(line) || RULE.test(line)) continue;
    if (at === 0 && !place.atLineStart) {
      if (line.trim()) spoken.push(line.trim());
      continue;
    }
    let plain = line.replace(QUOTE, "").replace(HEADING, "").replace(BULLET, "");
    const number = Number(NUMBERED.exec(plain)?.[1] ?? 0);
    // A list that begins elsewhere keeps its numbers: they mean something.
    if ((number === 1 || (number > 0 && number === item + 1)) && !IS_DATE.test(plain)) {
      item = number;
      plain = plain.replace(NUMBERED, "");
    }
    plain = plain.trim();
    const row = cellsOf(plain);
    const words = row === null ? plain : row.join(", ");
    if (!words) continue;
    const ownSentence = row !== null || plain !== line.trim();
    if (ownSentence) endSentence(spoken);
    spoken.push(words);
    if (ownSentence) endSentence(spoken);
  }
  return { words: spoken.join(" "), item };
}

/** The filled cells of a table row; null when the line is none. */
function cellsOf(line: string): string[] | null {
  const bars = line.split("|").length - 1;
  if (bars === 0 || !(line.startsWith("|") || line.endsWith("|") || bars > 1)) return null;
  return line
    .split("|")
    .map((cell) => cell.trim())
    .filter((cell) => /[\p{L}\p{N}]/u.test(cell));
}

function endSentence(lines: string[]): void {
  const last = lines.at(-1);
  if (last && !ENDS_SENTENCE.test(last)) lines[lines.length - 1] = `${last}.`;
}

/** Bold, italics, strike-through, inline code and escapes; their words stay. */
export function withoutEmphasis(text: string): string {
  return (
    text
      .replace(/`+/g, "")
      .replace(/\\([\\*_{}[\]()#+\-.!|<>~$])/g, "$1")
      .replace(/~~+/g, "")
      .replace(/\*{2,}/g, "")
      .replace(/(?<![\p{L}\p{N}_])_{1,3}(?=\S)([^_\n]+?)_{1,3}(?![\p{L}\p{N}_])/gu, "$1")
      // Where a sentence was cut inside italics.
      .replace(/(?<=^|[\s(“"'*])_{1,3}(?=\p{L})|(?<=[\p{L}\p{N}.!?,…])_{1,3}(?=$|[\s)”"'.,!?*])/gu, "")
      .replace(/(?<![\d*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\d*])/g, "$1")
      .replace(/\*(?=[^\s*\d])|(?<=[^\s*\d])\*/g, "")
  );
}
