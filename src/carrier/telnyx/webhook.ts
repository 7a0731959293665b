import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { TelnyxWebhook } from "telnyx/lib/webhooks";
import type { CarrierWebhook, RawWebhook, WebhookSettings, WebhookVerdict } from "../carrier.ts";
import { readEnvelope, readFact } from "./fact.ts";

const SIGNATURE = "telnyx-signature-ed25519";
const TIMESTAMP = "telnyx-timestamp";

/** How far Telnyx's clock and ours may be apart, either way; both ends are valid. */
const TOLERANCE_SECS = 300;

/**
 * Verifies and reads Telnyx's webhooks. `settings.secrets.publicKey` is the account's key, Base64 of 32 bytes; without
 * one nothing is genuine. The signature is over `timestamp|body`, so of the URL nothing is believed.
 */
export function telnyxWebhook(settings: WebhookSettings): CarrierWebhook {
  const verifier = verifierOf(settings.secrets["publicKey"]);
  return {
    carrier: settings.carrier,
    signatureHeaders: [SIGNATURE, TIMESTAMP],
    receive: (raw, _publicUrl, now) => receive(settings, verifier, raw, now),
  };
}

/** Null for a key that is none. */
export function verifierOf(publicKey: string | undefined): TelnyxWebhook | null {
  try {
    return publicKey ? new TelnyxWebhook(publicKey) : null;
  } catch {
    return null;
  }
}

async function receive(
  settings: WebhookSettings,
  verifier: TelnyxWebhook | null,
  raw: RawWebhook,
  now: number,
): Promise<WebhookVerdict> {
  if (raw.method !== "POST") return refuse(400, "method");
  if (!settings.skipSignatureVerification) {
    const doubt = await doubtOf(verifier, raw, now);
    if (doubt !== null) return refuse(401, doubt);
  }
  // A TeXML application signs the same way but sends a form.
  const envelope = readEnvelope(parse(raw.body), now);
  if (typeof envelope === "string") return refuse(400, envelope);
  const read = readFact(envelope);
  if (typeof read === "string") return refuse(400, read);
  return { ok: true, fact: { carrier: settings.carrier, claim: claimOf(envelope.id), ...read } };
}

/** Why a request is not taken for Telnyx's own; null when it is. */
async function doubtOf(verifier: TelnyxWebhook | null, raw: RawWebhook, now: number): Promise<string | null> {
  const signature = raw.headers[SIGNATURE];
  const timestamp = raw.headers[TIMESTAMP];
  if (!signature || !timestamp) return "signature missing";
  if (verifier === null) return "no public key";
  if (!/^[0-9]{1,12}$/.test(timestamp)) return "timestamp";
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_SECS) return "timestamp";
  // Bytes that are no UTF-8 would be verified as other bytes than were sent.
  if (!isUtf8(raw.body)) return "signature";
  try {
    const headers = { [SIGNATURE]: signature, [TIMESTAMP]: timestamp };
    await verifier.verify(raw.body.toString("utf8"), headers);
    return null;
  } catch {
    return "signature";
  }
}

/**
 * The replay identity: of the event, not of its delivery. A further attempt has another timestamp, signature and
 * `meta.attempt`, but the same id, whichever way its signature is spelled.
 */
const claimOf = (eventId: string): string => createHash("sha256").update(`telnyx ${eventId}`).digest("hex");

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}

const refuse = (status: 400 | 401, reason: string): WebhookVerdict => ({ ok: false, status, reason });
