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
const ONLY_URL = new RegExp(`^${URL_TEXT}$`, "iu");

/** Links and images by their text; an address without a text is named as one. `language` is BCP-47. */
export function withoutLinks(text: string, language: string): string {
  const [primary = "en"] = language.toLowerCase().split("-");
  const link = LINK[primary] ?? "a link";
  const label = (words: string): string => (words.trim() && !ONLY_URL.test(words.trim()) ? words : link);
  return text
    .replace(/!\[([^\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)/g, "$1")
    .replace(/\[([^\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)/g, (_, words: string) =>
      label(words),
    )
    .replace(/\[([^\]]+)\]\[[^\]]*\]/g, "$1")
    .replace(/^[ \t]*\[[^\]]+\]:[ \t]*\S+.*$/gm, "")
    .replace(/\[\^[^\]]*\]/g, "")
    .replace(/<((?:https?|mailto|tel):[^<>\s]*)>/gi, link)
    .replace(BARE_URL, link);
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
const NUMBERED = /^\s*\d{1,3}[.)]\s+/;
const ENDS_SENTENCE = /[.!?…:;,。！？；：、،؟۔।՞։]["'”’»)\]]*$/u;

/** One line of prose for all lines: headings, list items and table rows become sentences of their own. */
export function flattened(text: string): string {
  const lines = text.split("\n");
  const isList = lines.filter((line) => NUMBERED.test(line)).length > 1;
  const spoken: string[] = [];
  for (const line of lines) {
    if (TABLE_RULE.test(line) || RULE.test(line)) continue;
    const plain = line.replace(QUOTE, "").replace(HEADING, "").replace(BULLET, "");
    const item = (isList ? plain.replace(NUMBERED, "") : plain).trim();
    const row = cellsOf(item);
    const words = row === null ? item : row.join(", ");
    if (!words) continue;
    const ownSentence = row !== null || item !== line.trim();
    if (ownSentence) endSentence(spoken);
    spoken.push(words);
    if (ownSentence) endSentence(spoken);
  }
  return spoken.join(" ");
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
  return text
    .replace(/`+/g, "")
    .replace(/\\([\\*_{}[\]()#+\-.!|<>~$])/g, "$1")
    .replace(/~~+/g, "")
    .replace(/\*{2,}/g, "")
    .replace(/(?<![\p{L}\p{N}_])_{1,3}(?=\S)([^_\n]+?)_{1,3}(?![\p{L}\p{N}_])/gu, "$1")
    .replace(/(?<![\d*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\d*])/g, "$1")
    .replace(/\*(?=[^\s*\d])|(?<=[^\s*\d])\*/g, "");
}
