import { describe, expect, test } from "vitest";
import { legacyConfigRules, normalizeCompatibilityConfig } from "../../src/doctor-contract-api.ts";
import { readConfig } from "../../src/config/index.ts";

type Json = Record<string, unknown>;
const wrap = (config: unknown) => ({
  agents: { list: [] },
  plugins: {
    allow: ["voice-call"],
    entries: { other: { enabled: true }, "voice-call": { enabled: true, config } },
  },
});

function migrate(config: unknown): { config: unknown; changes: string[] } {
  const repaired = normalizeCompatibilityConfig({ cfg: wrap(config) });
  return { config: repaired.config.plugins.entries["voice-call"].config, changes: repaired.changes };
}

const LEGACY = {
  provider: "log",
  twilio: { accountSid: "AC1", from: "+15550001234" },
  streaming: {
    enabled: true,
    sttProvider: "openai",
    openaiApiKey: "sk-secret",
    sttModel: "gpt-4o-transcribe",
    silenceDurationMs: 0,
    vadThreshold: 0,
  },
  realtime: { agentContext: { enabled: false, includeSystemPrompt: true } },
};

describe("an older configuration", () => {
  test("is refused as it stands and accepted once it is migrated", () => {
    expect(readConfig(LEGACY, {}).ok).toBe(false);
    expect(readConfig(migrate(LEGACY).config, {})).toMatchObject({ ok: true });
  });

  test("comes out in the present shape, zeros included", () => {
    expect(migrate(LEGACY).config).toEqual({
      provider: "mock",
      fromNumber: "+15550001234",
      twilio: { accountSid: "AC1" },
      streaming: {
        enabled: true,
        provider: "openai",
        providers: {
          openai: { apiKey: "sk-secret", model: "gpt-4o-transcribe", silenceDurationMs: 0, vadThreshold: 0 },
        },
      },
      realtime: { agentContext: { enabled: false } },
    });
  });

  test("is reported change by change, without any value", () => {
    const { changes } = migrate(LEGACY);
    expect(changes).toHaveLength(8);
    expect(changes).toContain("voice-call: Moved twilio.from to fromNumber.");
    expect(changes.join()).not.toMatch(/sk-secret|5550001234/u);
  });

  test("is changed once: a second run finds nothing", () => {
    const once = migrate(LEGACY);
    expect(migrate(once.config)).toEqual({ config: once.config, changes: [] });
  });

  test("never overwrites a present setting", () => {
    const { config, changes } = migrate({ fromNumber: "+15550009999", twilio: { from: "+15550001234" } });
    expect(config).toEqual({ fromNumber: "+15550009999", twilio: {} });
    expect(changes).toEqual(["voice-call: Removed twilio.from: fromNumber is set and was kept."]);
  });

  test("keeps a value whose new place is taken by something that is no object", () => {
    const config = { streaming: { openaiApiKey: "k", providers: "nonsense" } };
    expect(migrate(config)).toEqual({ config, changes: [] });
  });

  test("is itself left alone", () => {
    const cfg = wrap(structuredClone(LEGACY));
    normalizeCompatibilityConfig({ cfg });
    expect(cfg).toEqual(wrap(LEGACY));
  });
});

test("a present configuration, older speech shapes and the rest of the gateway's settings are not touched", () => {
  const cfg = { ...wrap({ provider: "twilio", tts: { openai: { voice: "alloy" } } }), messages: { tts: {} } };
  expect(normalizeCompatibilityConfig({ cfg })).toEqual({ config: cfg, changes: [] });
});

test.each([{}, { plugins: null }, { plugins: { entries: [] } }, wrap(undefined), wrap("x"), wrap([])])(
  "a gateway configuration of %j needs no repair",
  (cfg) => {
    expect(normalizeCompatibilityConfig({ cfg })).toEqual({ config: cfg, changes: [] });
  },
);

test("the doctor's rules name every older place, and only the older provider", () => {
  const paths = legacyConfigRules.map((rule) => rule.path.slice(4).join("."));
  expect(paths).toEqual(expect.arrayContaining(["provider", "twilio.from", "streaming.sttProvider"]));
  expect(legacyConfigRules.every((rule) => rule.message.includes("doctor --fix"))).toBe(true);
  const provider = legacyConfigRules.find((rule) => rule.path.at(-1) === "provider");
  expect([provider?.match?.("log"), provider?.match?.("mock")]).toEqual([true, false]);
});

test("a path through a prototype moves nothing", () => {
  const config: unknown = JSON.parse('{"__proto__":{"twilio":{"from":"+15550001234"}}}');
  expect(migrate(config).changes).toEqual([]);
  expect(({} as Json).fromNumber).toBeUndefined();
});
