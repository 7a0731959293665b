import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sentences } from "../../src/conversation/sentences.ts";
import { linesOf, wrongly } from "./corpus/corpus.ts";
import { HELD_OUT } from "./corpus/held-out.ts";
import { KNOWN } from "./corpus/known.ts";
import { TUNING } from "./corpus/tuning.ts";

describe("sentences", () => {
  it.each([
    ["en", ["Hello there. ", "How are you?"]],
    ["en", ["Dr. Smith sees you at 3.5 p.m. or later. ", "Is that fine?"]],
    ["en", ["Ask J. R. Miller."]],
    ["de", ["Am 3. Mai ist z.B. frei. ", "Passt das?"]],
    ["ja", ["はい。", "元気ですか？"]],
    ["nonsense tag", ["One. ", "Two."]],
  ])("cuts %s text where a person would pause", (language, expected) => {
    expect(sentences(expected.join(""), language)).toEqual(expected);
  });

  it("loses and adds nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(sentences(text, "en").join("")).toBe(text);
      }),
    );
  });

  it("cuts an agent's prose in a language that it does not know by its marks", () => {
    expect(sentences("Mae hi'n braf. Sut wyt ti? Da iawn!", "cy")).toEqual([
      "Mae hi'n braf. ",
      "Sut wyt ti? ",
      "Da iawn!",
    ]);
  });

  it("cuts what is written without capitals", () => {
    expect(sentences("hi there! how are you? i am fine. bye.", "en")).toHaveLength(4);
  });

  it("does not let small letters alone stop a sentence of a writer with capitals", () => {
    expect(sentences("Ask yahoo! for help vs. the rest.", "en")).toHaveLength(1);
  });
});

const wrong = (corpus: Parameters<typeof linesOf>[0]): string[] =>
  wrongly(linesOf(corpus), sentences).map(({ text }) => text);

describe("the corpora of hard lines", () => {
  it("cuts all of the well-known traps right", () => {
    expect(linesOf(KNOWN)).toHaveLength(36);
    expect(wrong(KNOWN)).toEqual([]);
  });

  it("cuts all of the lines right that the rules were made with", () => {
    expect(wrong(TUNING)).toEqual([]);
  });

  it("cuts at least 95 of 100 lines right that the rules were not made with", () => {
    const lines = linesOf(HELD_OUT);
    expect(lines.length).toBeGreaterThanOrEqual(200);
    expect(new Set(lines.map(({ language }) => language)).size).toBeGreaterThanOrEqual(20);
    expect(wrongly(lines, sentences).length).toBeLessThanOrEqual(lines.length * 0.05);
  });
});
