/** From an origin to the two URLs a carrier needs, and the refusal of origins it could not reach. */

import { VoiceCallError } from "../call/errors.ts";
import { isPublicHost } from "../config/public-host.ts";
import type { Exposure, ExposureOrder } from "./exposure.ts";

type Urls = Pick<Exposure, "webhookUrl" | "streamUrl">;

/** The URLs below `origin` (`https://host[:port]`). */
export function urlsAt(origin: string, webhookPath: string, streamPath: string): Urls {
  return { webhookUrl: origin + webhookPath, streamUrl: origin.replace(/^http/u, "ws") + streamPath };
}

/**
 * The URLs of a public URL that somebody else takes care of. Whatever stands before the webhook's own path there, stands
 * before the audio path too: `https://example.com/pbx/voice/webhook` over `/voice/webhook` makes
 * `wss://example.com/pbx/voice/stream`. Does its path not end in the webhook's own, the audio path is at the origin.
 */
export function staticUrls(publicUrl: string, order: ExposureOrder): Urls {
  const { origin, pathname } = new URL(publicUrl);
  const before = pathname.endsWith(order.webhookPath) ? pathname.slice(0, -order.webhookPath.length) : "";
  return { webhookUrl: publicUrl, streamUrl: urlsAt(origin, "", before + order.streamPath).streamUrl };
}

/**
 * The origin of the URL that a program announced. Throws `VC_TUNNEL_NOT_PUBLIC` unless it is https on a host that the
 * internet can reach: no loopback, private, carrier-NAT or local IPv6 address, no name of a local network.
 */
export function publicOrigin(program: string, announced: string): string {
  const url = URL.canParse(announced) ? new URL(announced) : null;
  const whole = url !== null && url.protocol === "https:" && url.username === "" && url.password === "";
  if (!whole || !isPublicHost(url.hostname)) {
    throw new VoiceCallError("VC_TUNNEL_NOT_PUBLIC", {
      program,
      url: (url?.origin ?? "no URL").slice(0, 200),
    });
  }
  return url.origin;
}

/** Addresses that mean "every address of this machine", and what reaches them from here. */
const WILDCARDS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

/** Origin of the listener as a program on this machine reaches it. */
export function localOrigin({ host, port }: ExposureOrder["local"]): string {
  const bare = host.replace(/^\[(.*)\]$/u, "$1");
  const reached = WILDCARDS[bare] ?? (bare.includes(":") ? `[${bare}]` : bare);
  return `http://${reached}:${port}`;
}
