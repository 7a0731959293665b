import type { HostApi } from "./api.ts";

const PLUGIN_ID = "voice-call";

/**
 * The plugin's configuration as the file has it now, unread and unchecked. `api.pluginConfig` stays what it was at
 * registration, so every new call reads here.
 */
export function liveConfig(api: Pick<HostApi, "runtime">): unknown {
  return api.runtime.config.current().plugins?.entries?.[PLUGIN_ID]?.config ?? {};
}
