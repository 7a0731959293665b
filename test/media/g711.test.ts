import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, LINEAR, SILENCE, transcode } from "../../src/media/g711.ts";

/**
 * The witness: the laws as ITU-T G.711 tabulates them. Each segment of the positive half has 16 intervals of one size, from
 * the decision value at its beginning; an interval stands for its middle. The scales are those of the tables, 12 and 13 bits.
 */
interface Interval {
  readonly from: number;
  readonly middle: number;
}

/** Table 1a: segments begin at 0, 32, 64, 128 … 2048 of 4096, with steps of 2, 2, 4, 8 …; a sample of 16 bits is eight times that. */
const A_LAW: Interval[] = [0, 32, 64, 128, 256, 512, 1024, 2048].flatMap((start, segment) => {
  const step = segment === 0 ? 2 : 2 ** segment;
  return Array.from({ length: 16 }, (_, index) => ({
    from: 8 * (start + index * step),
    middle: 8 * (start + (index + 0.5) * step),
  }));
});

/**
 * Table 2a: segments end at 31, 95, 223, 479, 991, 2015, 4063, 8159, with steps of 2, 4, 8 …; a sample of 16 bits is four
 * times that. The very first interval is half as wide and stands for 0.
 */
const MU_LAW: Interval[] = [-1, 31, 95, 223, 479, 991, 2015, 4063].flatMap((start, segment) => {
  const step = 2 ** (segment + 1);
  return Array.from({ length: 16 }, (_, index) => ({
    from: Math.max(0, 4 * (start + index * step)),
    middle: 4 * (start + (index + 0.5) * step),
  }));
});

function interval(law: readonly Interval[], magnitude: number): number {
  const above = law.findIndex(({ from }) => from > magnitude);
  return above === -1 ? law.length - 1 : above - 1;
}

/** Table 1a, note 2: the even bits are inverted; positive values have the first bit set. */
const aCode = (sample: number): number =>
  (interval(A_LAW, Math.abs(sample)) + (sample < 0 ? 0 : 0x80)) ^ 0b0101_0101;
/** Table 2a counts the intervals downwards from 1111 1111 for the smallest positive. */
const muCode = (sample: number): number => (sample < 0 ? 0x7f : 0xff) - interval(MU_LAW, Math.abs(sample));

const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);

describe("G.711", () => {
  it("encodes every sample as the tables of the Recommendation do", () => {
    expect(encode(everySample, "pcmu")).toEqual(Uint8Array.from(everySample, muCode));
    expect(encode(everySample, "pcma")).toEqual(Uint8Array.from(everySample, aCode));
  });

  it("decodes every code to the middle of its interval", () => {
    const mu = Int16Array.from({ length: 256 }, (_, code) => {
      const middle = MU_LAW[0x7f - (code & 0x7f)]?.middle ?? Number.NaN;
      return code < 0x80 ? -middle : middle;
    });
    const a = Int16Array.from({ length: 256 }, (_, code) => {
      const bits = code ^ 0b0101_0101;
      const middle = A_LAW[bits & 0x7f]?.middle ?? Number.NaN;
      return bits < 0x80 ? -middle : middle;
    });
    expect(decode(everyCode, "pcmu")).toEqual(mu);
    expect(decode(everyCode, "pcma")).toEqual(a);
  });

  it("knows the codes that everybody knows", () => {
    expect([...encode(Int16Array.of(0, -1, 32_767, -32_768), "pcmu")]).toEqual([0xff, 0x7f, 0x80, 0x00]);
    expect([...encode(Int16Array.of(0, -1, 32_767, -32_768), "pcma")]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
    expect([LINEAR.pcmu[0x00], LINEAR.pcmu[0x80], LINEAR.pcma[0x2a]]).toEqual([-32_124, 32_124, -32_256]);
  });

  it("comes back to the same code, but for the negative zero of PCMU", () => {
    expect(encode(decode(everyCode, "pcma"), "pcma")).toEqual(everyCode);
    expect(encode(decode(everyCode, "pcmu"), "pcmu")).toEqual(
      everyCode.map((code) => (code === 0x7f ? 0xff : code)),
    );
  });

  it("has silence that is the code of no sound", () => {
    for (const encoding of ["pcmu", "pcma"] as const) {
      expect(encode(Int16Array.of(0), encoding)[0]).toBe(SILENCE[encoding]);
    }
  });

  it("goes from one law to the other as through samples, and leaves the same law alone", () => {
    expect(transcode(everyCode, "pcmu", "pcma")).toEqual(encode(decode(everyCode, "pcmu"), "pcma"));
    expect(transcode(everyCode, "pcma", "pcmu")).toEqual(encode(decode(everyCode, "pcma"), "pcmu"));
    expect(transcode(everyCode, "pcma", "pcma")).toBe(everyCode);
  });

  it("stays within a thirtieth of the sample, or within the smallest step", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -32_000, max: 32_000 }),
        fc.constantFrom("pcmu" as const, "pcma" as const),
        (sample, law) => {
          const [back = Number.NaN] = decode(encode(Int16Array.of(sample), law), law);
          expect(Math.abs(back - sample)).toBeLessThanOrEqual(Math.max(8, Math.abs(sample) / 30));
        },
      ),
    );
  });

  it("writes to the beginning of what it is given, and returns that part", () => {
    const bytes = new Uint8Array(5).fill(1);
    expect(encode(Int16Array.of(0, 0), "pcmu", bytes)).toEqual(Uint8Array.of(0xff, 0xff));
    expect([...bytes]).toEqual([0xff, 0xff, 1, 1, 1]);
    const samples = new Int16Array(3).fill(7);
    expect(decode(Uint8Array.of(0xff), "pcmu", samples)).toEqual(Int16Array.of(0));
    expect([...samples]).toEqual([0, 7, 7]);
    expect(encode(Int16Array.of(0, 0, 0), "pcma", new Uint8Array(3))).toHaveLength(3);
  });
});
