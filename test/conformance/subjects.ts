import { connectPlivo } from "../../src/carrier/plivo/index.ts";
import { connectTelnyx } from "../../src/carrier/telnyx/index.ts";
import type { Subject } from "../../src/conformance/index.ts";
import { mockSubject } from "../emulator/mock/world.ts";
import { startPlivoEmulator, type PlivoEmulator } from "../emulator/plivo/index.ts";
import { startTelnyxEmulator, type TelnyxEmulator } from "../emulator/telnyx/index.ts";
import { twilioSubject } from "../emulator/twilio/world.ts";

const TELNYX_KEY = "KEY0123456789";
const TELNYX_CONNECTION = "1494404757140276705";
const PLIVO_ID = "MAXXXXXXXXXXXXXXXXXX";
const PLIVO_TOKEN = "ZTg3YjM5NmY0ZDQ1YTAwNzQ3MmQ1ZTk0OGNjMDM1";

/** Telnyx on this machine, and its carrier connected to it. */
const telnyxSubject: Subject = {
  startWorld: (options) =>
    startTelnyxEmulator({
      apiKey: TELNYX_KEY,
      connectionId: TELNYX_CONNECTION,
      ours: "+15550101111",
      ...options,
      crossingMs: 500,
    }),
  connect: (world, context) => {
    const { url, publicKey } = world as TelnyxEmulator;
    const settings = { apiKey: TELNYX_KEY, connectionId: TELNYX_CONNECTION, publicKey, apiBaseUrl: url };
    return connectTelnyx(settings, context);
  },
};

/** Plivo on this machine, and its carrier connected to it. */
const plivoSubject: Subject = {
  startWorld: async (options) => {
    const reach = (url: string): string => options.reach(url);
    const plivo = await startPlivoEmulator({ authId: PLIVO_ID, authToken: PLIVO_TOKEN, reach });
    plivo.setApplication({ answerUrl: options.webhookUrl, hangupUrl: options.webhookUrl });
    return plivo;
  },
  connect: (world, context) => {
    const { url } = world as PlivoEmulator;
    return connectPlivo({ authId: PLIVO_ID, authToken: PLIVO_TOKEN, apiBaseUrl: url }, context);
  },
};

/** Every carrier with a whole network behind it on this machine. */
export const SUBJECTS = {
  Twilio: twilioSubject,
  Telnyx: telnyxSubject,
  Plivo: plivoSubject,
  "The mock carrier": mockSubject,
} as const satisfies Readonly<Record<string, Subject>>;

/** Those that are reached over HTTP and sign their webhooks. */
export const SIGNING = ["Twilio", "Telnyx", "Plivo"] as const;
