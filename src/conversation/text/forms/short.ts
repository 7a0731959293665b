import { primaryOf } from "../language.ts";

/** A short form, what is said for it, and whether it may end a sentence: then its full stop may be the sentence's. */
type Entry = readonly [short: string, said: string, mayEnd?: "end"];

/**
 * What voices read letter by letter, or end a sentence at. Patterns; `~` is a space that may be missing, `0` means that
 * a number follows, `A` that a capital follows. Titles such as "Dr." and acronyms are left to the voice.
 */
const SHORT: Readonly<Record<string, readonly Entry[]>> = {
  en: [
    ["e\\.~g\\.,?", "for example,"],
    ["i\\.~e\\.,?", "that is,"],
    ["etc\\.", "et cetera", "end"],
    ["approx\\.", "approximately"],
    ["vs\\.?", "versus"],
    ["w/o", "without"],
    ["w/", "with"],
    ["nos?\\.~0", "number "],
    ["ext\\.~0", "extension "],
    ["apt\\.~0", "apartment "],
    ["p\\.~0", "page "],
    ["pp\\.~0", "pages "],
    ["fig\\.~0", "figure "],
    ["dept\\.", "department", "end"],
    ["appt\\.", "appointment", "end"],
    ["incl\\.", "including"],
    ["Jan\\.~0", "January "],
    ["Feb\\.~0", "February "],
    ["Mar\\.~0", "March "],
    ["Apr\\.~0", "April "],
    ["Jun\\.~0", "June "],
    ["Jul\\.~0", "July "],
    ["Aug\\.~0", "August "],
    ["Sept?\\.~0", "September "],
    ["Oct\\.~0", "October "],
    ["Nov\\.~0", "November "],
    ["Dec\\.~0", "December "],
  ],
  de: [
    ["z\\.~B\\.", "zum Beispiel"],
    ["d\\.~h\\.", "das heißt"],
    ["u\\.~a\\.", "unter anderem"],
    ["i\\.~d\\.~R\\.", "in der Regel"],
    ["u\\.~U\\.", "unter Umständen"],
    ["z\\.~T\\.", "zum Teil"],
    ["o\\.~Ä\\.", "oder Ähnliches", "end"],
    ["u\\.~v\\.~m\\.", "und vieles mehr", "end"],
    ["usw\\.", "und so weiter", "end"],
    ["etc\\.", "et cetera", "end"],
    ["bspw\\.", "beispielsweise"],
    ["bzw\\.", "beziehungsweise"],
    ["bzgl\\.", "bezüglich"],
    ["vgl\\.", "vergleiche"],
    ["ca\\.", "circa"],
    ["evtl\\.", "eventuell"],
    ["ggf\\.", "gegebenenfalls"],
    ["inkl\\.", "inklusive"],
    ["exkl\\.", "exklusive"],
    ["zzgl\\.", "zuzüglich"],
    ["mind\\.", "mindestens"],
    ["max\\.", "maximal"],
    ["MwSt\\.?", "Mehrwertsteuer", "end"],
    ["Nr\\.", "Nummer"],
    ["(?<=\\p{Ll})str\\.", "straße"],
    ["Str\\.", "Straße"],
    ["Tel\\.", "Telefon"],
    ["Abs\\.~0", "Absatz "],
    ["Art\\.~0", "Artikel "],
    ["S\\.~0", "Seite "],
    ["Mio\\.", "Millionen", "end"],
    ["Mrd\\.", "Milliarden", "end"],
    ["Std\\.", "Stunden", "end"],
    ["Hr\\.~A", "Herr "],
    ["Fr\\.~A", "Frau "],
  ],
  es: [
    ["p\\.~ej\\.", "por ejemplo"],
    ["etc\\.", "etcétera", "end"],
    ["aprox\\.", "aproximadamente"],
    ["EE\\.~UU\\.", "Estados Unidos", "end"],
    ["Uds\\.", "ustedes", "end"],
    ["Ud\\.", "usted", "end"],
    ["Sres\\.~A", "señores "],
    ["Sra\\.~A", "señora "],
    ["Srta\\.~A", "señorita "],
    ["Sr\\.~A", "señor "],
    ["(?:núm\\.|n\\.?º)~0", "número "],
    ["págs?\\.~0", "página "],
    ["tel\\.", "teléfono"],
    ["Avda?\\.~A", "avenida "],
    ["a\\.~C\\.", "antes de Cristo", "end"],
    ["d\\.~C\\.", "después de Cristo", "end"],
  ],
  fr: [
    ["p\\.~ex\\.", "par exemple"],
    ["c\\.-à-d\\.", "c'est-à-dire"],
    ["etc\\.", "et cetera", "end"],
    ["env\\.~0", "environ "],
    ["(?:n°|n\\.|no\\.)~0", "numéro "],
    ["p\\.~0", "page "],
    ["art\\.~0", "article "],
    ["tél\\.", "téléphone"],
    ["av\\.~J\\.-C\\.", "avant Jésus-Christ", "end"],
    ["apr\\.~J\\.-C\\.", "après Jésus-Christ", "end"],
    ["MM\\.~A", "Messieurs "],
    ["Mmes\\.?~A", "Mesdames "],
    ["Mme\\.?~A", "Madame "],
    ["Mlle\\.?~A", "Mademoiselle "],
    ["M\\.~A", "Monsieur "],
  ],
  it: [
    ["ad~es\\.", "ad esempio"],
    ["(?:p\\.|per)~es\\.", "per esempio"],
    ["ecc\\.", "eccetera", "end"],
    ["ca\\.", "circa"],
    ["n\\.~0", "numero "],
    ["pag\\.~0", "pagina "],
    ["art\\.~0", "articolo "],
    ["tel\\.", "telefono"],
    ["sig\\.ra", "signora"],
    ["sig\\.na", "signorina"],
    ["sig\\.~A", "signor "],
    ["dott\\.ssa", "dottoressa"],
    ["dott\\.~A", "dottor "],
    ["avv\\.~A", "avvocato "],
    ["a\\.~C\\.", "avanti Cristo", "end"],
    ["d\\.~C\\.", "dopo Cristo", "end"],
  ],
  nl: [
    ["(?:bijv|bv)\\.", "bijvoorbeeld"],
    ["d\\.~w\\.~z\\.", "dat wil zeggen"],
    ["enz\\.", "enzovoort", "end"],
    ["etc\\.", "et cetera", "end"],
    ["ca\\.", "circa"],
    ["o\\.~a\\.", "onder andere"],
    ["a\\.~u\\.~b\\.", "alstublieft", "end"],
    ["i\\.~p\\.~v\\.", "in plaats van"],
    ["m\\.~b\\.~t\\.", "met betrekking tot"],
    ["t\\.~a\\.~v\\.", "ter attentie van"],
    ["evt\\.", "eventueel"],
    ["incl\\.", "inclusief"],
    ["excl\\.", "exclusief"],
    ["dhr\\.", "de heer"],
    ["(?:mevr|mw)\\.", "mevrouw"],
    ["nr\\.", "nummer"],
    ["tel\\.", "telefoon"],
    ["art\\.~0", "artikel "],
    ["blz\\.~0", "bladzijde "],
  ],
  pt: [
    ["p\\.~ex\\.", "por exemplo"],
    ["etc\\.", "etcétera", "end"],
    ["aprox\\.", "aproximadamente"],
    ["(?:n\\.?º|núm\\.)~0", "número "],
    ["pág\\.~0", "página "],
    ["cap\\.~0", "capítulo "],
    ["tel\\.", "telefone"],
    ["Av\\.~A", "avenida "],
    ["Srta\\.~A", "senhorita "],
    ["Sra\\.~A", "senhora "],
    ["Sr\\.~A", "senhor "],
    ["a\\.~C\\.", "antes de Cristo", "end"],
    ["d\\.~C\\.", "depois de Cristo", "end"],
  ],
  pl: [
    ["np\\.", "na przykład"],
    ["tj\\.", "to jest"],
    ["tzn\\.", "to znaczy"],
    ["m\\.~in\\.", "między innymi"],
    ["itd\\.", "i tak dalej", "end"],
    ["itp\\.", "i tym podobne", "end"],
    ["ok\\.~0", "około "],
    ["o godz\\.~0", "o godzinie "],
    ["(?<=(?:do|od|po) )godz\\.~0", "godziny "],
    ["nr~0", "numer "],
    ["tel\\.", "telefon"],
    ["str\\.~0", "strona "],
    ["(?<=\\d{4} )r\\.", "roku", "end"],
  ],
  ja: [
    ["㈱", "株式会社"],
    ["No\\.~0", "ナンバー"],
  ],
};

interface Compiled {
  /** One group for each entry. */
  readonly pattern: RegExp;
  readonly entries: readonly Entry[];
}

const known = new Map<string, Compiled | null>();

/** Short forms in full, in the languages whose short forms are known here. */
export function fullForms(text: string, language: string): string {
  const compiled = compiledFor(primaryOf(language));
  if (!compiled) return text;
  return text.replace(compiled.pattern, (short: string, ...rest: unknown[]) => {
    const [, said = short, mayEnd] = compiled.entries[rest.findIndex((group) => group !== undefined)] ?? [];
    const at = Number(rest[compiled.entries.length]);
    const begins =
      /^\p{Lu}/u.test(short) && /(?:^|[.!?…:]["'”’»)]*\s)$/.test(text.slice(Math.max(0, at - MAX_AFTER), at));
    const full = begins ? said.charAt(0).toUpperCase() + said.slice(1) : said;
    const after = text.slice(at + short.length, at + short.length + MAX_AFTER);
    if (short.endsWith(".") && (AT_END.test(after) || (mayEnd === "end" && BEFORE_CAPITAL.test(after)))) {
      return `${full.replace(/,$/, "")}.`;
    }
    return full;
  });
}

const MAX_AFTER = 8;
const AT_END = /^["'”’»)\]]*\s*$/;
const BEFORE_CAPITAL = /^["'”’»)\]]*\s+["'“‘„«(¿¡]?\p{Lu}/u;

function compiledFor(primary: string): Compiled | null {
  const found = known.get(primary);
  if (found !== undefined) return found;
  const made = compile(SHORT[primary] ?? []);
  known.set(primary, made);
  return made;
}

const GAP = "[ \\u00A0\\u202F]?";

/** One pattern for all, so that what may stand around them is written, and compiled, once. */
function compile(rows: readonly Entry[]): Compiled | null {
  if (rows.length === 0) return null;
  const isInside = ([short]: Entry): boolean => short.startsWith("(?<=");
  const isFollowed = ([short]: Entry): boolean => /~[0A]$/.test(short);
  const inside = rows.filter(isInside);
  const followed = rows.filter((row) => !isInside(row) && isFollowed(row));
  const others = rows.filter((row) => !isInside(row) && !isFollowed(row));
  const any = (part: readonly Entry[]): string =>
    part.map(([short]) => `(${patternOf(short)})`).join("|") || "(?!)";
  const pattern = `${any(inside)}|(?<![\\p{L}\\p{N}.'’/-])(?:${any(followed)}|(?:${any(others)})(?![\\p{L}\\p{N}]))`;
  return { pattern: new RegExp(pattern, "gu"), entries: [...inside, ...followed, ...others] };
}

function patternOf(short: string): string {
  const anyCase = /^[a-z]/.test(short)
    ? `[${short[0] ?? ""}${(short[0] ?? "").toUpperCase()}]${short.slice(1)}`
    : short;
  return anyCase.replace(/~0$/, `${GAP}(?=\\d)`).replace(/~A$/, `${GAP}(?=[A-ZÀ-Þ])`).replaceAll("~", GAP);
}
