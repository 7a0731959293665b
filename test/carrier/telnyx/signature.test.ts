import Telnyx from "telnyx";
import { describe, expect, it } from "vitest";
import { telnyxWebhook } from "../../../src/carrier/telnyx/webhook.ts";
import {
  API_KEY,
  event,
  genuine,
  PUBLIC_KEY,
  receive,
  request,
  SETTINGS,
  signed,
  timestamp,
} from "./fixtures.ts";

const ANSWERED = JSON.stringify(event("call.answered", {}));
const FORGED = { ok: false, status: 401 };
const official = new Telnyx({ apiKey: API_KEY, publicKey: PUBLIC_KEY });

const claimOf = async (raw: Parameters<typeof receive>[0]): Promise<string> => {
  const verdict = await receive(raw);
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.fact.claim;
};

describe("the signature of a webhook", () => {
  it("is taken where the official package takes it, and refused where that refuses it", async () => {
    const stamp = timestamp();
    const good = signed(stamp, ANSWERED);
    const unpadded = good.replace(/=+$/, "");
    const url = good.replaceAll("+", "-").replaceAll("/", "_");
    const cases: [string, string, string][] = [
      [good, stamp, ANSWERED],
      [good, stamp, `${ANSWERED} `],
      [good, stamp, JSON.stringify(JSON.parse(ANSWERED), null, 1)],
      [good, String(Number(stamp) + 1), ANSWERED],
      [good, `0${stamp}`, ANSWERED],
      [good, `${stamp} `, ANSWERED],
      [good, `${stamp}000`, ANSWERED],
      [good, "", ANSWERED],
      ["", stamp, ANSWERED],
      [unpadded, stamp, ANSWERED],
      [Buffer.alloc(64).toString("base64"), stamp, ANSWERED],
      [Buffer.alloc(63).toString("base64"), stamp, ANSWERED],
      [`${good}, ${good}`, stamp, ANSWERED],
      [signed(`${stamp}|`, ANSWERED), stamp, ANSWERED],
      [signed(stamp, "{}"), stamp, ANSWERED],
      ...(url === good ? [] : [[url, stamp, ANSWERED] as [string, string, string]]),
    ];
    for (const [signature, when, body] of cases) {
      const headers = { "telnyx-signature-ed25519": signature, "telnyx-timestamp": when };
      const theirs = await official.webhooks.unwrap(body, { headers }).then(
        () => true,
        () => false,
      );
      const ours = await receive(request(body, headers));
      expect({ signature, when, verdict: ours }).toMatchObject({
        signature,
        when,
        verdict: theirs ? { ok: true } : FORGED,
      });
    }
  });

  it("covers the bytes as they came: text in every script, escapes left alone", async () => {
    const said = JSON.stringify(event("call.transcription", transcript("Grüße, 你好, 🎉 und \u2028")));
    expect(await receive(genuine(said))).toMatchObject({ ok: true });
    const escaped = said.replaceAll("ü", "\\u00fc");
    expect(await receive(genuine(escaped))).toMatchObject({ ok: true });
    const { headers } = genuine(said);
    expect(await receive(request(escaped, headers))).toMatchObject(FORGED);
  });

  it("never covers bytes that only look alike once they are decoded", async () => {
    const text = JSON.stringify(event("call.transcription", transcript("\uFFFD")));
    const { headers } = genuine(text);
    const bytes = Buffer.from(text);
    const at = bytes.indexOf(Buffer.from("\uFFFD"));
    const swapped = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]);
    expect(swapped.toString("utf8")).toBe(text);
    expect(await receive(request(swapped, headers))).toMatchObject(FORGED);
  });

  it("is asked for before anything is read", async () => {
    const { headers } = genuine(ANSWERED);
    for (const missing of ["telnyx-signature-ed25519", "telnyx-timestamp"]) {
      expect(await receive(request(ANSWERED, { ...headers, [missing]: undefined }))).toEqual({
        ok: false,
        status: 401,
        reason: "signature missing",
      });
    }
    expect(telnyxWebhook(SETTINGS).signatureHeaders).toEqual([
      "telnyx-signature-ed25519",
      "telnyx-timestamp",
    ]);
  });

  it("of another account is refused", async () => {
    const secrets = { publicKey: Buffer.alloc(32, 7).toString("base64") };
    expect(await receive(genuine(ANSWERED), { ...SETTINGS, secrets })).toMatchObject(FORGED);
  });
});

describe("the age of a webhook", () => {
  it("may be five minutes either way, and not a second more", async () => {
    const now = Date.now();
    const stamp = timestamp(now);
    const at = Number(stamp) * 1000;
    for (const [late, ok] of [
      [0, true],
      [300_999, true],
      [301_000, false],
      [-300_000, true],
      [-300_001, false],
    ] as const) {
      const verdict = await receive(genuine(ANSWERED, stamp), SETTINGS, at + late);
      expect({ late, ok: verdict.ok }).toEqual({ late, ok });
    }
  });

  it("is judged by the package's clock too, so that a clock of ours that stands still opens nothing", async () => {
    const old = Date.now() - 400_000;
    expect(await receive(genuine(ANSWERED, timestamp(old)), SETTINGS, old)).toMatchObject(FORGED);
  });

  it("is never read from the body or the address", async () => {
    const stale = JSON.stringify(event("call.answered", {}, { occurred_at: "2001-01-01T00:00:00Z" }));
    expect(await receive(genuine(stale))).toMatchObject({ ok: true });
  });
});

describe("without a public key", () => {
  it("nothing is genuine", async () => {
    for (const publicKey of [undefined, "", "not a key", Buffer.alloc(31).toString("base64")]) {
      const secrets: Record<string, string> = publicKey === undefined ? {} : { publicKey };
      expect(await receive(genuine(ANSWERED), { ...SETTINGS, secrets })).toMatchObject(FORGED);
    }
  });

  it("everything is, where the configuration says so", async () => {
    const open = { ...SETTINGS, secrets: {}, skipSignatureVerification: true };
    expect(await receive(request(ANSWERED, {}), open)).toMatchObject({ ok: true });
    expect(await receive(request("nonsense", {}), open)).toMatchObject({ ok: false, status: 400 });
  });
});

describe("a webhook that comes again", () => {
  it("has the same claim: in another attempt with a new timestamp and a new signature", async () => {
    const id = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0";
    const first = JSON.stringify(event("call.answered", {}, { id }, 1));
    const second = JSON.stringify(event("call.answered", {}, { id }, 2));
    const claim = await claimOf(genuine(first));
    expect(await claimOf(genuine(second, timestamp(Date.now() - 60_000)))).toBe(claim);
    expect(claim).toMatch(/^[0-9a-f]{64}$/);
  });

  it("has the same claim however its signature is spelled, where that is not checked", async () => {
    const open = { ...SETTINGS, skipSignatureVerification: true };
    const { headers, body } = genuine(ANSWERED);
    const signature = headers["telnyx-signature-ed25519"] ?? "";
    const spellings = [signature, signature.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""), ""];
    const verdicts = await Promise.all(
      spellings.map((spelling) =>
        receive(request(body, { ...headers, "telnyx-signature-ed25519": spelling }), open),
      ),
    );
    expect(new Set(verdicts.map((verdict) => (verdict.ok ? verdict.fact.claim : "refused"))).size).toBe(1);
  });

  it("has another claim when it is another event, were it equal in everything else", async () => {
    const one = await claimOf(genuine(JSON.stringify(event("call.dtmf.received", { digit: "1" }))));
    const other = await claimOf(genuine(JSON.stringify(event("call.dtmf.received", { digit: "1" }))));
    expect(one).not.toBe(other);
  });
});

function transcript(text: string): object {
  return { transcription_data: { transcript: text, is_final: true } };
}
