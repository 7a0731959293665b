import type { CarrierWebhook, WebhookSettings } from "../carrier/carrier.ts";

type WebhookLoader = () => Promise<(settings: WebhookSettings) => CarrierWebhook>;

/** Carriers that have a webhook part. Each is loaded only when it is configured. */
const LOADERS: Readonly<Record<string, WebhookLoader>> = {
  twilio: async () => (await import("../carrier/twilio/webhook.ts")).twilioWebhook,
};

/** Builds a carrier's webhook part. Rejects for a carrier without one. */
export async function buildWebhook(settings: WebhookSettings): Promise<CarrierWebhook> {
  const load = Object.hasOwn(LOADERS, settings.carrier) ? LOADERS[settings.carrier] : undefined;
  if (load === undefined) throw new RangeError(`the carrier ${settings.carrier} has no webhooks`);
  const create = await load();
  return create(settings);
}
