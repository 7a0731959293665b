/**
 * How steadily audio reaches a carrier in another process, and what a call costs: through the real edge worker, with all
 * utterances starting together, while the main thread does nothing and while it is blocked for 500 ms at random. Beside it a
 * bare worker on the host's `ws` that sends a ready frame to each socket every 20 ms and reads what comes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import {
  BenchCarrier,
  BenchLine,
  block,
  monotonic,
  speech,
  startBare,
  type CarrierReport,
} from "./media-line.ts";
import { round, table } from "./table.ts";

const CALLS = [1, 10, 50, 100, 200];
/** Of speech; `BENCH_SECONDS=600` measures drift as in a long call. */
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 6);
const LISTEN_SECONDS = 3;
const RATE = 24_000;

export async function bench(): Promise<void> {
  const carrier = await BenchCarrier.start();
  const rows: string[][] = [];
  const costs: string[][] = [];
  for (const calls of CALLS) {
    const bare = await measureBare(carrier, calls);
    rows.push(rowOf("bare ws", calls, bare.report));
    const line = await BenchLine.start();
    const streams = await line.open(carrier, calls);
    // The first utterance of a worker compiles what all others run.
    await utter(line, carrier, streams.slice(0, 1), false, 1);
    const listening = await cpuOf(line.worker, () => sleep(LISTEN_SECONDS * 1_000));
    const idle = await utter(line, carrier, streams, false);
    rows.push(rowOf("live audio", calls, idle.report));
    const blocked = await utter(line, carrier, streams, true);
    rows.push(rowOf("live audio, main thread blocked", calls, blocked.report));
    await line.edge.close();
    const share = (cpu: number): string => round(cpu / calls, 2);
    costs.push([
      String(calls),
      share(bare.cpu),
      share(listening),
      share(idle.cpu),
      round(idle.cpu / bare.cpu, 2),
    ]);
  }
  await carrier.close();
  table(`audio at the carrier, ${SECONDS} s of speech on every call at once (ms)`, [
    [
      "what",
      "calls",
      "interval p50",
      "interval p99",
      "longest",
      "drift",
      "longest hole",
      "first frame p50",
      "last call's",
      "lost utterances",
    ],
    ...rows,
  ]);
  table("processor time of the worker, % of a core per call", [
    ["calls", "bare ws", "listening", "speaking 24 kHz", "speaking : bare"],
    ...costs,
  ]);
}

interface Measured {
  readonly report: CarrierReport;
  /** % of a core, all calls together. */
  readonly cpu: number;
}

async function measureBare(carrier: BenchCarrier, calls: number): Promise<Measured> {
  const worker = await startBare(carrier, calls);
  await sleep(500);
  await carrier.ask({ type: "reset" });
  const since = monotonic();
  const cpu = await cpuOf(worker, () => sleep(SECONDS * 1_000));
  const report = await carrier.report(since);
  await worker.terminate();
  return { report, cpu };
}

async function utter(
  line: BenchLine,
  carrier: BenchCarrier,
  streams: readonly number[],
  blocked: boolean,
  seconds = SECONDS,
): Promise<Measured> {
  const audio = speech(seconds * 1_000, RATE);
  const copies = streams.map(() => audio.slice());
  await carrier.ask({ type: "reset" });
  const since = monotonic();
  for (const [at, stream] of streams.entries()) line.say(stream, copies[at] ?? audio, RATE);
  const cpu = await cpuOf(line.worker, async () => {
    while (monotonic() - since < seconds * 1_000 + 500) {
      await sleep(100 + Math.random() * 900);
      if (blocked) block(500);
    }
  });
  return { report: await carrier.report(since), cpu };
}

/** What `worker` spends while `work` runs, % of a core. */
async function cpuOf(worker: Worker, work: () => Promise<unknown>): Promise<number> {
  const before = await worker.cpuUsage();
  const startedAt = monotonic();
  await work();
  const { user, system } = await worker.cpuUsage(before);
  return (user + system) / 10 / (monotonic() - startedAt);
}

function rowOf(what: string, calls: number, report: CarrierReport): string[] {
  const { intervalMs, driftMs, holeMs, firstMs, frames } = report;
  const bare = what === "bare ws";
  const whole = (SECONDS * 1_000) / 20 - 1;
  return [
    what,
    String(calls),
    ...intervalMs.map((ms) => round(ms)),
    round(driftMs),
    round(holeMs),
    bare ? "" : round(firstMs[0]),
    bare ? "" : round(firstMs[1]),
    bare ? "" : String(frames.filter((count) => count < whole).length),
  ];
}
