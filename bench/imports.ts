/** What loading the built package costs: in a gateway, which has the host's part loaded, and in a command. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { median, round, table } from "./table.ts";

const REPO = path.resolve(import.meta.dirname, "..");
const RUNS = 7;

/** Loads `before`, then measures `file` in a fresh process: milliseconds and MiB of resident memory. */
const PROBE = `
  const [file, ...before] = process.argv.slice(1);
  for (const one of before) await import(one);
  const rss = process.memoryUsage.rss();
  const at = performance.now();
  await import(file);
  const ms = performance.now() - at;
  console.log(JSON.stringify({ ms, mib: (process.memoryUsage.rss() - rss) / 2 ** 20 }));
`;

export async function bench(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "voice-call-bench-"));
  const run = promisify(execFile);
  try {
    writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(path.join(folder, "nothing.js"), "export {};");
    symlinkSync(path.join(REPO, "node_modules"), path.join(folder, "node_modules"));
    const dist = path.join(folder, "dist");
    await run(process.execPath, [path.join(REPO, "scripts/build.mjs"), dist]);
    const host = urlOf(path.join(REPO, "node_modules/openclaw/dist/plugin-sdk/plugin-entry.js"));
    const files = readdirSync(dist);
    const part = (name: string) => {
      const file = files.find((one) => one === `${name}.js` || one.startsWith(`${name}-`));
      if (file === undefined) throw new Error(`the build has no ${name}`);
      return urlOf(path.join(dist, file));
    };
    const entry = [host, part("index")];
    const parts: Readonly<Record<string, readonly string[]>> = {
      "nothing (the probe itself)": [urlOf(path.join(folder, "nothing.js")), host],
      "plugin entry": [part("index"), host],
      "service (when the gateway starts it)": [part("start"), ...entry],
      "command line": [part("cli"), ...entry],
      "Twilio's part of the service": [part("twilio"), ...entry, part("start")],
    };
    const rows = [];
    for (const [name, imports] of Object.entries(parts)) {
      const seen: { ms: number; mib: number }[] = [];
      for (let at = 0; at < RUNS; at++) {
        const { stdout } = await run(process.execPath, ["--input-type=module", "-e", PROBE, ...imports]);
        seen.push(JSON.parse(stdout) as { ms: number; mib: number });
      }
      const ms = seen.map((one) => one.ms);
      rows.push([name, round(median(ms)), round(Math.min(...ms)), round(median(seen.map((one) => one.mib)))]);
    }
    table(`loading the built package in a fresh process (${RUNS} runs)`, [
      ["what", "ms, median", "ms, least", "MiB, median"],
      ...rows,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const urlOf = (file: string): string => pathToFileURL(file).href;
