import { Cutter } from "./text/cutter.ts";

/** Cuts prose into sentences with their trailing spaces; joined again they are the text. `language` is BCP-47. */
export function sentences(text: string, language: string): string[] {
  const cutter = new Cutter(language, { structured: false, longest: Number.POSITIVE_INFINITY });
  const cut: string[] = [];
  let from = 0;
  for (let piece = cutter.next(text, true, false); piece; piece = cutter.next(text, true, false)) {
    let end = piece.end;
    while (end < text.length && /\s/u.test(text[end] ?? "")) end += 1;
    if (end > from) cut.push(text.slice(from, end));
    from = end;
  }
  return cut;
}
