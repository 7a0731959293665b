import type { Encoding } from "./protocol.ts";

/**
 * G.711 by table: µ-law (PCMU) and A-law (PCMA), 8 kHz, one byte a sample, against signed 16-bit samples.
 * The laws are sign and magnitude (ITU-T G.711, tables 1 and 2): a sample that lies on a decision value takes the larger
 * interval, on both sides alike.
 */

/** Samples of a frame: 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160;
export const FRAME_MS = 20;
/** Samples a second, of everything in G.711. */
export const G711_RATE = 8000;

/** The byte of the smallest positive sample. */
export const SILENCE: Readonly<Record<Encoding, number>> = { pcmu: 0xff, pcma: 0xd5 };

/** What each byte stands for. */
export const LINEAR: Readonly<Record<Encoding, Int16Array>> = {
  pcmu: Int16Array.from({ length: 256 }, (_, code) => muLinear(code)),
  pcma: Int16Array.from({ length: 256 }, (_, code) => aLinear(code)),
};

/** By sample, taken as unsigned 16 bits. */
const CODES: Readonly<Record<Encoding, Uint8Array>> = {
  pcmu: Uint8Array.from({ length: 65_536 }, (_, index) => muCode((index << 16) >> 16)),
  pcma: Uint8Array.from({ length: 65_536 }, (_, index) => aCode((index << 16) >> 16)),
};

const MU_TO_A = Uint8Array.from(LINEAR.pcmu, (sample) => aCode(sample));
const A_TO_MU = Uint8Array.from(LINEAR.pcma, (sample) => muCode(sample));

/** Writes one byte a sample to the beginning of `out`, which has to be long enough; returns the part that was written. */
export function encode(
  samples: Int16Array,
  encoding: Encoding,
  out: Uint8Array = new Uint8Array(samples.length),
): Uint8Array {
  const codes = CODES[encoding];
  const { length } = samples;
  for (let at = 0; at < length; at++) out[at] = codes[(samples[at] as number) & 0xffff] as number;
  return out.length === length ? out : out.subarray(0, length);
}

/** Writes one sample a byte to the beginning of `out`, which has to be long enough; returns the part that was written. */
export function decode(
  bytes: Uint8Array,
  encoding: Encoding,
  out: Int16Array = new Int16Array(bytes.length),
): Int16Array {
  const linear = LINEAR[encoding];
  const { length } = bytes;
  for (let at = 0; at < length; at++) out[at] = linear[bytes[at] as number] as number;
  return out.length === length ? out : out.subarray(0, length);
}

/** From one law to the other, into new bytes; to the same law they come back as they are. */
export function transcode(bytes: Uint8Array, from: Encoding, to: Encoding): Uint8Array {
  if (from === to) return bytes;
  const table = from === "pcmu" ? MU_TO_A : A_TO_MU;
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) out[at] = table[bytes[at] as number] as number;
  return out;
}

/** The bias makes the eight segments begin at powers of two. Inverted, so that silence is all ones. */
function muCode(sample: number): number {
  const biased = Math.min(Math.abs(sample), 32_635) + 132;
  const segment = 24 - Math.clz32(biased);
  const step = (biased >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

function muLinear(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** The first two segments have equal steps. Every second bit is inverted. */
function aCode(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_767) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const step = (segment === 0 ? magnitude : magnitude >> (segment - 1)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55;
}

function aLinear(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}
