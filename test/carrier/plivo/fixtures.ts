import type { Call } from "../../../src/call/call.ts";
import type { CallRef } from "../../../src/call/ports.ts";
import type { WebhookSettings, WebhookVerdict } from "../../../src/carrier/carrier.ts";
import { plivoWebhook } from "../../../src/carrier/plivo/webhook.ts";
import { signV3 } from "../../emulator/plivo/signature.ts";
import { factIn, SAMPLE, raw, type Fields } from "../samples.ts";

export { raw, type Fields };

export const AUTH_ID = "MAXXXXXXXXXXXXXXXXXX";
export const TOKEN = "ZTg3YjM5NmY0ZDQ1YTAwNzQ3MmQ1ZTk0OGNjMDM1";
export const CALL_UUID = "3a2e4c90-dcee-4931-8a59-f123ab507e60";
export const WEBHOOK = "https://voice.example.test/voice/webhook";
export const NONCE = "05429567804466091622";

export const OUTBOUND: CallRef & Pick<Call, "createdAt"> = {
  ...SAMPLE,
  carrierCallId: CALL_UUID,
  from: "+15550101000",
  to: "+15550101234",
};

export const INBOUND: CallRef = {
  ...OUTBOUND,
  direction: "inbound",
  from: "+15550107777",
  to: "+15550101000",
  state: "ringing",
};

export const SETTINGS: WebhookSettings = {
  carrier: "plivo",
  secrets: { authToken: TOKEN },
  skipSignatureVerification: false,
  loopbackBypass: false,
};

/** What every webhook of an outbound call carries. */
export const FIELDS: Fields = {
  ALegRequestUUID: CALL_UUID,
  ALegUUID: CALL_UUID,
  BillRate: "0.00850",
  CallStatus: "in-progress",
  CallUUID: CALL_UUID,
  Direction: "outbound",
  From: "15550101000",
  RequestUUID: CALL_UUID,
  SessionStart: "2026-10-01 12:00:00.000000",
  To: "15550101234",
};

/** What every webhook of a call to us carries. */
export const INCOMING: Fields = {
  CallStatus: "ringing",
  CallUUID: CALL_UUID,
  Direction: "inbound",
  Event: "StartApp",
  From: "15550107777",
  To: "15550101000",
};

/** A webhook as Plivo would send it, through the part that runs in the edge. */
export function receive(
  query: string,
  fields: Fields,
  settings: WebhookSettings = SETTINGS,
  nonce = NONCE,
): WebhookVerdict {
  const url = `${WEBHOOK}${query}`;
  const headers = {
    "x-plivo-signature-v3": signV3(TOKEN, "POST", url, fields, nonce),
    "x-plivo-signature-v3-nonce": nonce,
  };
  return plivoWebhook(settings).receive(raw(url, new URLSearchParams(fields).toString(), headers), url, 0);
}

/** The fact of a webhook that must be understood. */
export function factOf(query: string, fields: Fields) {
  return factIn(receive(query, fields));
}
