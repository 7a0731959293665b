/**
 * The carrier was given a URL that only the gateway's own network knows: every call connected to silence, and nothing
 * was logged. Here such a URL is refused when the configuration is read, in each of its spellings.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/index.ts";

const CARRIER = {
  provider: "twilio",
  fromNumber: "+15550001111",
  twilio: { accountSid: "AC1", authToken: "t" },
};

function problemsOf(publicUrl: string, changes: object = {}): readonly string[] {
  const reading = readConfig({ ...CARRIER, publicUrl, ...changes }, {});
  return reading.ok ? [] : reading.issues.map(({ path }) => path);
}

describe("a public URL that no carrier can reach", () => {
  it.each([
    "http://localhost:3334/voice/webhook",
    "https://gateway.localhost/voice/webhook",
    "https://gateway/voice/webhook",
    "https://gateway.local/voice/webhook",
    "https://127.0.0.1/voice/webhook",
    "https://2130706433/voice/webhook",
    "https://0x7f.1/voice/webhook",
    "https://0.0.0.0/voice/webhook",
    "https://10.1.2.3/voice/webhook",
    "https://172.31.255.254/voice/webhook",
    "https://192.168.0.10:8443/voice/webhook",
    "https://169.254.1.1/voice/webhook",
    "https://100.64.0.1/voice/webhook",
    "https://100.127.255.254/voice/webhook",
    "https://[::1]/voice/webhook",
    "https://[::]/voice/webhook",
    "https://[0:0:0:0:0:0:0:1]/voice/webhook",
    "https://[::ffff:10.1.2.3]/voice/webhook",
    "https://[::ffff:7f00:1]/voice/webhook",
    "https://[::ffff:100.64.0.1]/voice/webhook",
    "https://[fd12:3456::1]/voice/webhook",
    "https://[fe80::1]/voice/webhook",
  ])("is refused at set-up: %s", (url) => {
    expect(problemsOf(url)).toEqual(["publicUrl"]);
  });

  it.each([
    "https://voice.example.com/voice/webhook",
    "https://gateway.tailnet.ts.net/voice/webhook",
    "https://localhost.example.com/voice/webhook",
    "https://100.63.255.255/voice/webhook",
    "https://100.128.0.1/voice/webhook",
    "https://172.32.0.1/voice/webhook",
    "https://[2001:4860:4860::8888]/voice/webhook",
    "https://[::ffff:8.8.8.8]/voice/webhook",
  ])("is not seen where there is none: %s", (url) => {
    expect(problemsOf(url)).toEqual([]);
  });

  it("is fine for a stand-in carrier on the same machine, and for none at all", () => {
    const local = "http://127.0.0.1:3334/voice/webhook";
    const twilio = { ...CARRIER.twilio, apiBaseUrl: "http://127.0.0.1:4010" };
    expect(problemsOf(local, { twilio })).toEqual([]);
    expect(problemsOf(local, { provider: "mock" })).toEqual([]);
    expect(problemsOf(local, { twilio: { ...twilio, apiBaseUrl: "https://proxy.example.com" } })).toEqual([
      "publicUrl",
    ]);
  });

  it("is told from a public one by the address, however IPv6 writes it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const mapped = `https://[::ffff:${address}]/voice/webhook`;
        expect(problemsOf(mapped)).toEqual(problemsOf(`https://${address}/voice/webhook`));
      }),
      { numRuns: 50 },
    );
  });
});
