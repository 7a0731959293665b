import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openAudio, parseFormat } from "../../src/host/audio-format.ts";
import { encode } from "../emulator/audio/g711.ts";
import { wavHead } from "../emulator/speech/voice-vendor.ts";

const pcm = (rate: number) => ({ encoding: "pcm16", rate }) as const;
const PCMU = { encoding: "pcmu" } as const;
const PCMA = { encoding: "pcma" } as const;

describe("what providers call their audio", () => {
  it.each([
    ["pcm", 24_000, pcm(24_000)],
    ["pcm", 16_000, pcm(16_000)],
    ["pcm_22050", undefined, pcm(22_050)],
    ["pcm_44100", 44_100, pcm(44_100)],
    ["PCM_16000", undefined, pcm(16_000)],
    ["linear16", 8_000, pcm(8_000)],
    ["pcm_s16le_16000", undefined, pcm(16_000)],
    ["raw-24khz-16bit-mono-pcm", undefined, pcm(24_000)],
    ["raw-22050hz-16bit-mono-pcm", undefined, pcm(22_050)],
    ["raw-8khz-8bit-mono-mulaw", 8_000, PCMU],
    ["raw-8khz-8bit-mono-alaw", 8_000, PCMA],
    ["ulaw_8000", undefined, PCMU],
    ["mulaw", undefined, PCMU],
    ["alaw_8000", undefined, PCMA],
    ["g711_ulaw", 8_000, PCMU],
    ["wav", 24_000, "wav"],
    ["riff-8khz-8bit-mono-mulaw", undefined, "wav"],
  ])("%s at %s Hz can be played", (name, rate, format) => {
    expect(parseFormat(name, rate)).toEqual(format);
  });

  it.each([
    ["mp3", 24_000],
    ["mp3_44100_128", undefined],
    ["opus_48000_64", undefined],
    ["ogg-24khz-16bit-mono-opus", undefined],
    ["audio-24khz-48kbitrate-mono-mp3", undefined],
    ["webm", undefined],
    ["aac", 24_000],
    ["pcm", undefined],
    ["pcm", 400],
    ["pcm_f32le_24000", undefined],
    ["raw-8khz-8bit-mono-pcm", undefined],
    ["mulaw", 16_000],
    ["silk", 24_000],
    ["", 24_000],
  ])("%s at %s Hz cannot", (name, rate) => {
    expect(parseFormat(name, rate)).toBeNull();
  });
});

const mp3 = (length = 417, header = [0xff, 0xfb, 0x90, 0x00]): Uint8Array => {
  const bytes = new Uint8Array(length * 3);
  for (let at = 0; at < bytes.length; at += length) bytes.set(header, at);
  return bytes;
};
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

const LAW = { encoding: "pcmu" } as const;

const BARE = { format: LAW, skip: 0, bytes: null };

describe("the first bytes of audio", () => {
  it.each([
    ["an MP3 file", bytesOf("ID3\u0004\0\0")],
    ["MP3 frames", mp3()],
    ["small MP3 frames", mp3(24, [0xff, 0xf3, 0x14, 0xc4])],
    ["Ogg", bytesOf("OggS\0\u0002")],
    ["FLAC", bytesOf("fLaC\0")],
  ])("tell %s, whatever it is called", (_, bytes) => {
    for (const declared of [LAW, pcm(24_000), "wav"] as const)
      expect(() => openAudio(declared, bytes, false)).toThrow("wrong container");
  });

  it("are not taken for a container when they are a telephone's silence, hiss or loud samples", () => {
    expect(openAudio(LAW, new Uint8Array(5000).fill(0xff), true)).toEqual(BARE);
    fc.assert(
      fc.property(
        fc.int16Array({ minLength: 500, maxLength: 500, min: -1500, max: 1500 }),
        fc.constantFrom(0xfb, 0xfa, 0xf3, 0xe2),
        (samples, second) => {
          for (const bytes of [
            new Uint8Array(samples.buffer.slice(0)),
            Uint8Array.from(encode("pcmu", samples)),
          ]) {
            bytes.set([0xff, second, 0x90, 0x00]);
            expect(openAudio(LAW, bytes, true)).toEqual(BARE);
          }
        },
      ),
    );
  });
});

describe("the beginning of an utterance", () => {
  it("is bare samples as they were declared", () => {
    expect(openAudio(pcm(24_000), new Uint8Array(10), false)).toEqual({
      format: pcm(24_000),
      skip: 0,
      bytes: null,
    });
    expect(openAudio(PCMU, new Uint8Array(3), true)).toEqual({ format: PCMU, skip: 0, bytes: null });
  });

  it("is looked at again when it is short", () => {
    expect(openAudio(PCMU, new Uint8Array(3), false)).toBeNull();
    expect(openAudio(PCMU, mp3().subarray(0, 300), false)).toBeNull();
    expect(openAudio(PCMU, mp3().subarray(0, 300), true)).toEqual({ format: PCMU, skip: 0, bytes: null });
  });

  it.each([
    ["a container that is no audio for telephones", PCMU, mp3(), "wrong_container_mp3"],
    ["a container instead of samples", pcm(24_000), bytesOf("OggS and more"), "wrong_container_by_content"],
    ["a name that we do not know", null, new Uint8Array(100), "wrong_container_by_name"],
    ["samples instead of WAV", "wav", new Uint8Array(100), "wrong_container_not_wav"],
  ] as const)("is refused when it is %s", (_, declared, bytes, code) => {
    expect(() => openAudio(declared, bytes, false)).toThrow(expect.objectContaining({ code }));
  });

  it.each([[pcm(16_000)], [PCMU]] as const)("is read from a WAV header: %o", (format) => {
    const head = wavHead(format, 1000);
    expect(openAudio("wav", head, false)).toEqual({ format, skip: 44, bytes: 1000 });
    // A provider that calls it samples still gets its header read.
    expect(openAudio(pcm(24_000), head, false)).toEqual({ format, skip: 44, bytes: 1000 });
    for (let length = 4; length < 44; length++)
      expect(openAudio("wav", head.subarray(0, length), false)).toBeNull();
    expect(() => openAudio("wav", head.subarray(0, 40), true)).toThrow("wrong container");
  });

  it("skips chunks between the format and the samples", () => {
    const head = wavHead(pcm(16_000), 1000);
    const list = Buffer.from("LIST\u0005\0\0\0hello\0", "latin1");
    const bytes = Buffer.concat([head.subarray(0, 36), list, head.subarray(36)]);
    expect(openAudio("wav", bytes, false)).toEqual({
      format: pcm(16_000),
      skip: 44 + list.length,
      bytes: 1000,
    });
  });

  it.each([
    ["two channels", 22, 2],
    ["floating point", 20, 3],
    ["24 bits", 34, 24],
    ["a rate below that of telephones", 24, 1_000],
  ])("is refused when WAV holds %s", (_, at, value) => {
    const head = wavHead(pcm(16_000), 1000);
    head.writeUInt16LE(value, at);
    expect(() => openAudio("wav", head, false)).toThrow("wrong container");
  });

  it("does not look for the samples of a WAV for ever", () => {
    const head = wavHead(pcm(16_000), 1000).subarray(0, 36);
    const filler = Buffer.alloc(5000);
    filler.write("junk");
    filler.writeUInt32LE(1_000_000, 4);
    expect(() => openAudio("wav", Buffer.concat([head, filler]), false)).toThrow("wrong container");
  });
});
