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
