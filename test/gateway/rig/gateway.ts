import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { RpcClient, type Scope } from "./client.ts";
import { deepMerge, hostEnvironment, offlineConfig, statePaths, type JsonObject } from "./host-config.ts";
import { installedState, packageFolder } from "./pack.ts";
import { exited, freePort, run, sleep, until, type RunOptions, type RunResult } from "./process.ts";
import { forgetPid, NODE, notePid, OPENCLAW, rigRoom } from "./room.ts";

export type GatewayOptions = {
  /** `plugins.entries.<id>.config`. */
  pluginConfig?: JsonObject;
  /** Merged into `plugins.entries.<id>`, beside `enabled` and `config`. */
  entryExtra?: JsonObject;
  /** The state directory of an earlier gateway, kept by `stop({ keepState: true })`; these options are merged over its configuration. */
  stateDir?: string;
  /** `load-path` (the default) runs a fresh build of the checkout, `packed` an installation of the packed tarball. */
  install?: "load-path" | "packed";
  /** Another tarball to install when `packed`. */
  tarball?: string;
  /** Added to the otherwise isolated environment of the gateway and of its CLI. */
  env?: Record<string, string>;
  /** Merged over the whole host configuration, last. */
  hostConfig?: JsonObject;
  /** `false`: no plugin at all. An object: the folder of another plugin, loaded by path. */
  plugin?: boolean | { id: string; dir?: string };
  /** How long the gateway may take to be ready; 120 s unless told. */
  bootTimeoutMs?: number;
  /** Told about the gateway as soon as its process runs, long before it is ready. */
  onSpawn?: (gateway: TestGateway) => void;
};

/** The gateway ended before it was ready, for example because its configuration is invalid. */
export class GatewayExit extends Error {
  readonly code: number | null;
  readonly logs: string;

  constructor(code: number | null, logs: string) {
    super(`the gateway ended with code ${code} before it was ready:\n${logs.slice(-4000)}`);
    this.name = "GatewayExit";
    this.code = code;
    this.logs = logs;
  }
}

const ALL_SCOPES: readonly Scope[] = ["operator.read", "operator.write", "operator.admin"];
const running = new Set<TestGateway>();

const TOKEN = "test-token";

/** A state directory with the configuration of these options on disk, the plugin installed when `packed`; nothing runs yet. */
export async function prepareState(
  options: GatewayOptions = {},
): Promise<{ stateDir: string; port: number }> {
  const stateDir = options.stateDir ?? path.join(rigRoom(), `state-${randomUUID().slice(0, 8)}`);
  if (options.stateDir === undefined && options.install === "packed") {
    await installedState(stateDir, options.tarball);
  }
  const own = options.install !== "packed" && (options.plugin ?? true) === true ? await packageFolder() : "";
  const paths = statePaths(stateDir);
  mkdirSync(paths.home, { recursive: true });
  mkdirSync(paths.tmp, { recursive: true });

  const port = await freePort();
  const written = existsSync(paths.config) ? readConfig(paths.config) : {};
  const layers = [
    offlineConfig({ port, token: TOKEN, stateDir }),
    pluginConfig(options, own),
    options.hostConfig ?? {},
  ];
  writeConfig(paths.config, layers.reduce(deepMerge, written));
  return { stateDir, port };
}

/** Boots a real gateway and resolves once it is ready (`/readyz`), with the plugin's services started. */
export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const { stateDir, port } = await prepareState(options);
  const gateway = new TestGateway({
    port,
    token: TOKEN,
    stateDir,
    env: hostEnvironment(stateDir, options.env),
  });
  running.add(gateway);
  options.onSpawn?.(gateway);
  try {
    await gateway.ready(options.bootTimeoutMs ?? 120_000);
  } catch (error) {
    await gateway.stop({ keepState: options.stateDir !== undefined });
    throw error;
  }
  return gateway;
}

/** Runs `openclaw <args>` on a state directory, whether a gateway runs on it or not. */
export function openclaw(
  stateDir: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const env = hostEnvironment(stateDir, options.env);
  return run(NODE, [OPENCLAW, ...args], { cwd: stateDir, ...options, env });
}

/** Stops every gateway of this process that still runs; the last resort of a test file. */
export async function stopAllGateways(): Promise<void> {
  await Promise.all([...running].map((gateway) => gateway.stop()));
}

export class TestGateway {
  readonly port: number;
  readonly token: string;
  readonly stateDir: string;
  readonly #env: Record<string, string>;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  readonly #clients = new Set<RpcClient>();
  readonly #startedAt = performance.now();
  #shared: Promise<RpcClient> | undefined;
  #output = "";
  #ended = false;
  #bootMs = 0;

  constructor(boot: { port: number; token: string; stateDir: string; env: Record<string, string> }) {
    this.port = boot.port;
    this.token = boot.token;
    this.stateDir = boot.stateDir;
    this.#env = boot.env;
    this.#child = spawn(NODE, [OPENCLAW, "gateway"], {
      cwd: boot.stateDir,
      env: boot.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#exit = exited(this.#child).then((code) => this.#end(code));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
    process.once("exit", this.#killNow);
    notePid(this.pid, this.stateDir);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${NODE} could not be started`);
    return this.#child.pid;
  }

  /** From spawn to ready, in milliseconds. */
  get bootMs(): number {
    return this.#bootMs;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Waits until the gateway answers `/readyz` with 200; rejects with `GatewayExit` when it ends instead. */
  async ready(timeoutMs: number): Promise<void> {
    await until(
      () => `the gateway is ready\n${this.#output.slice(-4000)}`,
      timeoutMs,
      async () => {
        if (this.#ended) throw new GatewayExit(this.#child.exitCode, this.logs());
        const status = await fetch(this.url("/readyz")).then(drained, () => 0);
        return status === 200 ? true : undefined;
      },
      100,
    );
    this.#bootMs = performance.now() - this.#startedAt;
  }

  /** stdout and stderr as printed, then the log file (JSON lines) of this state directory. */
  logs(): string {
    const file = statePaths(this.stateDir).log;
    return this.#output + (existsSync(file) ? readFileSync(file, "utf8") : "");
  }

  /** What the process printed since it started: the readable form of its log. */
  output(): string {
    return this.#output;
  }

  /** Resolves once the output from position `from` on has a match; take `from` from `output().length` before the act. */
  async waitForOutput(
    pattern: RegExp | string,
    options: { from?: number; timeoutMs?: number } = {},
  ): Promise<void> {
    await until(
      () => `output matches ${pattern}\n${this.#output.slice(-4000)}`,
      options.timeoutMs ?? 30_000,
      () => (this.#output.slice(options.from ?? 0).search(pattern) >= 0 ? true : undefined),
    );
  }

  url(pathname: string): string {
    return `http://127.0.0.1:${this.port}${pathname}`;
  }

  /** Calls a gateway method on one shared connection that has every operator scope. Rejects with `RpcError`. */
  async rpc<T = unknown>(
    method: string,
    params: unknown = {},
    options: { timeoutMs?: number } = {},
  ): Promise<T> {
    return (await this.client()).request<T>(method, params, options);
  }

  /** The connection behind `rpc`, for its `events`. */
  async client(): Promise<RpcClient> {
    const current = await this.#shared;
    if (current === undefined || !current.open) this.#shared = this.rpcWithScopes(ALL_SCOPES);
    return (await this.#shared) as RpcClient;
  }

  /** A connection of its own with exactly these scopes; the gateway's end closes it. */
  async rpcWithScopes(scopes: readonly Scope[]): Promise<RpcClient> {
    const client = await RpcClient.connect({ port: this.port, token: this.token, scopes });
    this.#clients.add(client);
    return client;
  }

  /** Runs `openclaw <args>` against this gateway's state directory. */
  cli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return openclaw(this.stateDir, args, { ...options, env: { ...this.#env, ...options.env } });
  }

  readonly config = {
    read: (): JsonObject => readConfig(statePaths(this.stateDir).config),
    /** Edits the configuration file; the running host notices by itself. Return a new object or change the given one. */
    patch: (edit: (config: JsonObject) => JsonObject | void): void => {
      const file = statePaths(this.stateDir).config;
      const config = readConfig(file);
      writeConfig(file, edit(config) ?? config);
    },
    merge: (extra: JsonObject): void => this.config.patch((config) => deepMerge(config, extra)),
  };

  /** Sends a signal and waits for the end. The exit code, or `null` when the signal itself ended the process. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.#ended) this.#child.kill(signal);
    return this.#exit;
  }

  /** SIGTERM, wait (SIGKILL after `timeoutMs`, 20 s unless told), then delete the state directory unless `keepState`. */
  async stop(options: { keepState?: boolean; timeoutMs?: number } = {}): Promise<number | null> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    const patience = new AbortController();
    const forced = sleep(options.timeoutMs ?? 20_000, patience.signal).then(() =>
      this.#child.kill("SIGKILL"),
    );
    const code = await this.kill("SIGTERM");
    patience.abort();
    await forced.catch(() => undefined);
    if (!options.keepState) rmSync(this.stateDir, { recursive: true, force: true, maxRetries: 3 });
    return code;
  }

  #end(code: number | null): number | null {
    this.#ended = true;
    running.delete(this);
    process.removeListener("exit", this.#killNow);
    forgetPid(this.pid);
    return code;
  }

  readonly #killNow = (): void => {
    this.#child.kill("SIGKILL");
  };
}

function pluginConfig(options: GatewayOptions, ownFolder: string): JsonObject {
  if (options.plugin === false) return {};
  const other = typeof options.plugin === "object" ? options.plugin : undefined;
  const entry = { enabled: true, config: options.pluginConfig ?? {}, ...options.entryExtra };
  const loading = options.install === "packed" ? {} : { load: { paths: [other?.dir ?? ownFolder] } };
  return { plugins: { ...loading, entries: { [other?.id ?? "voice-call"]: entry } } };
}

async function drained(response: Response): Promise<number> {
  await response.arrayBuffer();
  return response.status;
}

function readConfig(file: string): JsonObject {
  return JSON.parse(readFileSync(file, "utf8")) as JsonObject;
}

/** Atomic, so that the host's file watcher never reads half a file. */
function writeConfig(file: string, config: JsonObject): void {
  writeFileSync(`${file}.next`, `${JSON.stringify(config, null, 2)}\n`);
  renameSync(`${file}.next`, file);
}
