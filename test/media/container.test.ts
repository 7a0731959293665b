import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AudioFormat } from "../../src/media/commands.ts";
import { containerOf, Unwrapper } from "../../src/media/container.ts";
import { cut } from "./signals.ts";
import { chunkOf, wav } from "./wav.ts";

const PCM: AudioFormat = { encoding: "pcm16", rate: 24_000 };
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** All audio that comes out of a file, and in which format. */
function unwrap(file: Uint8Array, format: AudioFormat, sizes: readonly number[] = []) {
  const unwrapper = new Unwrapper(format);
  const parts = [...cut(file, sizes)].map((chunk) => Buffer.from(unwrapper.push(chunk)));
  const audio = Buffer.concat([...parts, unwrapper.end()]);
  return { audio, format: unwrapper.format, foreign: unwrapper.foreign };
}

const AUDIO = Buffer.from(Array.from({ length: 64 }, (_, at) => at));

describe("audio in a WAV file", () => {
  it.each([
    ["16-bit samples", wav(AUDIO, { rate: 22_050 }), { encoding: "pcm16", rate: 22_050 }],
    [
      "samples in the extensible form",
      wav(AUDIO, { rate: 16_000, extensible: true }),
      { encoding: "pcm16", rate: 16_000 },
    ],
    ["µ-law", wav(AUDIO, { tag: 7, bits: 8, rate: 8000 }), { encoding: "pcmu" }],
    ["A-law", wav(AUDIO, { tag: 6, bits: 8, rate: 8000 }), { encoding: "pcma" }],
    ["a stream that does not know its length", wav(AUDIO, { length: 0xffff_ffff }), PCM],
    ["a stream that says it has no length", wav(AUDIO, { length: 0 }), PCM],
    ["other chunks before it", wav(AUDIO, { before: chunkOf("LIST", bytes("abc")) }), PCM],
    ["other chunks behind it", Buffer.concat([wav(AUDIO), chunkOf("LIST", bytes("abcd"))]), PCM],
  ] as const)("is read: %s", (_, file, format) => {
    for (const sizes of [[], [1], [3, 1, 40], [44], [45]]) {
      for (const promised of [PCM, { encoding: "pcmu" }] as const) {
        expect(unwrap(file, promised, sizes)).toEqual({ audio: AUDIO, format, foreign: false });
      }
    }
  });

  it.each([
    ["two channels", wav(AUDIO, { channels: 2 })],
    ["24 bits", wav(AUDIO, { bits: 24 })],
    ["floating point", wav(AUDIO, { tag: 3, bits: 32 })],
    ["a rate that is none", wav(AUDIO, { rate: 7 })],
    ["µ-law at another rate", wav(AUDIO, { tag: 7, bits: 8, rate: 16_000 })],
    ["µ-law of 16 bits", wav(AUDIO, { tag: 7, bits: 16, rate: 8000 })],
    ["MP3 inside", wav(AUDIO, { tag: 0x55, bits: 0, rate: 24_000 })],
    ["no format before the audio", Buffer.concat([bytes("RIFF____WAVE"), chunkOf("data", AUDIO)])],
    [
      "a format that is too short",
      Buffer.concat([bytes("RIFF____WAVE"), chunkOf("fmt ", AUDIO.subarray(0, 8))]),
    ],
    ["no WAVE at all", Buffer.concat([bytes("RIFF____AVI "), AUDIO])],
    ["a header without end", wav(AUDIO, { before: chunkOf("junk", Buffer.alloc(5000)) }).subarray(0, 4500)],
    ["half a header", wav(AUDIO).subarray(0, 30)],
    ["an eighth of a header", wav(AUDIO).subarray(0, 5)],
  ])("is refused: %s", (_, file) => {
    for (const sizes of [[], [1], [7]]) {
      const { audio, foreign } = unwrap(file, PCM, sizes);
      expect(audio).toHaveLength(0);
      expect(foreign).toBe(true);
    }
  });

  it("ends where its header says", () => {
    const unwrapper = new Unwrapper(PCM);
    expect(unwrapper.push(wav(AUDIO))).toEqual(AUDIO);
    expect(unwrapper.push(AUDIO)).toHaveLength(0);
  });
});

describe("audio in another file", () => {
  it.each([
    ["Ogg", bytes("OggS\0\u0002")],
    ["FLAC", bytes("fLaC\0\0")],
    ["MP3 with a tag", bytes("ID3\u0004\0\0")],
    ["MP3, 128 kbit/s, 44.1 kHz", Buffer.of(0xff, 0xfb, 0x90, 0x64)],
    ["MP3, 64 kbit/s, 24 kHz", Buffer.of(0xff, 0xf3, 0x84, 0xc4)],
  ])("is refused where samples were promised: %s", (_, head) => {
    for (const sizes of [[], [1]]) {
      const { audio, foreign } = unwrap(Buffer.concat([head, AUDIO]), PCM, sizes);
      expect(foreign).toBe(true);
      expect(audio).toHaveLength(0);
    }
  });

  it("is not looked for where there is none: bare samples come through as they are", () => {
    const loud = fc
      .uint8Array({ maxLength: 64 })
      .filter((all) => containerOf(all, true, PCM).kind === "none");
    fc.assert(
      fc.property(loud, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, sizes) => {
        expect(unwrap(all, PCM, sizes)).toEqual({ audio: Buffer.from(all), format: PCM, foreign: false });
      }),
    );
  });

  it.each([
    ["nothing", Buffer.of()],
    ["one byte", Buffer.of(0x52)],
    ["the beginning of a name", bytes("RIF")],
    ["silence", Buffer.alloc(8)],
    ["a faint negative sample", Buffer.of(0xff, 0xff, 0xfe, 0xff)],
    ["-1025 and no frame header", Buffer.of(0xff, 0xfb, 0xff, 0x00)],
    ["-1025 at the end", Buffer.of(0xff, 0xfb)],
  ])("is not %s", (_, all) => {
    expect(unwrap(all, PCM)).toEqual({ audio: all, format: PCM, foreign: false });
  });

  it("is not µ-law that begins with near silence, which looks like MP3", () => {
    const quiet = Buffer.of(0xff, 0xfb, 0x7b, 0xfe, 0x7d);
    expect(containerOf(quiet, false, PCM).kind).toBe("foreign");
    expect(unwrap(quiet, { encoding: "pcmu" }).audio).toEqual(quiet);
  });
});
