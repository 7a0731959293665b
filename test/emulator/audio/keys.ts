import { decode, encode } from "./g711.ts";

/** Keys as tones (DTMF, ITU-T Q.23): how a phone makes them and how a telephone menu reads them. */

const LOW = [697, 770, 852, 941];
const HIGH = [1209, 1336, 1477, 1633];
const PAD = ["123A", "456B", "789C", "*0#D"];
const RATE = 8000;
/** Samples that tell the eight tones apart. */
const WINDOW = 205;
const HOP = 80;
/** Each tone of a key is louder than this: −30 dBFS. */
const FAINTEST = (0.032 * 32_768) ** 2 / 2;

const wave = (hz: number, at: number): number => Math.sin((2 * Math.PI * hz * at) / RATE);

/** One key as PCMU. */
export function keyTone(digit: string, ms = 100): Uint8Array {
  const row = PAD.findIndex((keys) => keys.includes(digit));
  const [low = 0, high = 0] = [LOW[row], HIGH[PAD[row]?.indexOf(digit) ?? -1]];
  return encode(
    "pcmu",
    Int16Array.from({ length: ms * 8 }, (_, at) => 6000 * (wave(low, at) + wave(high, at))),
  );
}

/** Reads keys out of PCMU audio, as it comes in. */
export class KeyHearing {
  /** Everything that was pressed, in order. */
  keys = "";
  #rest = new Int16Array(0);
  #before: string | null = null;
  #down: string | null = null;

  push(pcmu: Uint8Array): void {
    const samples = decode("pcmu", pcmu);
    const all = new Int16Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    let at = 0;
    for (; at + WINDOW <= all.length; at += HOP) this.#look(all.subarray(at, at + WINDOW));
    this.#rest = all.slice(at);
  }

  /** A key is down once two looks in a row have seen it, and up once two have not. */
  #look(window: Int16Array): void {
    const seen = read(window);
    const twice = seen === this.#before;
    this.#before = seen;
    if (!twice || seen === this.#down) return;
    this.#down = seen;
    this.keys += seen ?? "";
  }
}

function read(window: Int16Array): string | null {
  let total = 0;
  for (const sample of window) total += sample * sample;
  total /= window.length;
  if (total < 2 * FAINTEST) return null;
  const row = strongest(window, LOW);
  const column = strongest(window, HIGH);
  const isPure = row.power + column.power > 0.8 * total;
  const isEven = Math.max(row.power, column.power) < 8 * Math.min(row.power, column.power);
  if (!isPure || !isEven || Math.min(row.power, column.power) < FAINTEST) return null;
  return PAD[row.tone]?.[column.tone] ?? null;
}

function strongest(window: Int16Array, tones: readonly number[]): { tone: number; power: number } {
  const powers = tones.map((hz) => powerOf(window, hz));
  const power = Math.max(...powers);
  return { tone: powers.indexOf(power), power };
}

/** Goertzel's filter. */
function powerOf(window: Int16Array, hz: number): number {
  const twice = 2 * Math.cos((2 * Math.PI * hz) / RATE);
  let [last, before] = [0, 0];
  for (const sample of window) [last, before] = [sample + twice * last - before, last];
  return (2 * (last * last + before * before - twice * last * before)) / window.length ** 2;
}
