import * as fc from "fast-check";
import { getExpectedTwilioSignature, validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { twilioWebhook } from "../../../src/carrier/twilio/webhook.ts";
import { ACCOUNT, CALL_SID, FIELDS, raw, receive, SETTINGS, TOKEN, WEBHOOK } from "./fixtures.ts";

const QUERY = "?call=vc_1&event=status";
const URL_ = WEBHOOK + QUERY;

/** Whether the signature was found genuine, whatever became of the content. */
function genuine(authToken: string, url: string, body: string, signature: string): boolean {
  const webhook = twilioWebhook({ ...SETTINGS, secrets: { authToken } });
  const verdict = webhook.receive(raw(url, body, { "x-twilio-signature": signature }), url, 0);
  return verdict.ok || verdict.status === 400;
}

describe("a Twilio signature", () => {
  it("matches the vector of Twilio's documentation", () => {
    const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const body =
      "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    expect(genuine("12345", url, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")).toBe(true);
    expect(genuine("12346", url, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")).toBe(false);
  });

  it("counts equal values of one name once", () => {
    const signature = "+5ie1SDJIDgZb2vhhLr8Gg55Ilg=";
    expect(genuine(TOKEN, WEBHOOK, "CallSid=CA1&Tag=alpha&Tag=alpha", signature)).toBe(true);
    expect(genuine(TOKEN, WEBHOOK, "CallSid=CA1&Tag=alpha", signature)).toBe(true);
    expect(genuine(TOKEN, WEBHOOK, "CallSid=CA1&Tag=alpha&Tag=beta", signature)).toBe(false);
  });

  it("ignores the fragment of the configured URL", () => {
    const signature = getExpectedTwilioSignature(TOKEN, URL_, FIELDS);
    const body = new URLSearchParams(FIELDS).toString();
    const verdict = twilioWebhook(SETTINGS).receive(
      raw(URL_, body, { "x-twilio-signature": signature }),
      `${URL_}#rc=2&rp=all`,
      0,
    );
    expect(verdict.ok).toBe(true);
  });

  it("is missed with 401 and refused with 403", () => {
    const body = new URLSearchParams(FIELDS).toString();
    const webhook = twilioWebhook(SETTINGS);
    expect(webhook.receive(raw(URL_, body, {}), URL_, 0)).toMatchObject({ ok: false, status: 401 });
    const wrong = { "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" };
    expect(webhook.receive(raw(URL_, body, wrong), URL_, 0)).toMatchObject({ ok: false, status: 403 });
  });

  it("never matches without a token, not even one made without a token", () => {
    const signature = getExpectedTwilioSignature("", URL_, FIELDS);
    const body = new URLSearchParams(FIELDS).toString();
    for (const secrets of [{ accountSid: ACCOUNT, authToken: "" }, { accountSid: ACCOUNT }]) {
      const webhook = twilioWebhook({ ...SETTINGS, secrets });
      expect(webhook.receive(raw(URL_, body, { "x-twilio-signature": signature }), URL_, 0)).toMatchObject({
        ok: false,
        status: 403,
      });
    }
  });

  it("leaves the loopback bypass to the edge and skips only when told to", () => {
    const body = new URLSearchParams(FIELDS).toString();
    const forged = raw(URL_, body, { "x-twilio-signature": "AAAA" });
    const bypass = twilioWebhook({ ...SETTINGS, loopbackBypass: true });
    expect(bypass.receive(forged, URL_, 0).ok).toBe(false);
    const skip = twilioWebhook({ ...SETTINGS, skipSignatureVerification: true });
    expect(skip.receive(forged, URL_, 0).ok).toBe(true);
    expect(skip.receive(raw(URL_, body, {}), URL_, 0).ok).toBe(true);
  });

  it("does not let another account in, even correctly signed", () => {
    expect(receive(QUERY, { ...FIELDS, AccountSid: `AC${"9".repeat(32)}` })).toMatchObject({ status: 403 });
    const { AccountSid: _, ...without } = FIELDS;
    expect(receive(QUERY, without)).toMatchObject({ status: 403 });
  });
});

// ---------------------------------------------------------------- against the official package

const word = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const params = fc.dictionary(word, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })), {
  maxKeys: 8,
});
const queries = fc.array(fc.tuple(word, text), { maxLength: 4 }).map((pairs) => new URLSearchParams(pairs));
const hosts = fc.constantFrom("voice.example.test", "voice.example.test:8443", "127.0.0.1:3334");

const urls = fc
  .tuple(fc.constantFrom("https", "http"), hosts, queries)
  .map(
    ([scheme, host, query]) =>
      `${scheme}://${host}/voice/webhook${query.size > 0 ? `?${query.toString()}` : ""}`,
  );

function encode(fields: Record<string, string | string[]>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) form.append(name, one);
  }
  return form.toString();
}

describe("what the official package signs", () => {
  it("is genuine, and nothing else is", () => {
    const mutations = fc.constantFrom<Mutation>("url", "value", "name", "more", "token");
    fc.assert(
      fc.property(urls, params, mutations, (url, fields, mutation) => {
        const signature = getExpectedTwilioSignature(TOKEN, url, fields);
        expect(genuine(TOKEN, url, encode(fields), signature)).toBe(true);
        const [token, target, body] = mutate(mutation, url, fields);
        expect(genuine(token, target, body, signature)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("is exactly what the official package accepts", () => {
    const seen = fc.tuple(urls, params, urls, params);
    fc.assert(
      fc.property(seen, ([url, fields, otherUrl, otherFields]) => {
        const signature = getExpectedTwilioSignature(TOKEN, url, fields);
        for (const target of [url, otherUrl]) {
          for (const sent of [fields, otherFields]) {
            expect(genuine(TOKEN, target, encode(sent), signature)).toBe(
              validateRequest(TOKEN, signature, target, sent),
            );
          }
        }
      }),
    );
  });
});

describe("what we sign ourselves, to try our own way in", () => {
  it("is what the official package takes for genuine, and what we let in", () => {
    const webhook = twilioWebhook(SETTINGS);
    const fields = fc.dictionary(word, text, { maxKeys: 6 });
    expect(() =>
      fc.assert(
        fc.property(urls, fields, (url, more) => {
          const body = encode(more);
          const headers = webhook.sign?.({ url, body }) ?? {};
          const signature = headers["x-twilio-signature"] ?? "";
          const sent = Object.fromEntries(new URLSearchParams(body));
          expect(Object.keys(headers)).toEqual(["x-twilio-signature"]);
          expect(validateRequest(TOKEN, signature, url, sent)).toBe(true);
          expect(genuine(TOKEN, url, body, signature)).toBe(true);
          expect(genuine(`${TOKEN}x`, url, body, signature)).toBe(false);
        }),
      ),
    ).not.toThrow();
  });

  it("is understood as the webhook that it is", () => {
    const webhook = twilioWebhook(SETTINGS);
    const body = new URLSearchParams({ ...FIELDS, CallStatus: "ringing" }).toString();
    const verdict = webhook.receive(raw(URL_, body, webhook.sign?.({ url: URL_, body }) ?? {}), URL_, 0);
    expect(verdict).toMatchObject({ ok: true, fact: { callId: "vc_1", events: [{ type: "ringing" }] } });
  });
});

type Mutation = "url" | "value" | "name" | "more" | "token";
type SignedFields = Record<string, string | string[]>;

/** One change, which always makes the signed text longer. */
function mutate(mutation: Mutation, url: string, fields: SignedFields): [string, string, string] {
  const [first, ...others] = Object.entries(fields);
  if (mutation === "url") return [TOKEN, `${url}${url.includes("?") ? "&" : "?"}x=1`, encode(fields)];
  if (mutation === "token") return [`${TOKEN}x`, url, encode(fields)];
  if (mutation === "more" || first === undefined) return [TOKEN, url, encode({ ...fields, "z more": "1" })];
  const [name, value] = first;
  const changed: [string, string | string[]] =
    mutation === "name" ? [`${name}x`, value] : [name, [value].flat().map((one) => `${one}x`)];
  return [TOKEN, url, encode(Object.fromEntries([changed, ...others]))];
}

// ---------------------------------------------------------------- replays

const claim = (query: string, fields = FIELDS, headers = {}): string => {
  const verdict = receive(query, fields, SETTINGS, headers);
  return verdict.ok ? verdict.fact.claim : `refused ${verdict.status}`;
};

describe("the replay identity", () => {
  it("is the same for a repeat, whatever its unsigned headers say", () => {
    const first = claim("?call=vc_1&turn=abc", FIELDS, { "i-twilio-idempotency-token": "one" });
    const again = claim("?call=vc_1&turn=abc", FIELDS, { "i-twilio-idempotency-token": "two", via: "x" });
    expect(again).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
  });

  it("differs for every other call, turn, fetch and field", () => {
    const claims = [
      claim("?call=vc_1&turn=abc"),
      claim("?call=vc_2&turn=abc"),
      claim("?call=vc_1&turn=abd"),
      claim("?call=vc_1&fetch=abc"),
      claim("?call=vc_1&turn=abc", { ...FIELDS, SpeechResult: "yes" }),
      claim("?call=vc_1&turn=abc", { ...FIELDS, SequenceNumber: "1" }),
    ];
    expect(new Set(claims).size).toBe(claims.length);
  });

  it("stays the same when the parameters come in another order or repeated", () => {
    const url = `${WEBHOOK}?call=vc_1&turn=abc`;
    const headers = { "x-twilio-signature": getExpectedTwilioSignature(TOKEN, url, FIELDS) };
    const claimOf = (body: string): unknown =>
      twilioWebhook(SETTINGS).receive(raw(url, body, headers), url, 0);
    const body = new URLSearchParams(FIELDS).toString();
    const reversed = new URLSearchParams(Object.entries(FIELDS).toReversed()).toString();
    expect(claimOf(reversed)).toEqual(claimOf(body));
    expect(claimOf(`${body}&CallSid=${CALL_SID}`)).toEqual(claimOf(body));
  });

  it("stays the same when the URL is re-encoded on the way", () => {
    const url = `${WEBHOOK}?call=vc_1&turn=abc`;
    const headers = { "x-twilio-signature": getExpectedTwilioSignature(TOKEN, url, FIELDS) };
    const body = new URLSearchParams(FIELDS).toString();
    const at = (seen: string): unknown => twilioWebhook(SETTINGS).receive(raw(url, body, headers), seen, 0);
    const first = at(url);
    expect(first).toMatchObject({ ok: true });
    for (const seen of [`${WEBHOOK}?call=vc_1&turn=%61bc`, url.replace(".test/", ".test:443/")]) {
      expect(at(seen)).toEqual(first);
    }
  });

  it("does not accept another spelling of the same signature", () => {
    const url = `${WEBHOOK}?call=vc_1&turn=abc`;
    const body = new URLSearchParams(FIELDS).toString();
    const signature = getExpectedTwilioSignature(TOKEN, url, FIELDS);
    const spellings = [signature.replace("=", ""), `${signature} `, `${signature}=`, ` ${signature}`];
    for (const spelling of [...spellings, Buffer.from(signature, "base64").toString("base64url")]) {
      const verdict = twilioWebhook(SETTINGS).receive(
        raw(url, body, { "x-twilio-signature": spelling }),
        url,
        0,
      );
      expect(verdict).toMatchObject({ ok: false, status: 403 });
    }
  });

  it("gives nothing to whoever moves the border between URL and parameters", () => {
    const url = `${WEBHOOK}?call=vc_1&turn=abcAB`;
    const signature = getExpectedTwilioSignature(TOKEN, url, FIELDS);
    const genuineClaim = claim("?call=vc_1&turn=abcAB");
    // Each sends the text that was signed, cut elsewhere.
    const cuts: [string, Record<string, string>][] = [
      [WEBHOOK, { "?call=vc_1&turn=abcAB": "", ...FIELDS }],
      [`${WEBHOOK}?call=vc_1`, { "&turn=abcAB": "", ...FIELDS }],
      [`${WEBHOOK}?call=vc_1&turn=abc`, { AB: "", ...FIELDS }],
      [`${url}AccountSid${ACCOUNT}`, Object.fromEntries(Object.entries(FIELDS).slice(1))],
    ];
    for (const [target, fields] of cuts) {
      expect(getExpectedTwilioSignature(TOKEN, target, fields)).toBe(signature);
      const body = new URLSearchParams(fields).toString();
      const headers = { "x-twilio-signature": signature };
      const verdict = twilioWebhook(SETTINGS).receive(raw(target, body, headers), target, 0);
      expect(verdict.ok ? verdict.fact.claim : genuineClaim).toBe(genuineClaim);
    }
  });
});
