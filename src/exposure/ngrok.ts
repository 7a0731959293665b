/**
 * ngrok: its agent as a child process, or the `@ngrok/ngrok` package where the agent is not installed.
 * Facts: https://ngrok.com/docs/agent/cli/, https://ngrok.com/docs/agent/api, types of `@ngrok/ngrok` 1.7.0.
 */

import { VoiceCallError } from "../call/errors.ts";
import { isLoopbackHost } from "../config/loopback.ts";
import type { Exposure, ExposureOrder, ExposureSettings, ExposureTools } from "./exposure.ts";
import { openPackage } from "./ngrok-package.ts";
import { ngrokComplaint } from "./ngrok-errors.ts";
import { openTunnel, type TunnelReader } from "./tunnel.ts";
import { localOrigin, urlsAt } from "./urls.ts";

const PROGRAM = "ngrok";

export type NgrokSettings = Extract<ExposureSettings, { way: "ngrok" }>;

/** Throws `VC_TUNNEL_MISSING` when there is neither agent nor package, and what `openTunnel` throws. */
export async function openNgrok(
  { authToken, domain }: NgrokSettings,
  order: ExposureOrder,
  tools: ExposureTools,
): Promise<Exposure> {
  const address = localOrigin(order.local);
  const host = domain === undefined ? undefined : hostOf(domain);
  const path = await tools.programs.find(PROGRAM);
  const tunnel =
    path === null
      ? await openPackage({ address, authToken, host }, tools)
      : await openTunnel(
          {
            program: PROGRAM,
            path,
            args: ngrokArguments(address, host),
            // Only here: arguments and logs are read by others.
            env: authToken === undefined ? {} : { NGROK_AUTHTOKEN: authToken },
            reader: new AgentReader(order.local.port),
          },
          tools,
        );
  if (tunnel === null) throw new VoiceCallError("VC_TUNNEL_MISSING", { program: PROGRAM });
  return {
    ...urlsAt(tunnel.origin, order.webhookPath, order.streamPath),
    reach: "public",
    close: () => tunnel.close(),
  };
}

function ngrokArguments(address: string, host: string | undefined): string[] {
  const args = ["http", address, "--log", "stdout", "--log-format", "json"];
  return host === undefined ? args : [...args, "--url", `https://${host}`];
}

/** People write the domain with or without its scheme. */
function hostOf(domain: string): string {
  const written = domain.includes("://") ? domain : `https://${domain}`;
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || url.host === "" || url.username !== "" || url.pathname !== "/") {
    const detail = "tunnel.ngrokDomain is not a host name";
    throw new VoiceCallError("VC_TUNNEL_FAILED", { program: PROGRAM, detail });
  }
  return url.host;
}

/** Waiting for the local API longer than this is waiting for something else on that port. */
const ASK_LIMIT_MS = 2_000;

/** Reads the agent's JSON log, and asks its local API once the log has told where that is (4040, or the next free port). */
export class AgentReader implements TunnelReader {
  readonly #port: number;
  #api: string | null = null;
  #complaint = "";

  /** `port` of the listener, by which our tunnel is told from others of the same agent. */
  constructor(port: number) {
    this.#port = port;
  }

  read(line: string): string | undefined {
    const complaint = ngrokComplaint(line);
    if (complaint !== "") this.#complaint = complaint;
    const entry = object(json(line));
    if (entry === null) return undefined;
    const { addr, url, obj, msg } = entry;
    if (obj === "web" && msg === "starting web service" && typeof addr === "string") this.#api = addr;
    return this.#ours(url, addr);
  }

  /** `GET /api/tunnels` → `{ tunnels: [{ public_url, config: { addr } }] }`. */
  async ask(): Promise<string | undefined> {
    const api = this.#api === null ? null : `http://${this.#api}/api/tunnels`;
    if (api === null || !URL.canParse(api) || !isLoopbackHost(new URL(api).hostname)) return undefined;
    try {
      const signal = AbortSignal.timeout(ASK_LIMIT_MS);
      const reply = object(await (await fetch(api, { signal, redirect: "error" })).json());
      const tunnels = Array.isArray(reply?.["tunnels"]) ? reply["tunnels"] : [];
      return tunnels
        .map(object)
        .map((tunnel) => this.#ours(tunnel?.["public_url"], object(tunnel?.["config"])?.["addr"]))
        .find((url) => url !== undefined);
    } catch {
      return undefined;
    }
  }

  complaint(): string {
    return this.#complaint;
  }

  /** `addr` is written as `http://127.0.0.1:3334`, `localhost:3334` or `3334`. */
  #ours(url: unknown, addr: unknown): string | undefined {
    if (typeof url !== "string" || !url.startsWith("https://") || typeof addr !== "string") return undefined;
    return /(?:^|:)(\d+)\/?$/u.exec(addr)?.[1] === `${this.#port}` ? url : undefined;
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}
