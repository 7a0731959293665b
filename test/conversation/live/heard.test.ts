import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heardPrefix } from "../../../src/conversation/live/heard.ts";

/** Sentences with the times in ms at which a synthesizer says their words end, and how long the whole takes. */
const TIMED: readonly (readonly [language: string, text: string, ends: readonly number[]])[] = [
  [
    "en",
    "Would you like me to book it for you, or should I look for another day?",
    [188, 306, 565, 687, 830, 1122, 1262, 1447, 1640, 1908, 2155, 2271, 2489, 2675, 2989, 3307],
  ],
  [
    "en",
    "Your code is 4 1 5, 5 5 5, 0 1 2 3.",
    [182, 474, 626, 873, 1102, 1480, 1984, 2297, 2680, 3223, 3454, 3663, 3992],
  ],
  [
    "en",
    "The package left the warehouse this morning and should arrive on Thursday.",
    [139, 596, 862, 1000, 1435, 1630, 2110, 2317, 2558, 2857, 3018, 3594],
  ],
  ["de", "Guten Tag, wie geht es Ihnen?", [314, 640, 965, 1232, 1383, 1671]],
];

/** How often, of moments 50 ms apart, the count of words heard is one that was right within 100 ms. */
function shareRight(language: string, text: string, ends: readonly number[]): number {
  const whole = ends.at(-1) ?? 0;
  const moments = Array.from({ length: Math.floor(whole / 50) }, (_, at) => at * 50);
  const endedBy = (ms: number): number => ends.filter((end) => end <= ms).length;
  const right = moments.filter((ms) => {
    const heard = heardPrefix(text, ms / whole, language).match(/\S+/g)?.length ?? 0;
    return heard >= endedBy(ms - 100) && heard <= endedBy(ms + 100);
  });
  return right.length / moments.length;
}

describe("the words that were heard", () => {
  it.each(TIMED)("are right to 100 ms at nine moments of ten in %s: %s", (language, text, ends) => {
    expect(shareRight(language, text, ends)).toBeGreaterThanOrEqual(0.9);
  });

  it("end with a whole word", () => {
    const text = "Extraordinary, isn't it?";
    expect(heardPrefix(text, 0.1, "en")).toBe("");
    expect(heardPrefix(text, 0.7, "en")).toBe("Extraordinary");
    expect(heardPrefix(text, 1, "en")).toBe(text);
  });

  it("are found in scripts without spaces", () => {
    const text = "本日はお電話ありがとうございます。";
    const half = heardPrefix(text, 0.5, "ja");
    expect(text.startsWith(half)).toBe(true);
    expect(["本日はお電話", "本日はお電話ありがとう"]).toContain(half);
  });

  it("do not grow while a pause between sentences is played", () => {
    const text = "Yes. No.";
    expect(heardPrefix(text, 0.35, "en")).toBe("Yes");
    expect(heardPrefix(text, 0.6, "en")).toBe("Yes");
  });

  it.each([Number.NaN, -1, 0])("are none for the fraction %d", (fraction) => {
    expect(heardPrefix("Hello there.", fraction, "en")).toBe("");
  });

  it("are none of a text without words", () => {
    expect(heardPrefix("", 0.5, "en")).toBe("");
    expect(heardPrefix("… — !", 0.5, "en")).toBe("");
  });

  it("are a beginning of the text that never shrinks while more is played", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, fraction) => {
          const early = heardPrefix(text, fraction / 2, "en");
          const late = heardPrefix(text, fraction, "en");
          expect(text.trim().startsWith(late)).toBe(true);
          expect(late.startsWith(early)).toBe(true);
        },
      ),
    );
  });
});
