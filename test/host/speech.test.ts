import { beforeAll, describe, expect, it } from "vitest";
import { speechFacts } from "../../src/host/speech.ts";
import { loadSpeechCore, loadTranscription, loadTtsRuntime } from "../../src/host/speech-sdk.ts";

type Settings = Parameters<typeof speechFacts>[1];

/** What the host's own registries tell about these settings. */
async function told(settings: { tts?: object; streaming?: object }, host: object = {}) {
  const { tts = {}, streaming = {} } = settings;
  const facts = speechFacts(host, {
    tts,
    streaming: { providers: {}, ...streaming },
    language: "en-US",
  } as Settings);
  return [await facts.voice(), await facts.ears()];
}

const elevenlabs = { provider: "elevenlabs", providers: { elevenlabs: { apiKey: "not-a-key" } } };

// On a busy machine this takes a while.
beforeAll(() => Promise.all([loadSpeechCore(), loadTranscription(), loadTtsRuntime()]), 60_000);

describe("the speech providers of the host", () => {
  it("are none while nothing is configured", async () => {
    expect(await told({})).toEqual([null, null]);
  });

  it("are the configured ones", async () => {
    const streaming = { provider: "deepgram", providers: { deepgram: { apiKey: "not-a-key" } } };
    expect(await told({ tts: elevenlabs, streaming })).toEqual(["elevenlabs", "deepgram"]);
  });

  it("come from the host's own speech settings where the plugin has none", async () => {
    expect(await told({}, { tts: elevenlabs })).toEqual(["elevenlabs", null]);
  });

  it("that listen are the first configured one when none is named", async () => {
    const streaming = { providers: { nonsense: {}, deepgram: {}, openai: { apiKey: "not-a-key" } } };
    expect(await told({ streaming })).toEqual([null, "openai"]);
  });

  it("are none when the named one is unknown or has no key", async () => {
    const streaming = { provider: "nonsense", providers: { deepgram: { apiKey: "not-a-key" } } };
    expect(await told({ streaming })).toEqual([null, null]);
    expect(await told({ streaming: { provider: "deepgram" } })).toEqual([null, null]);
  });

  it("never speak with one that has no telephone audio", async () => {
    expect(
      await told({ tts: { provider: "microsoft", providers: { microsoft: { enabled: true } } } }),
    ).toEqual([null, null]);
  });
});
