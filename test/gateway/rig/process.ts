import { spawn, type ChildProcess } from "node:child_process";
import { connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

export type RunResult = { code: number | null; stdout: string; stderr: string };
export type RunOptions = {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Presses Ctrl-C (SIGINT) once the program has printed a match on stdout. */
  interruptAt?: RegExp;
  /** Kills the program (SIGKILL) and rejects after so many milliseconds; 90 s unless told. */
  timeoutMs?: number;
};

/** Runs a program to its end. A non-zero exit code is a result, not an error. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const timeoutMs = options.timeoutMs ?? 90_000;
  let stdout = "";
  let stderr = "";
  let late = false;
  const timer = globalThis.setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  let interrupted = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (interrupted || options.interruptAt?.test(stdout) !== true) return;
    interrupted = true;
    child.kill("SIGINT");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  child.once("error", (error) => {
    clearTimeout(timer);
    reject(error);
  });
  child.once("close", (code) => {
    clearTimeout(timer);
    if (late)
      reject(new Error(`${command} ${args.join(" ")}: no end after ${timeoutMs} ms\n${stdout}\n${stderr}`));
    else resolve({ code, stdout, stderr });
  });
  return promise;
}

/** Whether something listens on a port of this machine. */
export function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: "127.0.0.1" });
  socket.once("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.once("error", () => resolve(false));
  return promise;
}

/** Resolves with the exit code (`null` after a signal) once the process is gone and its output is complete. */
export function exited(child: ChildProcess): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", (code) => resolve(code));
  return promise;
}

/** A port that was free a moment ago on 127.0.0.1; the host cannot listen on port 0. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", reject);
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    probe.close(() => resolve(port));
  });
  return promise;
}

/** Rejects when `signal` aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
}

/** Asks every `everyMs` until `probe` gives something; rejects with `what` after `timeoutMs`. */
export async function until<T>(
  what: () => string,
  timeoutMs: number,
  probe: () => T | undefined | Promise<T | undefined>,
  everyMs = 50,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what()}`);
    await sleep(everyMs);
  }
}
