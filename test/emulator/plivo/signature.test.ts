import * as fc from "fast-check";
import { validateSignature, validateV3Signature } from "plivo";
import { describe, expect, it } from "vitest";
import { signV2, signV3, type Method } from "./signature.ts";

const TOKEN = "ZTg3YjM5NmY0ZDQ1YTAwNzQ3MmQ1ZTk0OGNjMDM1";
const NONCE = "05429567804466091622";
const BASE = "https://voice.example.test/voice/plivo/answer/";

describe("a V3 signature", () => {
  it.each<[string, Method, string, string]>([
    ["of nothing but a URL", "POST", BASE, "tdrlE0JMmX88a2tOQKbsNTiLnHbByL82dD50c2u2qME="],
    ["of a query", "POST", `${BASE}?turn=2&callId=7d3c`, "pxXQGXt80XCZct6e36tiGUIl7n8HI1kMyZ7bHVzG5SI="],
    [
      "of a GET",
      "GET",
      `${BASE}?To=14155550100&From=14155550199&CallUUID=u`,
      "2mgUfO3zJdsRjEwmp3295wMcBu9U9MJcHaDtknG+K2Q=",
    ],
    [
      "of a media socket",
      "GET",
      "http://voice.example.test/voice/plivo/stream/tok_5b1e?b=2&a=1",
      "9DavjS5Inl9D3ozphxt+7+vkrJw47Cv5p6cS+a+vkzo=",
    ],
  ])("%s is the reference's", (_, method, url, signature) => {
    expect(signV3(TOKEN, method, url, {}, NONCE)).toBe(signature);
    expect(validateV3Signature(method, url, NONCE, TOKEN, signature, {})).toBe(true);
  });

  it("passes the official package for any query and body", () => {
    const letters = fc.constantFrom(...Array.from("aZ09 &=+%?#.,;-_~/\\\"'<>\n\täß€你🎉"));
    const text = fc.string({ unit: letters, maxLength: 12 });
    const name = fc.constantFrom("From", "To", "callId", "turn", "X-PH-a", "a", "aa", "A");
    const pairs = fc.dictionary(name, text, { maxKeys: 5, noNullPrototype: true });
    fc.assert(
      fc.property(pairs, pairs, fc.constantFrom<Method>("GET", "POST"), (query, body, method) => {
        const url = `${BASE}?${new URLSearchParams(query).toString()}`;
        const params = method === "POST" ? body : {};
        const signature = signV3(TOKEN, method, url, params, NONCE);
        expect(validateV3Signature(method, url, NONCE, TOKEN, signature, params)).toBe(true);
      }),
    );
  });

  it("keeps a port and drops a fragment", () => {
    const url = "https://voice.example.test:443/a?x=1";
    const signature = signV3(TOKEN, "POST", `${url}#rc=2`, { From: "15550101234" }, NONCE);
    expect(signature).toBe(signV3(TOKEN, "POST", url, { From: "15550101234" }, NONCE));
    expect(signature).not.toBe(
      signV3(TOKEN, "POST", url.replace(":443", ""), { From: "15550101234" }, NONCE),
    );
    expect(validateV3Signature("POST", url, NONCE, TOKEN, signature, { From: "15550101234" })).toBe(true);
  });
});

describe("a V2 signature", () => {
  it("is the reference's, whatever the query", () => {
    for (const url of [BASE, `${BASE}?a=1`]) {
      const signature = signV2(TOKEN, url, NONCE);
      expect(signature).toBe("2C1vo0YaPm1RHhfKZmSqB3Ox6jTNcdKUdmaZaRfAI2Y=");
      expect(validateSignature(url, NONCE, signature, TOKEN)).toBe(true);
    }
  });
});
