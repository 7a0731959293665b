import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { Call } from "../../../src/call/call.ts";
import type { CallRef } from "../../../src/call/ports.ts";
import type { WebhookSettings, WebhookVerdict } from "../../../src/carrier/carrier.ts";
import { twilioWebhook } from "../../../src/carrier/twilio/webhook.ts";
import { factIn, SAMPLE, raw, type Fields } from "../samples.ts";

export { raw, type Fields };

export const ACCOUNT = `AC${"0a".repeat(16)}`;
export const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
export const CALL_SID = `CA${"1b".repeat(16)}`;
export const WEBHOOK = "https://voice.example.test/voice/webhook";

export const OUTBOUND: CallRef & Pick<Call, "createdAt"> = {
  ...SAMPLE,
  carrierCallId: CALL_SID,
  from: "+15550001111",
  to: "+15550002222",
};

export const SETTINGS: WebhookSettings = {
  carrier: "twilio",
  secrets: { authToken: TOKEN, accountSid: ACCOUNT },
  skipSignatureVerification: false,
  loopbackBypass: false,
};

/** What every webhook of a call carries. */
export const FIELDS: Fields = {
  AccountSid: ACCOUNT,
  ApiVersion: "2010-04-01",
  CallSid: CALL_SID,
  CallStatus: "in-progress",
  Called: "+15550002222",
  Caller: "+15550001111",
  Direction: "outbound-api",
  From: "+15550001111",
  To: "+15550002222",
};

/** A webhook as Twilio would send it, through the part that runs in the edge. */
export function receive(
  query: string,
  fields: Fields,
  settings: WebhookSettings = SETTINGS,
  headers: Fields = {},
): WebhookVerdict {
  const url = `${WEBHOOK}${query}`;
  const signature = getExpectedTwilioSignature(TOKEN, url, fields);
  const body = new URLSearchParams(fields).toString();
  const request = raw(url, body, { "x-twilio-signature": signature, ...headers });
  return twilioWebhook(settings).receive(request, url, 0);
}

/** The fact of a webhook that must be understood. */
export function factOf(query: string, fields: Fields) {
  return factIn(receive(query, fields));
}
