import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { hostEnvironment, statePaths } from "./host-config.ts";
import { run, type RunResult } from "./process.ts";
import { NODE, OPENCLAW, REPO, rigRoom } from "./room.ts";

/** Whether the checkout has a plugin to build at all. */
export function hasPlugin(): boolean {
  return existsSync(path.join(REPO, "src/index.ts"));
}

/** Compiles `src/` into `dist/`. */
export async function build(): Promise<void> {
  succeeded(await run(NODE, [path.join(REPO, "scripts/build.mjs")], { cwd: REPO }), "the build");
}

/** The tarball `npm pack` makes of the checkout: made once per test run, from the `dist/` of that run. */
export async function packedTarball(): Promise<string> {
  const dir = path.join(rigRoom(), "pack");
  if (!existsSync(dir)) {
    mkdirSync(dir);
    succeeded(
      await run("npm", ["pack", "--ignore-scripts", "--pack-destination", dir], { cwd: REPO }),
      "npm pack",
    );
  }
  const name = readdirSync(dir).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${dir}`);
  return path.join(dir, name);
}

/** Installs the packed tarball into a fresh state directory the way an operator does. */
export async function installedState(stateDir: string): Promise<void> {
  const tarball = await packedTarball();
  const paths = statePaths(stateDir);
  mkdirSync(paths.home, { recursive: true });
  mkdirSync(paths.tmp, { recursive: true });
  const args = ["plugins", "install", `npm-pack:${tarball}`, "--force", "--accept-capabilities"];
  try {
    const result = await run(NODE, [OPENCLAW, ...args], { cwd: stateDir, env: hostEnvironment(stateDir) });
    succeeded(result, `openclaw ${args.join(" ")}`);
  } catch (error) {
    rmSync(stateDir, { recursive: true, force: true });
    throw error;
  }
}

function succeeded(result: RunResult, what: string): void {
  if (result.code !== 0)
    throw new Error(`${what} failed (${result.code}):\n${result.stdout}\n${result.stderr}`);
}
