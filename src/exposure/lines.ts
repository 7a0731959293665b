/** Output of a program, line by line, within bounds. */

/** Longest line that is looked at, in characters; what follows on the same line is dropped. */
const LONGEST = 16_384;

/** Cuts output that arrives in any pieces into lines. Holds at most one line. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #partial = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: string): void {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
      this.#keep(chunk, start, end);
      this.flush();
      start = end + 1;
    }
    this.#keep(chunk, start, chunk.length);
  }

  /** What was said without a line end. */
  flush(): void {
    const line = this.#partial.trimEnd();
    this.#partial = "";
    if (line !== "") this.#onLine(line);
  }

  #keep(chunk: string, start: number, end: number): void {
    const room = LONGEST - this.#partial.length;
    if (room > 0) this.#partial += chunk.slice(start, Math.min(end, start + room));
  }
}

/** A line of a program as part of an error: printable and short. */
export function quoted(line: string): string {
  return line
    .replaceAll(/\p{C}+/gu, " ")
    .trim()
    .slice(0, 200);
}
