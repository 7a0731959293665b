import { primaryOf } from "../language.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Endings of domain names that are no endings of file names or common words. */
const ENDINGS = new Set(
  "com net org edu gov info biz io ai app dev eu de uk us fr es nl pl pt br jp cn kr ru ua cz sk se dk fi hu ro gr tr ch au ca nz mx ar ie tv shop store online cloud tech blog site xyz health bank".split(
    " ",
  ),
);
/** Endings that are words somewhere: they count where the language belongs to the country, and behind two labels. */
const COUNTRY: Readonly<Record<string, string>> = {
  it: "it",
  nb: "no",
  de: "at",
  fr: "be",
  nl: "be",
  en: "co",
};

const LABEL = String.raw`[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?`;
const HOST = String.raw`(?:${LABEL}\.){1,4}[a-z]{2,10}`;
const EMAIL = new RegExp(
  String.raw`(?<![\w.+@-])([a-z0-9][a-z0-9._+-]{0,40}|[a-z0-9])@(${HOST})(?![\w@-]|\.\w)`,
  "gi",
);
const DOMAIN = new RegExp(
  String.raw`(?<![\w.@/:+-])(?:www\.)?(${HOST})((?:\/[a-z0-9-]{1,24}){0,2})\/?(?![\w@/?#=&%:-]|\.\w)`,
  "gi",
);

/** E-mail addresses and short web addresses in words. Other addresses have become "a link" by now. */
export function addresses(text: string, language: string, words: Vocabulary): string {
  if (!/[@.]/.test(text)) return text;
  const primary = primaryOf(language);
  const host = (name: string): string => name.split(".").join(` ${words.dot} `);
  return text
    .replace(
      EMAIL,
      (_, local: string, domain: string) => `${localPart(local, words)} ${words.at} ${host(domain)}`,
    )
    .replace(DOMAIN, (whole: string, domain: string, path: string) => {
      if (!isDomain(domain, primary, whole.toLowerCase().startsWith("www."))) return whole;
      const parts = path.split("/").filter((part) => part !== "");
      return [host(domain), ...parts].join(` ${words.slash} `);
    });
}

const SIGNS: Readonly<Record<string, "dot" | "dash" | "underscore" | "plus">> = {
  ".": "dot",
  "-": "dash",
  _: "underscore",
  "+": "plus",
};

const localPart = (local: string, words: Vocabulary): string =>
  local.replace(/[._+-]/g, (sign) => ` ${words[SIGNS[sign] ?? "dot"]} `).trim();

function isDomain(domain: string, primary: string, isCertain: boolean): boolean {
  const labels = domain.split(".");
  const ending = labels.at(-1) ?? "";
  // "end.Then": a missing space.
  if (/^[A-Z][a-z]/.test(ending) || labels.some((label) => /^\d+$/.test(label))) return false;
  const known = ENDINGS.has(ending.toLowerCase()) || COUNTRY[primary] === ending;
  return (
    (known && (labels[0]?.length ?? 0) > 1) ||
    isCertain ||
    (labels.length > 2 && /^(?:it|no|at|be|co|me)$/.test(ending))
  );
}
