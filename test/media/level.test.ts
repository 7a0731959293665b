import { describe, expect, it } from "vitest";
import { encode, SILENCE } from "../../src/media/g711.ts";
import { levelDb, NO_LEVEL_DB, toDb } from "../../src/media/level.ts";
import { dbOf, hiss, pcm, sine } from "./signals.ts";

describe("a level", () => {
  it.each(["pcmu", "pcma"] as const)(
    "of %s is that of the samples within the law's own error",
    (encoding) => {
      for (const db of [-3.1, -10, -20, -30, -40, -50]) {
        const tone = pcm(sine(440, 8000, 500, db));
        expect(levelDb(encode(tone, encoding), encoding)).toBeCloseTo(db, db > -45 ? 1 : 0);
        const noise = pcm(hiss(8000, 500, db - 7));
        expect(Math.abs(levelDb(encode(noise, encoding), encoding) - dbOf(noise))).toBeLessThan(0.8);
      }
    },
  );

  it("is lowest for silence, and for nothing", () => {
    expect(levelDb(new Uint8Array(160).fill(SILENCE.pcmu), "pcmu")).toBe(NO_LEVEL_DB);
    expect(levelDb(new Uint8Array(160).fill(SILENCE.pcma), "pcma")).toBeCloseTo(-72.2, 1);
    expect(levelDb(new Uint8Array(0), "pcmu")).toBe(NO_LEVEL_DB);
  });

  it("is about nothing for the loudest square", () => {
    expect(levelDb(new Uint8Array(160).fill(0x80), "pcmu")).toBeCloseTo(-0.17, 2);
    expect(toDb(1)).toBe(0);
    expect(toDb(0)).toBe(NO_LEVEL_DB);
  });
});
