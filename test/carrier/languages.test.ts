import { describe, expect, it } from "vitest";
import { carrierLanguage } from "../../src/carrier/languages.ts";

describe("a language tag at Twilio", () => {
  it.each([
    ["en-US", "en-US", "en-US"],
    ["en-us", "en-US", "en-US"],
    ["en", "en-US", "en-US"],
    ["de", "de-DE", "de-DE"],
    ["de-CH", "de-DE", "de-DE"],
    ["de-AT", "de-DE", "de-AT"],
    ["es", "es-ES", "es-ES"],
    ["es-419", "es-MX", "es-MX"],
    ["pt", "pt-BR", "pt-BR"],
    ["ja", "ja-JP", "ja-JP"],
    ["sv-FI", "sv-SE", "sv-SE"],
    ["ar", "ar-SA", "arb"],
    ["ar-EG", "ar-EG", "arb"],
    ["he", "he-IL", "he-IL"],
    ["iw", "he-IL", "he-IL"],
    ["no", "nb-NO", "nb-NO"],
    ["nn-NO", "nb-NO", "nb-NO"],
    ["tl", "fil-PH", "fil-PH"],
    ["zh", "zh", "cmn-CN"],
    ["zh-CN", "cmn-Hans-CN", "zh-CN"],
    ["zh-Hant-TW", "cmn-Hant-TW", "cmn-TW"],
    ["cmn-Hans-CN", "cmn-Hans-CN", "cmn-CN"],
    ["yue-HK", "yue-Hant-HK", "yue-HK"],
    ["zh-HK", "yue-Hant-HK", "zh-HK"],
    ["pa", "pa-guru-IN", "pa-IN"],
    ["pa-Guru-IN", "pa-guru-IN", "pa-IN"],
    ["sr-Latn-RS", "sr-RS", "sr-RS"],
  ])("%s is heard as %s and spoken as %s", (tag, listen, speak) => {
    expect(carrierLanguage("twilio-listen", tag)).toBe(listen);
    expect(carrierLanguage("twilio-speak", tag)).toBe(speak);
  });

  it("may be known to one side only", () => {
    expect(carrierLanguage("twilio-speak", "cy-GB")).toBe("cy-GB");
    expect(carrierLanguage("twilio-listen", "cy-GB")).toBeNull();
    expect(carrierLanguage("twilio-speak", "en-GB-WLS")).toBe("en-GB-WLS");
  });

  it("is refused when it names no language that Twilio knows", () => {
    for (const tag of ["tlh", "", "english please", "xx-YY", "constructor", "__proto__"]) {
      expect(carrierLanguage("twilio-listen", tag)).toBeNull();
      expect(carrierLanguage("twilio-speak", tag)).toBeNull();
    }
  });
});

describe("a language tag at Telnyx", () => {
  it.each([
    ["en-US", "en", "en-US"],
    ["en-GB", "en", "en-GB"],
    ["en", "en", "en-US"],
    ["de-CH", "de", "de-DE"],
    ["es-419", "es", "es-MX"],
    ["pt-PT", "pt", "pt-PT"],
    ["ar-EG", "ar", "arb"],
    ["nb-NO", "no", "nb-NO"],
    ["nn", "no", "nb-NO"],
    ["no", "no", "nb-NO"],
    ["zh-CN", "zh", "cmn-CN"],
    ["cmn-Hans-CN", "zh", "cmn-CN"],
    ["ja-JP", "ja", "ja-JP"],
  ])("%s is heard as %s and spoken as %s", (tag, listen, speak) => {
    expect(carrierLanguage("telnyx-listen", tag)).toBe(listen);
    expect(carrierLanguage("telnyx-speak", tag)).toBe(speak);
  });

  it.each([
    ["he-IL", "iw"],
    ["iw", "iw"],
    ["tl", "fil"],
    ["fil-PH", "fil"],
    ["yue-HK", "yue"],
    ["zh-HK", "yue"],
    ["zh-Hant-HK", "yue"],
    ["zh-TW", "zh"],
    ["sr-Latn-RS", "sr"],
    ["pa-IN", "pa"],
  ])("%s is heard as %s", (tag, listen) => {
    expect(carrierLanguage("telnyx-listen", tag)).toBe(listen);
  });

  it("is heard by its bare code, without a region", () => {
    for (const tag of ["af-ZA", "bg-BG", "cs-CZ", "fi-FI", "hu-HU", "uk-UA", "vi-VN"]) {
      expect(carrierLanguage("telnyx-listen", tag)).toBe(tag.slice(0, 2));
      expect(carrierLanguage("telnyx-speak", tag)).toBeNull();
    }
  });

  it("is refused when it names no language that Telnyx knows", () => {
    for (const tag of ["tlh", "", "english please", "xx-YY", "constructor", "__proto__"]) {
      expect(carrierLanguage("telnyx-listen", tag)).toBeNull();
      expect(carrierLanguage("telnyx-speak", tag)).toBeNull();
    }
  });
});

describe("a language tag at a carrier that the table does not know", () => {
  it("is looked up in the row that the carrier brings, with the same rules", () => {
    const row = { tags: ["de-DE", "en-US"], aliases: { zh: "cmn-CN" } };
    expect(carrierLanguage(row, "de")).toBe("de-DE");
    expect(carrierLanguage(row, "zh-TW")).toBe("cmn-CN");
    expect(carrierLanguage(row, "nl-NL")).toBeNull();
  });
});
