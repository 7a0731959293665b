/** Programs that are run beside the gateway: found on PATH, heard, and ended with everything they started. */

import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Clock } from "../call/ports.ts";
import type { Environment } from "../config/index.ts";
import { LineReader } from "./lines.ts";

export interface Programs {
  /** Absolute path of a program on PATH, or null. */
  find(name: string): Promise<string | null>;
  /** Starts the program at `path`; `env` is added to the environment of this one child. */
  start(path: string, args: readonly string[], hear: Hearing, env?: Environment): RunningProgram;
}

/** Every line of output, as it comes. */
export interface Hearing {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

export interface RunningProgram {
  /** How it ended, once all output was heard: `exit code 1`, `SIGKILL`, or why it could not be started. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Asks it to end (SIGTERM), and ends it with all its descendants (SIGKILL) after a grace. May be called twice. */
  stop(): Promise<void>;
}

export interface ProgramEnd {
  readonly ok: boolean;
  readonly how: string;
}

const GRACE_MS = 3_000;
/** For output of descendants that left the process group, and so outlive the program. */
const LAST_WORDS_MS = 1_000;

/**
 * Runs "$@" with a companion that ends it when standard input closes, which the system does for a gateway that dies,
 * even by SIGKILL. The shell leads a process group of its own and takes the program's exit code. A background job of a
 * POSIX shell gets no standard input, hence descriptor 3.
 */
const KEEPER = `
exec 3<&0
trap : HUP INT TERM
"$@" </dev/null 3<&- &
program=$!
(
  trap '' HUP INT TERM
  exec >/dev/null 2>&1
  read -r _ <&3
  kill -TERM "$program"
  /bin/sleep 3
  kill -KILL 0
) &
keeper=$!
exec 3<&-
wait "$program"
code=$?
while kill -0 "$program" 2>/dev/null; do
  wait "$program"
  code=$?
done
kill -KILL "$keeper" 2>/dev/null
wait "$keeper" 2>/dev/null
exit "$code"`;

const WINDOWS = process.platform === "win32";
const SUFFIXES = WINDOWS ? [".exe", ".cmd"] : [""];

/** The programs of this machine. `env` is what they see, PATH included. */
export function systemPrograms(clock: Clock, env: Environment = process.env): Programs {
  return {
    find: (name) => findProgram(name, env["PATH"] ?? ""),
    start: (path, args, hear, extra = {}) => new Running(clock, path, args, hear, { ...env, ...extra }),
  };
}

async function findProgram(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue;
    for (const suffix of SUFFIXES) {
      const file = join(folder, name + suffix);
      if (await isExecutable(file)) return file;
    }
  }
  return null;
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

class Running implements RunningProgram {
  readonly ended: Promise<ProgramEnd>;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  #stopping: Promise<void> | null = null;

  constructor(clock: Clock, path: string, args: readonly string[], hear: Hearing, env: Environment) {
    this.#clock = clock;
    const [command, argv] = WINDOWS ? [path, args] : ["/bin/sh", ["-c", KEEPER, "keeper", path, ...args]];
    const child = spawn(command, argv, { env, detached: !WINDOWS, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    // The pipe is only held open; that the other end is gone is told by `exit`.
    child.stdin.on("error", () => {});
    for (const [stream, tell] of [
      [child.stdout, hear.stdout],
      [child.stderr, hear.stderr],
    ] as const) {
      const lines = new LineReader(tell);
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => lines.push(chunk));
      stream.on("end", () => lines.flush());
      stream.on("error", () => {});
    }
    this.ended = new Promise((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        resolve({ ok: false, how: error.code ?? error.name });
      });
      child.once("exit", () => {
        this.#signal("SIGKILL");
        const cancel = clock.at(clock.now() + LAST_WORDS_MS, () => {
          child.stdout.destroy();
          child.stderr.destroy();
        });
        child.once("close", cancel);
      });
      child.once("close", (code, signal) => {
        resolve({ ok: code === 0, how: signal ?? `exit code ${code ?? "unknown"}` });
      });
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#signal("SIGTERM");
    const cancel = this.#clock.at(this.#clock.now() + GRACE_MS, () => this.#signal("SIGKILL"));
    await this.ended;
    cancel();
  }

  /** To the program and all that it started. */
  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined) return;
    try {
      if (!WINDOWS) process.kill(-pid, signal);
      else if (exitCode === null && signalCode === null) spawn("taskkill", ["/pid", `${pid}`, "/t", "/f"]);
    } catch {
      // Nobody is left.
    }
  }
}
