import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Handpiece } from "../../../src/carrier/mock/handpiece.ts";
import { Recorder } from "../../../src/carrier/mock/recorder.ts";
import { decode, encode } from "../../../src/media/g711.ts";

const FRAME = 160;
const SILENCE = 0xff;
const SECOND = 8_000;

/** Loud µ-law, all one byte. */
const loud = (ms: number, byte = 0x20): Uint8Array => new Uint8Array((ms * SECOND) / 1000).fill(byte);

const tone = (rate: number, ms: number): Int16Array =>
  Int16Array.from({ length: (rate * ms) / 1000 }, (_, at) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * 440 * at) / rate)),
  );

function wav(rate: number, samples: Int16Array, channels = 1): Uint8Array {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0).toString();
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2 * channels, 28);
  head.writeUInt16LE(2 * channels, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

/** All that it says until it has nothing more to say. */
function saidBy(piece: Handpiece): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let frame = piece.speaks(); frame !== null; frame = piece.speaks()) frames.push(frame);
  return Buffer.concat(frames);
}

/** What `Recorder` would get. */
function heardBy(piece: Handpiece): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let from = 0; ;) {
    const { cursor, audio } = piece.heardAfter(from);
    if (audio.length === 0) return Buffer.concat(parts);
    parts.push(audio);
    from = cursor;
  }
}

const rms = (ulaw: Uint8Array): number => {
  const samples = decode(ulaw, "pcmu");
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
};

describe("a handpiece", () => {
  it("says bare µ-law frame by frame, as it is, then nothing", () => {
    const piece = new Handpiece();
    const audio = Uint8Array.from({ length: 5 * FRAME }, (_, at) => 0x10 + (at % 7));
    expect(piece.say(audio)).toBe(100);
    expect([...saidBy(piece)]).toEqual([...audio]);
    expect(piece.speaks()).toBeNull();
  });

  it.each([8_000, 16_000, 24_000, 44_100, 48_000])(
    "says a WAV file of %s Hz as loud and as long as it is",
    (rate) => {
      const piece = new Handpiece();
      const ms = piece.say(wav(rate, tone(rate, 500)));
      expect(ms).toBeGreaterThanOrEqual(500);
      expect(ms).toBeLessThanOrEqual(520);
      const said = saidBy(piece);
      expect(rms(said.subarray(0, 3_600)) / (12_000 / Math.SQRT2)).toBeCloseTo(1, 1);
    },
  );

  it("says one thing after another, and silence fills the last frame", () => {
    const piece = new Handpiece();
    piece.say(loud(30, 0x20));
    piece.say(loud(20, 0x30));
    const said = saidBy(piece);
    expect(said).toHaveLength(3 * FRAME);
    expect([said[0], said[239], said[240], said[319], said[320], said[479]]).toEqual([
      0x20,
      0x20,
      SILENCE,
      SILENCE,
      0x30,
      0x30,
    ]);
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["silence", new Uint8Array(1_600).fill(SILENCE)],
    ["two channels", wav(16_000, tone(16_000, 100), 2)],
    ["an MP3", Buffer.from("ID3\u0003 and so on and on and on", "latin1")],
    ["a WAV file without audio", wav(16_000, new Int16Array())],
  ])("says nothing of %s", (_, audio) => {
    const piece = new Handpiece();
    expect(piece.say(audio)).toBeNull();
    expect(piece.speaks()).toBeNull();
  });

  it("takes a minute at most, and says what it has when more comes", () => {
    const piece = new Handpiece();
    expect(piece.say(loud(59_000))).toBe(59_000);
    expect(piece.say(loud(2_000))).toBeNull();
    expect(piece.say(loud(1_000))).toBe(1_000);
    expect(saidBy(piece)).toHaveLength(60 * SECOND);
  });

  it("keeps what is heard with the silence in it, whoever asks and how often", () => {
    const piece = new Handpiece();
    piece.speaks();
    piece.heard(loud(20));
    piece.speaks();
    piece.speaks();
    piece.speaks();
    piece.heard(loud(10, 0x30));
    piece.heard(loud(10, 0x31));
    const heard = heardBy(piece);
    expect([...heardBy(piece)]).toEqual([...heard]);
    expect([...heard]).toEqual([
      ...loud(20),
      ...new Uint8Array(2 * FRAME).fill(SILENCE),
      ...loud(10, 0x30),
      ...loud(10, 0x31),
    ]);
    expect(piece.heardAfter(10_000)).toEqual({ cursor: 4 * FRAME, audio: new Uint8Array() });
  });

  it("keeps the last thirty seconds, at their place, however long it was silent in between", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ silent: fc.constantFrom(0, 1, 30, 1_600), loud: fc.constantFrom(1, 40, 400) }), {
          minLength: 1,
          maxLength: 12,
        }),
        (stretches) => {
          const piece = new Handpiece();
          const whole: number[] = [];
          for (const [no, stretch] of stretches.entries()) {
            for (let tick = 0; tick < stretch.silent; tick++) {
              piece.speaks();
              whole.push(SILENCE);
            }
            for (let tick = 0; tick < stretch.loud; tick++) {
              piece.speaks();
              piece.heard(loud(20, no));
              whole.push(no);
            }
          }
          const all = heardBy(piece);
          const frames = Array.from({ length: all.length / FRAME }, (_, at) => all[at * FRAME]);
          expect(frames).toEqual(whole.slice(-1_500));
          expect(piece.heardAfter((whole.length - 1) * FRAME).audio).toEqual(loud(20, stretches.length - 1));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives five seconds at a time", () => {
    const piece = new Handpiece();
    for (let tick = 0; tick < 300; tick++) {
      piece.speaks();
      piece.heard(loud(20));
    }
    expect(piece.heardAfter(0).audio).toHaveLength(5 * SECOND);
  });
});

describe("a recording", () => {
  it("is a WAV file that can be played into a line again", async () => {
    const piece = new Handpiece();
    const line = { listen: async (_: string, after: number) => piece.heardAfter(after) };
    const recorder = new Recorder(line);
    expect(recorder.file()).toBeNull();
    const audio = encode(tone(8_000, 7_000), "pcmu");
    for (let at = 0; at < audio.length; at += FRAME) {
      piece.speaks();
      piece.heard(audio.subarray(at, at + FRAME));
      if (at === 100 * FRAME) await recorder.follow("mock-1");
    }
    await recorder.follow("mock-1");
    await recorder.follow("mock-1");
    const again = new Handpiece();
    expect(again.say(recorder.file() ?? new Uint8Array())).toBe(7_000);
    expect([...saidBy(again)]).toEqual([...audio]);
  });

  it("has one call after another, each from its beginning", async () => {
    const calls = new Map([
      ["mock-1", new Handpiece()],
      ["mock-2", new Handpiece()],
    ]);
    const recorder = new Recorder({
      listen: async (id, after) => (calls.get(id) as Handpiece).heardAfter(after),
    });
    for (const [at, [id, piece]] of [...calls].entries()) {
      piece.speaks();
      piece.heard(loud(20, 0x20 + at));
      await recorder.follow(id);
    }
    expect([...(recorder.file() ?? new Uint8Array()).subarray(58)]).toEqual([
      ...loud(20, 0x20),
      ...loud(20, 0x21),
    ]);
  });
});
