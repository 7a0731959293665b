import { connectPlivo } from "../../src/carrier/plivo/index.ts";
import { startPlivoEmulator, type PlivoEmulator } from "../emulator/plivo/index.ts";
import { conforms } from "./run.ts";

const AUTH_ID = "MAXXXXXXXXXXXXXXXXXX";
const TOKEN = "ZTg3YjM5NmY0ZDQ1YTAwNzQ3MmQ1ZTk0OGNjMDM1";

conforms("Plivo", {
  startWorld: async ({ webhookUrl, reach }) => {
    const plivo = await startPlivoEmulator({ authId: AUTH_ID, authToken: TOKEN, reach });
    plivo.setApplication({ answerUrl: webhookUrl, hangupUrl: webhookUrl });
    return plivo;
  },
  connect: (world, context) => {
    const { url } = world as PlivoEmulator;
    return connectPlivo({ authId: AUTH_ID, authToken: TOKEN, apiBaseUrl: url }, context);
  },
});
