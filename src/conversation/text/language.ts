/** The first part of a BCP-47 tag in lower case: "de" of "de-AT"; "" when there is none. Norwegian is "nb". */
export function primaryOf(language: string): string {
  const [primary = ""] = language.toLowerCase().split(/[-_]/, 1);
  return primary === "no" || primary === "nn" ? "nb" : primary === "iw" ? "he" : primary;
}

const segmenters = new Map<string, Intl.Segmenter>();

/** A word segmenter of a language; of the machine's own when the language is unknown. */
export function wordsOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known) return known;
  const made = new Intl.Segmenter(supported(language), { granularity: "word" });
  segmenters.set(language, made);
  return made;
}

function supported(language: string): string | undefined {
  try {
    return Intl.Segmenter.supportedLocalesOf(language)[0];
  } catch {
    return undefined;
  }
}
