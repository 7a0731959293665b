/** What counts as genuine and what as the same webhook, on every carrier. */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import { answered } from "../call/bench.ts";
import { everybodyComesFrom } from "../promises/unknown-address.ts";
import { CARRIERS, judge, signed, type Signed, type SigningCarrier } from "./carriers.ts";
import { listenFor, post } from "./listening.ts";

const HEX = "0123456789abcdef".repeat(2);
const webhooksOf = (carrier: SigningCarrier): readonly Signed[] =>
  carrier.drafts(carrier.callId(HEX)).map((draft) => signed(carrier, draft));
const firstOf = (carrier: SigningCarrier): Signed => webhooksOf(carrier)[0] as Signed;

const [twilio, telnyx, plivo] = CARRIERS as [SigningCarrier, SigningCarrier, SigningCarrier];

async function claimOf(carrier: SigningCarrier, request: Signed): Promise<string> {
  const verdict = await judge(carrier, request);
  return verdict.ok ? verdict.fact.claim : `refused ${verdict.status}`;
}

describe.each(CARRIERS)("on $name,", (carrier) => {
  describe("S4: a forged webhook behind the development switch for ngrok", () => {
    const forged = { ...firstOf(carrier), headers: carrier.sign(firstOf(carrier), "another-key-0123456789") };

    it("is let in from this machine alone, and counted", async () => {
      const shut = carrier.create({ ...carrier.settings, loopbackBypass: true });
      expect(await judge(carrier, forged, shut)).toMatchObject({ ok: false });
      const { port, bypassed } = await listenFor(carrier, { bypass: true });
      expect((await post(port, carrier, forged)).status).toBe(204);
      expect(bypassed()).toBe(1);
    });

    it.each([["203.0.113.9"], ["10.0.0.1"], ["::ffff:192.168.1.2"], [undefined]])(
      "is refused from %s, whatever its headers say",
      async (address) => {
        const { port, facts, bypassed } = await listenFor(carrier, { bypass: true });
        everybodyComesFrom(address);
        const more = { "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", Forwarded: "for=127.0.0.1" };
        expect((await post(port, carrier, forged, { more })).status).toBeOneOf([401, 403]);
        expect([facts, bypassed()]).toEqual([[], 0]);
      },
    );
  });

  it("S5: forwarding headers of a client steer nothing while a public URL is configured", async () => {
    const { port, facts } = await listenFor(carrier, {
      settings: {
        security: { allowedHosts: [], trustForwardingHeaders: true, trustedProxyIPs: ["127.0.0.1"] },
      },
    });
    const more = {
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-Proto": "http",
      "X-Forwarded-Port": "81",
      Forwarded: "host=evil.example;proto=http",
      "X-Original-URL": "/other",
    };
    const genuine = firstOf(carrier);
    expect((await post(port, carrier, genuine, { more, host: "evil.example" })).status).toBe(204);
    const plain = await judge(carrier, genuine);
    expect(plain.ok && facts).toEqual([plain.ok && plain.fact]);
  });

  it("S6: a webhook that is delivered twice has one identity, and every other has its own", async () => {
    const requests = webhooksOf(carrier);
    for (const request of requests)
      expect(await claimOf(carrier, request)).toBe(await claimOf(carrier, request));
    const claims = await Promise.all(requests.map((request) => claimOf(carrier, request)));
    expect(new Set(claims).size).toBe(requests.length);
    for (const claim of claims) expect(claim).toMatch(/^[0-9a-f]{64}$/);
  });

  it("S7: no header that is not signed makes another webhook of it", async () => {
    const genuine = webhooksOf(carrier)[3] as Signed;
    const claim = await claimOf(carrier, genuine);
    const owned = Object.keys(genuine.headers);
    const names = fc.oneof(
      fc.constantFrom(
        "i-twilio-idempotency-token",
        "x-plivo-signature-v2-nonce",
        "x-request-id",
        "date",
        "host",
      ),
      fc.stringMatching(/^[a-z][a-z-]{0,20}$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, fc.string({ unit: "grapheme-ascii" })), async (more) => {
        const unsigned = Object.fromEntries(Object.entries(more).filter(([name]) => !owned.includes(name)));
        const request = { ...genuine, headers: { ...unsigned, ...genuine.headers } };
        expect(await claimOf(carrier, request)).toBe(claim);
      }),
      { numRuns: 50 },
    );
  });

  it("S20: a look-alike of the path, or another method, is refused even when it is genuinely signed", async () => {
    const { port, facts, refused } = await listenFor(carrier);
    const genuine = firstOf(carrier);
    const paths = [
      "/voice/webhook-x",
      "/voice/webhook/",
      "/voice/webhook%20",
      "/Voice/webhook",
      "//voice/webhook",
    ];
    for (const path of paths) {
      const target = path + genuine.query;
      expect((await post(port, carrier, genuine, { target })).status).toBe(404);
    }
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"])
      expect((await post(port, carrier, genuine, { method })).status).toBe(405);
    expect([facts, new Set(refused)]).toEqual([[], new Set(["path", "method"])]);
  });

  it("S21: words that the caller said in one turn answer no other, however genuine", async () => {
    const verdicts = await Promise.all(webhooksOf(carrier).map((request) => judge(carrier, request)));
    const events = verdicts.flatMap((verdict) => (verdict.ok ? verdict.fact.events : []));
    const speech = events.filter(({ type }) => type === "speech");
    expect(speech).toMatchObject([{ token: "tok_1" }]);
    const call = answered();
    const before = call.call;
    expect(call.do(...speech)).toEqual([]);
    expect(call.call).toEqual(before);
  });

  it("S23: without its secret nothing is genuine, least of all what was signed with an empty one", async () => {
    const genuine = firstOf(carrier);
    const empty = carrier.name === "telnyx" ? [] : [{ ...genuine, headers: carrier.sign(genuine, "") }];
    const blank = { ...genuine, headers: { ...genuine.headers, [carrier.signatureHeader]: "" } };
    const { accountSid = "" } = carrier.settings.secrets;
    const settings = [{}, { authToken: "", publicKey: "", accountSid }] as Record<string, string>[];
    for (const secrets of settings) {
      const webhook = carrier.create({ ...carrier.settings, secrets });
      for (const request of [genuine, blank, ...empty])
        expect(await judge(carrier, request, webhook)).toMatchObject({ ok: false });
    }
  });

  it("S28: checks cannot be switched off where the world can reach the listener", () => {
    const exposed = [
      { publicUrl: "https://voice.example.com/voice/webhook" },
      { tunnel: { provider: "ngrok" } },
      { tunnel: { provider: "tailscale-funnel" } },
    ];
    for (const settings of exposed) {
      const config = { provider: carrier.name, skipSignatureVerification: true, ...settings };
      const reading = readConfig(config, {});
      expect(reading.ok ? [] : reading.issues.map(({ path }) => path)).toContain("skipSignatureVerification");
    }
  });
});

describe("S3: a forged Telnyx event", () => {
  it("gets 401 when it is unsigned, wrongly signed or old, and is no fact", async () => {
    const { port, facts } = await listenFor(telnyx);
    const genuine = firstOf(telnyx);
    const stamp = String(Math.floor(Date.now() / 1000) - 400);
    const old = { ...genuine.headers, "telnyx-timestamp": stamp };
    const forgeries = [{}, telnyx.sign(genuine, "another-key"), old, { "telnyx-timestamp": stamp }];
    for (const headers of forgeries)
      expect((await post(port, telnyx, { ...genuine, headers })).status).toBe(401);
    expect(facts).toEqual([]);
  });
});

describe("S8: a Telnyx signature that is spelled in another way", () => {
  it("is the same webhook or none", async () => {
    for (const genuine of webhooksOf(telnyx)) {
      const claim = await claimOf(telnyx, genuine);
      const given = genuine.headers[telnyx.signatureHeader] ?? "";
      const spellings = [
        given.replaceAll("+", "-").replaceAll("/", "_"),
        given.replace(/=+$/, ""),
        ` ${given}`,
        `${given.slice(0, -3)}${given.at(-3) === "A" ? "B" : "A"}==`,
        Buffer.from(given, "base64").toString("hex"),
      ];
      for (const spelling of spellings) {
        const headers = { ...genuine.headers, [telnyx.signatureHeader]: spelling };
        expect(await claimOf(telnyx, { ...genuine, headers })).toBeOneOf([claim, "refused 401"]);
      }
    }
  });
});

describe("S9: a Plivo query in another order", () => {
  it("is the same webhook", async () => {
    const genuine = signed(plivo, { ...firstOf(plivo), query: "?call=vc_1&event=status" });
    const { port, facts } = await listenFor(plivo);
    for (const query of ["?call=vc_1&event=status", "?event=status&call=vc_1", "?&call=vc_1&&event=status"])
      expect((await post(port, plivo, { ...genuine, query })).status).toBe(204);
    expect(new Set(facts.map(({ claim }) => claim)).size).toBe(1);
    expect(facts[1]).toEqual(facts[0]);
    expect(facts[2]).toEqual(facts[0]);
  });
});

describe("S10: a query that is not signed", () => {
  it("lets nothing in on Plivo, whose old signature V2 covers none", async () => {
    const { port, facts } = await listenFor(plivo);
    const { body, query } = firstOf(plivo);
    const nonce = "05429567804466091622";
    const { signV2 } = await import("../emulator/plivo/signature.ts");
    const v2 = signV2(
      plivo.settings.secrets["authToken"] ?? "",
      "https://voice.example.test/voice/webhook",
      nonce,
    );
    const old = { "x-plivo-signature-v2": v2, "x-plivo-signature-v2-nonce": nonce };
    const dressed = { ...old, "x-plivo-signature-v3": v2, "x-plivo-signature-v3-nonce": nonce };
    expect((await post(port, plivo, { query, body, headers: old })).status).toBe(401);
    expect((await post(port, plivo, { query, body, headers: dressed })).status).toBe(403);
    expect(facts).toEqual([]);
  });

  it("chooses neither call nor turn on Telnyx, which signs no URL, and makes no other webhook", async () => {
    const { port, facts } = await listenFor(telnyx);
    const genuine = webhooksOf(telnyx)[3] as Signed;
    for (const query of ["", "?call=vc_2&turn=tok_2", "?call=vc_1", "?event=status&x=1"])
      expect((await post(port, telnyx, { ...genuine, query })).status).toBe(204);
    expect(new Set(facts.map((fact) => JSON.stringify(fact))).size).toBe(1);
    expect(facts[0]).toMatchObject({ callId: "vc_1", events: [{ token: "tok_1" }] });
  });

  it("does not exist on Twilio and Plivo: whatever is changed in it breaks the signature", async () => {
    for (const carrier of [twilio, plivo]) {
      const genuine = webhooksOf(carrier)[3] as Signed;
      for (const query of [
        "?call=vc_2&turn=tok_1",
        "?call=vc_1&turn=tok_2",
        `${genuine.query}&x=1`,
        "",
        "?x=1",
      ])
        expect(await claimOf(carrier, { ...genuine, query })).toBe("refused 403");
    }
  });
});

describe("S23: a guessed signature of Plivo", () => {
  it("is compared in constant time, however much of it is right", async () => {
    const compared = vi.spyOn(crypto, "timingSafeEqual");
    syncBuiltinESMExports();
    try {
      const genuine = firstOf(plivo);
      const given = genuine.headers[plivo.signatureHeader] ?? "";
      for (let at = 0; at < given.length - 1; at += 1) {
        compared.mockClear();
        const guess = given.slice(0, at) + (given[at] === "A" ? "B" : "A") + given.slice(at + 1);
        const headers = { ...genuine.headers, [plivo.signatureHeader]: guess };
        expect(await judge(plivo, { ...genuine, headers })).toMatchObject({ ok: false, status: 403 });
        expect(compared.mock.calls).toEqual([[Buffer.from(guess), Buffer.from(given)]]);
      }
    } finally {
      compared.mockRestore();
      syncBuiltinESMExports();
    }
  });
});
