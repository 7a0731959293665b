import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countWords,
  endsUnfinished,
  isBackchannel,
  isEchoOf,
  sameWords,
} from "../../../src/conversation/live/words.ts";

describe("a sign of listening", () => {
  it.each([
    ["en", "Mm-hm."],
    ["en", "Mhm"],
    ["en", "Yeah, okay."],
    ["en", "yeahhh"],
    ["en", "Uh-huh, right."],
    ["en", "I see."],
    ["de", "Ja genau."],
    ["de", "Mmmm"],
    ["de-AT", "In Ordnung"],
    ["es", "Sí, vale."],
    ["fr", "D’accord."],
    ["fr", "Oui oui"],
    ["it", "Va bene."],
    ["nl", "Oké, prima"],
    ["pt-BR", "Tá bom."],
    ["pl", "No tak."],
    ["ja", "はい"],
    ["ja", "うん、うん。"],
    ["ja", "そうですね"],
    ["zh-CN", "嗯。"],
    ["zh", "好的，好的。"],
    ["ko", "네, 네."],
    ["ru", "Ага, понятно."],
    ["ar", "نعم، طيب"],
    ["hi", "जी हाँ"],
    ["th", "ครับ"],
    ["xx", "okay"],
  ])("is in %s: %s", (language, text) => {
    expect(isBackchannel(text, language)).toBe(true);
  });

  it.each([
    ["en", ""],
    ["en", "…"],
    ["en", "No."],
    ["en", "Wait."],
    ["en", "Yeah, but wait"],
    ["en", "Okay, stop."],
    ["en", "right right right right"],
    ["en", "okayish"],
    ["de", "Ja, aber nein"],
    ["de", "Nein"],
    ["ja", "はい、でも"],
    ["ja", "いいえ"],
    ["zh", "好的我要两个"],
    ["es", "Sí, el lunes"],
    ["xx", "genau"],
  ])("is not in %s: %s", (language, text) => {
    expect(isBackchannel(text, language)).toBe(false);
  });
});

describe("counting and comparing words", () => {
  it.each([
    ["en", "Hello there, Dr. Smith!", 4],
    ["en", "It's five o'clock", 3],
    ["en", " … — ", 0],
    ["en", "", 0],
    ["de", "Guten Tag", 2],
    ["ja", "今日はいい天気です", 5],
    ["th", "สวัสดีครับ", 2],
    ["zh", "你好世界", 2],
  ])("counts in %s: %s", (language, text, count) => {
    expect(countWords(text, language)).toBe(count);
  });

  it.each([
    ["Hello, World!", "hello world"],
    ["Ｈｅｌｌｏ １２", "hello 12"],
    ["Don’t stop.", "dont stop"],
    ["E-Mail", "email"],
    ["はい、元気です。", "はい 元気です"],
    ["ÜBER", "über"],
    ["", "…"],
  ])("takes %j and %j for the same words", (a, b) => {
    expect(sameWords(a, b)).toBe(true);
  });

  it.each([
    ["hello", "hello there"],
    ["five", "nine"],
    ["", "hello"],
    ["no", "non"],
    ["ต", "ตา"],
  ])("tells %j from %j", (a, b) => {
    expect(sameWords(a, b)).toBe(false);
  });

  it("whether words are the same does not depend on case, order of the two, or marks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        expect(sameWords(a, `${a}…!`)).toBe(true);
        expect(sameWords(a, b)).toBe(sameWords(b, a));
      }),
    );
  });
});

describe("our own voice come back", () => {
  const SPOKEN = ["Hello, this is Anna.", "How can I help you with your order today?"];

  it.each([
    "how can I help you with your order today",
    "How can I help you",
    "can I help you with your water today",
    "this is Anna how can I help you",
    "your order",
    "today",
    "Today?",
  ])("is %j", (heard) => {
    expect(isEchoOf(heard, SPOKEN)).toBe(true);
  });

  it.each([
    ["one word from the middle", "order"],
    ["two words that do not stand together", "help today"],
    ["the same words in another order", "help you can I how with your"],
    ["other words", "I want to cancel my subscription"],
    ["few of the words", "can you tell me where my order is please"],
    ["nothing", ""],
    ["marks", "…"],
  ])("is not %s", (_, heard) => {
    expect(isEchoOf(heard, SPOKEN)).toBe(false);
  });

  it("cannot be what was never said", () => {
    expect(isEchoOf("hello", [])).toBe(false);
    expect(isEchoOf("hello there my friend", [""])).toBe(false);
  });

  it("is told in scripts without spaces", () => {
    expect(isEchoOf("ご用件は何でしょうか", ["お電話ありがとうございます。ご用件は何でしょうか？"])).toBe(
      true,
    );
    expect(isEchoOf("予約をお願いします", ["お電話ありがとうございます。ご用件は何でしょうか？"])).toBe(
      false,
    );
  });

  it("of a whole sentence of ours always is", () => {
    const word = fc.constantFrom("the", "order", "is", "ready", "for", "you", "now", "it", "comes");
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 2, maxLength: 30 }),
        fc.array(word, { maxLength: 30 }),
        (said, before) => {
          expect(isEchoOf(`${said.join(" ")}.`, [before.join(" "), said.join(" ")])).toBe(true);
        },
      ),
    );
  });
});

describe("words that end as if more were to come", () => {
  it.each([
    ["en", "my number is 4 1 5", "digits"],
    ["en", "415 555", "digits"],
    ["en", "It's 415-555.", "digits"],
    ["en", "five five five", "digits"],
    ["en", "the code is double four", "digits"],
    ["de", "null eins sieben", "digits"],
    ["zh", "我的号码是一三五", "digits"],
    ["en", "that's S M I", "spelling"],
    ["en", "S-M-I-T-H", "spelling"],
    ["en", "D as in dog", "spelling"],
    ["de", "A wie Anton", "spelling"],
    ["en", "I would like, um", "hesitation"],
    ["en", "Um.", "hesitation"],
    ["en", "We need two and", "hesitation"],
    ["en", "We need two and.", "hesitation"],
    ["en", "Well,", "hesitation"],
    ["en", "I think...", "hesitation"],
    ["en", "My name is", "hesitation"],
    ["en", "I want to", "hesitation"],
    ["de", "Ich glaube, äh", "hesitation"],
    ["de", "Am Montag und", "hesitation"],
    ["es", "Quiero dos y", "hesitation"],
    ["fr", "Je voudrais, euh", "hesitation"],
    ["it", "Vorrei il", "hesitation"],
    ["nl", "Ik wil een", "hesitation"],
    ["pt", "Eu quero, hum", "hesitation"],
    ["pl", "Chcę dwa i", "hesitation"],
    ["ja", "えーと", "hesitation"],
    ["ja", "明日なんですけど", "hesitation"],
    ["zh", "我想要那个", "hesitation"],
    ["ru", "Мне нужно два и", "hesitation"],
    ["ko", "음", "hesitation"],
    ["xx", "um", "hesitation"],
  ])("in %s: %s (%s)", (language, text, how) => {
    expect(endsUnfinished(text, language)).toBe(how);
  });

  it.each([
    ["en", ""],
    ["en", "Yes please."],
    ["en", "I'd like to."],
    ["en", "I think so."],
    ["en", "At 10:30"],
    ["en", "It's 5"],
    ["en", "in 2024"],
    ["en", "It costs $1200"],
    ["en", "vitamin C"],
    ["en", "two"],
    ["en", "Is it 415?"],
    ["en", "What is it?"],
    ["de", "Das ist gut."],
    ["ja", "こんにちは"],
    ["ja", "お願いします"],
    ["zh", "好的"],
    ["es", "Así es."],
  ])("but not in %s: %s", (language, text) => {
    expect(endsUnfinished(text, language)).toBeNull();
  });

  it("throws nothing whatever is heard, in whatever language", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (text, language) => {
        expect([null, "digits", "spelling", "hesitation"]).toContain(endsUnfinished(text, language));
        expect(typeof isBackchannel(text, language)).toBe("boolean");
        expect(countWords(text, language)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
