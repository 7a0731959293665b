import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Server } from "node:http";
import type { FarEnd, Manners } from "../../exposure/stand-ins/child.ts";
import { listen, proxyServer } from "../../exposure/stand-ins/proxy.ts";
import { tailscaleState, targetOf, type TailscaleState } from "../../exposure/stand-ins/serve-config.ts";
import { readState, startsIn, writeState, type Start } from "../../exposure/stand-ins/state.ts";
import { until } from "./process.ts";
import { NODE, REPO, rigRoom } from "./room.ts";

export const PROGRAMS = ["tailscale", "ngrok", "cloudflared"] as const;
export type Program = (typeof PROGRAMS)[number];

const STAND_INS = path.join(REPO, "test/exposure/stand-ins");

/**
 * What a gateway has around it: stand-ins of the tunnel programs on its PATH, and an internet in which their public names
 * lead to them. The carriers' emulators get there by `reach`, the gateway itself by its environment.
 */
export class Outside {
  readonly env: Record<string, string>;
  /** Where a public URL is served on this machine. */
  readonly reach: (url: string) => string;
  /** The name at which each program is reached at the moment. */
  readonly names: Partial<Record<"ngrok" | "cloudflared", string>> = {};
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server, origin: string) {
    this.#folder = folder;
    this.#server = server;
    this.reach = (url) => url.replace(/^https:\//u, origin);
    this.env = {
      PATH: [path.join(folder, "bin"), path.dirname(NODE), process.env["PATH"] ?? ""].join(path.delimiter),
      STAND_IN_STATE: this.state,
      STAND_IN_INTERNET: origin,
      NODE_OPTIONS: `--import=${path.join(import.meta.dirname, "internet.ts")}`,
    };
  }

  static async open(installed: readonly Program[] = PROGRAMS): Promise<Outside> {
    const folder = mkdtempSync(path.join(rigRoom(), "outside-"));
    mkdirSync(path.join(folder, "bin"));
    mkdirSync(path.join(folder, "state"));
    const server = proxyServer(({ url = "", headers }) => {
      const [, host = "", rest = "/"] = /^\/([^/?]+)(.*)$/u.exec(url) ?? [];
      headers.host = host;
      return outside.#targetOf(host, rest);
    });
    const outside = new Outside(folder, server, `http://127.0.0.1:${await listen(server)}`);
    for (const program of installed) outside.install(program);
    return outside;
  }

  get state(): string {
    return path.join(this.#folder, "state");
  }

  install(program: Program): void {
    const file = path.join(this.#folder, "bin", program);
    const script = path.join(STAND_INS, `${program}.ts`);
    writeFileSync(file, `#!/bin/sh\nNODE_OPTIONS= exec '${NODE}' '${script}' "$@"\n`);
    chmodSync(file, 0o755);
  }

  behave(program: "ngrok" | "cloudflared", how: Manners): void {
    writeState(this.state, `${program}-manners`, how);
  }

  farEnd(program: "ngrok" | "cloudflared"): FarEnd | null {
    return readState(this.state, program) as FarEnd | null;
  }

  starts(program: Program): readonly Start[] {
    return startsIn(this.state).filter((start) => start.program === program);
  }

  /** The commands that changed something at Tailscale. */
  changes(): readonly string[] {
    return this.starts("tailscale")
      .map(({ args }) => args.join(" "))
      .filter((line) => line.includes("--https"));
  }

  get tailscale(): TailscaleState {
    return (readState(this.state, "tailscale") as TailscaleState | null) ?? tailscaleState();
  }
  set tailscale(state: TailscaleState) {
    writeState(this.state, "tailscale", state);
  }

  /** Command lines of everything that runs with this environment: the gateway, shells, programs (Linux; else none). */
  processes(): string[] {
    if (process.platform !== "linux") return [];
    const found: string[] = [];
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name))) {
      const environment = read(`/proc/${pid}/environ`);
      if (environment.includes(`STAND_IN_STATE=${this.state}`)) found.push(read(`/proc/${pid}/cmdline`));
    }
    return found.filter((line) => line !== "").map((line) => line.replaceAll("\u0000", " "));
  }

  /** Resolves once nothing of it runs any more. */
  async deserted(): Promise<void> {
    await until(
      () => `nothing is left of\n${this.processes().join("\n")}`,
      15_000,
      () => (this.processes().length === 0 ? true : undefined),
    );
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #targetOf(host: string, rest: string): string | null {
    for (const program of ["ngrok", "cloudflared"] as const)
      if (this.names[program] === host) return `http://127.0.0.1:${this.farEnd(program)?.port ?? 9}${rest}`;
    const { config } = this.tailscale;
    const address = host.includes(":") ? host : `${host}:443`;
    return config.AllowFunnel?.[address] === true ? targetOf(config, address, rest) : null;
  }
}

/** Empty when it is gone or somebody else's. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
