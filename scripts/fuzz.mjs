// `npm run fuzz [-- --inputs 1000000] [-- --seed 1]`: hostile requests against the real listener of every carrier.
// Ends with 1 on a throw, a hang, an answer or a fact that must not be, or memory that grows after the warm-up.
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it does: it changes to a Node that is new enough
import "./run.mjs";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { inputs: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const MIB = 1024 * 1024;
const MOST_GROWTH = 32 * MIB;

// Only now is it certain that this Node can run TypeScript.
const { fuzz } = await import("../test/edge/fuzz-run.ts");
const inputs = Number(values.inputs);
let told = 0;
const report = await fuzz({
  inputs,
  seed: Number(values.seed),
  progress: (sent) => {
    if (sent < told + inputs / 20) return;
    told = sent;
    console.log(`${sent} inputs`);
  },
});

console.log(
  `\n${report.inputs} inputs in ${report.seconds.toFixed(0)} s: ${(report.inputs / report.seconds).toFixed(0)} inputs/s, ${report.answered} answers, ${report.facts} facts (${report.recut} cut elsewhere)`,
);
console.log(
  "memory in MiB",
  report.memory.map(
    ({ at, listeners, process }) =>
      `after ${at}: listeners ${(listeners / MIB).toFixed(1)}, process ${(process / MIB).toFixed(0)}`,
  ),
);
console.log("answers", report.answers);
console.log("kinds of input", report.kinds);
console.log("refusals by reason", report.refusals);

const [warm, , last] = report.memory;
const failures = [...report.failures];
const growth = last.listeners - warm.listeners;
if (growth > MOST_GROWTH)
  failures.push(`the memory of the listeners grew by ${(growth / MIB).toFixed(0)} MiB`);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exit(failures.length === 0 ? 0 : 1);
