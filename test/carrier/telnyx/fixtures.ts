import { generateKeyPairSync, sign } from "node:crypto";
import type { Call } from "../../../src/call/call.ts";
import type { CallRef, CarrierFact } from "../../../src/call/ports.ts";
import type { RawWebhook, WebhookSettings, WebhookVerdict } from "../../../src/carrier/carrier.ts";
import { writeState, type ClientState } from "../../../src/carrier/telnyx/client-state.ts";
import { telnyxWebhook } from "../../../src/carrier/telnyx/webhook.ts";
import { factIn, SAMPLE } from "../samples.ts";

export const API_KEY = "KEY0199F0D1C2B3A4_s3cr3t";
export const CONNECTION = "2811212257810187875";
export const CALL_CONTROL = "v3:2EC-70CTEjlUq3tDM0CxKXIt5-5N4iP4wo7_-PfH-qub97Sk4EqO5w";
export const WEBHOOK = "https://voice.example.test/voice/webhook";
export const OURS = "+15550100001";
export const THEIRS = "+15550100002";

export const OUTBOUND: CallRef & Pick<Call, "createdAt"> = {
  ...SAMPLE,
  carrierCallId: CALL_CONTROL,
  from: OURS,
  to: THEIRS,
};

export const INBOUND: CallRef = { ...OUTBOUND, direction: "inbound", from: THEIRS, to: OURS };

const { publicKey, privateKey } = generateKeyPairSync("ed25519");

/** As the portal shows it. */
export const PUBLIC_KEY = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString(
  "base64",
);

export const SETTINGS: WebhookSettings = {
  carrier: "telnyx",
  secrets: { publicKey: PUBLIC_KEY },
  skipSignatureVerification: false,
  loopbackBypass: false,
};

/** Seconds since 1970. */
export const timestamp = (ms = Date.now()): string => String(Math.floor(ms / 1000));

export const signed = (stamp: string, body: string | Buffer): string =>
  sign(null, Buffer.concat([Buffer.from(`${stamp}|`), Buffer.from(body)]), privateKey).toString("base64");

export const request = (body: string | Buffer, headers: RawWebhook["headers"]): RawWebhook => ({
  method: "POST",
  target: "/voice/webhook?call=vc_1",
  headers,
  body: Buffer.from(body),
});

/** A request that Telnyx has signed now. */
export function genuine(body: string | Buffer, stamp = timestamp()): RawWebhook {
  return request(body, {
    "content-type": "application/json",
    "telnyx-timestamp": stamp,
    "telnyx-signature-ed25519": signed(stamp, body),
  });
}

export const receive = async (
  raw: RawWebhook,
  settings: WebhookSettings = SETTINGS,
  now = Date.now(),
): Promise<WebhookVerdict> =>
  telnyxWebhook(settings).receive(raw, "https://anything.example.test/elsewhere", now);

export const OCCURRED_AT = "2026-10-01T12:00:00.123456Z";

let events = 0;

/** An event as Telnyx writes it; `more` overrides any part of `data`. */
export function event(type: string, payload: object, more: object = {}, attempt = 1): object {
  return {
    data: {
      record_type: "event",
      event_type: type,
      id: `b97d4d5e-6fe7-4432-911f-${String(++events).padStart(12, "0")}`,
      occurred_at: OCCURRED_AT,
      payload: {
        call_control_id: CALL_CONTROL,
        call_leg_id: "b0e6224c-c81c-11f0-afbb-02420aef93a0",
        call_session_id: "b0e6141e-c81c-11f0-abac-02420aef93a0",
        client_state: null,
        connection_id: CONNECTION,
        ...payload,
      },
      ...more,
    },
    meta: { attempt, delivered_to: WEBHOOK },
  };
}

export const stateOf = (more: Partial<ClientState> = {}): string =>
  writeState({ callId: "vc_1", direction: "outbound", gen: 3, mark: "none", token: null, ...more });

/** The fact of an event that must be understood. */
export async function factOf(type: string, payload: object): Promise<CarrierFact> {
  return factIn(await receive(genuine(JSON.stringify(event(type, payload)))));
}

export const eventsOf = async (type: string, payload: object): Promise<CarrierFact["events"]> =>
  (await factOf(type, payload)).events;
