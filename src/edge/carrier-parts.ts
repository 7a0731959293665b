import type { CarrierWebhook, CreateMedia, CreateWebhook, WebhookSettings } from "../carrier/carrier.ts";
import { CARRIERS, type CarrierName } from "../carrier/list.ts";
import type { CarrierMedia } from "../media/protocol.ts";

/** Builds a carrier's webhook part; each is loaded only when it is configured. Rejects for a carrier without one. */
export async function buildWebhook(settings: WebhookSettings): Promise<CarrierWebhook> {
  const { carrier, module } = settings;
  if (module !== undefined) return (await outside<CreateWebhook>(module, "createWebhook"))(settings);
  const webhook = listed(carrier)?.webhook ?? null;
  if (webhook === null) throw new RangeError(`the carrier ${carrier} has no webhooks`);
  return (await webhook())(settings);
}

/** The same for its audio sockets. */
export async function buildMedia(settings: WebhookSettings): Promise<CarrierMedia> {
  const { carrier, module } = settings;
  if (module !== undefined) return (await outside<CreateMedia>(module, "createMedia"))(settings);
  const media = listed(carrier)?.media ?? null;
  if (media === null) throw new RangeError(`the carrier ${carrier} has no audio sockets`);
  return (await media())(settings);
}

const listed = (carrier: string): (typeof CARRIERS)[CarrierName] | null =>
  Object.hasOwn(CARRIERS, carrier) ? CARRIERS[carrier as CarrierName] : null;

async function outside<Create>(module: string, name: string): Promise<Create> {
  const create = ((await import(module)) as Readonly<Record<string, unknown>>)[name];
  if (typeof create !== "function") throw new TypeError(`the carrier's module exports no ${name}`);
  return create as Create;
}
