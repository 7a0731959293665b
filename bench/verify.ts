/** Verifying and reading one genuine webhook of each carrier, on one thread; Twilio's is the measure. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { CarrierWebhook, RawWebhook, WebhookSettings } from "../src/carrier/carrier.ts";
import { plivoWebhook } from "../src/carrier/plivo/webhook.ts";
import { telnyxWebhook } from "../src/carrier/telnyx/webhook.ts";
import { twilioWebhook } from "../src/carrier/twilio/webhook.ts";
import { ACCOUNT, OURS, THEIRS, TOKEN, WEBHOOK } from "./plant.ts";
import { median, round, table } from "./table.ts";

const ROUNDS = 5;
const CALLS = 4_000;

interface Subject {
  readonly webhook: CarrierWebhook;
  readonly url: string;
  readonly raw: RawWebhook;
}

const OPEN = { skipSignatureVerification: false, loopbackBypass: false };

function form(
  carrier: string,
  secrets: Record<string, string>,
  url: string,
  fields: Record<string, string>,
): Subject {
  const settings: WebhookSettings = { carrier, secrets, ...OPEN };
  const webhook = carrier === "twilio" ? twilioWebhook(settings) : plivoWebhook(settings);
  const body = new URLSearchParams(fields).toString();
  const headers = webhook.sign?.({ url, body }) ?? {};
  return { webhook, url, raw: rawOf(url, headers, body) };
}

const rawOf = (url: string, headers: Readonly<Record<string, string>>, body: string): RawWebhook => {
  const { pathname, search } = new URL(url);
  return { method: "POST", target: pathname + search, headers, body: Buffer.from(body) };
};

function telnyx(): Subject {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
  const webhook = telnyxWebhook({ carrier: "telnyx", secrets: { publicKey: raw }, ...OPEN });
  const payload = {
    call_control_id: "v3:bench",
    call_leg_id: "leg",
    call_session_id: "session",
    client_state: null,
  };
  const data = {
    record_type: "event",
    event_type: "call.answered",
    id: "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
  };
  const body = JSON.stringify({ data: { ...data, occurred_at: new Date().toISOString(), payload } });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), privateKey).toString("base64");
  const headers = { "telnyx-timestamp": timestamp, "telnyx-signature-ed25519": signature };
  return { webhook, url: `${WEBHOOK}?call=vc_1`, raw: rawOf(`${WEBHOOK}?call=vc_1`, headers, body) };
}

const SUBJECTS: Readonly<Record<string, () => Subject>> = {
  twilio: () =>
    form("twilio", { accountSid: ACCOUNT, authToken: TOKEN }, `${WEBHOOK}?call=vc_1&event=status`, {
      AccountSid: ACCOUNT,
      CallSid: `CA${"0b".repeat(16)}`,
      CallStatus: "ringing",
      Direction: "outbound-api",
      From: OURS,
      To: THEIRS,
    }),
  telnyx,
  plivo: () =>
    form("plivo", { authId: "MA1", authToken: TOKEN }, `${WEBHOOK}?call=vc_1&event=status`, {
      CallUUID: "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
      RequestUUID: "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
      CallStatus: "ringing",
      Direction: "outbound",
      Event: "Ring",
      From: OURS.slice(1),
      To: THEIRS.slice(1),
    }),
};

export async function bench(): Promise<void> {
  const took = new Map<string, number[]>();
  for (let turn = 0; turn <= ROUNDS; turn++) {
    for (const [name, make] of Object.entries(SUBJECTS)) {
      const { webhook, url, raw } = make();
      const startedAt = performance.now();
      for (let call = 0; call < CALLS; call++) {
        const verdict = await webhook.receive(raw, url, Date.now());
        if (!verdict.ok) throw new Error(`${name}: ${verdict.reason}`);
      }
      const micros = ((performance.now() - startedAt) / CALLS) * 1000;
      // The first round warms everything up.
      if (turn > 0) took.set(name, [...(took.get(name) ?? []), micros]);
    }
  }
  const baseline = median(took.get("twilio") ?? []);
  table("a genuine webhook, verified and read (median of five rounds)", [
    ["carrier", "µs", "of Twilio's"],
    ...[...took].map(([name, all]) => [name, round(median(all)), `${round(median(all) / baseline)} ×`]),
  ]);
}
