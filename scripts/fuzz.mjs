// `npm run fuzz [-- --inputs 1000000] [-- --seed 1]`: hostile requests against the real listener of every carrier.
// `npm run fuzz -- streams [--inputs 10000000] [--seed 1]`: hostile frames on the audio sockets of every carrier.
// Ends with 1 on a throw, a hang, an answer, fact or event that must not be, or memory that grows after the warm-up.
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it does: it changes to a Node that is new enough
import "./run.mjs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: { inputs: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
const MIB = 1024 * 1024;
const MOST_GROWTH = 32 * MIB;

const [what = "webhooks"] = positionals;
if (what !== "webhooks" && what !== "streams") {
  console.error(`fuzz: there is no ${what}; it is webhooks or streams`);
  process.exit(1);
}

const inputs = Number(values.inputs);
const seed = Number(values.seed);
let told = 0;
const progress = (sent) => {
  if (sent < told + inputs / 20) return;
  told = sent;
  console.log(`${sent} inputs`);
};

const report = await (what === "streams" ? streams() : webhooks());
console.log(
  "memory in MiB",
  report.memory.map(
    ({ at, listeners, process }) =>
      `after ${at}: listeners ${(listeners / MIB).toFixed(1)}, process ${(process / MIB).toFixed(0)}`,
  ),
);
console.log("refusals by reason", report.refusals);
const [warm, , last] = report.memory;
const failures = [...report.failures];
const growth = last.listeners - warm.listeners;
if (growth > MOST_GROWTH)
  failures.push(`the memory of the listeners grew by ${(growth / MIB).toFixed(0)} MiB`);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exit(failures.length === 0 ? 0 : 1);

// Only now is it certain that this Node can run TypeScript, so both are imported here.

async function webhooks() {
  const { fuzz } = await import("../test/edge/fuzz-run.ts");
  const run = await fuzz({ inputs, seed, progress });
  console.log(`\n${run.inputs} inputs in ${pace(run.inputs, run.seconds)}, ${run.answered} answers`);
  console.log(`${run.facts} facts (${run.recut} cut elsewhere)`);
  console.log("answers", run.answers);
  console.log("kinds of input", run.kinds);
  return run;
}

async function streams() {
  const { fuzzStreams } = await import("../test/edge/fuzz-streams.ts");
  const run = await fuzzStreams({ frames: inputs, seed, progress });
  console.log(`\n${run.frames} frames in ${pace(run.frames, run.seconds)}`);
  console.log(`${run.sockets} sockets, ${run.streams} streams`);
  console.log("ends of sockets", run.ends);
  console.log("ends of streams", run.reasons);
  console.log("events", run.events);
  return run;
}

function pace(count, seconds) {
  return `${seconds.toFixed(0)} s: ${(count / seconds).toFixed(0)}/s`;
}
