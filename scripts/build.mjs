// Compiles src/ into a clean dist/, or into the directory given as argument. The package ships exactly what this emits; a
// type error fails the build. --quick emits the same JavaScript in a fraction of the time, with no look at the types.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "./run.mjs";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean" } },
  allowPositionals: true,
});
const dist = path.resolve(positionals[0] ?? path.join(root, "dist"));

rmSync(dist, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const result = spawnSync(
  process.execPath,
  [
    tsc,
    "-p",
    path.join(root, "tsconfig.build.json"),
    "--outDir",
    dist,
    "--noEmitOnError",
    "--pretty",
    "false",
    ...(values.quick ? ["--noCheck", "--noResolve", "--declaration", "false"] : []),
  ],
  { cwd: root, stdio: "inherit" },
);
if (result.error) throw result.error;
if (result.status !== 0) {
  console.error(`build: the TypeScript compiler failed (${result.signal ?? `exit code ${result.status}`})`);
  process.exit(1);
}

const entry = path.join(dist, "index.js");
if (!existsSync(entry)) {
  const emitted = existsSync(dist) ? readdirSync(dist).join(", ") : "nothing";
  console.error(`build: ${entry} was not emitted; dist/ holds: ${emitted}`);
  process.exit(1);
}
