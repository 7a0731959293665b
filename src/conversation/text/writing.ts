import { ABBREVIATIONS, type AbbreviationRows } from "./abbreviations.ts";
import { primaryOf } from "./language.ts";
import { STARTERS } from "./starters.ts";

/** What a full stop behind an abbreviation means; see the rows of `ABBREVIATIONS`. */
export type Abbreviation = keyof AbbreviationRows;

/** How a language ends its sentences. */
export interface Writing {
  /** ISO 639-1. */
  readonly primary: string;
  /** "3. Mai": a full stop makes a number an ordinal. */
  readonly ordinals: boolean;
  /** The sentence ends with a danda; a full stop is for abbreviations. */
  readonly danda: boolean;
  /** Sentences end with a space alone. */
  readonly spaced: boolean;
  /** Usual first words of sentences, in lower case. */
  readonly starters: ReadonlySet<string>;
  /** What the full stop behind `token` means; undefined for an ordinary word. */
  abbreviation(token: string): readonly Abbreviation[] | undefined;
}

const ORDINALS = new Set("de da nb fi cs sk hu tr hr sr sl bs et lv lt pl is fo lb dsb hsb".split(" "));
const DANDA = new Set("hi bn ne as or sa mai bho".split(" "));
const SPACED = new Set(["th", "lo"]);

/** Words that are shortened at their end. */
const STREET: Readonly<Record<string, RegExp>> = { de: /.str$/i, nl: /.(?:str|ln)$/i };

const known = new Map<string, Writing>();

/** `language` is BCP-47. */
export function writingOf(language: string): Writing {
  const primary = primaryOf(language);
  const found = known.get(primary);
  if (found) return found;
  const made = writing(primary);
  known.set(primary, made);
  return made;
}

function writing(primary: string): Writing {
  const kinds = new Map<string, Abbreviation[]>();
  for (const rows of [ABBREVIATIONS["*"], rowsOf(primary)]) {
    for (const [kind, row] of Object.entries(rows ?? {}) as [Abbreviation, string][]) {
      for (const token of row.split(" ")) kinds.set(token, [...(kinds.get(token) ?? []), kind]);
    }
  }
  return {
    primary,
    ordinals: ORDINALS.has(primary),
    danda: DANDA.has(primary),
    spaced: SPACED.has(primary),
    starters: new Set((STARTERS[primary] ?? STARTERS["en"] ?? "").split(" ")),
    abbreviation: (token) =>
      kinds.get(token) ??
      kinds.get(token.toLowerCase()) ??
      (STREET[primary]?.test(token) ? ["number"] : undefined),
  };
}

const RELATED: Readonly<Record<string, string>> = {
  bs: "hr",
  gl: "pt",
  be: "ru",
  ne: "hi",
  mk: "bg",
  fo: "da",
  is: "da",
};

const rowsOf = (primary: string): AbbreviationRows | undefined =>
  ABBREVIATIONS[primary] ?? ABBREVIATIONS[RELATED[primary] ?? ""];
