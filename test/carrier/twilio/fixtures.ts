import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { Call } from "../../../src/call/call.ts";
import type { CallRef } from "../../../src/call/ports.ts";
import type { RawWebhook, WebhookSettings, WebhookVerdict } from "../../../src/carrier/carrier.ts";
import { twilioWebhook } from "../../../src/carrier/twilio/webhook.ts";

export const ACCOUNT = `AC${"0a".repeat(16)}`;
export const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
export const CALL_SID = `CA${"1b".repeat(16)}`;
export const WEBHOOK = "https://voice.example.test/voice/webhook";

export const OUTBOUND: CallRef & Pick<Call, "createdAt"> = {
  id: "vc_1",
  carrierCallId: CALL_SID,
  direction: "outbound",
  from: "+15550001111",
  to: "+15550002222",
  route: { language: "en-US", responseTimeoutMs: 30_000 },
  state: "live",
  screening: null,
  limits: {
    ringMs: 30_000,
    maxDurationMs: 300_000,
    staleMs: 0,
    transcriptMs: 180_000,
    notifyHangupMs: 3000,
    silenceMs: 800,
  },
  createdAt: Date.UTC(2026, 9, 1),
};

export const SETTINGS: WebhookSettings = {
  carrier: "twilio",
  secrets: { authToken: TOKEN, accountSid: ACCOUNT },
  skipSignatureVerification: false,
  loopbackBypass: false,
};

export type Fields = Readonly<Record<string, string>>;

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

export function raw(url: string, body: string, headers: RawWebhook["headers"], method = "POST"): RawWebhook {
  const { pathname, search } = new URL(url);
  return { method, target: pathname + search, headers, body: Buffer.from(body) };
}

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
  const verdict = receive(query, fields);
  if (!verdict.ok) throw new Error(`refused: ${verdict.status} ${verdict.reason}`);
  return verdict.fact;
}
