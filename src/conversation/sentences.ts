/** Words that end in a full stop in the middle of a sentence. */
const ABBREVIATIONS = new Set(
  [
    "mr mrs ms dr prof st sr jr vs etc no vol approx dept est inc ltd co corp gen col sgt capt rev hon mt ave blvd",
    "e.g i.e a.m p.m u.s u.k jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun",
    "z.b d.h u.a bzw ca usw nr str tel bspw evtl ggf hr fr",
    "m mme mlle av env",
    "sra srta dra ud uds pág núm",
    "sig dott ing",
    "dhr mevr bijv",
  ].flatMap((row) => row.split(" ")),
);

const segmenters = new Map<string, Intl.Segmenter>();

/** Cuts text into sentences with their trailing spaces; joined again they are the text. `language` is BCP-47. */
export function sentences(text: string, language: string): string[] {
  const cut: string[] = [];
  let open = "";
  for (const { segment } of segmenterFor(language).segment(text)) {
    open += segment;
    if (isOpenEnd(open)) continue;
    cut.push(open);
    open = "";
  }
  if (open) cut.push(open);
  return cut;
}

/** True when the full stop at the end belongs to an abbreviation, an initial or an ordinal number. */
function isOpenEnd(text: string): boolean {
  const last = /(\S+)\.\s*$/u.exec(text)?.[1];
  if (last === undefined) return false;
  const word = last.replace(/^[^\p{L}\p{N}]+/u, "").toLowerCase();
  return ABBREVIATIONS.has(word) || /^(?:\p{L}|\p{N}{1,2})$/u.test(word);
}

function segmenterFor(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known) return known;
  const made = new Intl.Segmenter(supported(language), { granularity: "sentence" });
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
