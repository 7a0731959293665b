/** What one event costs on a call that already has thousands of them. */
import { startBenchCarrier } from "./carrier.ts";
import { startBenchPlant, THEIRS } from "./plant.ts";
import { quantile, median, round, table } from "./table.ts";

const EVENTS = 5_000;
const EDGE = 500;
const ROUNDS = 3;

export async function bench(): Promise<void> {
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (let turn = 1; turn <= ROUNDS; turn++) {
    const took = await series();
    const [first, last] = [took.slice(0, EDGE), took.slice(-EDGE)];
    ratios.push(mean(last) / mean(first));
    const figures = [mean(first), mean(last), median(first), median(last), quantile(last, 0.99)];
    rows.push([
      String(turn),
      ...figures.map((ms) => round(ms * 1_000, 0)),
      round(mean(last) / mean(first), 2),
    ]);
  }
  table(`one call with ${EVENTS} events: cost of an event, save included (µs)`, [
    [
      "round",
      "first 500, mean",
      "last 500, mean",
      "first 500, p50",
      "last 500, p50",
      "last 500, p99",
      "ratio of means",
    ],
    ...rows,
  ]);
  console.log(`median ratio: ${round(median(ratios), 2)}`);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function series(): Promise<number[]> {
  const carrier = await startBenchCarrier();
  const { plant, close } = await startBenchPlant(carrier.url);
  const call = await plant.switchboard.initiate({
    to: THEIRS,
    mode: "conversation",
    message: "Hello?",
    requester: { surface: "rpc" },
  });
  const took: number[] = [];
  for (let at = 0; at < EVENTS; at++) {
    const claim = { key: `claim-${at}`.padEnd(64, "0"), expiresAt: Date.now() + 604_800_000 };
    const startedAt = performance.now();
    const done = await plant.manager.dispatch(call.id, { type: "ringing" }, { claim });
    done.run();
    took.push(performance.now() - startedAt);
  }
  await close();
  await carrier.close();
  return took;
}
