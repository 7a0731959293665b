/**
 * Secrets were compared letter by letter, so that the time told how much of a guess was right, and an empty token
 * matched an empty one. Here a signature is compared in constant time, and what is empty matches nothing.
 */
import crypto from "node:crypto";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CallEvent } from "../../src/call/event.ts";
import { twilioWebhook } from "../../src/carrier/twilio/webhook.ts";
import { answered, inbound, thinking } from "../call/bench.ts";
import { world } from "../call/world.ts";
import { ACCOUNT, FIELDS, raw, receive, SETTINGS, TOKEN, WEBHOOK } from "../carrier/twilio/fixtures.ts";

const URL_ = `${WEBHOOK}?call=vc_1&event=status`;
const BODY = new URLSearchParams(FIELDS).toString();
const GENUINE = getExpectedTwilioSignature(TOKEN, URL_, FIELDS);

afterEach(() => void vi.restoreAllMocks());

function judge(signature: string, secrets: Record<string, string> = SETTINGS.secrets) {
  const webhook = twilioWebhook({ ...SETTINGS, secrets });
  return webhook.receive(raw(URL_, BODY, { "x-twilio-signature": signature }), URL_, 0);
}

describe("a guessed signature", () => {
  it("is compared in constant time, however much of it is right", () => {
    const compared = vi.spyOn(crypto, "timingSafeEqual");
    const guesses = Array.from(GENUINE, (letter, at) => {
      const other = letter === "A" ? "B" : "A";
      return GENUINE.slice(0, at) + other + GENUINE.slice(at + 1);
    });
    const amounts = new Set<number>();
    for (const guess of guesses) {
      compared.mockClear();
      expect(judge(guess)).toMatchObject({ ok: false, status: 403 });
      expect(compared).toHaveBeenCalledWith(Buffer.from(guess), Buffer.from(GENUINE));
      amounts.add(compared.mock.calls.length);
    }
    // The same work for every guess: the URL is tried in each spelling that Twilio may have signed.
    expect(amounts.size).toBe(1);
    expect(judge(GENUINE)).toMatchObject({ ok: true });
  });

  it("made with an empty secret matches nothing, least of all a missing secret", () => {
    const empty = getExpectedTwilioSignature("", URL_, FIELDS);
    for (const secrets of [{ accountSid: ACCOUNT, authToken: "" }, { accountSid: ACCOUNT }]) {
      for (const signature of [empty, "", " "])
        expect(judge(signature, secrets)).toMatchObject({ ok: false });
    }
  });
});

describe("an empty token", () => {
  const guesses = ["", " ", "null", "undefined", "0"];

  it("opens no listening turn, least of all when nobody listens", () => {
    const notify = answered({ mode: "notify", message: "Done." });
    for (const bench of [answered(), inbound(), thinking(), notify]) {
      for (const token of guesses) {
        const events: CallEvent[] = [
          { type: "speech", token, text: "Let me in." },
          { type: "digits", token, digits: "1" },
          { type: "silence", token },
        ];
        for (const event of events) {
          const before = bench.call;
          expect(bench.do(event)).toEqual([]);
          expect(bench.call).toEqual(before);
        }
      }
    }
  });

  it("in a callback URL is no callback, even correctly signed", () => {
    for (const query of ["?call=vc_1&turn=", "?call=&turn=abc", "?call=vc_1&turn", "?turn=abc"])
      expect(receive(query, { ...FIELDS, SpeechResult: "Let me in." })).toMatchObject({
        ok: false,
        status: 400,
      });
  });

  it("approves no caller", async () => {
    const it = world({ config: { inboundPolicy: "pairing" } });
    const { desk } = it.start();
    await it.mock.phone.call("+15557770001", "+15550001111");
    await it.clock.advance(0);
    expect(it.store.dump().pairings).toHaveLength(1);
    for (const code of guesses)
      await expect(desk.approve(code)).rejects.toMatchObject({ code: "VC_PAIRING_UNKNOWN" });
    expect(it.store.dump().pairings).toMatchObject([{ approvedAt: null }]);
  });
});
