import { describe, expect, it } from "vitest";
import { SentenceStream } from "../../src/conversation/sentence-stream.ts";
import { sentences } from "../../src/conversation/sentences.ts";
import { speakable } from "../../src/conversation/speakable.ts";

const CHARS = 100_000;
/** Eight thousand written characters, and what their signs become. */
const MAX_SAID = 24_000;
/** What makes careless patterns and loops take the square of the length, or worse: minutes, and the test's time is up. */
const UNITS = [
  "[{<", "a", "a.", "a. ", "1", "1.", "1. ", "1,", "-", "<", "<a", "<think", "<think>x</think>", "[", "[[", "[[a:", "{", '{"a"', '{"a":', "`", "```", "```\n", "~~~\n",
  "*", "_", "_a", "(", ")", "!", "?!", "…", "...", " ", "\n", "|", "|a|\n", "。", "あ", "、", "https://a.", "a@b.", "1-", "1 ", "+1 ", "(1) ", "$1", "1%", "1/", "#1",
  "a, ", "- ", "1–", '"', "«", "„", "😀", "\u200D", "ก ", "A.B.", "z. B. ", "0 ", "1:", "\\", "<|", "<!--", "MEDIA: x\n", "- a\n", "1. a\n", "> ", "\uD800", "[a](", "[a]: ", "1.1.1", "AB12 ",
]; // prettier-ignore

describe("a hundred thousand characters of", () => {
  it.each(UNITS)("%j are dealt with in time, and most of it is left out", (unit) => {
    const text = unit.repeat(Math.ceil(CHARS / unit.length));
    expect(speakable(text).length).toBeLessThanOrEqual(MAX_SAID);
    expect(sentences(text, "en").join("")).toBe(text);
    const stream = new SentenceStream("en");
    const said = [...stream.push(text), ...stream.end()].join("");
    expect(said.length).toBeLessThanOrEqual(MAX_SAID);
  });
});

describe("a long reply", () => {
  it("is said up to some eight minutes of speech", () => {
    const stream = new SentenceStream("en");
    const pieces = [...stream.push("This sentence is said again and again. ".repeat(2_000)), ...stream.end()];
    const said = pieces.join(" ").length;
    expect(said).toBeGreaterThan(7_000);
    expect(said).toBeLessThanOrEqual(9_000);
    expect(stream.push("This sentence is said again and again. ".repeat(2_001))).toEqual([]);
  });

  it("is found behind reasoning that is longer than any reply", () => {
    const text = `<think>${"I ponder this. ".repeat(2_000)}</think>It is five.`;
    const stream = new SentenceStream("en");
    expect([...stream.push(text), ...stream.end()]).toEqual(["It is five."]);
    expect(speakable(text)).toBe("It is five.");
  });
});
