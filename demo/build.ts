import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { COMPILE_CACHE } from "../test/gateway/rig/room.ts";

/** What the gateway reads of the package, beside `dist/`. */
const FILES = ["package.json", "openclaw.plugin.json", "skills"];

/**
 * Makes `folder` a package that a gateway can load, compiled from the sources as they are now, with the checkout's
 * dependencies. The checkout itself stays as it is. Rejects with the compiler's words when it fails.
 */
export async function buildPackage(repo: string, folder: string, signal: AbortSignal): Promise<void> {
  mkdirSync(folder);
  for (const name of FILES.filter((name) => existsSync(path.join(repo, name))))
    cpSync(path.join(repo, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(repo, "node_modules"), path.join(folder, "node_modules"), "junction");
  const script = path.join(repo, "scripts/build.mjs");
  const compiler = spawn(process.execPath, [script, path.join(folder, "dist"), "--quick"], {
    cwd: repo,
    // Left to itself, the compiler keeps a cache among the temporary files.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  let said = "";
  for (const stream of [compiler.stdout, compiler.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  compiler.once("error", reject);
  compiler.once("close", resolve);
  if ((await promise) !== 0) throw new Error(`the plugin could not be built\n${said}`);
}
