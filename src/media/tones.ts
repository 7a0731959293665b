import { encode, FRAME_MS, FRAME_SAMPLES, G711_RATE, SILENCE } from "./g711.ts";
import type { Encoding } from "./protocol.ts";

/**
 * Keys as tones in the audio (DTMF). Each is a sum of one low and one high tone, ITU-T Q.23. Receivers have to take 40 ms of
 * tone and 40 ms of pause (ITU-T Q.24, table A-1); telephone menus that hear through a lossy codec want more.
 */

/** Of tone; whole frames. */
export const TONE_MS = 100;
/** Of silence after each tone; whole frames. */
export const GAP_MS = 100;
/** What `w` waits; whole frames. */
export const WAIT_MS = 500;

/** ITU-T Q.23. */
export const LOW_HZ = [697, 770, 852, 941];
export const HIGH_HZ = [1209, 1336, 1477, 1633];
const ROWS = ["123A", "456B", "789C", "*0#D"];

/** -9 dBm0, and the high tone 2 dB louder since lines lose more of it. A full-scale sine is 3.17 dBm0. */
const LOW_PEAK = 32_768 * 10 ** ((-9 - 3.17) / 20);
const HIGH_PEAK = 32_768 * 10 ** ((-7 - 3.17) / 20);
/** Rises and falls within this, so that nothing clicks. */
const RAMP_SAMPLES = 0.005 * G711_RATE;
const TONE_SAMPLES = (TONE_MS / 1000) * G711_RATE;

/**
 * Frames of 160 bytes that press `digits`: `0-9 A-D * #`, `w` = 0.5 s pause. Each is made when it is asked for.
 * Throws a `RangeError` at once when there is another character.
 */
export function keyFrames(digits: string, encoding: Encoding): Generator<Uint8Array, void, void> {
  const unknown = /[^0-9A-D*#w]/u.exec(digits);
  if (unknown) throw new RangeError(`no such key at ${unknown.index}`);
  return framesOf(digits, encoding);
}

function* framesOf(digits: string, encoding: Encoding): Generator<Uint8Array, void, void> {
  for (const digit of digits) {
    if (digit === "w") {
      yield* silence(WAIT_MS, encoding);
    } else {
      for (let from = 0; from < TONE_SAMPLES; from += FRAME_SAMPLES)
        yield encode(tone(digit, from), encoding);
      yield* silence(GAP_MS, encoding);
    }
  }
}

function* silence(ms: number, encoding: Encoding): Generator<Uint8Array, void, void> {
  for (let at = 0; at < ms; at += FRAME_MS) yield new Uint8Array(FRAME_SAMPLES).fill(SILENCE[encoding]);
}

/** One frame of a key's tone, from its sample `from` on. */
function tone(digit: string, from: number): Int16Array {
  const row = ROWS.findIndex((keys) => keys.includes(digit));
  const low = angle(LOW_HZ[row]);
  const high = angle(HIGH_HZ[ROWS[row]?.indexOf(digit) ?? 0]);
  return Int16Array.from({ length: FRAME_SAMPLES }, (_, index) => {
    const at = from + index;
    const edge = Math.min(1, (at + 0.5) / RAMP_SAMPLES, (TONE_SAMPLES - at - 0.5) / RAMP_SAMPLES);
    const gain = (1 - Math.cos(Math.PI * edge)) / 2;
    return Math.round(gain * (LOW_PEAK * Math.sin(low * at) + HIGH_PEAK * Math.sin(high * at)));
  });
}

/** Per sample. */
const angle = (hz = 0): number => (2 * Math.PI * hz) / G711_RATE;
