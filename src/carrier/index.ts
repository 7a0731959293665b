import type { VoiceCallConfig } from "../config/index.ts";
import type { CarrierContext, Connect, Connected } from "./carrier.ts";
import { CARRIERS } from "./list.ts";

/** Sets up the configured carrier; only that one is loaded. */
export async function connectCarrier(config: VoiceCallConfig, context: CarrierContext): Promise<Connected> {
  const { provider } = config;
  const connect: Connect<never> = await CARRIERS[provider].connect();
  // The list pairs each carrier with the settings that its own `resolve` has made.
  const settings = provider === "mock" ? null : config[provider];
  return connect(settings as never, context);
}
