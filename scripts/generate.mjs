// Writes what is generated from the sources; with --check writes nothing and exits 1 when a file differs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
// Before anything else: the sources are TypeScript, which the project's own Node strips itself.
import { root } from "./run.mjs";

const { manifest } = await import("./generate/manifest.ts");
const { configurationDoc } = await import("./generate/configuration-doc.ts");
const { errorsDoc } = await import("./generate/errors-doc.ts");

/** The formatter's own layout, so that generated and hand-written files pass the same check. */
function formatted(name, source) {
  const oxfmt = join(root, "node_modules", "oxfmt", "bin", "oxfmt");
  const run = spawnSync(process.execPath, [oxfmt, `--stdin-filepath=${name}`], {
    cwd: root,
    input: source,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`oxfmt failed on ${name}: ${run.stderr}`);
  return run.stdout;
}

const outputs = [
  {
    name: "openclaw.plugin.json",
    content: formatted("openclaw.plugin.json", JSON.stringify(manifest(), null, 2)),
  },
  { name: "docs/configuration.md", content: configurationDoc() },
  { name: "docs/errors.md", content: errorsDoc() },
];

const differs = outputs.filter(({ name, content }) => {
  const file = join(root, name);
  return !existsSync(file) || readFileSync(file, "utf8") !== content;
});

if (process.argv.includes("--check")) {
  for (const { name } of differs) console.error(`${name} is out of date: run \`npm run generate\``);
  process.exitCode = differs.length > 0 ? 1 : 0;
} else {
  for (const { name, content } of differs) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
    console.log(`wrote ${name}`);
  }
}
