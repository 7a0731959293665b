/** The room's front door: how a carrier reaches the listener. */

import { openCloudflared } from "./cloudflared.ts";
import type { Exposure, ExposureOrder, ExposureSettings, ExposureTools } from "./exposure.ts";
import { openNgrok } from "./ngrok.ts";
import { openTailscale } from "./tailscale/open.ts";
import { staticUrls } from "./urls.ts";

export type { Exposure, ExposureOrder, ExposureSettings, ExposureTools } from "./exposure.ts";
export { expose, type ExposeMode, type ExposeOrder, type ExposeResult } from "./expose.ts";
export { type Programs, systemPrograms } from "./program.ts";
export { exposureSettings } from "./settings.ts";

/**
 * Opens a way to the listener. When it rejects, with a coded tunnel error or the signal's reason, nothing of what it
 * added is left.
 */
export async function openExposure(
  settings: ExposureSettings,
  order: ExposureOrder,
  tools: ExposureTools,
): Promise<Exposure> {
  switch (settings.way) {
    case "static":
      return { ...staticUrls(settings.publicUrl, order), reach: "public", close: async () => {} };
    case "ngrok":
      return openNgrok(settings, order, tools);
    case "cloudflared":
      return openCloudflared(order, tools);
    case "tailscale":
      return openTailscale(settings, order, tools);
  }
}
