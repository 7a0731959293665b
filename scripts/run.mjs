// What the project's scripts share: running tools of node_modules with the project's own Node.
import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "..");
const bin = path.join(root, "node_modules/.bin");

ensureNode();

/** Starts this script again with the project's own Node where the one that runs it is too old. */
function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 16)) return;
  const own = ownNode();
  if (own === null) {
    console.error(
      `This needs Node 24.16 or newer; you run ${process.version}, and there is no prebuilt one for ${process.platform}-${process.arch}.\n` +
        "Install Node 24 and try again.",
    );
    process.exit(1);
  }
  const { status } = spawnSync(own, process.argv.slice(1), { stdio: "inherit" });
  process.exit(status ?? 1);
}

/** The Node that `tools/node` brings, wherever the package manager has put it. */
function ownNode() {
  try {
    const tools = createRequire(
      path.join(realpathSync(path.join(root, "node_modules/voice-call-node")), "package.json"),
    );
    const manifest = tools.resolve(`node-${process.platform}-${process.arch}/package.json`);
    return path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return null;
  }
}

/**
 * Runs a command with node_modules/.bin first on the path. Resolves with the exit code and everything it printed;
 * prints along unless `quiet`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      ...options.env,
      PATH: [bin, path.dirname(process.execPath), process.env["PATH"]].join(path.delimiter),
    };
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const [stream, sink] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (!options.quiet) sink.write(text);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
