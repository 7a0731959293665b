import { decode, encode } from "./g711.ts";
import { HOP, Spectrum, Tones } from "./spectrum.ts";

/**
 * Speech that a machine can read. Each byte of a text (UTF-8) is one syllable of three tones: one of three for its turn, one of
 * sixteen for its high half, one of sixteen for its low half. The turn tells a letter that comes twice from a letter that was
 * cut in two. Pace, level, the rise and fall of a syllable, and that it is louder the lower it sounds, are those of speech, so
 * that a speech gate opens. All tones lie between 320 and 3120 Hz: any telephone passes them.
 */

/** One syllable of speech at its natural pace; half of it is still read. */
export const NATURAL_MS = 60;

const RATE = 8000;
/** The shortest stretch that tells all tones apart: they are 80 Hz apart, so 12.5 ms. */
const WINDOW = 100;
/** A group of tones, of which each syllable has one. */
interface Group {
  /** Of its tones among all. */
  readonly first: number;
  readonly count: number;
  /** Of the syllable's power. */
  readonly share: number;
}

const APART_HZ = 80;
const TURN: Group = { first: 0, count: 3, share: 0.62 };
const HIGH: Group = { first: 3, count: 16, share: 0.31 };
const LOW: Group = { first: 19, count: 16, share: 0.07 };
const PITCHES = Array.from({ length: 35 }, (_, tone) => {
  // A gap keeps what is spilt by the loudest tone away from the next group.
  const lowest = tone < HIGH.first ? 320 : 400;
  return lowest + tone * APART_HZ;
});
const TONES = new Tones(RATE, WINDOW, PITCHES);
/** Of a syllable, dBFS. */
const LEVEL_DB = -17;
/** Rise and fall of a syllable. */
const EDGE_MS = 3;
/** Stands before every text. */
const BEGIN = 0x02;
/** A window below this is silence: −45 dBFS. */
const QUIET = (0.0056 * 32_768) ** 2;
/** Silence between two utterances, samples. */
const PAUSE = 800;
/** How much of a window's power the three tones have to be. */
const PURE = 0.8;
/** How far each may be from its share: by 6 dB. */
const UNEVEN = 4;

export interface Manner {
  /** Milliseconds per byte, 20 or more; default `NATURAL_MS`. */
  readonly msPerChar?: number;
}

/** The text as PCMU, 8 kHz. */
export function speak(text: string, manner: Manner = {}): Uint8Array {
  return encode("pcmu", speakPcm(text, RATE, manner));
}

/** The text as samples, `rate` 8000 Hz or more. */
export function speakPcm(text: string, rate: number, { msPerChar = NATURAL_MS }: Manner = {}): Int16Array {
  const bytes = [BEGIN, ...new TextEncoder().encode(text)];
  const length = Math.round((rate * msPerChar) / 1000);
  const edge = (rate * EDGE_MS) / 1000;
  const samples = new Int16Array(bytes.length * length);
  for (const [index, byte] of bytes.entries()) {
    const tones = [toneOf(TURN, index % TURN.count), toneOf(HIGH, byte >> 4), toneOf(LOW, byte & 0x0f)];
    for (let at = 0; at < length; at++) {
      const rise = Math.min(1, (at + 1) / edge, (length - at) / edge);
      const sum = tones.reduce(
        (total, { hz, peak }) => total + peak * Math.sin((2 * Math.PI * hz * at) / rate),
        0,
      );
      samples[index * length + at] = Math.round(rise * sum);
    }
  }
  return samples;
}

function toneOf({ first, share }: Group, index: number): { readonly hz: number; readonly peak: number } {
  const power = 32_768 ** 2 * 10 ** (LEVEL_DB / 10) * share;
  return { hz: PITCHES[first + index] ?? 0, peak: Math.sqrt(2 * power) };
}

/** What is said in that PCMU audio. */
export function hear(pcmu: Uint8Array): string {
  const hearing = new Hearing();
  hearing.push(pcmu);
  return hearing.text;
}

/** One stretch of speech, from a `speak` to the next. */
export interface Utterance {
  readonly text: string;
  /** Where it begins and ends in what was pushed, samples of 8 kHz. */
  readonly from: number;
  readonly to: number;
}

interface Syllable {
  readonly byte: number;
  readonly turn: number;
}

interface Heard {
  readonly bytes: number[];
  readonly from: number;
  to: number;
}

/** Reads speech as it comes in. What is cut is read as far as it is whole; what is missing is left out. */
export class Hearing {
  /** Syllables that must have been there and were not heard; at most one is noticed at a time. */
  lost = 0;
  readonly #spectrum = new Spectrum(TONES);
  readonly #done: Heard[] = [];
  #rest = new Int16Array(0);
  /** Samples before `#rest`. */
  #offset = 0;
  #last: Syllable | null = null;
  #candidate: Syllable | null = null;

  /** PCMU. */
  push(pcmu: Uint8Array): void {
    this.pushPcm(decode("pcmu", pcmu));
  }

  /** Samples of 8 kHz. */
  pushPcm(samples: Int16Array): void {
    const all = new Int16Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    let at = 0;
    for (; at + HOP <= all.length; at += HOP) {
      this.#spectrum.push(all.subarray(at, at + HOP));
      this.#look(this.#offset + at + HOP - WINDOW);
    }
    this.#rest = all.slice(at);
    this.#offset += at;
  }

  /** Everything that was said so far; utterances are set apart by a space. It only ever grows at its end. */
  get text(): string {
    return this.utterances.map(({ text }) => text).join(" ");
  }

  get utterances(): readonly Utterance[] {
    return this.#done
      .filter(({ bytes }) => bytes.length > 0)
      .map(({ bytes, from, to }) => ({ text: textOf(bytes), from, to }));
  }

  /** Samples pushed so far. */
  get length(): number {
    return this.#offset + this.#rest.length;
  }

  /** Looks at the window that begins `at` there. */
  #look(at: number): void {
    const syllable = this.#read();
    const before = this.#candidate;
    this.#candidate = syllable;
    if (syllable === null) return;
    const { byte, turn } = syllable;
    // One look may be deceived, where two syllables meet; two looks are not.
    if (before?.byte !== byte || before.turn !== turn) return;
    const current = this.#done.at(-1);
    const isSame = this.#last?.byte === byte && this.#last.turn === turn;
    if (isSame && current !== undefined) {
      current.to = at + WINDOW;
      return;
    }
    const from = at - HOP;
    const isFirst = byte === BEGIN && turn === 0;
    const follows = this.#last === null || turn === (this.#last.turn + 1) % TURN.count;
    if (!isFirst && !follows) this.lost += 1;
    this.#last = syllable;
    // What does not follow, after silence, is something new whose beginning is lost.
    const isNew = current === undefined || isFirst || (!follows && from - current.to > PAUSE);
    if (isNew) this.#done.push({ bytes: isFirst ? [] : [byte], from, to: at + WINDOW });
    else {
      current.bytes.push(byte);
      current.to = at + WINDOW;
    }
  }

  /** Null: silence, noise, or a place where two syllables meet. */
  #read(): Syllable | null {
    const power = this.#spectrum.total;
    if (power < QUIET) return null;
    const powers = this.#spectrum.measure();
    const found = [TURN, HIGH, LOW].map((group) => loudest(powers, group));
    const sum = found.reduce((total, { power }) => total + power, 0);
    const isEven = found.every(
      ({ power, share }) => power > (share * sum) / UNEVEN && power < share * sum * UNEVEN,
    );
    const [turn, high, low] = found;
    if (sum < PURE * power || !isEven || turn === undefined || high === undefined || low === undefined) {
      return null;
    }
    return { byte: (high.index << 4) | low.index, turn: turn.index };
  }
}

interface Found {
  readonly index: number;
  readonly power: number;
  readonly share: number;
}

function loudest(powers: Float64Array, { first, count, share }: Group): Found {
  let index = 0;
  for (let tone = 1; tone < count; tone++) {
    if ((powers[first + tone] ?? 0) > (powers[first + index] ?? 0)) index = tone;
  }
  return { index, power: powers[first + index] ?? 0, share };
}

/** Half a character at the end, or the second half of one at the beginning, is left out. */
function textOf(bytes: readonly number[]): string {
  const first = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return new TextDecoder().decode(Uint8Array.from(bytes.slice(Math.max(first, 0))), { stream: true });
}
