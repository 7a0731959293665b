import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Carrier, CarrierContext, Connect, WebhookSettings } from "../carrier.ts";
import { warmHttp } from "../http.ts";
import { createTwilioApi, type ApiSettings, type TwilioApi } from "./api.ts";
import { TwilioCarrier, type TwilioTools } from "./carrier.ts";
import type { TwilioSettings } from "./settings.ts";

const TOOLS: TwilioTools = {
  nonce: () => randomBytes(16).toString("base64url"),
  sleep: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
};

/** Twilio Programmable Voice: TwiML documents in answer to webhooks, REST for everything else. */
export const connectTwilio: Connect<TwilioSettings> = async (settings, context) => {
  const { accountSid = "", authToken = "", region, apiBaseUrl } = settings;
  const carrier = createTwilioCarrier({ accountSid, authToken, region, apiBaseUrl }, context);
  const webhook: WebhookSettings = {
    carrier: "twilio",
    secrets: { accountSid, authToken },
    ...context.security,
  };
  return { carrier, webhook, phone: null };
};

export function createTwilioCarrier(
  settings: ApiSettings,
  context: Pick<CarrierContext, "webhookUrl" | "openStream" | "fetch" | "missed">,
  tools: TwilioTools = TOOLS,
): Carrier {
  const api = createTwilioApi(settings, context.fetch);
  const carrier = new TwilioCarrier(api, context, tools);
  warmHttp();
  setImmediate(() => void warm(api, carrier)).unref();
  return carrier;
}

/** In the background: neither the start nor the first call should pay for loading. */
async function warm(api: TwilioApi, carrier: Carrier): Promise<void> {
  carrier.document(null, { kind: "hangup" });
  // Whatever cannot be loaded now is reported by the request that needs it.
  await api.prepare().catch(() => undefined);
}
