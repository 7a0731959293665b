import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SentenceStream, warmSentences } from "../../src/conversation/sentence-stream.ts";
import { sentences } from "../../src/conversation/sentences.ts";
import { speakable } from "../../src/conversation/speakable.ts";
import { linesOf } from "./corpus/corpus.ts";
import { KNOWN } from "./corpus/known.ts";
import { TUNING } from "./corpus/tuning.ts";

/** Feeds a message as a model writes it, `size` characters at a time. */
function written(text: string, size = 1, language = "en"): { live: string[]; rest: string[] } {
  const stream = new SentenceStream(language);
  const live: string[] = [];
  for (let end = size; end < text.length + size; end += size) live.push(...stream.push(text.slice(0, end)));
  return { live, rest: stream.end() };
}

const all = (text: string, size = 1, language = "en"): string[] => {
  const { live, rest } = written(text, size, language);
  return [...live, ...rest];
};

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{M}]+/gu) ?? [];
const squeezed = (pieces: readonly string[]): string => pieces.join("").replace(/\s/g, "");

describe("a reply that is being written", () => {
  it("gives a sentence out as soon as something follows it", () => {
    const stream = new SentenceStream("en");
    expect(stream.push("It is open.")).toEqual([]);
    expect(stream.push("It is open. ")).toEqual([]);
    expect(stream.push("It is open. W")).toEqual(["It is open."]);
    expect(stream.push("It is open. We close at 5")).toEqual([]);
    expect(stream.push("It is open. We close at 5.")).toEqual([]);
    expect(stream.push("It is open. We close at 5.30 today.")).toEqual([]);
    expect(stream.end()).toEqual(["We close at 5.30 today."]);
  });

  it("gives a full-width stop out with the next character", () => {
    const stream = new SentenceStream("ja");
    expect(stream.push("はい。")).toEqual([]);
    expect(stream.push("はい。で")).toEqual(["はい。"]);
  });

  it("begins with a clause, and goes on in whole sentences", () => {
    expect(
      written("Sure, I can look that up for you, one moment. I see a table at six, or at eight. Fine?"),
    ).toEqual({
      live: ["Sure, I can look that up for you,", "one moment.", "I see a table at six, or at eight."],
      rest: ["Fine?"],
    });
  });

  it.each([
    ["a comma that follows too few words", "en", "Hello, Anna, how are you today?"],
    ["a comma in a number", "en", "They paid us 1,000,000 for it."],
    ["a name at the end", "en", "Nice to meet you, Ada."],
    ["a word of thanks", "de", "Das ist sehr nett von Ihnen, danke!"],
    ["a short address in Japanese", "ja", "お電話ありがとうございます、様。"],
    ["a date", "en", "We met on May 5, 2024 in Rome."],
    ["a bracket", "en", "We opened (as you know, in 1990) here."],
    ["a time", "en", "The train goes at 10:30 sharp."],
  ])("does not take %s for a clause", (_, language, text) => {
    expect(all(text, 1, language)).toEqual([text]);
  });

  it.each([
    ["de", "Das kann ich gern für Sie tun, einen Moment.", "Das kann ich gern für Sie tun,"],
    ["ja", "それでは明日の午後に、お伺いします。", "それでは明日の午後に、"],
    ["zh", "我马上为您查询一下，请稍等。", "我马上为您查询一下，"],
    ["ar", "سأبحث عن ذلك الآن، لحظة من فضلك.", "سأبحث عن ذلك الآن،"],
    ["th", "เปิดตั้งแต่วันจันทร์ ถึงวันศุกร์", "เปิดตั้งแต่วันจันทร์"],
  ])("begins with a clause in %s", (language, text, clause) => {
    expect(all(text, 1, language)[0]).toBe(clause);
  });

  it("joins a very short sentence to the next when that is there already", () => {
    const stream = new SentenceStream("en");
    expect(stream.push("Yes. I can do that. Of course I c")).toEqual(["Yes. I can do that."]);
    stream.reset();
    expect(stream.push("Yes. I")).toEqual(["Yes."]);
  });

  it("cuts a sentence that does not end at a clause, else between words, else anywhere", () => {
    const clauses = all(`${"and then we went on ".repeat(10)}, ${"and so on and on ".repeat(10)}`);
    expect(clauses[0]).toMatch(/went on,$/);
    const words = all("word ".repeat(200));
    expect(words.length).toBeGreaterThan(3);
    for (const piece of words) {
      expect(piece).toMatch(/^word( word)*$/);
      expect(piece.length).toBeLessThanOrEqual(252);
    }
    for (const piece of all("界".repeat(700), 3, "zh")) expect(piece.length).toBeLessThanOrEqual(127);
  });

  it("makes sentences of list items, headings, table rows and paragraphs", () => {
    const text =
      "# Plan\nHere are the steps:\n1. Open the door\n2. Close it\n\n- milk\n- eggs\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThat was it";
    expect(all(text)).toEqual([
      "Plan.",
      "Here are the steps:",
      "Open the door.",
      "Close it.",
      "milk.",
      "eggs.",
      "a, b.",
      "1, 2.",
      "That was it",
    ]);
  });

  it.each(["en", "de-AT", "ja", "xx", "no tag at all"])(
    "is no other in %s for having been prepared for",
    (language) => {
      const before = all("It costs $5, e.g. today. Fine?", 1, language);
      warmSentences(language);
      expect(all("It costs $5, e.g. today. Fine?", 1, language)).toEqual(before);
    },
  );

  it("begins anew with every message", () => {
    const stream = new SentenceStream("en");
    stream.push("I will look that up for you, one");
    stream.reset();
    expect(stream.push("It is sunny. ")).toEqual([]);
    expect(stream.end()).toEqual(["It is sunny."]);
  });

  it("says nothing twice when it is told twice that a message is complete", () => {
    const stream = new SentenceStream("en");
    stream.push("It is open.");
    expect(stream.end()).toEqual(["It is open."]);
    expect(stream.push("It is open.")).toEqual([]);
    expect(stream.end()).toEqual([]);
  });

  it("goes on behind what has been said when the message grows after its end", () => {
    const stream = new SentenceStream("en");
    stream.push("It is open.");
    stream.end();
    expect([...stream.push("It is open. We close at 5. Now"), ...stream.end()]).toEqual([
      "We close at 5.",
      "Now",
    ]);
  });

  it("keeps reasoning hidden that the end of a part has cut in two", () => {
    const stream = new SentenceStream("en");
    expect(stream.push("One moment please. <think>SECRET one. ")).toEqual(["One moment please."]);
    expect(stream.end()).toEqual([]);
    expect(stream.push("One moment please. <think>SECRET one. SECRET two.</think> It is five.")).toEqual([]);
    expect(stream.end()).toEqual(["It is five."]);
  });

  it("says an answer that came as JSON once it is complete", () => {
    const { live, rest } = written('{"spoken": "Good **morning**. How are you?", "mood": "glad"}', 3);
    expect(live).toEqual([]);
    expect(rest.join(" ")).toBe("Good morning. How are you?");
  });

  it("reads data at the beginning of a reply to nobody", () => {
    expect(all('{"spoken": "no"} The sky is blue.', 2)).toEqual(["The sky is blue."]);
  });
});

describe("a message that changes while it grows", () => {
  it("goes on behind what has been said when something before it was taken out", () => {
    const stream = new SentenceStream("en");
    expect(stream.push("[[reply_to_current]] It is open. We c")).toEqual(["It is open."]);
    expect(stream.push("It is open. We close at 5. Bye.")).toEqual(["We close at 5."]);
    expect(stream.end()).toEqual(["Bye."]);
  });

  it("takes what has not been said as it is now", () => {
    const stream = new SentenceStream("en");
    stream.push("It is open. We clos");
    expect([...stream.push("It is open. They close at 5 today."), ...stream.end()]).toEqual([
      "They close at 5 today.",
    ]);
  });

  it("says nothing again when it is given an older text", () => {
    const stream = new SentenceStream("en");
    stream.push("It is open. We close at 5. And then");
    expect(stream.push("It is open. We")).toEqual([]);
    expect(stream.end()).toEqual(["And then"]);
  });

  it("says another message from its beginning", () => {
    const stream = new SentenceStream("en");
    stream.push("Let me look. I see");
    expect([...stream.push("The sky is blue. So"), ...stream.end()]).toEqual(["The sky is blue.", "So"]);
  });
});

const HIDDEN: readonly (readonly [string, string, string])[] = [
  ["reasoning", "<think>", "</think>"],
  ["reasoning with attributes", '<thinking mode="x">', "</thinking>"],
  ["reasoning of a name space", "<ns:reasoning>", "</ns:reasoning>"],
  ["a tool call", "<tool_call>", "</tool_call>"],
  ["a comment", "<!--", "-->"],
  ["a directive", "[[tts:", "]]"],
  ["a code block", "\n```js\n", "\n```\n"],
  ["a code block of tildes", "\n~~~\n", "\n~~~\n"],
  ["a code block in a line", "``` ", " ```"],
  ["an object", '{"a": "', '"}'],
  ["a list of objects", '[{"a": "', '"}]'],
  ["an object with bare keys", "{a: '", "'}"],
  ["a media line", "\nMEDIA: ", "\n"],
  ["the address of a link", "[the page](https://a.b/", ")"],
];

/** Takes out what would end the construct, or make it none. */
function fit(name: string, words: string): string {
  if (name.startsWith("the address")) return words.replace(/[\s()<>`*_。,!?:.]/g, "");
  if (name === "a media line") return words.replaceAll("\n", " ").replaceAll("`", "");
  if (name.includes("in a line") || name.startsWith("a code")) return words.replaceAll("`", "");
  return name.includes("object") || name === "a directive" ? words.replace(/[\n`]/g, " ") : words;
}

describe("what is hidden", () => {
  const secret = fc
    .array(
      fc.constantFrom(
        "SECRET",
        ". ",
        "! ",
        "? ",
        ", ",
        ": ",
        " and ",
        "\n",
        "。",
        "(",
        "1.",
        "- ",
        "<b>",
        "`",
        "*",
        "_",
        "Dr. ",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(""));

  it.each(HIDDEN)("is never spoken, at no moment: %s", (name, open, close) => {
    fc.assert(
      fc.property(secret, fc.integer({ min: 1, max: 7 }), fc.boolean(), (words, size, closed) => {
        const inside = fit(name, words);
        const text = `Well now. ${open}SECRET${inside}SECRET${closed ? `${close} The end is near.` : ""}`;
        const said = all(text, size).join(" ");
        expect(said).not.toContain("SECRET");
        expect(said.includes("The end is near")).toBe(closed);
      }),
      { numRuns: 300 },
    );
  });

  it("waits with the text before a construct only as long as it must", () => {
    const stream = new SentenceStream("en");
    expect(stream.push("I see. <th")).toEqual(["I see."]);
    expect(stream.push("I see. <think>Hm. What")).toEqual([]);
    expect(stream.push("I see. <think>Hm. What?</think>Good. N")).toEqual(["Good."]);
  });

  it.each([
    ["a comparison", "It is so if a < b and c > d. Good."],
    ["a heart", "I <3 it. Good."],
    ["brackets", "He said [sic] so. Good."],
    ["a lone brace", "What you see there is a lone { brace. Good."],
    ["a lone backtick", "What you see there is a lone ` tick. Good."],
    ["a range", "Take two~three. Good."],
  ])("keeps the words around %s", (_, text) => {
    expect(all(text).at(-1)).toBe("Good.");
    expect(squeezed(all(text))).toBe(squeezed([speakable(text)]));
  });
});

const SYNTAX = [
  "**", "*", "_", "`", "```", "~~~", "# ", "- ", "1. ", "2. ", "> ", "|", "|---|", "\n", "\n\n", "[", "]", "(", ")", "[[tts:", "]]", "[[",
  "{", "}", '{"a":', '{"text":"Hi. There."}', '"', ":", "; ", "<think>", "</think>", "<b>", "</b>", "<", ">", "<!--", "-->", "<|x|>", "https://a.b/c. ",
  "![", "](", "](x.y)", "&amp;", "NO_REPLY", "MEDIA: x", "😀", "👨‍👩‍👧", "->", ". ", ".", ", ", "! ", "? ", "?!", "...", "… ", " ", "\\", "Hello", "word", "Dr", "z. B",
  "p.m", "U.S", "3", "3.5", "1,000", " The ", " and ", "$12.50", "2026-11-26", "你好", "。", "、", "「", "」", "と", "مرحبا", "؟", "।", "ครับ ", "«", "»", "„", "“", "”", "¿", "\u200D", "\uD83D", ":)",
]; // prettier-ignore

const message = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...SYNTAX) },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));
const language = fc.constantFrom("en", "de", "fr", "ja", "zh", "th", "el", "hy", "hi", "ar", "xx");

describe("for whatever a model writes", () => {
  it("the pieces do not depend on how the text arrived", () => {
    fc.assert(
      fc.property(message, language, fc.integer({ min: 1, max: 9 }), (text, tag, size) => {
        expect(squeezed(all(text, size, tag))).toBe(squeezed(all(text, text.length + 1, tag)));
      }),
      { numRuns: 3_000 },
    );
  });

  it("every piece is a line of words, and short enough", () => {
    fc.assert(
      fc.property(message, language, fc.integer({ min: 1, max: 9 }), (text, tag, size) => {
        for (const piece of all(text, size, tag)) {
          expect(piece).toMatch(/[\p{L}\p{N}]/u);
          expect(piece).not.toMatch(/\n|```|<\/?think|^\s|\s$/);
          expect(piece.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("plain prose is said whole, once and in order", () => {
    const word = fc.constantFrom(
      "hello",
      "Straße",
      "été",
      "привет",
      "世界",
      "שלום",
      "नमस्ते",
      "seven",
      "I",
      "e.g.",
      "Dr.",
    );
    const mark = fc.constantFrom(". ", "! ", "? ", ", ", " ", " ", "。", "… ", ": ", " – ");
    const prose = fc
      .array(fc.tuple(word, mark), { minLength: 1, maxLength: 40 })
      .map((parts) => parts.flat().join(""));
    fc.assert(
      fc.property(prose, fc.integer({ min: 1, max: 9 }), (text, size) => {
        // A language without forms of its own keeps every word as it is.
        expect(wordsOf(all(text, size, "xx").join(" "))).toEqual(wordsOf(text));
      }),
    );
  });

  it.each(["known", "tuning"])("cuts the %s lines as it cuts them when they are complete", (name) => {
    for (const line of linesOf(name === "known" ? KNOWN : TUNING)) {
      const stream = new SentenceStream("xx");
      const rest = squeezed([...stream.push(line.text), ...stream.end()]);
      for (const size of [1, 3]) expect(squeezed(all(line.text, size, "xx"))).toBe(rest);
      expect(squeezed(sentences(line.text, line.language))).toBe(squeezed([line.text]));
    }
  });
});
