import { connectTelnyx } from "../../src/carrier/telnyx/index.ts";
import { startTelnyxEmulator, type TelnyxEmulator } from "../emulator/telnyx/index.ts";
import { conforms } from "./run.ts";

const API_KEY = "KEY0123456789";
const CONNECTION = "1494404757140276705";

conforms("Telnyx", {
  startWorld: ({ webhookUrl, reach, now }) =>
    startTelnyxEmulator({
      apiKey: API_KEY,
      connectionId: CONNECTION,
      ours: "+15550101111",
      webhookUrl,
      reach,
      now,
    }),
  connect: (world, context) => {
    const { url, publicKey } = world as TelnyxEmulator;
    const settings = { apiKey: API_KEY, connectionId: CONNECTION, publicKey, apiBaseUrl: url };
    return connectTelnyx(settings, context);
  },
});
