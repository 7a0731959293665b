import { readFileSync } from "node:fs";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { carrierTts, readConfig } from "../../src/config/index.ts";

const DOCUMENT = readFileSync(new URL("./fixtures/voice-call.ja.md", import.meta.url), "utf8");

/** Every JSON5 object that stands in the document on lines of its own. */
const EXAMPLES = [...DOCUMENT.matchAll(/^\{\n[\s\S]*?^\}$/gmu)].map((match): unknown =>
  JSON5.parse(match[0]),
);

type Json = Record<string, unknown>;
const at = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);

/** The plugin's part: of a whole gateway configuration, or the example itself when it shows the plugin's keys only. */
const pluginConfig = (example: unknown): unknown =>
  at(example, "plugins", "entries", "voice-call", "config") ??
  (at(example, "messages") === undefined ? example : {});

test("the document holds the eight examples that are known", () => {
  expect(EXAMPLES).toHaveLength(8);
});

test.each(EXAMPLES.map((example, index) => ({ number: index + 1, example })))(
  "example $number of the mission document is accepted as it stands",
  ({ example }) => {
    expect(readConfig(pluginConfig(example), {})).toMatchObject({ ok: true });
  },
);

describe("the full example", () => {
  const reading = readConfig(pluginConfig(EXAMPLES[0]), {});
  if (!reading.ok) throw new Error("the full example was refused");

  test("keeps every value it names", () => {
    expect(reading.config).toMatchObject({
      provider: "twilio",
      fromNumber: "+15550001234",
      toNumber: "+15550005678",
      twilio: { accountSid: "ACxxxxxxxx", authToken: "..." },
      serve: { port: 3334, path: "/voice/webhook", bind: "127.0.0.1" },
      webhookSecurity: { allowedHosts: ["voice.example.com"], trustedProxyIPs: ["100.64.0.1"] },
      outbound: { defaultMode: "notify", notifyHangupDelaySec: 3 },
      streaming: { enabled: true, maxConnections: 128 },
    });
  });

  test.each([
    { publicUrl: "https://example.ngrok.app/voice/webhook" },
    { tunnel: { provider: "ngrok" } },
    { tailscale: { mode: "funnel", path: "/voice/webhook" } },
  ])("also stands with the commented-out exposure %j", (exposure) => {
    expect(readConfig({ ...(pluginConfig(EXAMPLES[0]) as Json), ...exposure }, {})).toMatchObject({
      ok: true,
      warnings: [],
    });
  });
});

test("the recommended reaper value raises no warning", () => {
  const example = EXAMPLES.find((e) => at(pluginConfig(e), "staleCallReaperSeconds") === 360);
  expect(readConfig(pluginConfig(example), {})).toMatchObject({ ok: true, warnings: [] });
});

test("the speech examples merge over the document's own core settings", () => {
  const core = EXAMPLES.find((example) => at(example, "messages") !== undefined);
  const plugin = EXAMPLES.find((example) => at(pluginConfig(example), "tts", "openai", "voice") === "marin");
  const reading = readConfig(pluginConfig(plugin), {});
  if (!reading.ok) throw new Error("the speech example was refused");
  expect(carrierTts(reading.config, core)).toMatchObject({
    provider: "openai",
    providers: { openai: { model: "gpt-4o-mini-tts", speakerVoice: "marin" } },
  });
});
