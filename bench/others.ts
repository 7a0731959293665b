/** Other people's audio arithmetic, beside which ours is measured. */
import loadSpeex from "@echogarden/speex-resampler-wasm";

/** What of `openclaw/plugin-sdk/realtime-voice` is compared. It comes without types. */
export interface HostAudio {
  /** Signed 16-bit little-endian in. */
  pcmToMulaw(pcm: Buffer): Buffer;
  mulawToPcm(mulaw: Buffer): Buffer;
  /** Root mean square, 0 to 1. */
  calculateMulawRms(mulaw: Buffer): number;
  createStreamingPcmResampler(from: number, to: number): { process(pcm: Buffer): Buffer };
}

export async function hostAudio(): Promise<HostAudio> {
  const name: string = "openclaw/plugin-sdk/realtime-voice";
  return (await import(name)) as HostAudio;
}

export interface AnyResampler {
  /** What comes out is read before the next call. */
  push(input: Int16Array): Int16Array;
}

/** Speex's resampler, up to 4,096 samples at a time. */
export async function speexResampler(from: number, to: number, quality: number): Promise<AnyResampler> {
  const speex = await loadSpeex();
  const most = 4096;
  const [lengths, input, output] = [speex._malloc(8), speex._malloc(2 * most), speex._malloc(2 * most)];
  const state = speex._speex_resampler_init(1, from, to, quality, lengths);
  if (state === 0) throw new Error("speex refuses");
  return {
    push(samples) {
      const { HEAP16, HEAP32 } = speex;
      HEAP16.set(samples, input >> 1);
      HEAP32[lengths >> 2] = samples.length;
      HEAP32[(lengths >> 2) + 1] = most;
      speex._speex_resampler_process_int(state, 0, input, lengths, output, lengths + 4);
      if (HEAP32[lengths >> 2] !== samples.length) throw new Error("speex left input");
      const from = output >> 1;
      return HEAP16.subarray(from, from + (HEAP32[(lengths >> 2) + 1] ?? 0));
    },
  };
}

/** G.711 µ-law as textbooks print it: a loop over the segments. */
export const textbook = {
  encode(samples: Int16Array, out: Uint8Array): void {
    for (let at = 0; at < samples.length; at++) {
      let sample = samples[at] ?? 0;
      const sign = (sample >> 8) & 0x80;
      if (sign !== 0) sample = -sample;
      sample = Math.min(sample, 32_635) + 132;
      let exponent = 7;
      for (let mask = 0x4000; (sample & mask) === 0 && exponent > 0; mask >>= 1) exponent--;
      out[at] = ~(sign | (exponent << 4) | ((sample >> (exponent + 3)) & 0x0f));
    }
  },
  decode(bytes: Uint8Array, out: Int16Array): void {
    for (let at = 0; at < bytes.length; at++) {
      const code = ~(bytes[at] ?? 0);
      const magnitude = ((((code & 0x0f) << 3) + 132) << ((code & 0x70) >> 4)) - 132;
      out[at] = code & 0x80 ? -magnitude : magnitude;
    }
  },
};

const ROUNDS = 40;
const ROUND_MS = 10;

/**
 * CPU time of a run of each work, in µs: the best of forty short rounds, in which all take turns, so that what else the
 * machine does strikes none more than the others.
 */
export function costs(works: readonly (() => void)[]): number[] {
  const runs = works.map((work) => {
    for (const until = performance.now() + 100; performance.now() < until;) work();
    const startedAt = performance.now();
    let count = 0;
    for (; performance.now() < startedAt + ROUND_MS; count++) work();
    return Math.max(1, count);
  });
  const best = works.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, work] of works.entries()) {
      const count = runs[at] ?? 1;
      const before = process.cpuUsage();
      for (let run = 0; run < count; run++) work();
      const { user, system } = process.cpuUsage(before);
      best[at] = Math.min(best[at] ?? Infinity, (user + system) / count);
    }
  }
  return best;
}
