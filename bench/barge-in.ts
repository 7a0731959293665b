/**
 * How fast our voice gives way, at a carrier in another process: from the caller's first frame of speech to `clear`, decided in
 * the edge worker while the main thread does nothing and while it is blocked; and from the main thread's `stop` to `clear`,
 * beside a bare worker that passes one frame on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchCarrier, BenchLine, block, monotonic, speech, startBare } from "./media-line.ts";
import { median, quantile, round, table } from "./table.ts";

const DECISIONS = 200;
const CALLS = 10;
const ROUNDS = 5;
const RATE = 8_000;
/** Speech after which a piece pauses, as the edge is told for the benchmarks. */
const PAUSE_MS = 120;

export async function bench(): Promise<void> {
  const carrier = await BenchCarrier.start();
  const bare = await startBare(carrier, 1);
  const passed = await decide(carrier, async () =>
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    bare.postMessage('{"event":"clear"}'),
  );
  await bare.terminate();
  const line = await BenchLine.start();
  const [stream = 0] = await line.open(carrier, 1);
  const stopped = await decide(carrier, async () => {
    line.say(stream, speech(1_000, RATE), RATE);
    await sleep(60);
    return () => line.edge.streams.send({ type: "stop", stream });
  });
  const idle = await interrupt(line, carrier, false);
  const blocked = await interrupt(line, carrier, true);
  await line.edge.close();
  await carrier.close();

  table("from the main thread's decision to `clear` at the carrier (ms)", [
    ["what", "p50", "p99", "of bare, p50"],
    ["bare worker", round(median(passed), 2), round(quantile(passed, 0.99), 2), ""],
    [
      "stop",
      round(median(stopped), 2),
      round(quantile(stopped, 0.99), 2),
      round(median(stopped) / median(passed), 2),
    ],
  ]);
  table(`from the caller's first frame of speech to \`clear\` at the carrier, ${CALLS} calls at once (ms)`, [
    ["main thread", "p50", "p99", "longest", `of the ${PAUSE_MS} ms that are set, p50`],
    ...[["idle", idle] as const, ["blocked for 500 ms at random", blocked] as const].map(([what, ms]) => [
      what,
      round(median(ms)),
      round(quantile(ms, 0.99)),
      round(quantile(ms, 1)),
      round(median(ms) / PAUSE_MS, 2),
    ]),
  ]);
}

/** `prepare` may return what decides; else it has decided. */
async function decide(
  carrier: BenchCarrier,
  prepare: () => Promise<(() => void) | void>,
): Promise<readonly number[]> {
  const took: number[] = [];
  for (let at = 0; at < DECISIONS; at++) {
    await carrier.ask({ type: "await-clear" });
    let since = monotonic();
    const go = await prepare();
    const cleared = carrier.cleared();
    if (go !== undefined) {
      since = monotonic();
      go();
    }
    const [when = Number.NaN] = await cleared;
    took.push(when - since);
  }
  return took;
}

async function interrupt(
  line: BenchLine,
  carrier: BenchCarrier,
  blocked: boolean,
): Promise<readonly number[]> {
  const took: number[] = [];
  const streams = await line.open(carrier, CALLS);
  for (let turn = 0; turn < ROUNDS; turn++) {
    // The gate learns the line's noise, and forgets the last interruption.
    await sleep(1_500);
    for (const stream of streams) line.say(stream, speech(4_000, RATE), RATE);
    await sleep(500);
    const cleared = carrier.cleared();
    carrier.send({ type: "speak", frames: 40 });
    if (blocked) {
      await sleep(Math.random() * 100);
      block(500);
    }
    took.push(...(await cleared));
  }
  return took;
}
