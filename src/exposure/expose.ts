/** The command side: Tailscale for both paths, left on until it is taken off by the same command. */

import { VoiceCallError } from "../call/errors.ts";
import { FUNNEL_PORTS } from "../config/tailscale.ts";
import type { Exposure, ExposureOrder } from "./exposure.ts";
import { TailscaleClient, type TailscaleTools } from "./tailscale/client.ts";
import { mountAll, mountsFor, originOf, unmountAll } from "./tailscale/mounts.ts";
import { requireReady } from "./tailscale/node.ts";
import { urlsAt } from "./urls.ts";

export type ExposeMode = "off" | "serve" | "funnel";

export interface ExposeOrder {
  readonly local: ExposureOrder["local"];
  /** Public path of the webhook. */
  readonly path: string;
  /** HTTPS port that Tailscale opens. */
  readonly port: number;
  /** The listener's own path for webhooks. */
  readonly servePath: string;
  /** Path of the audio, outside and inside. */
  readonly streamPath: string;
}

export interface ExposeResult extends Pick<Exposure, "webhookUrl" | "streamUrl"> {
  readonly mode: ExposeMode;
  /** Who reaches the listener by these URLs; null after `off`. */
  readonly reach: "public" | "tailnet" | null;
  /** False when everything was as asked before. */
  readonly changed: boolean;
}

/**
 * Puts both paths up or takes exactly ours off; asked twice it changes nothing. Throws `VC_REQUEST_INVALID` for a port
 * that a funnel cannot use, a coded tunnel error, or the signal's reason.
 */
export async function expose(
  mode: ExposeMode,
  order: ExposeOrder,
  tools: TailscaleTools,
): Promise<ExposeResult> {
  const { local, path, port, servePath, streamPath } = order;
  if (mode === "funnel" && !FUNNEL_PORTS.includes(port)) {
    const problem = `A funnel can use the ports ${FUNNEL_PORTS.join(", ")}.`;
    throw new VoiceCallError("VC_REQUEST_INVALID", { problem });
  }
  const client = await TailscaleClient.find(tools);
  const node = await client.node(tools.signal);
  const mounts = mountsFor({ local, webhookPath: servePath, streamPath }, path);
  if (mode === "off") {
    // The name is known also while Tailscale is down, and so are the paths.
    const changed = await unmountAll(client, node, { mode: "serve", port, mounts }, tools.log);
    return {
      ...urlsAt(`https://${node.name}${port === 443 ? "" : `:${port}`}`, path, streamPath),
      mode,
      reach: null,
      changed,
    };
  }
  requireReady(node);
  const urls = urlsAt(originOf(node, port), path, streamPath);
  const changed = await mountAll(client, node, { mode, port, mounts }, tools);
  return { ...urls, mode, reach: mode === "funnel" ? "public" : "tailnet", changed };
}
