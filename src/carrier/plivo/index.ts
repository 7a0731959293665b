import { randomBytes } from "node:crypto";
import type { Clock } from "../../call/ports.ts";
import type { Connect, WebhookSettings } from "../carrier.ts";
import { warmHttp } from "../http.ts";
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
    sleep: (ms, signal) => sleep(context.clock, ms, signal),
    inspect: (number, signal) => inspectAccount(account, context.fetch, number, signal),
  });
  warmHttp();
  const webhook: WebhookSettings = { carrier: "plivo", secrets: { authToken }, ...context.security };
  return { carrier, webhook, phone: null };
};

function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.at(clock.now() + ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
