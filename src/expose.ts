import { VoiceCallError } from "./call/errors.ts";
import type { Log } from "./call/ports.ts";
import { readConfig, type Environment } from "./config/index.ts";
import { expose, systemPrograms, type Programs } from "./exposure/index.ts";
import { staticUrls } from "./exposure/urls.ts";
import { liveConfig } from "./host/config.ts";
import type { HostApi } from "./host/api.ts";
import { commandClock } from "./service/tools.ts";
import type { Exposed, ExposeWish } from "./surface/cli/deps.ts";

export interface ExposeParts {
  readonly api: Pick<HostApi, "runtime">;
  readonly env: Environment;
  readonly log: Log;
  readonly programs?: Programs;
}

/**
 * `voicecall expose`: both paths of the listener through Tailscale, by the configuration wherever the wish says
 * nothing. Throws `VC_CONFIG_INVALID`, `VC_REQUEST_INVALID`, a coded tunnel error, or the signal's reason.
 */
export async function exposeListener(wish: ExposeWish, parts: ExposeParts): Promise<Exposed> {
  const { api, env, log, programs = systemPrograms(commandClock) } = parts;
  const reading = readConfig(liveConfig(api), env);
  if (!reading.ok) {
    const problems = reading.issues.map((one) => `${one.path} ${one.problem}. ${one.hint}`).join(" ");
    throw new VoiceCallError("VC_CONFIG_INVALID", { problems });
  }
  const { serve, streaming, tailscale, publicUrl, tunnel } = reading.config;
  if (serve.port === 0) {
    const problem = "serve.port is 0, so nobody knows where the listener will be.";
    throw new VoiceCallError("VC_REQUEST_INVALID", { problem });
  }
  const { mode, port = tailscale.port, servePath = serve.path, signal } = wish;
  // Without a setting of its own the public path is the listener's.
  const path = wish.path ?? (tailscale.path === serve.path ? servePath : tailscale.path);
  const local = { host: serve.bind, port: serve.port };
  const order = { local, path, port, servePath, streamPath: streaming.streamPath };
  const result = await expose(mode, order, { log, clock: commandClock, programs, signal });
  const { webhookUrl, streamUrl } = result;
  const notes: string[] = [];
  if (mode !== "off" && servePath !== serve.path) {
    notes.push(`The listener does not serve ${servePath}: set serve.path to it, or leave --serve-path out.`);
  }
  const derived = staticUrls(webhookUrl, {
    local,
    webhookPath: serve.path,
    streamPath: streaming.streamPath,
  });
  if (mode === "funnel" && derived.streamUrl !== streamUrl) {
    notes.push(`With this path live audio would be expected at ${derived.streamUrl}: choose another --path.`);
  }
  if (mode !== "off" && (tunnel.provider !== "none" || tailscale.mode !== "off")) {
    notes.push(
      "The gateway also opens a way by itself (tunnel.provider, tailscale.mode): use one of the two.",
    );
  }
  const isNamed = publicUrl === webhookUrl;
  return {
    ...result,
    publicUrl: {
      now: mode === "off" && !isNamed ? null : (publicUrl ?? null),
      should: mode === "funnel" ? webhookUrl : null,
    },
    notes,
  };
}
