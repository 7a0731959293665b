/**
 * G.711 from the book (ITU-T G.711, by segments): a second opinion on any other codec. Samples are signed
 * 16-bit, of which µ-law keeps 14 bits and A-law 13.
 */

export type Law = "pcmu" | "pcma";

/** Silence, one byte of it. */
export const QUIET: Readonly<Record<Law, number>> = { pcmu: 0xff, pcma: 0xd5 };

const BIAS = 0x84;
const MULAW_LIMIT = 0x7fff - BIAS;

export function muLawOf(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MULAW_LIMIT) + BIAS;
  const segment = 24 - Math.clz32(magnitude);
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

export function sampleOfMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const segment = (code >> 4) & 0x07;
  const magnitude = ((((code & 0x0f) << 3) | BIAS) << segment) - BIAS;
  return code & 0x80 ? -magnitude : magnitude;
}

export function aLawOf(sample: number): number {
  const isNegative = sample < 0;
  const magnitude = Math.min(isNegative ? -sample - 1 : sample, 0x7fff) >> 4;
  const segment = Math.max(28 - Math.clz32(magnitude), 0);
  const code = segment === 0 ? magnitude : (segment << 4) | ((magnitude >> (segment - 1)) & 0x0f);
  return (isNegative ? code : code | 0x80) ^ 0x55;
}

export function sampleOfALaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 0x07;
  const low = ((code & 0x0f) << 4) | 0x08;
  const magnitude = segment === 0 ? low : (low | 0x100) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

const SAMPLES: Readonly<Record<Law, readonly number[]>> = {
  pcmu: Array.from({ length: 256 }, (_, byte) => sampleOfMuLaw(byte)),
  pcma: Array.from({ length: 256 }, (_, byte) => sampleOfALaw(byte)),
};

export function encode(law: Law, samples: Int16Array): Uint8Array {
  const byteOf = law === "pcmu" ? muLawOf : aLawOf;
  const bytes = new Uint8Array(samples.length);
  for (const [at, sample] of samples.entries()) bytes[at] = byteOf(sample);
  return bytes;
}

export function decode(law: Law, bytes: Uint8Array): Int16Array {
  const sampleOf = SAMPLES[law];
  const samples = new Int16Array(bytes.length);
  for (const [at, byte] of bytes.entries()) samples[at] = sampleOf[byte] ?? 0;
  return samples;
}

/** Mean square of the samples. */
export function powerOf(law: Law, bytes: Uint8Array): number {
  const sampleOf = SAMPLES[law];
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += (sampleOf[bytes[at] ?? 0] ?? 0) ** 2;
  return sum / bytes.length;
}

/** The same audio in the other law, or in the same one. */
export const transcode = (from: Law, to: Law, bytes: Uint8Array): Uint8Array =>
  from === to ? bytes : encode(to, decode(from, bytes));
