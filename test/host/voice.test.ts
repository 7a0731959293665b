import { beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import type { SpokenAudio } from "../../src/conversation/live/speech.ts";
import { createVoices, type SpeechApi } from "../../src/host/voice.ts";
import { loadSpeechCore, loadTtsRuntime } from "../../src/host/speech-sdk.ts";

type Tts = SpeechApi["runtime"]["tts"];
type Asked = Parameters<Tts["textToSpeechStream"]>[0];
type Streamed = Awaited<ReturnType<Tts["textToSpeechStream"]>>;
type Buffered = Awaited<ReturnType<Tts["textToSpeechTelephony"]>>;
type Json = Record<string, unknown>;

const key = { apiKey: "not-a-key" };
const OURS = "+15550001234";
const ROUTE = { language: "en-US", ownNumber: OURS };

/** The host's own registries and settings; only the speaking is ours. */
function bench({ host = {}, plugin = {} }: { host?: Json; plugin?: Json } = {}) {
  const now = { ms: 1_000_000 };
  const world = {
    host,
    plugin,
    asked: [] as (Asked & { readonly way: "stream" | "telephony" })[],
    releases: 0,
    buffered: (provider: string): Partial<Buffered> => ({
      success: true,
      provider,
      audioBuffer: Buffer.from([1, 2, 3, 4]),
      outputFormat: "pcm",
      sampleRate: 24_000,
    }),
    streamed: (provider: string): Partial<Streamed> => ({
      success: true,
      provider,
      audioStream: ReadableStream.from([Uint8Array.from([9, 8, 7])]),
      outputFormat: "ulaw_8000",
    }),
  };
  const providerOf = (asked: Asked): string => asked.overrides?.provider ?? "";
  const api: SpeechApi = {
    runtime: {
      config: { current: () => world.host },
      tts: {
        textToSpeechTelephony: (asked) => {
          world.asked.push({ ...asked, way: "telephony" });
          return Promise.resolve(world.buffered(providerOf(asked)) as Buffered);
        },
        textToSpeechStream: (asked) => {
          world.asked.push({ ...asked, way: "stream" });
          const release = (): Promise<void> => {
            world.releases++;
            return Promise.resolve();
          };
          return Promise.resolve({ ...world.streamed(providerOf(asked)), release } as Streamed);
        },
      },
    },
  };
  const config = () => {
    const reading = readConfig(world.plugin, {});
    if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
    return reading.config;
  };
  const voices = createVoices(api, config, () => now.ms);
  const speak = (provider: string, route = ROUTE, signal = new AbortController().signal) =>
    voices.speak({ text: "Hello.", provider, route }, signal);
  return { world, voices, speak, now };
}

async function bytesOf({ chunks }: SpokenAudio): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of chunks) bytes.push(...chunk);
  return bytes;
}

const both = { tts: { provider: "openai", providers: { openai: key, elevenlabs: key } } };

// On a busy machine this takes a while.
beforeAll(() => Promise.all([loadSpeechCore(), loadTtsRuntime()]), 60_000);

describe("the voices of the host", () => {
  it("are the configured ones, the chosen one first, and never Microsoft's", async () => {
    const { voices, world } = bench({ host: both });
    expect(await voices.providers(ROUTE)).toEqual(["openai", "elevenlabs"]);
    world.plugin = { tts: { provider: "elevenlabs" } };
    expect(await voices.providers(ROUTE)).toEqual(["elevenlabs", "openai"]);
    world.plugin = { tts: { provider: "edge", providers: { microsoft: { enabled: true } } } };
    expect(await voices.providers(ROUTE)).toEqual(["openai", "elevenlabs"]);
    world.host = {};
    world.plugin = {};
    expect(await voices.providers(ROUTE)).toEqual([]);
  });

  it("may be others on one of our numbers", async () => {
    const numbers = { [OURS]: { tts: { provider: "elevenlabs", elevenlabs: { voiceId: "voice1" } } } };
    const { voices, speak, world } = bench({ host: both, plugin: { numbers } });
    expect(await voices.providers(ROUTE)).toEqual(["elevenlabs", "openai"]);
    expect(await voices.providers({ ...ROUTE, ownNumber: "+15550009999" })).toEqual(["openai", "elevenlabs"]);
    await speak("elevenlabs");
    expect(world.asked[0]?.cfg.tts?.providers?.["elevenlabs"]).toEqual({ ...key, speakerVoiceId: "voice1" });
  });

  it("speak telephone audio, whole where a provider does not stream", async () => {
    const { speak, world } = bench({ host: both });
    const spoken = await speak("openai");
    expect(spoken.format).toEqual({ encoding: "pcm16", rate: 24_000 });
    expect(await bytesOf(spoken)).toEqual([1, 2, 3, 4]);
    expect(world.asked[0]).toMatchObject({
      way: "telephony",
      text: "Hello.",
      overrides: { provider: "openai" },
    });
  });

  it("speak µ-law as it comes where a provider streams it, and let it go", async () => {
    const { speak, world } = bench({ host: both });
    const spoken = await speak("elevenlabs");
    expect(spoken.format).toEqual({ encoding: "pcmu" });
    expect(await bytesOf(spoken)).toEqual([9, 8, 7]);
    expect(world.releases).toBe(1);
    expect(world.asked[0]).toMatchObject({
      way: "stream",
      disableFallback: true,
      overrides: { provider: "elevenlabs", providerOverrides: { elevenlabs: { outputFormat: "ulaw_8000" } } },
    });
  });

  it("stream xAI's µ-law from its own endpoint, and take another one's audio whole", async () => {
    const { speak, world } = bench({ host: { tts: { providers: { xai: key } } } });
    await speak("xai");
    expect(world.asked[0]).toMatchObject({ way: "stream" });
    expect(world.asked[0]?.cfg.tts?.providers?.["xai"]).toEqual({
      ...key,
      language: "en",
      responseFormat: "mulaw",
    });
    world.host = { tts: { providers: { xai: { ...key, baseUrl: "http://127.0.0.1:9" } } } };
    await speak("xai");
    expect(world.asked[1]).toMatchObject({ way: "telephony" });
  });

  it("speak for one provider only: the host knows of no other, and must not turn to one", async () => {
    const models = { providers: { anthropic: key, openai: key } };
    const { speak, world } = bench({ host: { ...both, models } });
    await speak("openai");
    const { cfg } = world.asked[0] ?? {};
    expect(Object.keys(cfg?.tts?.providers ?? {})).toEqual(["openai"]);
    expect(Object.keys(cfg?.models?.providers ?? {})).toEqual(["openai"]);
    expect(cfg?.tts).toMatchObject({
      persona: "phone",
      personas: { phone: { fallbackPolicy: "fail", providers: { openai: {} } } },
    });
  });

  it("keep the host's persona, bound to that provider", async () => {
    const personas = {
      alfred: { label: "Alfred", provider: "elevenlabs", providers: { openai: { voice: "cedar" } } },
    };
    const { voices, speak, world } = bench({ host: { tts: { ...both.tts, persona: "alfred", personas } } });
    expect(await voices.providers(ROUTE)).toEqual(["elevenlabs", "openai"]);
    await speak("openai");
    expect(world.asked[0]?.cfg.tts).toMatchObject({
      persona: "alfred",
      personas: { alfred: { label: "Alfred", fallbackPolicy: "fail" } },
    });
    expect(Object.keys(world.asked[0]?.cfg.tts?.personas?.["alfred"]?.providers ?? {})).toEqual(["openai"]);
  });

  it("do not include one that the host's persona forbids", async () => {
    const personas = { alfred: { fallbackPolicy: "fail", providers: { elevenlabs: {} } } };
    const { voices } = bench({ host: { tts: { ...both.tts, persona: "alfred", personas } } });
    expect(await voices.providers(ROUTE)).toEqual(["elevenlabs"]);
  });

  it("ask the host with the same configuration until one changes, so that it need not search again", async () => {
    const { speak, world } = bench({ host: both });
    await speak("openai");
    world.plugin = { maxConcurrentCalls: 7 };
    await speak("openai");
    expect(world.asked[1]?.cfg).toBe(world.asked[0]?.cfg);
    world.plugin = { tts: { openai: { voice: "nova" } } };
    await speak("openai");
    expect(world.asked[2]?.cfg.tts?.providers?.["openai"]).toMatchObject({ speakerVoice: "nova" });
    world.host = { ...both };
    await speak("openai");
    expect(world.asked[3]?.cfg).not.toBe(world.asked[2]?.cfg);
  });

  it.each<[string, (provider: string) => Partial<Buffered>, object]>([
    [
      "the host says so",
      () => ({ success: false, error: "openai: API error (500)" }),
      { message: "openai: API error (500)" },
    ],
    [
      "the host gives a reason",
      () => ({
        success: false,
        attempts: [{ provider: "openai", outcome: "failed", reasonCode: "timeout" }],
      }),
      { code: "timeout" },
    ],
    [
      "another provider spoke in its place",
      () => ({ success: true, provider: "elevenlabs", audioBuffer: Buffer.alloc(8), outputFormat: "pcm" }),
      { code: "another_provider" },
    ],
    [
      "there is no audio",
      (provider) => ({
        success: true,
        provider,
        audioBuffer: Buffer.alloc(0),
        outputFormat: "pcm",
        sampleRate: 24_000,
      }),
      { code: "empty_audio" },
    ],
    [
      "it is no telephone audio",
      (provider) => ({ success: true, provider, audioBuffer: Buffer.alloc(80), outputFormat: "mp3" }),
      { code: "wrong_container_by_name" },
    ],
  ])("fail when %s", async (_, result, error) => {
    const { speak, world } = bench({ host: both });
    world.buffered = result;
    await expect(speak("openai")).rejects.toMatchObject(error);
  });

  it("let a stream go that failed or came too late", async () => {
    const { speak, world } = bench({ host: both });
    world.streamed = (provider) => ({ success: false, provider, error: "gone" });
    await expect(speak("elevenlabs")).rejects.toThrow("gone");
    expect(world.releases).toBe(1);
    const stop = new AbortController();
    world.streamed = (provider) => {
      stop.abort(new Error("dropped"));
      return {
        success: true,
        provider,
        audioStream: ReadableStream.from([new Uint8Array(8)]),
        outputFormat: "ulaw_8000",
      };
    };
    await expect(speak("elevenlabs", ROUTE, stop.signal)).rejects.toThrow("dropped");
    expect(world.releases).toBe(2);
  });

  it("come last for a minute after they failed, unless no other may take over", async () => {
    const { voices, speak, world, now } = bench({ host: both });
    world.buffered = () => ({ success: false, error: "gone" });
    await speak("openai").catch(() => undefined);
    expect(await voices.providers(ROUTE)).toEqual(["elevenlabs", "openai"]);
    now.ms += 60_000;
    expect(await voices.providers(ROUTE)).toEqual(["openai", "elevenlabs"]);
    world.plugin = { streaming: { fallback: false } };
    await speak("openai").catch(() => undefined);
    expect(await voices.providers(ROUTE)).toEqual(["openai", "elevenlabs"]);
  });

  it("do not lose their standing by words that nobody wants any more", async () => {
    const { voices, speak } = bench({ host: both });
    await speak("openai", ROUTE, AbortSignal.abort(new Error("cancelled"))).catch(() => undefined);
    expect(await voices.providers(ROUTE)).toEqual(["openai", "elevenlabs"]);
    await speak("openai", ROUTE, AbortSignal.abort(new Error("timeout"))).catch(() => undefined);
    expect(await voices.providers(ROUTE)).toEqual(["elevenlabs", "openai"]);
  });

  it("have a digest that changes with their settings, and tells nothing of them", () => {
    const { voices, world } = bench({ host: both });
    const before = voices.digest(ROUTE);
    expect(voices.digest(ROUTE)).toBe(before);
    expect(before).not.toContain("not-a-key");
    world.plugin = { numbers: { [OURS]: { tts: { openai: { voice: "nova" } } } } };
    expect(voices.digest(ROUTE)).not.toBe(before);
    expect(voices.digest({ ...ROUTE, ownNumber: "+15550009999" })).toBe(before);
  });

  it("take settings that reach for a prototype for nothing", async () => {
    const tts = JSON.parse('{"openai":{"__proto__":{"polluted":true},"voice":"nova"}}') as Json;
    const { speak, world } = bench({ host: { tts: { ...both.tts, ...tts } } });
    await speak("openai");
    const settings = world.asked[0]?.cfg.tts?.providers?.["openai"] ?? {};
    expect(Object.getPrototypeOf(settings)).toBe(Object.prototype);
    expect("polluted" in settings).toBe(false);
  });
});
