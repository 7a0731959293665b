import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineReader, quoted } from "../../src/exposure/lines.ts";

function lines(chunks: readonly string[]): string[] {
  const heard: string[] = [];
  const reader = new LineReader((line) => heard.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.flush();
  return heard;
}

describe("output in lines", () => {
  it("is the same wherever it is cut into pieces", () => {
    const words = fc.string({ unit: fc.constantFrom("a", "https://x.example", "\n", "\r\n", " ", "é", "{") });
    fc.assert(
      fc.property(words, fc.array(fc.nat()), (text, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted((a, b) => a - b);
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(lines(chunks)).toEqual(lines([text]));
      }),
    );
  });

  it("leaves out empty lines and line ends of either kind", () => {
    expect(lines(["one\r\n\n", "\r\ntwo\nthree"])).toEqual(["one", "two", "three"]);
  });

  it("without line ends keeps the beginning of one line, however much comes", () => {
    const heard: string[] = [];
    const reader = new LineReader((line) => heard.push(line));
    for (let chunk = 0; chunk < 1_000; chunk++) reader.push("x".repeat(100_000));
    expect(heard).toEqual([]);
    reader.push("\nnext\n");
    expect(heard.map((line) => line.length)).toEqual([16_384, 4]);
  });
});

describe("a quoted line", () => {
  it("is printable and short", () => {
    expect(quoted("\u001B[31merror:\u0000 bad\t")).toBe("[31merror:  bad");
    expect(quoted("y".repeat(5_000))).toHaveLength(200);
  });
});
