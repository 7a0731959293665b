import { createRequire } from "node:module";
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";
import type { PhoneService } from "../../../src/call/service.ts";
import { registerCli } from "../../../src/surface/cli/cli.ts";
import type { CliDeps, LocalService, LocalUse } from "../../../src/surface/cli/deps.ts";
import { CLI_DESCRIPTOR } from "../../../src/surface/cli/program.ts";
import { registerRpc, type RpcHandler } from "../../../src/surface/rpc.ts";

type HostProgram = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];

/** The very commander that the host uses. */
const host = createRequire(import.meta.resolve("openclaw/plugin-sdk/plugin-entry"));
const { Command } = host("commander") as { Command: new () => HostProgram };

/** What the host's client throws when the gateway answers with an error. */
export class GatewayClientRequestError extends Error {
  override readonly name = "GatewayClientRequestError";
  readonly gatewayCode: string;
  readonly details: unknown;
  readonly retryable = false;

  constructor(code: string, message: string, details?: unknown) {
    super(message);
    this.gatewayCode = code;
    this.details = details;
  }
}

/** What the host's client throws when the connection fails. */
export class GatewayTransportError extends Error {
  override readonly name = "GatewayTransportError";
  readonly kind: "closed" | "timeout";
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly connectionDetails: { url: string };

  constructor(given: {
    kind: "closed" | "timeout";
    message: string;
    code?: number;
    reason?: string;
    url?: string;
  }) {
    super(given.message);
    this.kind = given.kind;
    this.code = given.code;
    this.reason = given.reason;
    this.connectionDetails = { url: given.url ?? "ws://127.0.0.1:18789" };
  }
}

export const refused = (url = "ws://127.0.0.1:18789"): GatewayTransportError =>
  new GatewayTransportError({
    kind: "closed",
    url,
    reason: "connect ECONNREFUSED 127.0.0.1:18789",
    message: `Gateway not reachable at ${url} (ECONNREFUSED).\nStart it with ...`,
  });

export interface Setting {
  /** What the gateway's plugin answers with. */
  readonly service?: PhoneService;
  /** Thrown instead of an answer; `undefined` lets the request through. */
  readonly fails?: (method: string, nth: number) => Error | undefined;
  /** Sent back by the gateway in place of what the plugin answers. */
  readonly answers?: unknown;
  readonly local?: PhoneService;
  readonly terminalPhone?: CliDeps["terminalPhone"];
  readonly expose?: CliDeps["expose"];
  /** Gets what Ctrl-C would run. */
  readonly onInterrupt?: (stop: () => void) => void;
  /** Ctrl-C comes during this sleep, counted from 1. */
  readonly interruptAt?: number;
  readonly now?: number;
}

export interface Outcome {
  readonly code: number | undefined;
  readonly out: string[];
  readonly err: string[];
  /** All of stdout as JSON. */
  json(): unknown;
  readonly sent: { method: string; params: object; timeoutMs: number }[];
  readonly opened: LocalUse[];
  readonly stopped: number;
  readonly slept: number[];
  /** Handlers of Ctrl-C that are still there at the end. */
  readonly listening: number;
}

/** Runs `openclaw voicecall <argv>` with the host's commander, our gateway methods and a clock that never waits. */
export async function voicecall(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const outcome = {
    code: undefined as number | undefined,
    out: [] as string[],
    err: [] as string[],
    sent: [] as Outcome["sent"],
    opened: [] as LocalUse[],
    stopped: 0,
    slept: [] as number[],
  };
  const interrupts = new Set<() => void>();
  const handlers = new Map<string, RpcHandler>();
  registerRpc(
    { registerGatewayMethod: (name, handler) => handlers.set(name, handler) },
    () => setting.service ?? unreachable(),
  );
  const { local } = setting;
  const deps: CliDeps = {
    gateway: {
      call: async (method, params, { timeoutMs }) => {
        outcome.sent.push({ method, params, timeoutMs });
        const failure = setting.fails?.(method, outcome.sent.length);
        if (failure !== undefined) throw failure;
        if ("answers" in setting) return setting.answers;
        return await answer(handlers, method, params);
      },
      isTransportError: (error) => error instanceof GatewayTransportError,
    },
    ...(local === undefined
      ? {}
      : {
          localService: async (use): Promise<LocalService> => {
            outcome.opened.push(use);
            const stop = async (): Promise<void> => {
              outcome.stopped += 1;
              await Promise.resolve();
            };
            return await Promise.resolve({ service: local, stop });
          },
        }),
    expose: setting.expose ?? (async () => await Promise.reject(new Error("no Tailscale here"))),
    terminalPhone: setting.terminalPhone ?? (async () => await Promise.reject(new Error("no terminal here"))),
    io: {
      out: (line) => outcome.out.push(line),
      err: (line) => outcome.err.push(line),
      now: () => setting.now ?? 1_000_000,
      sleep: async (ms) => {
        outcome.slept.push(ms);
        if (outcome.slept.length === setting.interruptAt) for (const stop of interrupts) stop();
        if (outcome.slept.length > 1000) throw new Error("sleeps for ever");
        await Promise.resolve();
      },
      onInterrupt: (stop) => {
        interrupts.add(stop);
        setting.onInterrupt?.(stop);
        return () => interrupts.delete(stop);
      },
      exitWith: (code) => {
        outcome.code = code;
      },
    },
  };
  const program = commander(outcome);
  registerCli(program, deps);
  try {
    await program.parseAsync(["voicecall", ...argv], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof Error && "exitCode" in thrown)) throw thrown;
    outcome.code = Number(thrown.exitCode);
  }
  return {
    ...outcome,
    listening: interrupts.size,
    json: () => JSON.parse(outcome.out.join("\n")) as unknown,
  };
}

function commander(outcome: { out: string[]; err: string[] }): HostProgram {
  const program = new Command();
  program.exitOverride().configureOutput({
    writeOut: (text) => outcome.out.push(text),
    writeErr: (text) => outcome.err.push(text),
  });
  return program;
}

async function answer(handlers: Map<string, RpcHandler>, method: string, params: object): Promise<unknown> {
  const handler = handlers.get(method);
  if (handler === undefined)
    throw new GatewayClientRequestError("INVALID_REQUEST", `unknown method: ${method}`);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  await handler({
    params: params as Record<string, unknown>,
    client: { connect: { scopes: ["operator.admin"], client: { mode: "cli" } } },
    respond: (_ok, payload, error) => {
      if (error === undefined) resolve(payload);
      else reject(new GatewayClientRequestError(error.code, error.message, error.details));
    },
  });
  return await promise;
}

function unreachable(): never {
  throw new Error(`the ${CLI_DESCRIPTOR.name} command reached a gateway that the test does not have`);
}
