import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import { createVoices, type SpeechApi } from "../../src/host/voice.ts";
import { loadSpeechCore, loadTtsRuntime } from "../../src/host/speech-sdk.ts";
import { hear } from "../emulator/audio/words.ts";
import { encode } from "../emulator/audio/g711.ts";
import { ElevenLabsVoice, OpenAiVoice } from "../emulator/speech/index.ts";

/** The host's own speech with its provider plugins, talking to stand-ins of their vendors. */

const openai = new OpenAiVoice();
const elevenlabs = new ElevenLabsVoice();
const ROUTE = { language: "en-US", ownNumber: "+15550001234" };
let tts: SpeechApi["runtime"]["tts"];

beforeAll(async () => {
  await Promise.all([openai.listen(), elevenlabs.listen(), loadSpeechCore()]);
  tts = (await loadTtsRuntime()) as unknown as typeof tts;
}, 60_000);
afterAll(() => Promise.all([openai.close(), elevenlabs.close()]));
beforeEach(() => {
  for (const vendor of [openai, elevenlabs]) {
    vendor.recover();
    vendor.requests.length = 0;
  }
});

function voices() {
  const providers = {
    openai: { apiKey: "not-a-key", baseUrl: openai.baseUrl },
    elevenlabs: { apiKey: "not-a-key", baseUrl: elevenlabs.url },
  };
  const host = { tts: { provider: "openai", providers } };
  const reading = readConfig({ tts: { openai: { voice: "nova" } } }, {});
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return createVoices({ runtime: { config: { current: () => host }, tts } }, () => reading.config);
}

async function spoken(provider: string, text: string, signal = new AbortController().signal) {
  const { format, chunks } = await voices().speak({ text, provider, route: ROUTE }, signal);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return { format, audio: Buffer.concat(parts), parts: parts.length };
}

/** Every third sample: 24 kHz to 8 kHz. The words have no high tones. */
function everyThird(pcm: Buffer): Int16Array {
  return Int16Array.from({ length: Math.floor(pcm.length / 6) }, (_, at) => pcm.readInt16LE(at * 6));
}

// The host looks through its plugins for each request here; inside a gateway they are loaded already.
describe("the host's speech", { timeout: 60_000 }, () => {
  it("speaks through OpenAI, in the voice of the call", async () => {
    const { format, audio } = await spoken("openai", "Hello there");
    expect(format).toEqual({ encoding: "pcm16", rate: 24_000 });
    expect(hear(encode("pcmu", everyThird(audio)))).toBe("Hello there");
    expect(openai.requests).toMatchObject([{ text: "Hello there", voice: "nova", format: "pcm" }]);
  });

  it("streams µ-law through ElevenLabs", async () => {
    const { format, audio } = await spoken("elevenlabs", "Hello there");
    expect(format).toEqual({ encoding: "pcmu" });
    expect(hear(audio)).toBe("Hello there");
    expect(elevenlabs.requests).toMatchObject([{ format: "ulaw_8000" }]);
    expect(elevenlabs.requests[0]?.path).toMatch(/\/stream$/);
  });

  it("does not hand the words to another provider when one fails", async () => {
    openai.fail({ kind: "status", status: 500 });
    await expect(spoken("openai", "Hello")).rejects.toThrow(/\(500\)/);
    elevenlabs.fail({ kind: "status", status: 401 });
    await expect(spoken("elevenlabs", "Hello")).rejects.toThrow(/401/);
    expect([openai.requests.length, elevenlabs.requests.length]).toEqual([1, 1]);
  });

  it.each([
    ["elevenlabs", { kind: "cut", afterMs: 100 }, /terminated|reset|closed/i],
    ["elevenlabs", { kind: "empty" }, /empty|no audio/i],
    ["elevenlabs", { kind: "mp3" }, /wrong container/],
    ["openai", { kind: "cut", afterMs: 100 }, /terminated|reset|closed/i],
    ["openai", { kind: "ogg" }, /wrong container/],
  ] as const)("of %s fails when the vendor's answer is wrong: %o", async (provider, fault, message) => {
    (provider === "openai" ? openai : elevenlabs).fail(fault);
    await expect(spoken(provider, "Hello")).rejects.toThrow(message);
  });

  it("lets a stream go that nobody wants any more", async () => {
    elevenlabs.fail({ kind: "stall", afterMs: 100 });
    const stop = new AbortController();
    const order = { text: "Hello", provider: "elevenlabs", route: ROUTE };
    const { chunks } = await voices().speak(order, stop.signal);
    const parts = chunks[Symbol.asyncIterator]();
    expect((await parts.next()).value).toHaveLength(800);
    const next = parts.next();
    stop.abort(new Error("dropped"));
    await expect(next).rejects.toThrow("dropped");
    while (elevenlabs.requests[0]?.abandoned !== true) await new Promise((go) => setTimeout(go, 5));
  });
});
