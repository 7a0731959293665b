/** Tailscale Serve and Funnel for as long as the gateway runs. */

import type { Exposure, ExposureOrder, ExposureSettings, ExposureTools } from "../exposure.ts";
import { urlsAt } from "../urls.ts";
import { TailscaleClient } from "./client.ts";
import { mountAll, mountsFor, originOf, unmountAll } from "./mounts.ts";
import { requireReady } from "./node.ts";

export type TailscaleSettings = Extract<ExposureSettings, { way: "tailscale" }>;

/** Throws a coded tunnel error or the signal's reason, and then nothing of it is left. */
export async function openTailscale(
  { mode, path, port }: TailscaleSettings,
  order: ExposureOrder,
  tools: ExposureTools,
): Promise<Exposure> {
  const { signal, log } = tools;
  const client = await TailscaleClient.find(tools);
  const node = await client.node(signal);
  requireReady(node);
  const origin = originOf(node, port);
  const wanted = { mode, port, mounts: mountsFor(order, path) };
  await mountAll(client, node, wanted, tools);
  const takeBack = async (): Promise<void> => {
    await unmountAll(client, node, wanted, log).catch(() => {});
  };
  let closed: Promise<void> | null = null;
  return {
    ...urlsAt(origin, path, order.streamPath),
    reach: mode === "funnel" ? "public" : "tailnet",
    close: () => (closed ??= takeBack()),
  };
}
