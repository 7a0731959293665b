import { createHash, randomBytes } from "node:crypto";
import type { CarrierFact } from "../../call/ports.ts";
import type { RawWebhook, SyncWebhook, WebhookSettings, WebhookVerdict } from "../carrier.ts";
import { KINDS, readFact } from "./fact.ts";
import { readForm } from "./form.ts";
import { canonical, isGenuine, MAIN_V3, NONCE, signature, V3 } from "./signature.ts";
import { readCallback } from "../callbacks.ts";

/** One of two signatures may be missing, the nonce never is. */
const SIGNATURE_HEADERS = [NONCE] as const;

/**
 * Verifies and reads Plivo's webhooks: form-encoded POSTs under signature V3. `settings.secrets`: `authToken`, with
 * which Plivo signs. Without it nothing is genuine. `loopbackBypass` is the edge's business, which knows where a
 * request comes from.
 */
export function plivoWebhook(settings: WebhookSettings): SyncWebhook {
  return {
    carrier: settings.carrier,
    signatureHeaders: SIGNATURE_HEADERS,
    receive: (raw, publicUrl) => receive(settings, raw, publicUrl),
    sign: ({ url, body }) => {
      const nonce = randomBytes(16).toString("hex");
      const text = canonical(url, readForm(body).pairs);
      return { [V3]: signature(settings.secrets["authToken"] ?? "", text, nonce), [NONCE]: nonce };
    },
  };
}

function receive(settings: WebhookSettings, raw: RawWebhook, publicUrl: string): WebhookVerdict {
  // Every URL is given to Plivo with POST, and an application's method is POST unless somebody changes it.
  if (raw.method !== "POST") return refuse(400, "method");
  if (!URL.canParse(publicUrl)) return refuse(400, "url");
  const form = readForm(raw.body.toString("utf8"));
  const text = canonical(publicUrl, form.pairs);
  if (!settings.skipSignatureVerification && !isGenuine(settings.secrets["authToken"], text, raw.headers)) {
    const isSigned = raw.headers[NONCE] && (raw.headers[V3] || raw.headers[MAIN_V3]);
    return isSigned ? refuse(403, "signature") : refuse(401, "signature missing");
  }
  if (!form.wellFormed) return refuse(400, "parameters");
  const callback = readCallback(new URL(publicUrl).searchParams, KINDS);
  if (callback === null) return refuse(400, "query");
  const read = readFact(form, callback);
  if (typeof read === "string") return refuse(400, read);
  const fact: CarrierFact = { carrier: settings.carrier, claim: claimOf(text), ...read };
  return { ok: true, fact };
}

/**
 * The replay identity: a digest of what was signed, without its nonce. Plivo sends no id of an event and repeats one
 * under a new nonce, so the nonce must not count, nor may the order of query or form, which is not signed. Two requests
 * that mean different things differ in what is signed: our own URLs hold the turn's token or a nonce of ours, reports
 * name their call, event and times.
 */
const claimOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const refuse = (status: 400 | 401 | 403, reason: string): WebhookVerdict => ({ ok: false, status, reason });
