import { LINEAR } from "./g711.ts";
import type { Encoding } from "./protocol.ts";

/**
 * How loud audio is, in dBFS: the mean square against that of the largest 16-bit sample. A full-scale sine is -3 dB; speech on
 * a telephone is around -20 to -30 dB while somebody speaks.
 */

/** Stands for nothing at all. The smallest samples of G.711 are at -72 dB. */
export const NO_LEVEL_DB = -100;

const FULL_SCALE = 32_768;
const squares = (linear: Int16Array): Float64Array =>
  Float64Array.from(linear, (sample) => (sample / FULL_SCALE) ** 2);
const SQUARES: Readonly<Record<Encoding, Float64Array>> = {
  pcmu: squares(LINEAR.pcmu),
  pcma: squares(LINEAR.pcma),
};

/** The level of G.711 audio without decoding it; `NO_LEVEL_DB` when it is empty. */
export function levelDb(bytes: Uint8Array, encoding: Encoding): number {
  const table = SQUARES[encoding];
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += table[bytes[at] as number] as number;
  return toDb(sum / Math.max(1, bytes.length));
}

/** A mean square (of samples between -1 and 1) in dBFS. */
export function toDb(meanSquare: number): number {
  return meanSquare > 1e-10 ? 10 * Math.log10(meanSquare) : NO_LEVEL_DB;
}
