/** Which way the configuration asks for. */

import type { VoiceCallConfig } from "../config/index.ts";
import type { ExposureSettings } from "./exposure.ts";

/**
 * `publicUrl` wins over `tunnel.provider`, which wins over `tailscale.mode`: whoever writes a URL runs what is behind
 * it, and one way is enough. Null when nothing is configured.
 */
export function exposureSettings(
  config: Pick<VoiceCallConfig, "publicUrl" | "tunnel" | "tailscale">,
): ExposureSettings | null {
  const { publicUrl, tunnel, tailscale } = config;
  if (publicUrl !== undefined) return { way: "static", publicUrl };
  const { path, port } = tailscale;
  switch (tunnel.provider) {
    case "ngrok":
      return { way: "ngrok", authToken: tunnel.ngrokAuthToken, domain: tunnel.ngrokDomain };
    case "cloudflared":
      return { way: "cloudflared" };
    case "tailscale-serve":
      return { way: "tailscale", mode: "serve", path, port };
    case "tailscale-funnel":
      return { way: "tailscale", mode: "funnel", path, port };
    case "none":
      return tailscale.mode === "off" ? null : { way: "tailscale", mode: tailscale.mode, path, port };
  }
}
