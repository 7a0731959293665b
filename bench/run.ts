/** `npm run bench [-- name …]`: runs the benchmarks one after the other and prints their tables. */
import os from "node:os";
import { table } from "./table.ts";

const BENCHES: Readonly<Record<string, () => Promise<{ bench: () => Promise<void> }>>> = {
  webhooks: () => import("./webhooks.ts"),
  verify: () => import("./verify.ts"),
  initiate: () => import("./initiate.ts"),
  events: () => import("./events.ts"),
  imports: () => import("./imports.ts"),
  pacing: () => import("./pacing.ts"),
  "barge-in": () => import("./barge-in.ts"),
  codec: () => import("./codec.ts"),
  resample: () => import("./resample.ts"),
  gate: () => import("./gate.ts"),
  sentences: () => import("./sentences.ts"),
  endpointing: () => import("./endpointing.ts"),
  voice: () => import("./voice.ts"),
  gateway: () => import("./gateway.ts"),
};

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : Object.keys(BENCHES);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(", ")}`);

table("machine", [
  ["", "value"],
  ["Node", process.version],
  ["cores", String(os.availableParallelism())],
  ["processor", os.cpus()[0]?.model ?? "?"],
  ["load average before", load()],
]);
for (const name of names) {
  const loaded = await BENCHES[name]?.();
  await loaded?.bench();
}
console.log(`load average after: ${load()}`);
process.exit(0);

function load(): string {
  return os
    .loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
}
