/**
 * cloudflared's quick tunnel: no account, a new address at every start, no promise of uptime.
 * Facts: cloudflare/cloudflared `cmd/cloudflared/tunnel/quick_tunnel.go`.
 */

import { VoiceCallError } from "../call/errors.ts";
import type { Exposure, ExposureOrder, ExposureTools } from "./exposure.ts";
import { quoted } from "./lines.ts";
import { openTunnel, type TunnelReader } from "./tunnel.ts";
import { localOrigin, urlsAt } from "./urls.ts";

const PROGRAM = "cloudflared";
/** A configuration of its own would be used, and the quick tunnel answer 404 to everything. */
const NO_CONFIGURATION = process.platform === "win32" ? "NUL" : "/dev/null";

/** Throws `VC_TUNNEL_MISSING`, and what `openTunnel` throws. */
export async function openCloudflared(order: ExposureOrder, tools: ExposureTools): Promise<Exposure> {
  const path = await tools.programs.find(PROGRAM);
  if (path === null) throw new VoiceCallError("VC_TUNNEL_MISSING", { program: PROGRAM });
  const args = ["tunnel", "--config", NO_CONFIGURATION, "--no-autoupdate", "--url", localOrigin(order.local)];
  const tunnel = await openTunnel({ program: PROGRAM, path, args, reader: new QuickTunnelReader() }, tools);
  return {
    ...urlsAt(tunnel.origin, order.webhookPath, order.streamPath),
    reach: "public",
    close: () => tunnel.close(),
  };
}

/** The address in its table; the service's own API has a name of the same form. */
const ADDRESS = /https:\/\/(?!api\.)[a-z0-9-]+\.trycloudflare\.com(?![\w.-])/u;
const CONNECTED = /\bRegistered tunnel connection\b|\bConnection \S+ registered\b/u;
const ERROR_LINE = /\b(?:ERR|FTL)\b\s*(.*)|\bfailed to\b.*/u;

/** Knows the URL once it was announced and the first connection stands: before that it leads nowhere. */
export class QuickTunnelReader implements TunnelReader {
  #address: string | undefined;
  #connected = false;
  #complaint = "";

  read(line: string): string | undefined {
    const address = ADDRESS.exec(line)?.[0];
    if (address !== undefined) this.#address ??= address;
    if (CONNECTED.test(line)) this.#connected = true;
    const error = ERROR_LINE.exec(line);
    if (error !== null) this.#complaint = quoted(error[1] ?? error[0]);
    return this.#connected ? this.#address : undefined;
  }

  complaint(): string {
    return this.#complaint;
  }
}
