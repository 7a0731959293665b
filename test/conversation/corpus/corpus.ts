/** Lines of a corpus with their right cuts at `‖`, by language. */
export type Corpus = Readonly<Record<string, readonly string[]>>;

export interface Line {
  readonly language: string;
  readonly text: string;
  /** The right sentences, without the spaces around them. */
  readonly sentences: readonly string[];
}

export function linesOf(corpus: Corpus): Line[] {
  return Object.entries(corpus).flatMap(([language, lines]) =>
    lines.map((line) => ({
      language,
      text: line.replaceAll("‖", ""),
      sentences: line.split("‖").map((sentence) => sentence.trim()),
    })),
  );
}

/** The lines that `cut` does not cut exactly right. */
export function wrongly(
  lines: readonly Line[],
  cut: (text: string, language: string) => readonly string[],
): Line[] {
  return lines.filter(({ text, language, sentences }) => {
    const found = cut(text, language).map((sentence) => sentence.trim());
    return found.join("‖") !== sentences.join("‖");
  });
}
