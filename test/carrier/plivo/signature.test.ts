import * as fc from "fast-check";
import { validateV3Signature } from "plivo";
import { describe, expect, it } from "vitest";
import { plivoWebhook } from "../../../src/carrier/plivo/webhook.ts";
import { signV2, signV3, type Params } from "../../emulator/plivo/signature.ts";
import { CALL_UUID, FIELDS, NONCE, raw, receive, SETTINGS, TOKEN, WEBHOOK } from "./fixtures.ts";

const QUERY = "?call=vc_1&event=status";
const URL_ = WEBHOOK + QUERY;
const BASE = "https://voice.example.test/voice/plivo/answer/";
const BODY = new URLSearchParams(FIELDS).toString();

const V3 = "x-plivo-signature-v3";
const MAIN_V3 = "x-plivo-signature-ma-v3";
const V3_NONCE = "x-plivo-signature-v3-nonce";

type Headers = Readonly<Record<string, string | undefined>>;

const through = (url: string, body: string, headers: Headers, token = TOKEN, method = "POST") =>
  plivoWebhook({ ...SETTINGS, secrets: { authToken: token } }).receive(
    raw(url, body, headers, method),
    url,
    0,
  );

/** Whether the signature was found genuine, whatever became of the content. */
function genuine(url: string, body: string, headers: Headers, token = TOKEN): boolean {
  const verdict = through(url, body, headers, token);
  return verdict.ok || verdict.status === 400;
}

const headersFor = (url: string, fields: Params, nonce = NONCE, token = TOKEN): Record<string, string> => ({
  [V3]: signV3(token, "POST", url, fields, nonce),
  [V3_NONCE]: nonce,
});

describe("a Plivo signature", () => {
  it.each([
    ["a URL alone", BASE, "tdrlE0JMmX88a2tOQKbsNTiLnHbByL82dD50c2u2qME="],
    ["a query", `${BASE}?turn=2&callId=7d3c`, "pxXQGXt80XCZct6e36tiGUIl7n8HI1kMyZ7bHVzG5SI="],
  ])("over %s matches the official packages' vector", (_, url, signature) => {
    expect(genuine(url, "", { [V3]: signature, [V3_NONCE]: NONCE })).toBe(true);
    expect(genuine(url, "", { [V3]: signature, [V3_NONCE]: NONCE }, "another token")).toBe(false);
    expect(genuine(url, "", { [V3]: signature, [V3_NONCE]: `${NONCE}1` })).toBe(false);
    expect(genuine(url, "a=b", { [V3]: signature, [V3_NONCE]: NONCE })).toBe(false);
  });

  it("of version 2 counts for nothing: it covers neither query nor body", () => {
    const signature = "2C1vo0YaPm1RHhfKZmSqB3Ox6jTNcdKUdmaZaRfAI2Y=";
    expect(signV2(TOKEN, BASE, NONCE)).toBe(signature);
    const headers = { "x-plivo-signature-v2": signature, "x-plivo-signature-v2-nonce": NONCE };
    expect(through(BASE, "", headers)).toMatchObject({ ok: false, status: 401 });
    expect(through(BASE, "", { ...headers, [V3_NONCE]: NONCE, [V3]: signature })).toMatchObject({
      ok: false,
      status: 403,
    });
  });

  it("may be made with the main account's token", () => {
    const signature = signV3(TOKEN, "POST", URL_, FIELDS, NONCE);
    const headers = { [V3]: "c3ViYWNjb3VudA==", [MAIN_V3]: signature, [V3_NONCE]: NONCE };
    expect(through(URL_, BODY, headers).ok).toBe(true);
    expect(through(URL_, BODY, { [MAIN_V3]: signature, [V3_NONCE]: NONCE }).ok).toBe(true);
  });

  it("may be one of several while tokens are being changed", () => {
    const own = signV3(TOKEN, "POST", URL_, FIELDS, NONCE);
    const old = signV3("old token", "POST", URL_, FIELDS, NONCE);
    for (const list of [`${old},${own}`, `${own},${old}`, `${old}, ${own}`, `,${own}`]) {
      expect(through(URL_, BODY, { [V3]: list, [V3_NONCE]: NONCE }).ok).toBe(true);
    }
    for (const list of [`${old},${old}`, `${own}${old}`, ",", " "]) {
      expect(through(URL_, BODY, { [V3]: list, [V3_NONCE]: NONCE }).ok).toBe(false);
    }
  });

  it("counts a port as it is written, and ignores the fragment of the configured URL", () => {
    const url = `https://voice.example.test:443/voice/webhook${QUERY}`;
    expect(genuine(url, BODY, headersFor(url, FIELDS))).toBe(true);
    expect(genuine(URL_, BODY, headersFor(url, FIELDS))).toBe(false);
    const withFragment = `${URL_}#rc=2&rp=all`;
    const verdict = plivoWebhook(SETTINGS).receive(
      raw(URL_, BODY, headersFor(URL_, FIELDS)),
      withFragment,
      0,
    );
    expect(verdict.ok).toBe(true);
  });

  it("is missed with 401 and refused with 403", () => {
    expect(through(URL_, BODY, {})).toMatchObject({ ok: false, status: 401 });
    expect(through(URL_, BODY, { [V3_NONCE]: NONCE })).toMatchObject({ ok: false, status: 401 });
    const { [V3_NONCE]: _, ...without } = headersFor(URL_, FIELDS);
    expect(through(URL_, BODY, without)).toMatchObject({ ok: false, status: 401 });
    const wrong = { ...headersFor(URL_, FIELDS), [V3]: "RSOYDt4T1cUTdK1PDd93" };
    expect(through(URL_, BODY, wrong)).toMatchObject({ ok: false, status: 403 });
  });

  it("never matches without a token, not even one made without a token", () => {
    const headers = headersFor(URL_, FIELDS, NONCE, "");
    for (const secrets of [{ authToken: "" }, {}] as Record<string, string>[]) {
      const verdict = plivoWebhook({ ...SETTINGS, secrets }).receive(raw(URL_, BODY, headers), URL_, 0);
      expect(verdict).toMatchObject({ ok: false, status: 403 });
    }
  });

  it("does not let a GET in, however it is signed", () => {
    const headers = {
      [V3]: signV3(TOKEN, "GET", `${URL_}&CallUUID=${CALL_UUID}`, {}, NONCE),
      [V3_NONCE]: NONCE,
    };
    for (const method of ["GET", "PUT", "post"]) {
      const verdict = through(`${URL_}&CallUUID=${CALL_UUID}`, "", headers, TOKEN, method);
      expect(verdict).toMatchObject({ ok: false, status: 400, reason: "method" });
    }
  });

  it("leaves the loopback bypass to the edge and skips only when told to", () => {
    const forged = raw(URL_, BODY, { [V3]: "AAAA", [V3_NONCE]: NONCE });
    const bypass = plivoWebhook({ ...SETTINGS, loopbackBypass: true });
    expect(bypass.receive(forged, URL_, 0).ok).toBe(false);
    const skip = plivoWebhook({ ...SETTINGS, skipSignatureVerification: true });
    expect(skip.receive(forged, URL_, 0).ok).toBe(true);
    expect(skip.receive(raw(URL_, BODY, {}), URL_, 0).ok).toBe(true);
  });

  it("is asked for before the body is read by the header that is always there", () => {
    expect(plivoWebhook(SETTINGS).signatureHeaders).toEqual([V3_NONCE]);
  });

  it("of our own makes a webhook that passes here and in the official package", () => {
    const webhook = plivoWebhook(SETTINGS);
    const headers = webhook.sign?.({ url: URL_, body: BODY }) ?? {};
    expect(through(URL_, BODY, headers).ok).toBe(true);
    const again = webhook.sign?.({ url: URL_, body: BODY }) ?? {};
    expect(again[V3_NONCE]).not.toBe(headers[V3_NONCE]);
    expect(
      validateV3Signature("POST", URL_, headers[V3_NONCE] ?? "", TOKEN, headers[V3] ?? "", { ...FIELDS }),
    ).toBe(true);
  });
});

// ---------------------------------------------------------------- against the official package

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/);
const text = fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => value.isWellFormed());
const values = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }));
const params = fc.dictionary(word, values, { maxKeys: 6, noNullPrototype: true });
const hosts = fc.constantFrom(
  "https://voice.example.test",
  "https://voice.example.test:8443",
  "https://voice.example.test:443",
  "http://127.0.0.1:3334",
);
const paths = fc.constantFrom("/voice/webhook", "/voice/webhook/", "/a/b-c_d/e.xml", "/");
const queries = fc.array(fc.tuple(word, text), { maxLength: 4 }).map((pairs) => new URLSearchParams(pairs));
const urls = fc
  .tuple(hosts, paths, queries)
  .map(([host, path, query]) => `${host}${path}${query.size > 0 ? `?${query.toString()}` : ""}`);

type Sent = Record<string, string | string[]>;

function encode(fields: Sent): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) form.append(name, one);
  }
  return form.toString();
}

/** The official package sorts the arrays that it is given. */
const copy = (fields: Sent): Sent => structuredClone(fields);

describe("what the official package accepts", () => {
  it("is what is accepted here, and what is made here it accepts, for any URL and form", () => {
    fc.assert(
      fc.property(urls, params, (url, fields) => {
        const body = encode(fields);
        const headers = plivoWebhook(SETTINGS).sign?.({ url, body }) ?? {};
        const [nonce = "", signature = ""] = [headers[V3_NONCE], headers[V3]];
        expect(validateV3Signature("POST", url, nonce, TOKEN, signature, copy(fields))).toBe(true);
        expect(genuine(url, body, headers)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("is exactly that: another URL, form, nonce or token is refused by both", () => {
    const seen = fc.tuple(urls, params, urls, params);
    fc.assert(
      fc.property(seen, ([url, fields, otherUrl, otherFields]) => {
        const headers = plivoWebhook(SETTINGS).sign?.({ url, body: encode(fields) }) ?? {};
        const [nonce = "", signature = ""] = [headers[V3_NONCE], headers[V3]];
        for (const target of [url, otherUrl, `${url}${url.includes("?") ? "&" : "?"}x=1`]) {
          for (const sent of [fields, otherFields, { ...fields, "zz-more": "1" }]) {
            expect(genuine(target, encode(sent), headers)).toBe(
              validateV3Signature("POST", target, nonce, TOKEN, signature, copy(sent)),
            );
          }
        }
        expect(genuine(url, encode(fields), headers, `${TOKEN}x`)).toBe(false);
      }),
    );
  });

  it("covers equal values of one name each", () => {
    const headers = plivoWebhook(SETTINGS).sign?.({ url: URL_, body: "Tag=a&Tag=a" }) ?? {};
    expect(genuine(URL_, "Tag=a&Tag=a", headers)).toBe(true);
    expect(genuine(URL_, "Tag=a", headers)).toBe(false);
    expect(
      validateV3Signature("POST", URL_, headers[V3_NONCE] ?? "", TOKEN, headers[V3] ?? "", {
        Tag: ["a", "a"],
      }),
    ).toBe(true);
  });
});

// ---------------------------------------------------------------- replays

const claim = (query: string, fields = FIELDS, nonce = NONCE): string => {
  const verdict = receive(query, fields, SETTINGS, nonce);
  return verdict.ok ? verdict.fact.claim : `refused ${verdict.status}`;
};

describe("the replay identity", () => {
  it("is the same for a repeat, which Plivo sends under a new nonce", () => {
    const first = claim("?call=vc_1&turn=abc");
    expect(claim("?call=vc_1&turn=abc", FIELDS, "98765432109876543210")).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
  });

  it("differs for every other call, turn, fetch, event and field", () => {
    const claims = [
      claim("?call=vc_1&turn=abc"),
      claim("?call=vc_2&turn=abc"),
      claim("?call=vc_1&turn=abd"),
      claim("?call=vc_1&silence=abc"),
      claim("?call=vc_1&fetch=abc"),
      claim("?call=vc_1&words=1-abc"),
      claim("?call=vc_1&words=2-abc"),
      claim("?call=vc_1&turn=abc", { ...FIELDS, Speech: "yes" }),
      claim("?call=vc_1&event=status", { ...FIELDS, Event: "Ring" }),
      claim("?call=vc_1&event=status", { ...FIELDS, Event: "Hangup", CallStatus: "completed" }),
    ];
    expect(new Set(claims).size).toBe(claims.length);
  });

  it("stays the same when query or form come in another order, as nothing signed has changed", () => {
    const url = `${WEBHOOK}?call=vc_1&turn=abc`;
    const headers = headersFor(url, FIELDS);
    const first = through(url, BODY, headers);
    expect(first).toMatchObject({ ok: true });
    const reversed = new URLSearchParams(Object.entries(FIELDS).toReversed()).toString();
    expect(through(url, reversed, headers)).toEqual(first);
    for (const query of ["?turn=abc&call=vc_1", "?call=vc_1&turn=%61bc", "?call=vc_1&&turn=abc"]) {
      expect(through(WEBHOOK + query, BODY, headers)).toEqual(first);
    }
  });

  it("gives nothing to whoever adds to the query, as all of it is signed", () => {
    const headers = headersFor(`${WEBHOOK}?call=vc_1&turn=abc`, FIELDS);
    for (const query of [
      "?call=vc_1&turn=abc&x=1",
      "?call=vc_2&turn=abc",
      "?call=vc_1&turn=abc&turn=abd",
      "",
    ]) {
      expect(through(WEBHOOK + query, BODY, headers)).toMatchObject({ ok: false, status: 403 });
    }
  });

  it("gives nothing to whoever moves the border between query, form and nonce", () => {
    const query = "?call=vc_1&turn=abc";
    const fields = { ...FIELDS, "X-PH-Note": "1.25" };
    const headers = headersFor(WEBHOOK + query, fields);
    const rest = Object.entries(fields);
    const sent = (url: string, pairs: [string, string][], nonce = NONCE) =>
      through(url, new URLSearchParams(pairs).toString(), { ...headers, [V3_NONCE]: nonce });
    // Each sends the text that was signed, cut elsewhere.
    const apart: [string, [string, string][]][] = [
      [`${WEBHOOK}?call=vc_1%26turn%3Dabc`, rest],
      [`${WEBHOOK}?call=vc_1&turn=abc.ALegRequestUUID${CALL_UUID}`, rest.slice(1)],
      [WEBHOOK, [["call=vc_1&turn=abc.", ""], ...rest]],
    ];
    for (const [url, pairs] of apart) expect(sent(url, pairs)).toMatchObject({ ok: false });
    const shorter: [string, string][] = [...rest.slice(0, -1), ["X-PH-Note", "1"]];
    expect(sent(WEBHOOK + query, shorter, `25.${NONCE}`)).toMatchObject({ ok: false, status: 403 });
    // Inside the form a name and its value run into one another: that is a replay of the same request.
    const joined = sent(WEBHOOK + query, [[`ALegRequestUUID${CALL_UUID}`, ""], ...rest.slice(1)]);
    expect(joined.ok && joined.fact.claim).toBe(claim(query, fields));
  });

  it("does not accept another spelling of the same signature", () => {
    const { [V3]: signature = "" } = headersFor(URL_, FIELDS);
    const spellings = [signature.replace("=", ""), `${signature}=`, signature.toLowerCase()];
    for (const spelling of [...spellings, Buffer.from(signature, "base64").toString("hex")]) {
      expect(through(URL_, BODY, { [V3]: spelling, [V3_NONCE]: NONCE })).toMatchObject({ status: 403 });
    }
  });
});
