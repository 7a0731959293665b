import { describe, expect, it } from "vitest";
import { restOf } from "../../../src/conversation/live/rest-of.ts";

describe("what follows on words that are known", () => {
  it.each([
    ["I want to book a table.", "I want to", "book a table."],
    ["I want to book a table.", "i want, to", "book a table."],
    ["My number is 5. And 7.", "My number is 5.", "And 7."],
    ["Well , yes I do", "Well, yes", "I do"],
    ["Yes. [digits 12]", "Yes.", "[digits 12]"],
    ["Привет, это я", "привет", "это я"],
  ])("of %j after %j is %j", (words, begun, rest) => {
    expect(restOf(words, begun)).toBe(rest);
  });

  it.each([
    ["Where is it?", "where is it"],
    ["Where is it ?", "Where is it"],
    ["Where is it", "Where is it?"],
  ])("is nothing where %j says %j again", (words, begun) => {
    expect(restOf(words, begun)).toBe("");
  });

  it.each([
    ["I want to cook", "I want to book a table"],
    ["I wanted to book", "I want"],
    ["A table", "I want to book a table"],
    ["", "Yes"],
    ["予約したいです", "予約した"],
  ])("is not known of %j after %j, which does not begin it word by word", (words, begun) => {
    expect(restOf(words, begun)).toBeNull();
  });
});
