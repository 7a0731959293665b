import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../src/media/g711.ts";
import { SpeechGate } from "../../src/media/speech-gate.ts";
import type { SpeechChange } from "../../src/media/speech-gate.ts";
import { keyFrames } from "../../src/media/tones.ts";
import {
  after,
  dbOf,
  fricative,
  hiss,
  mix,
  pcm,
  rumble,
  samplesIn,
  silence,
  sine,
  speech,
  toLevel,
  vowel,
} from "./signals.ts";

const RATE = 8000;
/** The gate may be told at any time of day. */
const BEGIN = 1_700_000_000_000;

interface Told {
  /** When it was told, ms since the beginning. */
  readonly at: number;
  readonly on: boolean;
  /** Of the change, ms since the beginning. */
  readonly ms: number;
}

/** Everything that the gate says about a line. `sent`: what we play at the same time. */
function listen(line: Float64Array, sent: Float64Array | null = null, gate = new SpeechGate("pcmu")): Told[] {
  const told: Told[] = [];
  for (let frame = 0; (frame + 1) * 160 <= line.length; frame++) {
    const bytes = encode(pcm(line.subarray(frame * 160, (frame + 1) * 160)), "pcmu");
    const loud = sent && dbOf(sent.subarray(frame * 160, (frame + 1) * 160));
    const at = (frame + 1) * 20;
    const change = gate.push(bytes, BEGIN + at, loud);
    if (change) told.push({ at, on: change.on, ms: (change.on ? change.sinceMs : change.endedMs) - BEGIN });
  }
  return told;
}

const opened = (told: readonly Told[]): Told[] => told.filter(({ on }) => on);
const quiet = (ms: number, db = -60, seed = 5): Float64Array => rumble(RATE, ms, db, seed);
/** Sound in a room. */
const inRoom = (sound: Float64Array, db = -60): Float64Array =>
  mix(sound, quiet((1000 * sound.length) / RATE, db));
const later = (ms: number, ...sounds: readonly Float64Array[]): Float64Array =>
  after(silence(RATE, ms), ...sounds);

/** How our voice comes back: late, fainter, and once more from the wall. */
function echoOf(ours: Float64Array, lateMs: number, lossDb: number): Float64Array {
  const fainter = ours.map((value) => 0.8 * value * 10 ** (-lossDb / 20));
  const wall = fainter.map((value) => 0.5 * value);
  return mix(later(lateMs, fainter), later(lateMs + 30, wall));
}

describe("the caller", () => {
  it.each([-16, -20, -26, -32, -36])("is heard within 120 ms at %d dB", (db) => {
    for (let seed = 1; seed <= 12; seed++) {
      const begin = 1000 + seed * 7;
      const [first] = opened(listen(inRoom(later(begin, speech(RATE, 600, db, seed)))));
      expect(first?.at).toBeLessThanOrEqual(begin + 120);
      expect(first?.at).toBeGreaterThanOrEqual(begin + 40);
      // A syllable swells.
      expect(Math.abs((first?.ms ?? 0) - begin)).toBeLessThanOrEqual(40);
    }
  });

  it("is heard when a word begins with a hiss, once the vowel is there", () => {
    const sound = toLevel(vowel(RATE, samplesIn(250, RATE), 140, 600, 1700), -22);
    const word = after(fricative(RATE, 120, -34, 30), sound);
    const [first] = opened(listen(inRoom(later(1000, word))));
    expect(first?.at).toBeLessThanOrEqual(1120 + 60);
    expect(first?.ms).toBeLessThan(1120);
  });

  it("is heard in A-law as well", () => {
    const gate = new SpeechGate("pcma");
    const line = inRoom(later(500, speech(RATE, 400, -24)));
    const changes: SpeechChange[] = [];
    for (let at = 0; at + 160 <= line.length; at += 160) {
      const change = gate.push(encode(pcm(line.subarray(at, at + 160)), "pcma"), (at + 160) / 8, null);
      if (change) changes.push(change);
    }
    expect(changes).toHaveLength(1);
  });

  it("is heard who speaks as soon as there is a line", () => {
    for (const begin of [0, 100, 300]) {
      const [first] = opened(listen(inRoom(later(begin, speech(RATE, 800, -20)))));
      expect(first?.at).toBeLessThanOrEqual(begin + 300);
    }
  });

  it("speaks on over the stops between syllables, and has ended 200 ms after the last one", () => {
    const told = listen(inRoom(later(1000, speech(RATE, 2940, -22), silence(RATE, 1000))));
    expect(told.map(({ on }) => on)).toEqual([true, false]);
    const [, end] = told;
    expect(Math.abs((end?.ms ?? 0) - 3940)).toBeLessThanOrEqual(40);
    expect(end?.at).toBe((end?.ms ?? 0) + 200);
  });

  it("is heard to go on for as long as it takes", () => {
    const told = listen(inRoom(later(500, speech(RATE, 20_000, -24), silence(RATE, 600)), -50));
    expect(told.map(({ on }) => on)).toEqual([true, false]);
  });

  it("is heard in a noise that is 15 dB fainter", () => {
    for (const noise of [-52, -45, -38]) {
      const line = mix(later(4000, speech(RATE, 1000, noise + 15)), quiet(5000, noise));
      const [first] = opened(listen(line));
      expect(first?.at).toBeGreaterThan(4000);
      expect(first?.at).toBeLessThanOrEqual(4200);
    }
  });

  it("is told from others in the room, once known", () => {
    const caller = speech(RATE, 1500, -20, 1);
    const others = speech(RATE, 8000, -40, 2);
    const told = listen(inRoom(after(silence(RATE, 500), caller, silence(RATE, 500), others, caller)));
    expect(opened(told).map(({ ms }) => Math.round(ms / 1000))).toEqual([1, 11]);
    // Who speaks first is the caller, and heard.
    expect(opened(listen(inRoom(later(500, others))))).not.toEqual([]);
  });

  it("is also who takes over the telephone, at once if 10 dB fainter, and after some seconds if more", () => {
    for (const [db, within] of [
      [-26, 200],
      [-34, 25_000],
    ] as const) {
      const first = later(500, speech(RATE, 3000, -16, 1), silence(RATE, 500));
      // Louder and fainter, as people talk.
      const talk = Array.from({ length: 20 }, (_, at) => speech(RATE, 1000, db + 4 * Math.sin(at), at));
      const told = opened(listen(inRoom(after(first, ...talk))));
      expect(told[1]?.at).toBeLessThan(4000 + within);
    }
  });
});

describe("no caller", () => {
  it.each([-70, -55, -45, -38, -30])("is a steady noise of %d dB", (db) => {
    for (const noise of [hiss, rumble]) {
      const told = listen(noise(RATE, 10_000, db));
      // Louder than -38 dB from the first moment on, it may be somebody.
      expect(told.every(({ at }) => db > -38 && at < 2500)).toBe(true);
    }
  });

  it("is a noise that begins, after two seconds", () => {
    for (const db of [-40, -30]) {
      const told = listen(after(quiet(3000), rumble(RATE, 10_000, db)));
      expect(told.every(({ at }) => at < 3000 + 2300)).toBe(true);
      expect(told.at(-1)?.on ?? false).toBe(false);
    }
  });

  it("is a hiss, however loud", () => {
    const hisses = later(1000, hiss(RATE, 500, -25), silence(RATE, 1000), fricative(RATE, 400, -30, 50));
    expect(listen(inRoom(after(hisses, silence(RATE, 500))))).toEqual([]);
  });

  it("is a click, or many", () => {
    const click = sine(500, RATE, 12, -15);
    const clicks = Array.from({ length: 12 }, (_, turn) => later(120 + 41 * (turn % 4), click));
    expect(listen(inRoom(later(1000, ...clicks)))).toEqual([]);
  });

  it("is a line that is silent", () => {
    expect(listen(silence(RATE, 5000))).toEqual([]);
  });

  it.each("0123456789*#ABCD".split(""))("presses %s", (digit) => {
    const gate = new SpeechGate("pcmu");
    const frames = [...keyFrames(`w${digit}w${digit}${digit}w`, "pcmu")];
    expect(frames.map((frame, at) => gate.push(frame, at * 20, null)).filter((change) => change)).toEqual([]);
  });

  it("holds a key down for a second, off the beat of the frames and in noise", () => {
    const key = mix(sine(852, RATE, 1000, -18), sine(1477, RATE, 1000, -16));
    for (const shift of [0, 3, 7, 13, 19]) {
      const line = inRoom(after(later(1000 + shift, key), silence(RATE, 600)), -45);
      expect(listen(line)).toEqual([]);
    }
  });
});

describe("our own voice", () => {
  const OURS = after(
    silence(RATE, 1000),
    speech(RATE, 3000, -18, 7),
    silence(RATE, 800),
    speech(RATE, 4000, -20, 8),
    silence(RATE, 1000),
  );

  it.each([18, 22, 28, 40])("is not the caller when it comes back %d dB fainter", (loss) => {
    for (const late of [20, 90, 230, 420]) {
      const line = mix(echoOf(OURS, late, loss), quiet(11_000)).subarray(0, OURS.length);
      expect(listen(line, OURS)).toEqual([]);
    }
  });

  it("would be the caller if the gate did not know what we play", () => {
    expect(listen(mix(echoOf(OURS, 90, 18), quiet(11_000)))).not.toEqual([]);
  });

  it("does not keep the caller from interrupting, echo or not", () => {
    for (const [loss, db] of [
      [20, -20],
      [40, -20],
      [40, -28],
    ] as const) {
      for (let seed = 1; seed <= 8; seed++) {
        const begin = 6500 + 11 * seed;
        const caller = later(begin, speech(RATE, 600, db, seed));
        const line = mix(echoOf(OURS, 150, loss), caller, quiet(12_000)).subarray(0, OURS.length);
        const [first] = opened(listen(line, OURS));
        expect(first?.at).toBeGreaterThan(begin);
        expect(first?.at).toBeLessThanOrEqual(begin + 140);
      }
    }
  });

  it("is forgotten when we have been silent for a while", () => {
    const line = inRoom(later(9_800 + 700, speech(RATE, 500, -36)));
    const [first] = opened(listen(line, mix(OURS, silence(RATE, 11_200))));
    expect(first?.at).toBeLessThanOrEqual(10_500 + 140);
  });
});

describe("the gate", () => {
  it("takes turns, in the order of time, whatever is on the line and however late it comes", () => {
    const frame = fc.oneof(
      fc.uint8Array({ minLength: 160, maxLength: 160 }),
      fc.integer({ min: 0, max: 255 }).map((code) => new Uint8Array(160).fill(code)),
      fc
        .integer({ min: -60, max: -5 })
        .map((db) =>
          encode(pcm(vowel(RATE, 160, 150, 600, 1500).map((v) => v * 10 ** ((db + 60) / 20))), "pcmu"),
        ),
      fc.uint8Array({ maxLength: 400 }),
    );
    const run = fc.tuple(
      frame,
      fc.integer({ min: 1, max: 25 }),
      fc.constantFrom(0, 20, 45),
      fc.option(fc.integer({ min: -100, max: 0 })),
    );
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 30 }), (runs) => {
        const gate = new SpeechGate("pcmu");
        const told: { on: boolean; at: number; now: number }[] = [];
        let now = 0;
        for (const [bytes, times, step, sent] of runs) {
          for (let turn = 0; turn < times; turn++) {
            now += step;
            const change = gate.push(bytes, now, sent);
            if (change) told.push({ on: change.on, at: change.on ? change.sinceMs : change.endedMs, now });
            expect(gate.on).toBe(told.at(-1)?.on ?? false);
          }
        }
        expect(told.map(({ on }) => on)).toEqual(told.map((_, at) => at % 2 === 0));
        expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).toSorted((a, b) => a - b));
        expect(told.every((change) => change.at <= change.now)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("hears nothing in empty frames", () => {
    const gate = new SpeechGate("pcmu");
    for (let at = 0; at < 50; at++) expect(gate.push(new Uint8Array(0), at * 20, null)).toBeNull();
  });
});
