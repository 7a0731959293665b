import { setTimeout as delay } from "node:timers/promises";
import { VoiceCallError } from "../../call/errors.ts";
import type { Connect, WebhookSettings } from "../carrier.ts";
import { warmHttp } from "../http.ts";
import { inspectAccount } from "./account.ts";
import { apiRoot, createTelnyxApi } from "./api.ts";
import { TelnyxCarrier } from "./carrier.ts";
import { PROVIDER } from "./errors.ts";
import { telnyxSettings, type TelnyxSettings } from "./settings.ts";
import { verifierOf } from "./webhook.ts";

/** Telnyx Call Control v2: signed events in, commands out. */
export const connectTelnyx: Connect<TelnyxSettings> = async (settings, context) => {
  const { apiKey = "", connectionId = "", publicKey = "", apiBaseUrl } = settings;
  requireSettings(settings, context.security);
  const { fetch, log } = context;
  const carrier = new TelnyxCarrier({
    api: createTelnyxApi({ apiKey, apiBaseUrl }, fetch),
    connectionId,
    webhookUrl: () => context.webhookUrl(),
    openStream: (call, token) => context.openStream(call, token),
    inspect: (number, signal) =>
      inspectAccount({ apiKey, base: apiRoot(apiBaseUrl), connectionId, fetch, log }, number, signal),
    sleep: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
  });
  warmHttp();
  const webhook: WebhookSettings = { carrier: PROVIDER, secrets: { publicKey }, ...context.security };
  return { carrier, webhook, phone: null };
};

/** Nothing is started that could not tell Telnyx's events from forged ones. */
function requireSettings(
  settings: TelnyxSettings,
  security: { readonly skipSignatureVerification: boolean },
): void {
  const missing = telnyxSettings.needs(settings, security).filter(({ value }) => !value);
  if (missing.length > 0) {
    const keys = missing.map(({ path }) => `telnyx.${path}`).join(", ");
    throw new VoiceCallError("VC_CREDENTIALS_MISSING", { provider: PROVIDER, keys });
  }
  if (settings.publicKey && verifierOf(settings.publicKey) === null) {
    const problems =
      "telnyx.publicKey is not a public key of Telnyx: Base64 of 32 bytes, as the portal shows it.";
    throw new VoiceCallError("VC_CONFIG_INVALID", { problems });
  }
}
