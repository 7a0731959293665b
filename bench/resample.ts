/** 24 kHz speech to an 8 kHz telephone in frames of 20 ms: what it costs and what it does to the sound. */
import { decode, encode } from "../src/media/g711.ts";
import { PieceConverter } from "../src/media/converter.ts";
import { Resampler } from "../src/media/resampler.ts";
import { costs, hostAudio, speexResampler } from "./others.ts";
import type { AnyResampler } from "./others.ts";
import { round, table } from "./table.ts";

const FROM = 24_000;
const TO = 8000;
const FRAME = FROM / 50;

interface Subject {
  readonly name: string;
  readonly make: (from: number) => AnyResampler | Promise<AnyResampler>;
}

export async function bench(): Promise<void> {
  const host = await hostAudio();
  const subjects: Subject[] = [
    { name: "ours", make: (from) => new Resampler(from, TO) },
    { name: "host", make: (from) => hostResampler(host.createStreamingPcmResampler(from, TO)) },
    ...[3, 5, 7].map((quality) => ({
      name: `speex, quality ${quality}`,
      make: (from: number) => speexResampler(from, TO, quality),
    })),
  ];
  const micros = await costsAt(FROM, subjects);
  const rows: string[][] = [];
  for (const [at, { name, make }] of subjects.entries()) {
    const one = micros[at] ?? Number.NaN;
    const gains: number[] = [];
    for (const hz of [3000, 3400]) gains.push(gain(await make(FROM), hz));
    const aliases: number[] = [];
    for (const [low, high] of [
      [4500, 4990],
      [5000, 5990],
      [6000, 11_990],
    ] as const) {
      const all: number[] = [];
      for (let hz = low; hz <= high; hz += hz < 6000 ? 70 : 490) all.push(gain(await make(FROM), hz));
      aliases.push(Math.max(...all));
    }
    rows.push([
      name,
      round(one),
      `${round(one / (micros[0] ?? 1))} ×`,
      ...gains.map((db) => round(db, 2)),
      ...aliases.map((db) => round(db, 0)),
      round(latency(await make(FROM)), 2),
      round(noiseRatio(await make(FROM))),
    ]);
  }
  table("24 to 8 kHz, frames of 20 ms (µs: CPU time, best of forty rounds; dB)", [
    [
      "",
      "µs",
      "of ours",
      "3.0 kHz",
      "3.4 kHz",
      "4.5 kHz on",
      "5 kHz on",
      "6 kHz on",
      "late ms",
      "1004 Hz SNR in µ-law",
    ],
    ...rows,
  ]);
  await otherRates(subjects.filter(({ name }) => !name.endsWith("3") && !name.endsWith("7")));
  pieces();
}

/** All the way from a provider's bytes to frames: cutting, looking for silence, resampling, coding. */
function pieces(): void {
  const rates = [8000, 22_050, 24_000];
  const micros = costs(
    rates.map((rate) => {
      const bytes = Buffer.from(toneOf(700, rate, rate).buffer);
      return () => {
        const converter = new PieceConverter("pcmu");
        for (let at = 0; at < bytes.length; at += 4801) {
          converter.push({ encoding: "pcm16", rate }, bytes.subarray(at, at + 4801));
        }
        converter.end();
        while (!converter.done) converter.next();
      };
    }),
  );
  table("a piece of 1 s in odd chunks, µs for each frame", [
    ["Hz", "µs"],
    ...rates.map((rate, at) => [String(rate), round((micros[at] ?? Number.NaN) / 50)]),
  ]);
}

/** µs for 20 ms. */
async function costsAt(rate: number, subjects: readonly Subject[]): Promise<number[]> {
  const frame = toneOf(700, rate, Math.round(rate / 50));
  const resamplers: AnyResampler[] = [];
  for (const { make } of subjects) resamplers.push(await make(rate));
  return costs(resamplers.map((resampler) => () => resampler.push(frame)));
}

async function otherRates(subjects: readonly Subject[]): Promise<void> {
  const rows: string[][] = [];
  for (const rate of [16_000, 22_050, 44_100, 48_000]) {
    rows.push([String(rate), ...(await costsAt(rate, subjects)).map((one) => round(one))]);
  }
  table("other rates to 8 kHz, µs for 20 ms", [["Hz", ...subjects.map(({ name }) => name)], ...rows]);
}

const toneOf = (hz: number, rate: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, at) => Math.round(16_000 * Math.sin((2 * Math.PI * hz * at) / rate)));

function hostResampler(resampler: { process(pcm: Buffer): Buffer }): AnyResampler {
  return {
    push(input) {
      const out = resampler.process(Buffer.from(input.buffer, input.byteOffset, input.byteLength));
      return new Int16Array(out.buffer, out.byteOffset, out.length >> 1).slice();
    },
  };
}

function all(resampler: AnyResampler, input: Int16Array): Int16Array {
  const out: number[] = [];
  for (let at = 0; at < input.length; at += FRAME) out.push(...resampler.push(input.slice(at, at + FRAME)));
  return Int16Array.from(out);
}

/** What becomes of a tone, or of its image, in dB. */
function gain(resampler: AnyResampler, hz: number): number {
  const out = all(resampler, toneOf(hz, FROM, FROM / 2)).subarray(400, 3600);
  const power = out.reduce((sum, sample) => sum + sample * sample, 0) / out.length;
  return 10 * Math.log10(power / (16_000 ** 2 / 2) + 1e-12);
}

/** From a sample going in until it has come out: how late it lies, and how long it is held back. */
function latency(resampler: AnyResampler): number {
  const pulse = new Int16Array(FROM / 5);
  pulse[FROM / 10] = 30_000;
  let [given, taken, held] = [0, 0, 0];
  let [sum, weight] = [0, 0];
  for (const sample of pulse) {
    taken++;
    for (const value of resampler.push(Int16Array.of(sample))) {
      sum += given * value ** 2;
      weight += value ** 2;
      given++;
    }
    held = Math.max(held, taken / FROM - given / TO);
  }
  return 1000 * (sum / weight / TO - 0.1 + held);
}

/** A telephone's test tone against everything else that comes out, after µ-law. */
function noiseRatio(resampler: AnyResampler): number {
  const linear = all(resampler, toneOf(1004, FROM, FROM)).subarray(400, 7400);
  const out = decode(encode(linear, "pcmu"), "pcmu");
  let [sine, cosine] = [0, 0];
  for (const [at, sample] of out.entries()) {
    sine += (2 * sample * Math.sin((2 * Math.PI * 1004 * at) / TO)) / out.length;
    cosine += (2 * sample * Math.cos((2 * Math.PI * 1004 * at) / TO)) / out.length;
  }
  let noise = 0;
  for (const [at, sample] of out.entries()) {
    const angle = (2 * Math.PI * 1004 * at) / TO;
    noise += (sample - sine * Math.sin(angle) - cosine * Math.cos(angle)) ** 2 / out.length;
  }
  return 10 * Math.log10((sine ** 2 + cosine ** 2) / 2 / noise);
}
