/** The speech gate: what it costs, and how it hears callers that are made up. */
import { encode } from "../src/media/g711.ts";
import { levelDb } from "../src/media/level.ts";
import { SpeechGate } from "../src/media/speech-gate.ts";
import { after, hiss, mix, pcm, rumble, silence, speech } from "../test/media/signals.ts";
import { costs, hostAudio } from "./others.ts";
import { quantile, round, table } from "./table.ts";

const RATE = 8000;
const FRAME_MICROS = 20_000;

const framesOf = (line: Float64Array): Uint8Array[] =>
  Array.from({ length: Math.floor(line.length / 160) }, (_, at) =>
    encode(pcm(line.subarray(at * 160, (at + 1) * 160)), "pcmu"),
  );

export async function bench(): Promise<void> {
  const host = await hostAudio();
  const line = mix(
    after(silence(RATE, 1000), speech(RATE, 2000, -22), silence(RATE, 1000)),
    rumble(RATE, 4000, -55),
  );
  const frames = framesOf(line);
  const buffers = frames.map((frame) => Buffer.from(frame));
  const quiet = framesOf(rumble(RATE, 4000, -55));
  const gate = new SpeechGate("pcmu");
  let now = 0;
  const listen = (all: readonly Uint8Array[], sentDb: number | null) => () => {
    for (const frame of all) gate.push(frame, (now += 20), sentDb);
  };
  const works: Record<string, () => void> = {
    "the host's level alone": () => {
      for (const frame of buffers) host.calculateMulawRms(frame);
    },
    "our level alone": () => {
      for (const frame of frames) levelDb(frame, "pcmu");
    },
    "the gate, half speech": listen(frames, null),
    "the gate, half speech, while we speak": listen(frames, -20),
    "the gate, nobody speaks": listen(quiet, null),
  };
  const micros = costs(Object.values(works)).map((all) => all / frames.length);
  table("the speech gate, 20 ms of one call (CPU time, best of forty rounds)", [
    ["", "µs", "of the host's level", "% of a core"],
    ...Object.keys(works).map((name, at) => {
      const one = micros[at] ?? Number.NaN;
      return [
        name,
        round(one, 2),
        `${round(one / (micros[0] ?? 1), 2)} ×`,
        round((100 * one) / FRAME_MICROS, 4),
      ];
    }),
  ]);
  hearing();
}

/** From the first sound of a caller until the gate says so. */
function hearing(): void {
  const rows: string[][] = [];
  for (const [name, noise] of [
    ["hiss", hiss],
    ["rumble", rumble],
  ] as const) {
    for (const [voiceDb, noiseDb] of [
      [-20, -60],
      [-30, -60],
      [-20, -40],
      [-28, -45],
    ] as const) {
      const late: number[] = [];
      let missed = 0;
      for (let seed = 1; seed <= 60; seed++) {
        const begin = 3000 + 7 * seed;
        const caller = after(silence(RATE, begin), speech(RATE, 600, voiceDb, seed));
        const heard = heardAt(mix(caller, noise(RATE, begin + 600, noiseDb, seed)), begin);
        if (heard === null) missed++;
        else late.push(heard - begin);
      }
      const share = (part: number): string => round(quantile(late, part), 0);
      rows.push([
        `${voiceDb} dB in ${name} of ${noiseDb} dB`,
        share(0.5),
        share(0.95),
        share(1),
        String(missed),
      ]);
    }
  }
  table("a caller begins to speak: ms until the gate says so, of 60", [
    ["", "p50", "p95", "longest", "missed or too early"],
    ...rows,
  ]);
}

function heardAt(line: Float64Array, begin: number): number | null {
  const gate = new SpeechGate("pcmu");
  for (const [at, frame] of framesOf(line).entries()) {
    const now = (at + 1) * 20;
    if (gate.push(frame, now, null)) return now >= begin ? now : null;
  }
  return null;
}
