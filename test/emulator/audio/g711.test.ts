import { describe, expect, it } from "vitest";
import { decode, encode, powerOf, sampleOfALaw, sampleOfMuLaw, transcode } from "./g711.ts";

const EVERY_SAMPLE = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

/** Values of tables 2a and 2b (µ-law, 14 bits) and 1a and 1b (A-law, 13 bits) of ITU-T G.711, scaled to 16 bits. */
describe("the codec", () => {
  it.each([
    [0xff, 0],
    [0x7f, 0],
    [0xfe, 8],
    [0x7e, -8],
    [0xef, 132],
    [0x80, 32_124],
    [0x00, -32_124],
  ])("reads µ-law %i as %i", (byte, sample) => {
    expect(sampleOfMuLaw(byte) + 0).toBe(sample);
  });

  it.each([
    [0xd5, 8],
    [0x55, -8],
    [0xaa, 32_256],
    [0x2a, -32_256],
    [0xc5, 264],
  ])("reads A-law %i as %i", (byte, sample) => {
    expect(sampleOfALaw(byte)).toBe(sample);
  });

  it.each(["pcmu", "pcma"] as const)("takes %s bytes to samples and back", (law) => {
    const back = encode(law, decode(law, EVERY_BYTE));
    // µ-law has two zeros.
    const expected = EVERY_BYTE.map((byte) => (law === "pcmu" && byte === 0x7f ? 0xff : byte));
    expect(back).toEqual(expected);
  });

  it.each(["pcmu", "pcma"] as const)("is as near with %s as its steps allow", (law) => {
    const heard = decode(law, encode(law, EVERY_SAMPLE));
    const far = EVERY_SAMPLE.filter((sample, at) => {
      // µ-law ends a little earlier than 16 bits do.
      const most = law === "pcmu" ? 32_124 : 32_767;
      const clipped = Math.max(-most, Math.min(most, sample));
      return Math.abs(clipped - (heard[at] ?? 0)) > Math.abs(sample) / 32 + 8;
    });
    expect([...far]).toEqual([]);
  });

  it.each(["pcmu", "pcma"] as const)("tells the power of %s", (law) => {
    const samples = Int16Array.from({ length: 160 }, (_, at) => (at % 2 === 0 ? 4000 : -4000));
    const power = powerOf(law, encode(law, samples));
    expect(Math.abs(Math.sqrt(power) - 4000)).toBeLessThan(130);
  });

  it("changes one law for the other", () => {
    const samples = Int16Array.of(0, 1000, -1000, 20_000, -20_000);
    const [alaw, mulaw] = [encode("pcma", samples), encode("pcmu", samples)];
    expect(transcode("pcmu", "pcmu", mulaw)).toBe(mulaw);
    const heard = decode("pcma", transcode("pcmu", "pcma", mulaw));
    for (const [at, sample] of samples.entries()) {
      expect(Math.abs((heard[at] ?? 0) - sample)).toBeLessThanOrEqual(Math.abs(sample) / 16 + 16);
    }
    expect(transcode("pcma", "pcmu", alaw)).toHaveLength(samples.length);
  });
});
