import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Carrier } from "../../call/ports.ts";
import type { CarrierContext } from "../carrier.ts";
import { createTwilioApi, type ApiSettings } from "./api.ts";
import { TwilioCarrier, type TwilioTools } from "./carrier.ts";

export type TwilioSettings = ApiSettings;

const TOOLS: TwilioTools = {
  nonce: () => randomBytes(16).toString("base64url"),
  sleep: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
};

/** Twilio Programmable Voice: TwiML documents in answer to webhooks, REST for everything else. */
export async function createTwilioCarrier(
  settings: TwilioSettings,
  context: CarrierContext,
  tools: TwilioTools = TOOLS,
): Promise<Carrier> {
  const api = createTwilioApi(settings, context.fetch);
  // In the background: the first call should not pay for it, and neither should the start.
  setImmediate(() => void api.prepare().catch(() => undefined)).unref();
  return new TwilioCarrier(api, context.webhookUrl, tools);
}
