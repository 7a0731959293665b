import type { CarrierFact, Clock, Ids, WebhookReply } from "../call/ports.ts";
import type { PhonePort } from "../call/service.ts";
import { VoiceCallError } from "../call/errors.ts";
import type { VoiceCallConfig } from "../config/index.ts";
import type { Carrier, CarrierContext, WebhookSettings } from "./carrier.ts";

/** A carrier that has been set up from the configuration. */
export interface Connected {
  readonly carrier: Carrier;
  /** What the edge needs to take its webhooks; null when it has none. */
  readonly webhook: WebhookSettings | null;
  /** The terminal phone, where the carrier has one. */
  readonly phone: PhonePort | null;
}

export interface ConnectContext extends CarrierContext {
  readonly clock: Clock;
  readonly ids: Ids;
  /** For carriers inside the process: takes their facts without a listener. */
  readonly deliver: (fact: CarrierFact) => Promise<WebhookReply>;
}

type Connect = (config: VoiceCallConfig, context: ConnectContext) => Promise<Connected>;

/** Every carrier there is. Adding one is its folder and its line here; each is loaded only when it is chosen. */
const CARRIERS: Readonly<Record<string, Connect>> = {
  mock: async (_config, { clock, ids, deliver }) => {
    const { createMockCarrier } = await import("./mock/carrier.ts");
    const carrier = createMockCarrier({ clock, ids, deliver });
    return { carrier, webhook: null, phone: carrier.phone };
  },
  twilio: async (config, context) => {
    const { createTwilioCarrier } = await import("./twilio/index.ts");
    const { accountSid = "", authToken = "", region, apiBaseUrl } = config.twilio;
    const carrier = await createTwilioCarrier({ accountSid, authToken, region, apiBaseUrl }, context);
    const webhook: WebhookSettings = {
      carrier: "twilio",
      secrets: { accountSid, authToken },
      skipSignatureVerification: config.skipSignatureVerification,
      loopbackBypass: config.tunnel.allowNgrokFreeTierLoopbackBypass,
    };
    return { carrier, webhook, phone: null };
  },
};

/** Sets up the configured carrier. Throws `VC_PROVIDER_UNAVAILABLE`. */
export async function connectCarrier(config: VoiceCallConfig, context: ConnectContext): Promise<Connected> {
  const connect = CARRIERS[config.provider];
  if (connect === undefined)
    throw new VoiceCallError("VC_PROVIDER_UNAVAILABLE", {
      provider: config.provider,
      available: Object.keys(CARRIERS).join(", "),
    });
  return connect(config, context);
}
