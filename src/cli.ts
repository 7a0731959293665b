import { createInterface } from "node:readline";
import { callGatewayFromCli, isGatewayTransportError } from "openclaw/plugin-sdk/gateway-runtime";
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";
import { paintFor, runTerminalPhone } from "./carrier/mock/terminal.ts";
import { safeLog } from "./observe/redact.ts";
import { commandClock } from "./service/tools.ts";
import { registerCli } from "./surface/cli/cli.ts";
import type { CliDeps } from "./surface/cli/deps.ts";
import { processIo } from "./surface/cli/process.ts";
import type { Program } from "./surface/cli/program.ts";
import type { Scope } from "./surface/rpc-method.ts";

const loadPlugin = () => import("./plugin.ts");
const loadExpose = () => import("./expose.ts");
const loadRecords = () => import("./records.ts");

/**
 * These show numbers and words to clients that may write, and hide them from others. Left alone, the host asks for no
 * more than the scope that a method needs.
 */
const FOR_THE_OWNER: ReadonlySet<string> = new Set(["voicecall.status", "voicecall.list", "voicecall.setup"]);

/** The scopes to ask the gateway for where the method's own does not do. Overriding guards takes an administrator. */
function scopesFor(method: string, params: object): { scopes?: Scope[] } {
  if ("override" in params) return { scopes: ["operator.read", "operator.write", "operator.admin"] };
  return FOR_THE_OWNER.has(method) ? { scopes: ["operator.read", "operator.write"] } : {};
}

/** The host's logger prints to stdout here, where a command prints its result and nothing else. */
const toStderr = (line: string): void => processIo.err(line);
const LOG = safeLog({ info: toStderr, warn: toStderr, error: toStderr });

/** Adds `openclaw voicecall …` to the host's program. Loaded only in a process that runs such a command. */
export function registerVoiceCallCli(program: Program, api: OpenClawPluginApi): void {
  const deps: CliDeps = {
    gateway: {
      call: (method, params, { timeoutMs }) =>
        callGatewayFromCli(method, { timeout: String(timeoutMs) }, params, {
          progress: false,
          ...scopesFor(method, params),
        }),
      isTransportError: isGatewayTransportError,
    },
    localService: async (use) => {
      if (use.kind === "read") {
        const { openRecords } = await loadRecords();
        return openRecords(api, process.env, use.store);
      }
      const { VoiceCallPlugin } = await loadPlugin();
      const plugin = new VoiceCallPlugin({ api, log: LOG, env: process.env });
      await plugin.start();
      return { service: plugin.service, stop: () => plugin.stop() };
    },
    expose: async (wish) => {
      const { exposeListener } = await loadExpose();
      return await exposeListener(wish, { api, env: process.env, log: LOG });
    },
    terminalPhone: async (options) => {
      const input = createInterface({ input: process.stdin, terminal: false });
      try {
        await runTerminalPhone({
          ...options,
          input,
          clock: commandClock,
          output: (line) => processIo.out(line),
          paint: paintFor(process.env, process.stdout.isTTY),
        });
      } finally {
        input.close();
      }
    },
    io: processIo,
  };
  registerCli(program, deps);
}
