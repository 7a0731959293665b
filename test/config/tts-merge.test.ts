import { describe, expect, test } from "vitest";
import { carrierTts } from "../../src/config/index.ts";

const off = { enabled: false };

test("without settings of the plugin the host's own stand", () => {
  const core = {
    tts: { provider: "openai", timeoutMs: 0, providers: { openai: { speakerVoice: "alloy" } } },
  };
  expect(carrierTts({ tts: {} }, core)).toEqual({
    provider: "openai",
    timeoutMs: 0,
    providers: { openai: { speakerVoice: "alloy" }, microsoft: off },
  });
});

describe("the two shapes", () => {
  const older = { provider: "elevenlabs", elevenlabs: { voiceId: "v", modelId: "m" } };
  const present = {
    provider: "elevenlabs",
    providers: { elevenlabs: { speakerVoiceId: "v", modelId: "m" } },
  };

  test("mean the same in the plugin", () => {
    expect(carrierTts({ tts: older }, {})).toEqual(carrierTts({ tts: present }, {}));
  });

  test("mean the same in the host, under tts and under messages.tts", () => {
    const expected = carrierTts({ tts: {} }, { tts: present });
    expect(carrierTts({ tts: {} }, { tts: older })).toEqual(expected);
    expect(carrierTts({ tts: {} }, { messages: { tts: older } })).toEqual(expected);
  });

  test("override each other across the layers, whichever is used where", () => {
    const over = carrierTts(
      { tts: { openai: { voice: "marin" } } },
      { tts: { providers: { openai: { speakerVoice: "alloy", model: "m" } } } },
    );
    expect(over).toMatchObject({ providers: { openai: { speakerVoice: "marin", model: "m" } } });
    expect(JSON.stringify(over)).not.toContain('"voice"');
  });

  test("leave no second name behind that could win in a provider", () => {
    const over = carrierTts(
      { tts: { elevenlabs: { modelId: "new", voiceId: "id" } } },
      { tts: { providers: { elevenlabs: { model: "old", speakerVoice: "name", apiKey: "k" } } } },
    );
    expect(over.providers).toMatchObject({
      elevenlabs: { modelId: "new", speakerVoiceId: "id", apiKey: "k" },
    });
    expect(over.providers).not.toHaveProperty("elevenlabs.model");
    expect(over.providers).not.toHaveProperty("elevenlabs.speakerVoice");
  });

  test("prefer the host's present key where it has both", () => {
    const core = { tts: { provider: "xai" }, messages: { tts: { provider: "openai", maxTextLength: 10 } } };
    expect(carrierTts({ tts: {} }, core)).toMatchObject({ provider: "xai", maxTextLength: 10 });
  });
});

describe("Microsoft speech", () => {
  test.each(["microsoft", "edge", "Edge"])("is not chosen as %s, so the host's choice stands", (provider) => {
    expect(carrierTts({ tts: { provider } }, { tts: { provider: "openai" } }).provider).toBe("openai");
    expect(carrierTts({ tts: {} }, { tts: { provider } })).not.toHaveProperty("provider");
  });

  test("is switched off, also when its settings say otherwise", () => {
    const settings = { providers: { microsoft: { enabled: true } }, edge: { voice: "x" } };
    expect(carrierTts({ tts: settings }, { tts: settings }).providers).toEqual({ microsoft: off });
  });
});

test("lists and plain values are replaced, objects are merged", () => {
  const core = { tts: { providers: { local: { args: ["a", "b"], extra: { x: 1, y: 2 } } } } };
  const tts = { providers: { local: { args: ["c"], extra: { y: 0 } } } };
  expect(carrierTts({ tts }, core).providers).toMatchObject({
    local: { args: ["c"], extra: { x: 1, y: 0 } },
  });
});

test("keys that reach a prototype get lost at every depth, from either side", () => {
  const evil: unknown = JSON.parse(
    '{"__proto__":{"p":1},"providers":{"__proto__":{"p":1},"openai":{"constructor":{"p":1},"deep":{"prototype":1,"list":[{"__proto__":{"p":1}}]}}}}',
  );
  const merged = carrierTts({ tts: evil as Record<string, unknown> }, { tts: evil });
  expect(JSON.stringify(merged)).not.toMatch(/__proto__|constructor|prototype/u);
  expect(({} as { p?: number }).p).toBeUndefined();
});

test("neither side is changed, and the result shares nothing with them", () => {
  const core = { tts: { providers: { openai: { extra: { a: 1 } } } } };
  const config = { tts: { openai: { voice: "x" } } };
  const before = structuredClone([core, config]);
  const merged = carrierTts(config, core) as { providers: { openai: { extra: { a: number } } } };
  merged.providers.openai.extra.a = 2;
  expect([core, config]).toEqual(before);
});

test.each([undefined, null, 3, "x", [], { tts: 3 }, { messages: 4 }])(
  "a host configuration of %j is no obstacle",
  (core) => {
    expect(carrierTts({ tts: { provider: "openai" } }, core)).toMatchObject({ provider: "openai" });
  },
);
