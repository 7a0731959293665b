import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

/** Whether `dist/` is missing or older than what it is made from. */
export function buildIsStale(repo: string): boolean {
  const built = modified(path.join(repo, "dist/index.js"));
  const sources = readdirSync(path.join(repo, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(repo, "src", name));
  const settings = ["tsconfig.json", "tsconfig.build.json"].map((name) => path.join(repo, name));
  return [...sources, ...settings].some((file) => modified(file) > built);
}

/** Epoch milliseconds; 0 for a file that is not there. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Compiles `src/` into `dist/`, without the time for checking types. Rejects with the compiler's words when it fails. */
export async function build(repo: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const script = path.join(repo, "scripts/build.mjs");
  const compiler = spawn(process.execPath, [script, "--no-check"], {
    cwd: repo,
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [compiler.stdout, compiler.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  compiler.once("error", reject);
  compiler.once("close", resolve);
  if ((await promise) !== 0) throw new Error(`the plugin could not be built\n${said}`);
}
