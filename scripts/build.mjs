// Builds src/ into a clean dist/, or into the directory given as argument. The package ships exactly what this emits:
// a few bundled files with everything they need in them, since the host copies a plugin and its whole dependencies, file
// by file, at every start. A type error fails the build; --quick emits the same JavaScript with no look at the types.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";
import { root } from "./run.mjs";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean" } },
  allowPositionals: true,
});
const dist = path.resolve(positionals[0] ?? path.join(root, "dist"));
const source = (file) => path.join(root, "src", file);

rmSync(dist, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  input: {
    index: source("index.ts"),
    worker: source("edge/worker.ts"),
    "doctor-contract-api": source("doctor-contract-api.ts"),
  },
  platform: "node",
  // The host provides itself.
  external: /^openclaw\//,
});
const { output } = await bundle.write({
  dir: dist,
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
});
await bundle.close();
writeFileSync(path.join(dist, "THIRD-PARTY.txt"), notices(output));
if (!values.quick) declare();

/** The types of the entry, checked with everything else. */
function declare() {
  const types = mkdtempSync(path.join(tmpdir(), "voice-call-types-"));
  try {
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const project = [
      "-p",
      path.join(root, "tsconfig.build.json"),
      "--outDir",
      types,
      "--emitDeclarationOnly",
    ];
    const options = { cwd: root, stdio: "inherit" };
    const result = spawnSync(
      process.execPath,
      [tsc, ...project, "--noEmitOnError", "--pretty", "false"],
      options,
    );
    if (result.error) throw result.error;
    if (result.status !== 0) {
      rmSync(dist, { recursive: true, force: true });
      console.error(
        `build: the TypeScript compiler failed (${result.signal ?? `exit code ${result.status}`})`,
      );
      process.exit(1);
    }
    cpSync(path.join(types, "index.d.ts"), path.join(dist, "index.d.ts"));
  } finally {
    rmSync(types, { recursive: true, force: true });
  }
}

/** The licences of everything that was bundled, as they ask for. */
function notices(chunks) {
  const modules = chunks.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  const packages = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  );
  const parts = [...packages]
    .toSorted((a, b) => a.localeCompare(b))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? "" : readFileSync(path.join(folder, file), "utf8").trim();
      return `${name} ${version} (${license})\n\n${text}`;
    });
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

const entry = path.join(dist, "index.js");
if (!existsSync(entry)) {
  console.error(`build: ${entry} was not emitted`);
  process.exit(1);
}
