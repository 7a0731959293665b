// `npm run check`: every gate that is not a test. All of them run, so that one look shows everything that is wrong.
import { run } from "./run.mjs";

/** @type {readonly (readonly [name: string, command: string, args: readonly string[]])[]} */
const GATES = [
  ["format", "oxfmt", ["--check", "src", "test", "bench", "scripts", "demo", "vitest.config.ts"]],
  ["types", "tsc", ["-p", "tsconfig.json"]],
  ["lint", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["rooms", "depcruise", ["src", "--output-type", "err"]],
  ["unused", "knip", []],
  ["generated", "node", ["scripts/generate.mjs", "--check"]],
  ["build", "node", ["scripts/build.mjs"]],
  ["package", "publint", ["--strict"]],
  ["sizes", "node", ["scripts/sizes.mjs"]],
];

let failed = 0;
for (const [name, command, args] of GATES) {
  const { code, output } = await run(command, args, { quiet: true });
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
  if (code === 0) continue;
  failed += 1;
  console.log(output.trimEnd());
}
console.log(`${GATES.length - failed} of ${GATES.length} gates passed`);
process.exit(failed === 0 ? 0 : 1);
