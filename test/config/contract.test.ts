import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import { listOptions } from "../../scripts/generate/options.ts";

const CONTRACT = readFileSync(new URL("./fixtures/contract.md", import.meta.url), "utf8");

type Json = Record<string, unknown>;
const ref = { source: "env", provider: "default", id: "SECRET" };
const tts = { provider: "openai", openai: { voice: "alloy" }, providers: { xai: { speakerVoiceId: "eve" } } };

/** Key of the contract, a value it takes, and the documented default where it is a constant. */
const KEYS: [key: string, value: unknown, fallback?: unknown][] = [
  ["enabled", false, true],
  ["provider", "plivo", "mock"],
  ["fromNumber", "+15550001234"],
  ["toNumber", "+15550001234"],
  ["twilio.accountSid", ref],
  ["twilio.authToken", ref],
  ["twilio.region", "ie1", "us1"],
  ["twilio.apiBaseUrl", "https://twilio.example.com"],
  ["telnyx.apiKey", ref],
  ["telnyx.connectionId", ref],
  ["telnyx.publicKey", ref],
  ["telnyx.apiBaseUrl", "http://127.0.0.1:4010"],
  ["plivo.authId", ref],
  ["plivo.authToken", ref],
  ["plivo.apiBaseUrl", "http://[::1]:4010/v1"],
  ["serve.port", 8080, 3334],
  ["serve.bind", "0.0.0.0", "127.0.0.1"],
  ["serve.path", "/hook", "/voice/webhook"],
  ["webhookSecurity.allowedHosts", ["voice.example.com"], []],
  ["webhookSecurity.trustForwardingHeaders", true, false],
  ["webhookSecurity.trustedProxyIPs", ["100.64.0.1"], []],
  ["publicUrl", "https://voice.example.com/voice/webhook"],
  ["tunnel.provider", "tailscale-serve", "none"],
  ["tunnel.ngrokAuthToken", ref],
  ["tunnel.ngrokDomain", "voice.ngrok.app"],
  ["tunnel.allowNgrokFreeTierLoopbackBypass", true, false],
  ["tailscale.mode", "serve", "off"],
  ["tailscale.path", "/elsewhere", "/voice/webhook"],
  ["tailscale.port", 8443, 443],
  ["outbound.defaultMode", "conversation", "notify"],
  ["outbound.notifyHangupDelaySec", 0, 3],
  ["streaming.enabled", true, false],
  ["streaming.provider", "deepgram"],
  ["streaming.providers", { deepgram: { apiKey: ref } }, {}],
  ["streaming.streamPath", "/audio", "/voice/stream"],
  ["streaming.preStartTimeoutMs", 100, 5000],
  ["streaming.maxPendingConnections", 0, 32],
  ["streaming.maxPendingConnectionsPerIp", 0, 4],
  ["streaming.maxConnections", 0, 128],
  ["realtime.enabled", true, false],
  ["realtime.provider", "openai"],
  ["realtime.providers", { openai: { apiKey: ref, temperature: 0 } }, {}],
  ["tts", tts, {}],
  ["inboundPolicy", "pairing", "disabled"],
  ["allowFrom", ["+15550001234"], []],
  ["inboundGreeting", "Hello!"],
  ["numbers", { "+15550009999": { inboundGreeting: "Hi", tts, agentId: "a", responseTimeoutMs: 5 } }, {}],
  ["agentId", "main"],
  ["sessionScope", "per-call", "per-phone"],
  ["responseModel", "test/model"],
  ["responseSystemPrompt", "Be brief."],
  ["responseTimeoutMs", 5000, 30_000],
  ["maxDurationSeconds", 600, 300],
  ["staleCallReaperSeconds", 360, 0],
  ["ringTimeoutMs", 20_000, 30_000],
  ["silenceTimeoutMs", 0, 800],
  ["transcriptTimeoutMs", 1000, 180_000],
  ["maxConcurrentCalls", 0, 1],
  ["skipSignatureVerification", true, false],
  ["store", "/var/lib/calls"],
];

const nest = (key: string, value: unknown): Json =>
  key.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Json;
const pick = (config: unknown, key: string): unknown =>
  key.split(".").reduce<unknown>((inner, name) => (inner as Json)[name], config);

function read(raw: unknown): Json {
  const reading = readConfig(raw, {});
  expect(reading).toMatchObject({ ok: true });
  return (reading as unknown as { config: Json }).config;
}

/** The keys named in the first column of the contract's configuration table, written out in full. */
function contractKeys(): string[] {
  const section = CONTRACT.slice(CONTRACT.indexOf("## Configuration"), CONTRACT.indexOf("## Command line"));
  const cells = [...section.matchAll(/^\| (`.*?) \|/gmu)].map((row) => row[1] ?? "");
  return cells.flatMap((cell) => {
    let section = "";
    return [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => {
      if (name.startsWith(".")) return section + name;
      section = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
      return name;
    });
  });
}

test("every key of the contract's table is in the schema and in the cases below", () => {
  const known = new Set(listOptions().map(({ path }) => path));
  const cases = new Set(KEYS.map(([key]) => key));
  const keys = contractKeys()
    .filter((key) => !key.includes("*"))
    .map((key) => key.replace(".<id>", "").replace(".<E.164>", ""));
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !known.has(key) || !cases.has(key))).toEqual([]);
});

describe("a key of the contract", () => {
  test.each(KEYS)("%s is accepted", (key, value) => {
    expect(readConfig(nest(key, value), {})).toMatchObject({ ok: true });
  });

  const withDefault = KEYS.filter((row) => row.length === 3);
  test.each(withDefault)("%s has its documented default when it is absent", (key, _value, fallback) => {
    expect(pick(read({}), key)).toEqual(fallback);
  });

  const plain = KEYS.filter(
    ([key, value]) => value !== ref && key !== "tunnel.allowNgrokFreeTierLoopbackBypass",
  );
  test.each(plain)("%s keeps the value that is set, zero and false included", (key, value) => {
    expect(pick(read(nest(key, value)), key)).toEqual(value);
  });
});

test("a number takes exactly the overrides of the contract, and language and voice", () => {
  const overrides = listOptions().filter(({ path }) => /^numbers\.\*\.\w+$/u.test(path));
  expect(overrides.map(({ path }) => path.replace("numbers.*.", "")).toSorted()).toEqual(
    [
      "inboundGreeting",
      "tts",
      "agentId",
      "responseModel",
      "responseSystemPrompt",
      "responseTimeoutMs",
      "language",
      "voice",
    ].toSorted(),
  );
});

test("the Tailscale path follows the listener's path", () => {
  expect(pick(read({ serve: { path: "/hook" } }), "tailscale.path")).toBe("/hook");
});
