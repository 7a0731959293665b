/** Both paths of the listener at one HTTPS port: added together, taken away together. */

import { isVoiceCallError, VoiceCallError } from "../../call/errors.ts";
import type { Log } from "../../call/ports.ts";
import type { ExposureOrder } from "../exposure.ts";
import { localOrigin, publicOrigin } from "../urls.ts";
import type { TailscaleClient } from "./client.ts";
import { notAllowed, TAILSCALE, type TailscaleNode } from "./node.ts";
import { foreignPaths, isComplete, isOurs, type Mount, offCommand, requireRoom } from "./serving.ts";

export interface MountOrder {
  readonly mode: "serve" | "funnel";
  readonly port: number;
  readonly mounts: readonly Mount[];
}

/** What leads to the listener: the webhook at `path`, the audio at its own path. */
export function mountsFor(order: ExposureOrder, path: string): Mount[] {
  const origin = localOrigin(order.local);
  return [
    // Without the path in the target the listener would see what is left after `path`, which is nothing.
    { path, target: origin + order.webhookPath },
    { path: order.streamPath, target: origin + order.streamPath },
  ];
}

/** `https://host[:port]` of this machine in its tailnet. Throws `VC_TUNNEL_NOT_PUBLIC`. */
export function originOf(node: TailscaleNode, port: number): string {
  return publicOrigin(TAILSCALE, port === 443 ? `https://${node.name}` : `https://${node.name}:${port}`);
}

/**
 * Adds both paths of a machine that is ready, or neither, and looks whether they are there. Paths that lead to us already,
 * left by a gateway that died, are taken over. Throws a coded tunnel error or the signal's reason. False when everything
 * was in place before.
 */
export async function mountAll(
  client: TailscaleClient,
  node: TailscaleNode,
  order: MountOrder,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Log },
): Promise<boolean> {
  const { mode, port, mounts } = order;
  const before = await client.serving(node.name, port, signal);
  requireRoom(before, mounts, mode, port);
  const isFunnelRight = before.funnel === (mode === "funnel");
  const missing = isFunnelRight ? mounts.filter((mount) => !isOurs(before, mount)) : mounts;
  try {
    for (const mount of missing) await client.mount(mode, port, mount, node, signal);
    if (missing.length > 0) await requireInForce(client, node, order, signal);
  } catch (error) {
    // What could not be taken back is in the log; the first error says why it had to be.
    await unmountAll(client, node, order, log).catch(() => {});
    throw error;
  }
  return missing.length > 0;
}

async function requireInForce(
  client: TailscaleClient,
  node: TailscaleNode,
  { mode, port, mounts }: MountOrder,
  signal: AbortSignal,
): Promise<void> {
  if (!node.certificates && !(await client.node(signal)).certificates) {
    throw notAllowed(
      "The tailnet gives out no HTTPS certificates.",
      "turn HTTPS certificates on in the admin console (DNS)",
    );
  }
  const now = await client.serving(node.name, port, signal);
  if (isComplete(now, mounts, mode)) return;
  const detail = "it accepted the paths, but its status does not show them";
  throw new VoiceCallError("VC_TUNNEL_FAILED", { program: TAILSCALE, detail });
}

/**
 * Takes away the paths that lead exactly to us; what somebody else has put in their place stays. True when there was
 * something to take away. Throws a coded tunnel error; what could not be undone is then in the log, with the command that
 * does it.
 */
export async function unmountAll(
  client: TailscaleClient,
  { name }: TailscaleNode,
  { mode, port, mounts }: MountOrder,
  log: Log,
): Promise<boolean> {
  let left = mounts;
  try {
    const serving = await client.serving(name, port);
    left = mounts.filter((mount) => isOurs(serving, mount));
    const found = left.length > 0;
    while (left[0] !== undefined) {
      await client.unmount(port, left[0].path);
      left = left.slice(1);
    }
    const others = foreignPaths(serving, mounts);
    if (mode === "funnel" && serving.funnel && others.length > 0) {
      log.warn("Other paths share the port of the funnel, and stay public.", {
        port,
        paths: others.join(", "),
      });
    }
    return found;
  } catch (error) {
    log.warn("Tailscale may still lead to this gateway; the commands take that back.", {
      code: isVoiceCallError(error) ? error.code : "VC_INTERNAL",
      commands: left.map(({ path }) => offCommand(port, path)).join("; "),
    });
    throw error;
  }
}
