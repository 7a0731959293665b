import type { Call } from "../../../src/call/call.ts";
import type { CallRef } from "../../../src/call/ports.ts";
import type { RawWebhook, WebhookSettings, WebhookVerdict } from "../../../src/carrier/carrier.ts";
import { plivoWebhook } from "../../../src/carrier/plivo/webhook.ts";
import { signV3 } from "../../emulator/plivo/signature.ts";

export const AUTH_ID = "MAXXXXXXXXXXXXXXXXXX";
export const TOKEN = "ZTg3YjM5NmY0ZDQ1YTAwNzQ3MmQ1ZTk0OGNjMDM1";
export const CALL_UUID = "3a2e4c90-dcee-4931-8a59-f123ab507e60";
export const WEBHOOK = "https://voice.example.test/voice/webhook";
export const NONCE = "05429567804466091622";

export const OUTBOUND: CallRef & Pick<Call, "createdAt"> = {
  id: "vc_1",
  carrierCallId: CALL_UUID,
  direction: "outbound",
  from: "+15550101000",
  to: "+15550101234",
  route: { language: "en-US", responseTimeoutMs: 30_000 },
  state: "live",
  limits: {
    ringMs: 30_000,
    maxDurationMs: 300_000,
    staleMs: 0,
    transcriptMs: 180_000,
    notifyHangupMs: 3000,
    silenceMs: 800,
  },
  screening: null,
  createdAt: Date.UTC(2026, 9, 1),
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

export type Fields = Readonly<Record<string, string>>;

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

export function raw(url: string, body: string, headers: RawWebhook["headers"], method = "POST"): RawWebhook {
  const { pathname, search } = new URL(url);
  return { method, target: pathname + search, headers, body: Buffer.from(body) };
}

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
  const verdict = receive(query, fields);
  if (!verdict.ok) throw new Error(`refused: ${verdict.status} ${verdict.reason}`);
  return verdict.fact;
}
