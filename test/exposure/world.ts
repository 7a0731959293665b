/** A machine with stand-ins of the tunnel programs on its PATH, a listener to reach, and people who try to reach it. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/call/ports.ts";
import {
  openExposure,
  systemPrograms,
  type Exposure,
  type ExposureOrder,
  type ExposureSettings,
  type ExposureTools,
} from "../../src/exposure/index.ts";
import type { VirtualClock } from "../support/clock.ts";
import { recordedLog } from "../support/recorded-log.ts";
import type { FarEnd, Manners } from "./stand-ins/child.ts";
import { listen, proxyServer } from "./stand-ins/proxy.ts";
import { type ServeConfig, tailscaleState, targetOf, type TailscaleState } from "./stand-ins/serve-config.ts";
import { readState, startsIn, writeState, type Start } from "./stand-ins/state.ts";

export const PROGRAMS = ["tailscale", "ngrok", "cloudflared"] as const;
export type Program = (typeof PROGRAMS)[number];

export const realClock: Clock = {
  now: Date.now,
  at(at, fn) {
    const timer = setTimeout(fn, Math.max(0, at - Date.now())).unref();
    return () => clearTimeout(timer);
  },
};

/** A command of a stand-in takes a third of the time when its TypeScript need not be read anew. */
const COMPILED = join(import.meta.dirname, "../../node_modules/.cache/stand-ins");

/** What a visitor got. */
export interface Visit {
  readonly status: number;
  /** The path that the listener saw, if it saw one. */
  readonly seen: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export class Machine {
  readonly state: string;
  readonly log = recordedLog();
  readonly lost: string[] = [];
  readonly giveUp = new AbortController();
  readonly tools: ExposureTools;
  order: ExposureOrder = { local: { host: "127.0.0.1", port: 0 }, webhookPath: "", streamPath: "" };
  readonly #root: string;
  readonly #closers: (() => unknown)[] = [];
  readonly #open: Exposure[] = [];
  #tailnet = 0;

  constructor(clock: Clock, installed: readonly Program[]) {
    this.#root = mkdtempSync(join(tmpdir(), "exposure-"));
    this.state = join(this.#root, "state");
    const bin = join(this.#root, "bin");
    mkdirSync(this.state);
    mkdirSync(bin);
    for (const name of installed) {
      const script = join(import.meta.dirname, "stand-ins", `${name}.ts`);
      writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    this.tools = {
      log: this.log,
      clock,
      signal: this.giveUp.signal,
      programs: systemPrograms(clock, {
        PATH: bin,
        STAND_IN_STATE: this.state,
        NODE_COMPILE_CACHE: COMPILED,
      }),
      onLost: (reason) => this.lost.push(reason),
      load: () => Promise.reject(new Error("not installed")),
    };
  }

  /** Starts the listener and the far end of the tailnet. */
  async start(): Promise<void> {
    const listener = createServer((incoming, reply) => {
      reply.setHeader("x-seen", incoming.url ?? "");
      reply.end("heard");
    });
    listener.on("upgrade", (incoming, socket) => {
      const fields = ["connection: Upgrade", "upgrade: websocket", `x-seen: ${incoming.url}`];
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n${fields.join("\r\n")}\r\n\r\n`);
    });
    const tailnet = proxyServer((incoming) => {
      const { config } = this.tailscale;
      const address = incoming.headers.host ?? "";
      const isClosed = incoming.headers["x-from"] === "internet" && config.AllowFunnel?.[address] !== true;
      return isClosed ? null : targetOf(config, address, incoming.url ?? "/");
    });
    const local = { host: "127.0.0.1", port: await listen(listener) };
    this.order = { local, webhookPath: "/voice/webhook", streamPath: "/voice/stream" };
    this.#tailnet = await listen(tailnet);
    for (const server of [listener, tailnet]) {
      this.#closers.push(() => {
        server.closeAllConnections();
        server.close();
      });
    }
  }

  async open(settings: ExposureSettings, tools: Partial<ExposureTools> = {}): Promise<Exposure> {
    const exposure = await openExposure(settings, this.order, { ...this.tools, ...tools });
    this.#open.push(exposure);
    return exposure;
  }

  get tailscale(): TailscaleState {
    return (readState(this.state, "tailscale") as TailscaleState | null) ?? tailscaleState();
  }
  set tailscale(state: TailscaleState) {
    writeState(this.state, "tailscale", state);
  }
  get serving(): ServeConfig {
    return this.tailscale.config;
  }

  behave(program: "ngrok" | "cloudflared", how: Manners): void {
    writeState(this.state, `${program}-manners`, how);
  }

  farEnd(program: "ngrok" | "cloudflared"): FarEnd | null {
    return readState(this.state, program) as FarEnd | null;
  }

  starts(program: Program): Start[] {
    return startsIn(this.state).filter((start) => start.program === program);
  }

  /** The commands that change something, without the program's name. */
  get changes(): string[] {
    const words = this.starts("tailscale").map(({ args }) => args.join(" "));
    return words.filter((line) => line.includes("--https"));
  }

  /** Target of a path of the listener. */
  target(path: string): string {
    return `http://127.0.0.1:${this.order.local.port}${path}`;
  }

  /** Follows a public URL, by way of the program that opened it. `wss` asks for an upgrade. */
  visit(url: string, by: Program, from: "internet" | "tailnet" = "internet"): Promise<Visit> {
    const { hostname, port, pathname, search, protocol } = new URL(url);
    const local = by === "tailscale" ? this.#tailnet : (this.farEnd(by)?.port ?? 0);
    const host = by === "tailscale" ? `${hostname}:${port || "443"}` : hostname;
    const upgrade = protocol === "wss:" ? { connection: "Upgrade", upgrade: "websocket" } : {};
    const { promise, resolve, reject } = Promise.withResolvers<Visit>();
    const sent = request({
      host: "127.0.0.1",
      port: local,
      path: pathname + search,
      headers: { host, "x-from": from, ...upgrade },
    });
    sent.on("error", reject);
    sent.on("response", (reply) => {
      reply.resume();
      resolve({ status: reply.statusCode ?? 0, seen: seenIn(reply.headers), headers: reply.headers });
    });
    sent.on("upgrade", (reply, socket) => {
      socket.destroy();
      resolve({ status: 101, seen: seenIn(reply.headers), headers: reply.headers });
    });
    sent.end();
    return promise;
  }

  /** Everything that was said to people: log lines, and the errors given. */
  said(...errors: readonly unknown[]): string {
    const told = errors.map((error) => `${String(error)} ${JSON.stringify(error)}`);
    return [JSON.stringify(this.log.lines), ...told, ...this.lost].join("\n");
  }

  async close(): Promise<void> {
    for (const exposure of this.#open) await exposure.close();
    for (const close of this.#closers) close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

const seenIn = (headers: IncomingHttpHeaders): string | undefined => {
  const { "x-seen": seen } = headers;
  return typeof seen === "string" ? seen : undefined;
};

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Lets virtual time pass until the promise is settled. */
export async function passing<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const progress = { done: false };
  const finish = () => {
    progress.done = true;
  };
  promise.then(finish, finish);
  while (!progress.done) {
    await clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return promise;
}

/** The error that a promise rejects with after a while. */
export const outlast = (clock: VirtualClock, promise: Promise<unknown>): Promise<unknown> =>
  rejection(passing(clock, promise));

/** Resolves once the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("did not reject");
}
