import { createHash } from "node:crypto";
import { getExpectedTwilioSignature, validateRequest } from "twilio/lib/webhooks/webhooks.js";
import type { CarrierFact } from "../../call/ports.ts";
import type { RawWebhook, SyncWebhook, WebhookSettings, WebhookVerdict } from "../carrier.ts";
import { KINDS, readFact } from "./fact.ts";
import { readForm, type Form } from "./form.ts";
import { readCallback } from "../callbacks.ts";

const SIGNATURE_HEADERS = ["x-twilio-signature"] as const;

/**
 * Verifies and reads Twilio's webhooks. `settings.secrets`: `authToken`, with which Twilio signs, and
 * `accountSid`, the only account that is listened to. Without a token nothing is genuine. `loopbackBypass` is the
 * edge's business, which knows where a request comes from.
 */
export function twilioWebhook(settings: WebhookSettings): SyncWebhook {
  return {
    carrier: settings.carrier,
    signatureHeaders: SIGNATURE_HEADERS,
    receive: (raw, publicUrl) => receive(settings, raw, publicUrl),
    sign: ({ url, body }) => ({
      "x-twilio-signature": getExpectedTwilioSignature(
        settings.secrets["authToken"] ?? "",
        url,
        readForm(body).signed,
      ),
    }),
  };
}

function receive(settings: WebhookSettings, raw: RawWebhook, publicUrl: string): WebhookVerdict {
  // Every URL is given to Twilio with POST; the edge takes nothing else.
  if (raw.method !== "POST") return refuse(400, "method");
  const url = withoutFragment(publicUrl);
  const query = queryOf(url);
  if (query === null) return refuse(400, "url");

  const form = readForm(raw.body.toString("utf8"));
  const signature = raw.headers["x-twilio-signature"];
  const genuine = isGenuine(settings, signature, url, form);
  if (!genuine && !settings.skipSignatureVerification) {
    return signature ? refuse(403, "signature") : refuse(401, "signature missing");
  }

  if (!form.wellFormed) return refuse(400, "parameters");
  const accountSid = settings.secrets["accountSid"];
  if (accountSid && form.get("AccountSid") !== accountSid) return refuse(403, "account");

  const callback = readCallback(query, KINDS);
  if (callback === null) return refuse(400, "query");
  const read = readFact(form, callback);
  if (typeof read === "string") return refuse(400, read);
  const fact: CarrierFact = {
    carrier: settings.carrier,
    claim: claimOf(genuine ? (signature ?? "") : getExpectedTwilioSignature("", url, form.signed)),
    ...read,
  };
  return { ok: true, fact };
}

function isGenuine(
  settings: WebhookSettings,
  signature: string | undefined,
  url: string,
  body: Form,
): signature is string {
  const authToken = settings.secrets["authToken"];
  if (!authToken || !signature) return false;
  return validateRequest(authToken, signature, url, body.signed);
}

/**
 * The replay identity. A genuine signature is itself the digest of exactly what was signed, and only its one
 * spelling is accepted. So two requests have the same claim when Twilio signed the same text, however the URL
 * was re-encoded on the way or the border between URL, names and values was moved.
 */
const claimOf = (signature: string): string => createHash("sha256").update(signature).digest("hex");

/** Twilio keeps the fragment of a configured URL for itself: neither sent nor signed. */
function withoutFragment(url: string): string {
  const hash = url.indexOf("#");
  return hash === -1 ? url : url.slice(0, hash);
}

function queryOf(url: string): URLSearchParams | null {
  return URL.canParse(url) ? new URL(url).searchParams : null;
}

const refuse = (status: 400 | 401 | 403, reason: string): WebhookVerdict => ({ ok: false, status, reason });
