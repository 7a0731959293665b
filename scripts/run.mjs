// What the project's scripts share: running tools of node_modules with the project's own Node.
import { spawn } from "node:child_process";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "..");
const bin = path.join(root, "node_modules/.bin");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 16)) {
  console.error(
    `This needs Node 24.16 or newer, and the project's own (node_modules/.bin/node) is not there for this platform.\n` +
      `You run ${process.version}. Install Node 24 and try again, or run it through npm after \`npm ci\`.`,
  );
  process.exit(1);
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
    const env = { ...process.env, ...options.env, PATH: `${bin}${path.delimiter}${process.env["PATH"]}` };
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
