import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Connect, WebhookSettings } from "../carrier.ts";
import { inspectAccount } from "./account.ts";
import { createPlivoApi } from "./api.ts";
import { PlivoCarrier } from "./carrier.ts";
import type { PlivoSettings } from "./settings.ts";

/** Plivo's Voice API: XML documents in answer to webhooks, REST for everything else. */
export const connectPlivo: Connect<PlivoSettings> = async (settings, context) => {
  const { authId = "", authToken = "", apiBaseUrl } = settings;
  const account = { authId, authToken, apiBaseUrl };
  const carrier = new PlivoCarrier(createPlivoApi(account, context.fetch), context, {
    nonce: () => randomBytes(16).toString("base64url"),
    sleep: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
    inspect: (number, signal) => inspectAccount(account, context.fetch, number, signal),
  });
  const webhook: WebhookSettings = { carrier: "plivo", secrets: { authToken }, ...context.security };
  return { carrier, webhook, phone: null };
};
