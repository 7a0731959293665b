import type { CarrierWebhook, CreateWebhook, WebhookSettings } from "../carrier/carrier.ts";
import { CARRIERS, type CarrierName } from "../carrier/list.ts";

/** Builds a carrier's webhook part; each is loaded only when it is configured. Rejects for a carrier without one. */
export async function buildWebhook(settings: WebhookSettings): Promise<CarrierWebhook> {
  const create =
    settings.module === undefined ? await listed(settings.carrier) : await outside(settings.module);
  return create(settings);
}

async function listed(carrier: string): Promise<CreateWebhook> {
  const webhook = Object.hasOwn(CARRIERS, carrier) ? CARRIERS[carrier as CarrierName].webhook : null;
  if (webhook === null) throw new RangeError(`the carrier ${carrier} has no webhooks`);
  return webhook();
}

async function outside(module: string): Promise<CreateWebhook> {
  const { createWebhook } = (await import(module)) as { readonly createWebhook?: CreateWebhook };
  if (typeof createWebhook !== "function")
    throw new TypeError("the carrier's module exports no createWebhook");
  return createWebhook;
}
