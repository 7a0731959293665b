import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AudioFormat } from "../../src/media/commands.ts";
import { PieceConverter } from "../../src/media/converter.ts";
import { decode, encode, SILENCE, transcode } from "../../src/media/g711.ts";
import type { Encoding } from "../../src/media/protocol.ts";
import { after, bytesOf, cut, dbOf, hiss, mix, pcm, silence, sine, speech } from "./signals.ts";
import { wav } from "./wav.ts";

/** Pushes a piece in chunks, taking what is there after each. */
function convert(target: Encoding, format: AudioFormat, bytes: Uint8Array, sizes: readonly number[] = []) {
  const converter = new PieceConverter(target);
  const frames: Uint8Array[] = [];
  const take = (): void => {
    for (let frame = converter.next(); frame !== null; frame = converter.next()) frames.push(frame);
  };
  for (const chunk of cut(bytes, sizes)) {
    converter.push(format, chunk);
    take();
  }
  converter.end();
  take();
  expect(converter.done).toBe(true);
  expect(converter.waiting).toBe(0);
  expect(frames.every((frame) => frame.length === 160)).toBe(true);
  return { converter, frames, audio: Buffer.concat(frames) };
}

const PCM24: AudioFormat = { encoding: "pcm16", rate: 24_000 };
const PCMU: AudioFormat = { encoding: "pcmu" };

const FORMATS: readonly AudioFormat[] = [
  PCMU,
  { encoding: "pcma" },
  ...[8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000].map((rate) => ({
    encoding: "pcm16" as const,
    rate,
  })),
];

/** A signal as its provider would send it. */
function sent(format: AudioFormat, make: (rate: number) => Float64Array): Uint8Array {
  if (format.encoding !== "pcm16") return encode(pcm(make(8000)), format.encoding);
  return bytesOf(pcm(make(format.rate)));
}

const padded = (rate: number): Float64Array =>
  mix(after(silence(rate, 200), sine(1000, rate, 500, -15)), hiss(rate, 700, -65));

describe.each(FORMATS)("a piece in %j", (format) => {
  it.each(["pcmu", "pcma"] as const)("is heard as %s, without the silence before it", (target) => {
    const { converter, audio } = convert(target, format, sent(format, padded));
    expect(converter.trimmedMs).toBeGreaterThan(185);
    expect(converter.trimmedMs).toBeLessThanOrEqual(200);
    expect(converter.knownMs + converter.trimmedMs).toBeCloseTo(700, 0);
    expect(audio.length / 8).toBeGreaterThanOrEqual(converter.knownMs);
    expect(audio.length / 8).toBeLessThan(converter.knownMs + 21);
    const tone = decode(audio, target).subarray(20 * 8, 480 * 8);
    expect(Math.abs(dbOf(tone) + 15)).toBeLessThan(0.1);
    // It is that tone and nothing else: a line of 1 kHz repeats after eight samples, the law's own noise apart.
    const change = tone.subarray(8).map((sample, at) => sample - (tone[at] ?? 0));
    expect(dbOf(change)).toBeLessThan(-45);
  });

  it("is the same however it is cut, in the middle of samples too", () => {
    const bytes = sent(format, (rate) => after(silence(rate, 60), speech(rate, 170, -20)));
    const whole = convert("pcmu", format, bytes).audio;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2001 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        expect(convert("pcmu", format, bytes, sizes).audio).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a piece of speech", () => {
  it("comes through untouched when it is in the stream's encoding, the end filled up with silence", () => {
    const bytes = encode(pcm(speech(8000, 130, -20)), "pcmu");
    // -0 is a code that encoding would not bring back.
    bytes[400] = 0x7f;
    const { audio, converter } = convert("pcmu", PCMU, bytes, [7, 300]);
    expect(converter.knownMs).toBe(130);
    expect(audio.subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
    expect(audio.subarray(bytes.length).every((byte) => byte === SILENCE.pcmu)).toBe(true);
    expect(audio).toHaveLength(7 * 160);
    expect(convert("pcma", PCMU, bytes).audio.subarray(0, 1040)).toEqual(
      Buffer.from(transcode(bytes, "pcmu", "pcma")),
    );
  });

  it("is worked off frame by frame, when a frame is asked for", () => {
    const converter = new PieceConverter("pcmu");
    const bytes = bytesOf(pcm(speech(24_000, 10_000, -20)));
    converter.push(PCM24, bytes);
    expect(converter.waiting).toBe(bytes.length);
    for (let turn = 1; turn <= 20; turn++) {
      expect(converter.next()).not.toBeNull();
      // One frame, and what the filter looks ahead.
      const used = (bytes.length - converter.waiting) / 2 / 24;
      expect(used).toBeGreaterThanOrEqual(turn * 20);
      expect(used).toBeLessThanOrEqual(turn * 20 + 20);
    }
  });

  it("gives its first frame as soon as there is enough for it", () => {
    const converter = new PieceConverter("pcmu");
    const tone = bytesOf(pcm(sine(400, 24_000, 100, -15)));
    converter.push(PCM24, tone.subarray(0, 2 * 24 * 20));
    expect(converter.next()).toBeNull();
    converter.push(PCM24, tone.subarray(2 * 24 * 20, 2 * 24 * 22));
    expect(converter.next()).toHaveLength(160);
    expect(converter.next()).toBeNull();
    expect(converter.done).toBe(false);
  });

  it("is done with its last frame, also when the end is told late", () => {
    for (const format of [PCMU, { encoding: "pcm16", rate: 8000 }] as const) {
      const converter = new PieceConverter("pcmu");
      converter.push(
        format,
        sent(format, (rate) => sine(400, rate, 40, -15)),
      );
      converter.next();
      converter.next();
      expect(converter.next()).toBeNull();
      expect(converter.done).toBe(false);
      converter.end();
      expect(converter.done).toBe(true);
      expect(converter.next()).toBeNull();
    }
    const early = new PieceConverter("pcmu");
    early.push(PCM24, bytesOf(pcm(sine(400, 24_000, 40, -15))));
    early.end();
    early.next();
    expect(early.done).toBe(false);
    early.next();
    expect(early.done).toBe(true);
  });

  it.each([
    ["nothing came", []],
    ["nothing but empty chunks came", [new Uint8Array(0), new Uint8Array(0)]],
    ["half a sample came", [Uint8Array.of(3)]],
    ["a header came", [wav(new Uint8Array(0))]],
    ["a second of silence came", [new Uint8Array(48_000)]],
    ["a second of faint noise came", [bytesOf(pcm(hiss(24_000, 1000, -70)))]],
  ])("is known to be empty when %s", (_, chunks) => {
    const converter = new PieceConverter("pcma");
    for (const chunk of chunks) converter.push(PCM24, chunk);
    expect(converter.next()).toBeNull();
    converter.end();
    expect(converter.next()).toBeNull();
    expect(converter.knownMs).toBe(0);
    expect(converter.done).toBe(true);
    expect(converter.fault).toBeNull();
  });

  it("that is silent for longer than two seconds is played from there on", () => {
    const { converter, frames } = convert("pcmu", PCM24, new Uint8Array(48_000 * 3));
    expect(converter.trimmedMs).toBeCloseTo(1992, 0);
    expect(frames).toHaveLength(51);
  });

  it("keeps the pauses within it", () => {
    const tone = sine(400, 24_000, 100, -15);
    const { converter } = convert("pcmu", PCM24, bytesOf(pcm(after(tone, silence(24_000, 700), tone))));
    expect(converter.trimmedMs).toBe(0);
    expect(converter.knownMs).toBe(900);
  });

  it("is dropped after its end", () => {
    const { converter } = convert("pcmu", PCMU, encode(pcm(sine(400, 8000, 40, -15)), "pcmu"));
    converter.push(PCMU, new Uint8Array(800).fill(3));
    converter.end();
    expect(converter.next()).toBeNull();
    expect(converter.knownMs).toBe(40);
  });

  it("may change its format on the way, as when another voice takes over", () => {
    const converter = new PieceConverter("pcmu");
    const parts: readonly AudioFormat[] = [PCM24, PCMU, { encoding: "pcm16", rate: 22_050 }, PCM24];
    for (const format of parts)
      converter.push(
        format,
        sent(format, (rate) => after(sine(500, rate, 60, -15))),
      );
    converter.end();
    const frames: Uint8Array[] = [];
    for (let frame = converter.next(); frame !== null; frame = converter.next()) frames.push(frame);
    expect(converter.done).toBe(true);
    expect(converter.knownMs).toBeCloseTo(240, 0);
    expect(frames).toHaveLength(12);
    expect(dbOf(decode(Buffer.concat(frames), "pcmu"))).toBeCloseTo(-15, 0);
  });
});

describe("a piece that is not what was promised", () => {
  it("is played at the rate of its WAV header, without a click", () => {
    const tone = pcm(sine(1000, 16_000, 400, -15));
    const file = wav(bytesOf(tone), { rate: 16_000 });
    for (const sizes of [[], [1], [43, 2, 5]]) {
      const { converter, audio } = convert("pcmu", PCM24, file, sizes);
      expect(converter.knownMs).toBe(400);
      expect(audio).toEqual(convert("pcmu", { encoding: "pcm16", rate: 16_000 }, bytesOf(tone)).audio);
    }
    const mu = encode(tone, "pcmu");
    expect(
      convert("pcmu", PCM24, wav(mu, { tag: 7, bits: 8, rate: 8000 })).audio.subarray(0, mu.length),
    ).toEqual(Buffer.from(mu));
  });

  it("is no sound when it is a file of another kind", () => {
    const { converter, frames } = convert(
      "pcmu",
      PCM24,
      Buffer.from("OggS but not samples".repeat(100)),
      [5],
    );
    expect(frames).toHaveLength(0);
    expect(converter.knownMs).toBe(0);
    expect(converter.fault).toBe("format");
  });

  it.each([0, -1, 1.5, Number.NaN, 1e9])("is no sound at a rate of %d", (rate) => {
    const { converter, frames } = convert("pcmu", { encoding: "pcm16", rate }, new Uint8Array(4000).fill(9));
    expect(frames).toHaveLength(0);
    expect(converter.fault).toBe("format");
  });

  it("is cut when more waits than may", () => {
    const converter = new PieceConverter("pcmu");
    const chunk = new Uint8Array(8 * 1024 * 1024).fill(0x20);
    for (let turn = 0; turn < 6; turn++) converter.push(PCMU, chunk);
    expect(converter.fault).toBe("too-long");
    expect(converter.waiting).toBe(4 * chunk.length);
    expect(converter.next()).toHaveLength(160);
  });
});

describe("the converter", () => {
  it("never throws and never makes audio up, whatever comes in whatever order", () => {
    const format = fc.constantFrom<AudioFormat>(...FORMATS, { encoding: "pcm16", rate: 5 });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 700 }),
      fc.nat(3000).map((length) => new Uint8Array(length)),
      fc
        .uint8Array({ maxLength: 200 })
        .map((audio) => wav(audio, { rate: 8000 }).subarray(0, 30 + audio.length)),
    );
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ format, bytes }) },
      { weight: 4, arbitrary: fc.constant("next" as const) },
      { weight: 1, arbitrary: fc.constant("end" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const converter = new PieceConverter("pcma");
        let frames = 0;
        const next = (): boolean => {
          const frame = converter.next();
          if (frame !== null) frames++;
          return frame !== null;
        };
        for (const one of steps) {
          if (one === "next") next();
          else if (one === "end") converter.end();
          else converter.push(one.format, one.bytes);
        }
        converter.end();
        while (next());
        expect(converter.done).toBe(true);
        expect(converter.waiting).toBe(0);
        expect(converter.trimmedMs).toBeLessThanOrEqual(2000);
        // A frame that is begun is filled up, and each change of the rate rounds up to a sample.
        expect(frames * 20).toBeGreaterThanOrEqual(converter.knownMs);
        expect(frames * 20).toBeLessThan(converter.knownMs + 20 + 0.126 * steps.length);
      }),
    );
  });
});
