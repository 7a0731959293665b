import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sentences } from "../../src/conversation/sentences.ts";

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
});
