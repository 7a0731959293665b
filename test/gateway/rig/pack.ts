import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hostEnvironment, statePaths } from "./host-config.ts";
import { startRegistry } from "./registry.ts";
import { run, type RunResult } from "./process.ts";
import { NODE, OPENCLAW, REPO, rigRoom } from "./room.ts";

/**
 * A package folder built from the checkout, once per test run: what the package ships, with the checkout's
 * dependencies. Gateways load this copy, since the host refuses a plugin whose files change while it prepares them.
 */
export function packageFolder(): Promise<string> {
  return builtFolder("package", ["--quick"]);
}

/** The tarball that `npm pack` makes: once per test run. */
export async function packedTarball(): Promise<string> {
  const dir = path.join(rigRoom(), "pack");
  if (!existsSync(dir)) {
    const from = await builtFolder("package-with-types", []);
    mkdirSync(dir);
    succeeded(
      await run("npm", ["pack", "--ignore-scripts", "--pack-destination", dir], { cwd: from }),
      "npm pack",
    );
  }
  const name = readdirSync(dir).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${dir}`);
  return path.join(dir, name);
}

async function builtFolder(name: string, options: readonly string[]): Promise<string> {
  const dir = path.join(rigRoom(), name);
  const mark = `${dir}-is-complete`;
  if (existsSync(mark)) return dir;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const build = [path.join(REPO, "scripts/build.mjs"), path.join(dir, "dist"), ...options];
  succeeded(await run(NODE, build, { cwd: REPO, timeoutMs: 180_000 }), "the build");
  const manifest = JSON.parse(readFileSync(path.join(REPO, "package.json"), "utf8")) as { files: string[] };
  for (const file of ["package.json", "README.md", "LICENSE", ...manifest.files]) {
    if (file !== "dist") cpSync(path.join(REPO, file), path.join(dir, file), { recursive: true });
  }
  symlinkSync(path.join(REPO, "node_modules"), path.join(dir, "node_modules"));
  writeFileSync(mark, "");
  return dir;
}

/**
 * Makes `stateDir` a state directory with the packed tarball (or the one given) installed the way an operator does it.
 * The installation runs once per tarball and test run; every state directory is a copy of it.
 */
export async function installedState(stateDir: string, tarball?: string): Promise<void> {
  const file = tarball ?? (await packedTarball());
  const template = path.join(rigRoom(), `installed-${path.basename(file, ".tgz")}`);
  if (!existsSync(template)) await install(template, file);
  cpSync(template, stateDir, { recursive: true, verbatimSymlinks: true });
  moveRecords(stateDir, template);
}

/** The install record in the host's database names the state directory; the copy's has to name the copy. */
function moveRecords(stateDir: string, from: string): void {
  const database = new DatabaseSync(path.join(stateDir, "state/openclaw.sqlite"));
  const update = database.prepare("UPDATE config_machine_state SET value_json = replace(value_json, ?, ?)");
  update.run(from, stateDir);
  database.close();
}

/** `openclaw plugins install` against a registry on this machine: no network needed. */
async function install(stateDir: string, tarball: string): Promise<void> {
  const paths = statePaths(stateDir);
  mkdirSync(paths.home, { recursive: true });
  mkdirSync(paths.tmp, { recursive: true });
  const args = ["plugins", "install", `npm-pack:${tarball}`, "--force", "--accept-capabilities"];
  const registry = await startRegistry();
  const env = hostEnvironment(stateDir, {
    npm_config_registry: registry.url,
    npm_config_audit: "false",
    npm_config_fetch_retries: "0",
    npm_config_update_notifier: "false",
  });
  try {
    const options = { cwd: stateDir, env, timeoutMs: 150_000 };
    succeeded(await run(NODE, [OPENCLAW, ...args], options), `openclaw ${args.join(" ")}`);
    rmSync(paths.home, { recursive: true });
    rmSync(paths.tmp, { recursive: true });
  } catch (error) {
    rmSync(stateDir, { recursive: true, force: true });
    throw error;
  } finally {
    await registry.close();
  }
}

function succeeded(result: RunResult, what: string): void {
  if (result.code !== 0)
    throw new Error(`${what} failed (${result.code}):\n${result.stdout}\n${result.stderr}`);
}
