import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The checkout the rig belongs to. */
export const REPO = path.resolve(import.meta.dirname, "../../..");
const INSTALLED_NODE = path.join(REPO, "node_modules/.bin/node");
/** The Node.js binary the gateway runs on: the one of the dev dependencies where it has one for this platform. */
export const NODE = existsSync(INSTALLED_NODE) ? INSTALLED_NODE : process.execPath;
/** The host's launcher script. */
export const OPENCLAW = path.join(REPO, "node_modules/openclaw/openclaw.mjs");
/** Compiled-code cache shared by all gateways; a warm one halves the boot time. */
export const COMPILE_CACHE = path.join(REPO, "node_modules/.cache/gateway-rig/compile");

const ROOM_VARIABLE = "VOICE_CALL_RIG_ROOM";

/** Makes the directory that holds everything one test run leaves on disk, and names it to child processes. */
export function openRoom(prefix = "voice-call-rig-"): string {
  const room = mkdtempSync(path.join(tmpdir(), prefix));
  mkdirSync(path.join(room, "pids"));
  process.env[ROOM_VARIABLE] = room;
  return room;
}

/** The run's directory. Outside a test run (a benchmark, a script) the first caller makes one that lives as long as the process. */
export function rigRoom(): string {
  const known = process.env[ROOM_VARIABLE];
  if (known !== undefined) return known;
  const room = openRoom();
  process.once("exit", () => rmSync(room, { recursive: true, force: true }));
  return room;
}

/** Notes a running gateway so that the end of the run can find it, whatever happened to its test. */
export function notePid(pid: number, stateDir: string): void {
  writeFileSync(path.join(rigRoom(), "pids", String(pid)), stateDir);
}

export function forgetPid(pid: number): void {
  rmSync(path.join(rigRoom(), "pids", String(pid)), { force: true });
}

/** Ids of noted processes that are still alive. A reused id is told apart by the state directory in its environment (Linux). */
export function livingPids(room: string): number[] {
  return readdirSync(path.join(room, "pids"))
    .map(Number)
    .filter(
      (pid) => isAlive(pid) && ownsStateDir(pid, readFileSync(path.join(room, "pids", String(pid)), "utf8")),
    );
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ownsStateDir(pid: number, stateDir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`OPENCLAW_STATE_DIR=${stateDir}`);
  } catch {
    return process.platform !== "linux";
  }
}
