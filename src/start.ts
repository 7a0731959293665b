import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";
import { safeLog } from "./observe/redact.ts";
import { VoiceCallPlugin } from "./plugin.ts";

/** Starts the service in the gateway; returns how to stop it. */
export async function startPlugin(api: OpenClawPluginApi): Promise<() => Promise<void>> {
  const plugin = new VoiceCallPlugin({ api, log: safeLog(api.logger), env: process.env });
  await plugin.start();
  return () => plugin.stop();
}
