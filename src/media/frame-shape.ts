import { G711_RATE, LINEAR } from "./g711.ts";
import { NO_LEVEL_DB, toDb } from "./level.ts";
import type { Encoding } from "./protocol.ts";
import { HIGH_HZ, LOW_HZ } from "./tones.ts";

/** What a frame sounds like, as far as telling speech from noise needs it. */
export interface FrameShape {
  /** dBFS, without a constant offset that a line may have. */
  readonly db: number;
  /**
   * Mean square of the steps between samples, against that of the samples. About 0.3 for a vowel, 2 for white noise, up to 4
   * for a hiss.
   */
  readonly tilt: number;
}

export function shapeOf(frame: Uint8Array, encoding: Encoding): FrameShape {
  const linear = LINEAR[encoding];
  let sum = 0;
  let squares = 0;
  let steps = 0;
  let last = linear[frame[0] ?? 0] ?? 0;
  for (let at = 0; at < frame.length; at++) {
    const sample = linear[frame[at] as number] as number;
    const step = sample - last;
    sum += sample;
    squares += sample * sample;
    steps += step * step;
    last = sample;
  }
  if (frame.length === 0) return { db: NO_LEVEL_DB, tilt: 2 };
  const power = squares / frame.length - (sum / frame.length) ** 2;
  return { db: toDb(power / 32_768 ** 2), tilt: power > 0 ? steps / frame.length / power : 2 };
}

/** Of the energy, what the two tones of a key have together at least, and the weaker one alone. */
const KEY_SHARE = 0.6;
const WEAKER_SHARE = 0.08;

/** Whether a frame is a pressed key: nothing but a low and a high tone. */
export function isKeyTone(frame: Uint8Array, encoding: Encoding): boolean {
  const linear = LINEAR[encoding];
  let energy = 0;
  for (const byte of frame) energy += (linear[byte] ?? 0) ** 2;
  if (energy === 0) return false;
  const low = Math.max(...LOW_HZ.map((hz) => share(frame, linear, hz))) / energy;
  const high = Math.max(...HIGH_HZ.map((hz) => share(frame, linear, hz))) / energy;
  return low + high > KEY_SHARE && Math.min(low, high) > WEAKER_SHARE;
}

/** The energy at a frequency, by Goertzel's recurrence. */
function share(frame: Uint8Array, linear: Int16Array, hz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / G711_RATE);
  let one = 0;
  let two = 0;
  for (let at = 0; at < frame.length; at++) {
    const next = (linear[frame[at] as number] as number) + factor * one - two;
    two = one;
    one = next;
  }
  return ((one * one + two * two - factor * one * two) * 2) / frame.length;
}
