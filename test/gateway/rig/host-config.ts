import path from "node:path";
import { COMPILE_CACHE, NODE } from "./room.ts";

export type JsonObject = { [key: string]: unknown };

/** Recursive merge into a new object: objects merge, everything else (arrays too) is replaced; `undefined` is ignored. */
export function deepMerge(base: JsonObject, extra: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(extra)) {
    if (value === undefined) continue;
    const old = merged[key];
    merged[key] = isObject(old) && isObject(value) ? deepMerge(old, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a test gateway keeps its things. `home` also catches what the host writes under the user's home. */
export function statePaths(stateDir: string) {
  return {
    config: path.join(stateDir, "openclaw.json"),
    home: path.join(stateDir, "home"),
    tmp: path.join(stateDir, "tmp"),
    log: path.join(stateDir, "openclaw.log"),
    workspace: path.join(stateDir, "workspace"),
  };
}

/** Host configuration that makes no connection beyond this machine. */
export function offlineConfig(options: { port: number; token: string; stateDir: string }): JsonObject {
  const paths = statePaths(options.stateDir);
  return {
    gateway: {
      mode: "local",
      bind: "loopback",
      port: options.port,
      auth: { mode: "token", token: options.token },
    },
    logging: { file: paths.log, level: "info" },
    update: { checkOnStart: false },
    models: { catalogRefresh: { enabled: false } },
    discovery: { mdns: { mode: "off" } },
    cron: { enabled: false },
    agents: { defaults: { workspace: paths.workspace, skipBootstrap: true } },
  };
}

/** Makes a stand-in model (`baseUrl` ends in `/v1`) the default model of every agent; for `hostConfig`. */
export function modelConfig(baseUrl: string, id = "test-model"): JsonObject {
  return {
    models: {
      mode: "merge",
      providers: {
        test: {
          baseUrl,
          apiKey: "not-a-real-key",
          api: "openai-completions",
          models: [
            {
              id,
              name: id,
              reasoning: false,
              input: ["text"],
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
              contextWindow: 128_000,
              maxTokens: 4096,
            },
          ],
        },
      },
    },
    agents: { defaults: { model: { primary: `test/${id}` } } },
  };
}

/** The whole environment of a gateway or a CLI run: nothing of the caller's leaks in except where programs are found. */
export function hostEnvironment(
  stateDir: string,
  extra: Record<string, string> = {},
): Record<string, string> {
  const paths = statePaths(stateDir);
  return {
    PATH: [path.dirname(NODE), process.env["PATH"] ?? ""].join(path.delimiter),
    HOME: paths.home,
    TMPDIR: paths.tmp,
    OPENCLAW_STATE_DIR: stateDir,
    OPENCLAW_CONFIG_PATH: paths.config,
    OPENCLAW_HOME: paths.home,
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_NO_RESPAWN: "1",
    OPENCLAW_SKIP_CHANNELS: "1",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    OPENCLAW_EXEC_SHELL_SNAPSHOT: "0",
    DO_NOT_TRACK: "1",
    NO_COLOR: "1",
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    // Says the cache is already the wanted one; otherwise the launcher starts a second process for its own.
    OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: "1",
    ...extra,
  };
}
