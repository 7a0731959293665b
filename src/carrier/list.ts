import type { CarrierAddress, CarrierSettings, Connect, CreateMedia, CreateWebhook } from "./carrier.ts";
import { plivoSettings } from "./plivo/settings.ts";
import { telnyxSettings } from "./telnyx/settings.ts";
import { twilioSettings } from "./twilio/settings.ts";

/** One carrier. Only its settings are there at once; the rest is loaded when the carrier is chosen. */
interface Listed {
  /** Its section of the configuration, under its id; null when it has nothing to set. */
  readonly settings: CarrierSettings<unknown, CarrierAddress> | null;
  connect(): Promise<Connect<never>>;
  /** Its part of the edge worker; null when it has no webhooks. */
  readonly webhook: (() => Promise<CreateWebhook>) | null;
  /** Its audio sockets, also in the edge worker; null when it has none. */
  readonly media: (() => Promise<CreateMedia>) | null;
}

/** Every carrier there is, by the word for `provider`. Adding one is its folder and its entry here. */
export const CARRIERS = {
  mock: {
    settings: null,
    connect: async () => (await import("./mock/index.ts")).connectMock,
    webhook: null,
    media: async () => (await import("./mock/media.ts")).mockMedia,
  },
  twilio: {
    settings: twilioSettings,
    connect: async () => (await import("./twilio/index.ts")).connectTwilio,
    webhook: async () => (await import("./twilio/webhook.ts")).twilioWebhook,
    media: async () => (await import("./twilio/media.ts")).twilioMedia,
  },
  telnyx: {
    settings: telnyxSettings,
    connect: async () => (await import("./telnyx/index.ts")).connectTelnyx,
    webhook: async () => (await import("./telnyx/webhook.ts")).telnyxWebhook,
    media: async () => (await import("./telnyx/media.ts")).telnyxMedia,
  },
  plivo: {
    settings: plivoSettings,
    connect: async () => (await import("./plivo/index.ts")).connectPlivo,
    webhook: async () => (await import("./plivo/webhook.ts")).plivoWebhook,
    media: async () => (await import("./plivo/media.ts")).plivoMedia,
  },
} as const satisfies Readonly<Record<string, Listed>>;

/** A value of `provider`. */
export type CarrierName = keyof typeof CARRIERS;
