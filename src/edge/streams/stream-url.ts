import type { ListenerSettings } from "../protocol.ts";
import { publicUrlRule, type UrlRequest } from "../public-url.ts";

type UrlSettings = Pick<ListenerSettings, "publicUrl" | "streamUrl" | "path" | "streamPath" | "security">;

/**
 * How the `wss://` URL that the carrier called, and signed, is rebuilt from a request below `streamPath`:
 *
 * 1. `streamUrl` always wins.
 * 2. Else it is `publicUrl` with the stream's path in place of the webhook's own; what stands before that one, stands before
 *    this one too. Does the public path not end in the webhook's, the stream's is at the origin.
 * 3. Else scheme and host are those that a webhook would have been called by.
 */
export function streamUrlRule(settings: UrlSettings): (request: UrlRequest) => string {
  const { publicUrl, streamUrl, path, streamPath } = settings;
  if (streamUrl !== null) return ({ target }) => streamUrl + target.slice(streamPath.length);
  if (publicUrl !== null) {
    const { origin, pathname } = new URL(publicUrl);
    const before = pathname.endsWith(path) ? pathname.slice(0, -path.length) : "";
    return ({ target }) => asSocket(origin) + before + target;
  }
  const webhookUrl = publicUrlRule(settings);
  return (request) => asSocket(webhookUrl(request));
}

const asSocket = (url: string): string => url.replace(/^http/, "ws");
