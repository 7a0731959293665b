// Builds src/ into a clean dist/, or into the directory given as argument. The package ships exactly what this emits:
// a few bundled files with everything they need in them, since the host copies a plugin and its whole dependencies, file
// by file, at every start. A type error fails the build; --quick emits the same JavaScript with no look at the types.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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
    carrier: source("carrier/carrier.ts"),
    conformance: source("conformance/index.ts"),
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

/** The types of the entries, checked with everything else: those files, and what they speak of. */
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
    for (const entry of ["index.d.ts", "carrier/carrier.d.ts", "conformance/index.d.ts"]) ship(types, entry);
  } finally {
    rmSync(types, { recursive: true, force: true });
  }
}

/** Copies a declaration file and those it imports into dist/types. */
function ship(types, file, shipped = new Set()) {
  if (shipped.has(file)) return;
  shipped.add(file);
  const from = path.join(types, file);
  const to = path.join(dist, "types", file);
  mkdirSync(path.dirname(to), { recursive: true });
  const text = readFileSync(from, "utf8");
  // Where TypeScript reads a declaration it looks for the JavaScript of that name.
  writeFileSync(to, text.replaceAll(/(from |import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
  for (const [, , wanted] of text.matchAll(/(from |import\()"(\.[^"]+)\.ts"/g)) {
    ship(types, path.join(path.dirname(file), `${wanted}.d.ts`), shipped);
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
