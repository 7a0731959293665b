/** From asking for a call to Twilio being asked for it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startBenchCarrier } from "./carrier.ts";
import { startBenchPlant } from "./plant.ts";
import { median, quantile, round, table } from "./table.ts";

const CALLS = 300;
const STARTS = 7;
/** What a plant has after its start before somebody calls: loading goes on in the background. */
const SETTLE_MS = 500;

/** Places `count` calls one after the other; milliseconds from the request to its arrival at the carrier. */
async function place(count: number): Promise<number[]> {
  const carrier = await startBenchCarrier();
  const { plant, close } = await startBenchPlant(carrier.url);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const took: number[] = [];
  for (let at = 0; at < count; at++) {
    const to = `+1555${String(1_000_000 + at)}`;
    const startedAt = performance.now();
    await plant.switchboard.initiate({
      to,
      mode: "notify",
      message: "Dinner is ready.",
      requester: { surface: "rpc" },
    });
    took.push((carrier.arrived.get(to) ?? Number.NaN) - startedAt);
  }
  await close();
  await carrier.close();
  return took;
}

export async function bench(): Promise<void> {
  const later = (await place(CALLS)).slice(1);
  const first: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, "first"]);
    first.push(Number(stdout));
  }
  table("initiate → create request at the carrier (ms)", [
    ["", "samples", "p50", "p99", "max"],
    ["later calls", String(later.length), ...[0.5, 0.99, 1].map((share) => round(quantile(later, share)))],
    ["first call after a start", String(first.length), round(median(first)), "", round(Math.max(...first))],
  ]);
}

if (process.argv[2] === "first") {
  const [took] = await place(1);
  console.log(took);
  process.exit(0);
}
