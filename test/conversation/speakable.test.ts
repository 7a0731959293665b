import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { speakable } from "../../src/conversation/speakable.ts";

describe("words meant for speech", () => {
  it.each([
    ["markdown", "Hello **world**, _really_ ~~no~~ `yes`!", "Hello world, really no yes!"],
    ["bold digits", "It costs *5* dollars.", "It costs 5 dollars."],
    ["a heading and bullets", "# Title\n\n- one\n- two!\n\nBye", "Title. one. two! Bye"],
    ["numbered steps", "1. Open it\n2. Close it", "Open it. Close it."],
    ["a table", "| a | b |\n|---|---|\n| 1 | 2 |", "a, b. 1, 2."],
    ["a code block", "Run this:\n```js\nalert(1)\n```\nThen wait.", "Run this: Then wait."],
    ["an unfinished code block", "Here:\n```js\nalert(1)", "Here:"],
    ["links", "See [the page](https://a.b/c) or https://x.com/a_b?c=d.", "See the page or a link."],
    ["an image", "Look: ![a cat](x.png)", "Look: a cat"],
    ["emoji", "I ❤️ it 👨‍👩‍👧 🇩🇪 1️⃣", "I it 1"],
    ["tags", "Dear <b>Ann</b>,<br>hello &amp; welcome", "Dear Ann, hello and welcome"],
    ["an arrow", "A -> B", "A, B"],
    ["Arabic", "مرحبا **بك**", "مرحبا بك"],
    ["Japanese", "こんにちは。**元気**ですか？", "こんにちは。元気ですか？"],
    ["Hindi joiners", "क्‍ष **है**", "क्‍ष है"],
  ])("keeps the words of %s", (_, written, said) => {
    expect(speakable(written)).toBe(said);
  });

  it.each([
    ["reasoning", "<think>I plan\nthings</think>\n\nHi there.", "Hi there."],
    ["reasoning that never ends", "Hi. <thinking>and then", "Hi."],
    ["reasoning whose start is missing", "so I say hi</think>Hi.", "Hi."],
    ["reasoning in another case", "<Reasoning>x</REASONING>Hi.", "Hi."],
    ["a tool call", '<tool_call>{"name":"exec"}</tool_call>Done.', "Done."],
    ["a JSON object inside", 'Sure. {"tool":"x","args":{"a":1}} Done.', "Sure. Done."],
    ["JSON that was cut off", 'Sure. {"a": "b', "Sure."],
    ["a JSON tool call as the whole reply", '{"name":"exec","text":"rm"}', ""],
    ["a JSON array as the whole reply", '[{"a":"b"}]', ""],
    ["directives", "[[tts:voice=x]]Ok[[/tts:voice]] [[reply_to_current]]", "Ok"],
    ["media lines", "MEDIA: /tmp/x.png\nThere.", "There."],
    ["an address behind a word of a script without spaces", "见https://a.b/c。", "见a link。"],
    ["control tokens", "Hi.<|im_end|>", "Hi."],
    ["silence tokens", "NO_REPLY", ""],
    ["a heartbeat", "HEARTBEAT_OK", ""],
    ["punctuation alone", "… — !", ""],
  ])("never says %s", (_, written, said) => {
    expect(speakable(written)).toBe(said);
  });

  it("says the spoken field of a reply that is JSON as a whole", () => {
    expect(speakable('{"spoken":"Good **morning**","mood":"glad"}')).toBe("Good morning");
  });

  it("leaves numbers and comparisons as they are", () => {
    const text = "3.5 and 1,000 and -5, a < b, 10:30, snake_case, AT&T, 5 - 3.";
    expect(speakable(text)).toBe(text);
  });

  it("names a link in the language of the call", () => {
    expect(speakable("Hier: https://a.de/b", "de-AT")).toBe("Hier: ein Link");
  });

  it("bounds hostile output", () => {
    expect(speakable("[{<".repeat(20_000)).length).toBeLessThanOrEqual(8_000);
  });
});

const SYNTAX = [
  "**", "*", "_", "`", "```", "~~~", "~~", "# ", "- ", "1. ", "> ", "|", "|---|", "\n", "\n\n", "[", "]", "(", ")", "[[tts:", "]]",
  "{", "}", '{"a":', '"', ":", "<think>", "</think>", "<b>", "</b>", "<", ">", "<!--", "<|x|>", "https://a.b/c", "www.x", "![", "](",
  "&amp;", "&lt;", "&gt;", "NO_REPLY", "MEDIA: x", "😀", "👨‍👩‍👧", "1️⃣", "->", ".", ",", "!", "...", " ", "\\", "\\*", "Hello", "word", "42", "3.5",
  "你好", "。", "مرحبا", "\u200D", "\u200B", "\uFEFF", "\uD800",
]; // prettier-ignore
const output = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...SYNTAX) },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
    ),
    {
      maxLength: 24,
    },
  )
  .map((pieces) => pieces.join(""));

describe("for whatever a model writes", () => {
  it("saying it twice changes nothing", () => {
    fc.assert(
      fc.property(output, (text) => {
        const once = speakable(text);
        expect(speakable(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves one line of well-formed text that has words, or nothing", () => {
    fc.assert(
      fc.property(output, (text) => {
        const words = speakable(text);
        expect(words.isWellFormed()).toBe(true);
        expect(words).not.toMatch(/[\n\t\u200B\uFEFF]|\*\*|```|NO_REPLY|\p{Extended_Pictographic}/u);
        expect(words).not.toMatch(/<\/?think|https?:\/\/\w/i);
        expect(words).toMatch(/^$|[\p{L}\p{N}]/u);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never says what stands between reasoning tags", () => {
    const inside = fc.string({ unit: "grapheme" }).map((text) => `SECRET${text.replace(/[<>]/g, "")}SECRET`);
    fc.assert(
      fc.property(inside, fc.constantFrom("think", "thinking", "reasoning", "scratchpad"), (secret, tag) => {
        expect(speakable(`<${tag}>${secret}</${tag}>Hello.`)).toBe("Hello.");
        expect(speakable(`Hello. <${tag}>${secret}`)).toBe("Hello.");
      }),
    );
  });

  it("keeps plain sentences of any script as they are", () => {
    const word = fc.constantFrom("hello", "Straße", "été", "привет", "世界", "שלום", "नमस्ते", "7", "1,5");
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(".", "!", "?", "。"),
        (words, end) => {
          const sentence = words.join(" ") + end;
          expect(speakable(sentence)).toBe(sentence);
        },
      ),
    );
  });
});
