import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { speakable } from "../../src/conversation/speakable.ts";
import { spokenForms } from "../../src/conversation/text/forms.ts";
import { LEFT_ALONE, SPOKEN_FORMS } from "./corpus/spoken-forms.ts";

describe("spoken forms", () => {
  it("are checked with at least a hundred pairs", () => {
    expect(Object.values(SPOKEN_FORMS).flat().length).toBeGreaterThanOrEqual(100);
  });

  for (const [language, pairs] of Object.entries(SPOKEN_FORMS)) {
    it.each(pairs)(`${language}: %s`, (written, said) => {
      expect(speakable(written, language)).toBe(said);
      expect(speakable(said, language)).toBe(said);
    });
  }

  for (const [language, texts] of Object.entries(LEFT_ALONE)) {
    it.each(texts)(`leaves in ${language}: %s`, (text) => {
      expect(speakable(text, language)).toBe(text);
    });
  }

  it("follow the region in what region decides", () => {
    expect(spokenForms("On 3/4/2026.", "en-US")).toBe("On March 4, 2026.");
    expect(spokenForms("On 3/4/2026.", "en-GB")).toBe("On 3 April 2026.");
    expect(spokenForms("Um 14:30 Uhr.", "de-AT")).toBe("Um 14 Uhr 30.");
  });

  it("do not make a date of a day that does not exist", () => {
    expect(spokenForms("On 2026-02-30 or 31.04.2026.", "en")).toBe("On 2026-02-30 or 31.04.2026.");
  });

  it.each(["", "x", "i-klingon", "en_US", "zz-ZZ-@@@"])("throw nothing for the language %j", (language) => {
    expect(spokenForms("It is 5 km on 2026-11-26, e.g. $5.", language)).toContain("5");
  });
});

const PARTS = [
  "5", "12", "0", "07", "2026", "11", "30", "1,000", "1.234", "3.5", "12,50", "415", "555", "0123", "1234567", "12345678", ".", ",", ":", "-", "–", "/", "+",
  "(", ")", " ", " ", " ", "$", "€", "£", "zł", "R$", "%", "°C", "km", "h", "m", "kg", "#", "&", "=", "@", "~", "½", "×", "v", "e.g.", "z. B.", "usw.", "etc.", "No.", "Nr.",
  "code", "order", "on", "am", "um", "Uhr", "uur", "call", "openclaw.ai", "www.", "info@x.com", "a", "The", "million", "USD", "-5", "1/2", "26.11.", "14:30", "r.", "年", "分", "〜",
]; // prettier-ignore
const text = fc.array(fc.constantFrom(...PARTS), { maxLength: 16 }).map((parts) => parts.join(""));
const digits = (all: string): string => all.replace(/\D/g, "");
const language = fc.constantFrom(
  "en",
  "en-US",
  "de",
  "es",
  "fr",
  "it",
  "nl",
  "pt",
  "pl",
  "ja",
  "ru",
  "sv",
  "zh",
  "ar",
  "xx",
);

describe("for whatever numbers and signs a model writes", () => {
  it("doing it twice changes nothing", () => {
    fc.assert(
      fc.property(text, language, (written, tag) => {
        const once = speakable(written, tag);
        expect(speakable(once, tag)).toBe(once);
      }),
      { numRuns: 5_000 },
    );
  });

  it("no digit is lost, and none is added but a date's", () => {
    const plain = fc
      .array(
        fc.constantFrom(...PARTS.filter((part) => !/[½/:.-]|00|0\d|\d{5}/.test(part) || part === "e.g.")),
        {
          maxLength: 10,
        },
      )
      .map((parts) => parts.join(" "));
    fc.assert(
      fc.property(plain, (written) => {
        expect(digits(spokenForms(written, "xx"))).toBe(digits(written));
      }),
    );
  });
});
