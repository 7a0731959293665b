import tls from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { VoiceCallError } from "../../src/call/errors.ts";
import { readConfig } from "../../src/config/index.ts";
import { Listener } from "../../src/conversation/live/listener.ts";
import { createEars } from "../../src/host/ears.ts";
import { loadTranscription } from "../../src/host/speech-sdk.ts";
import { systemClock } from "../../src/service/tools.ts";
import { speak } from "../emulator/audio/words.ts";
import { silence } from "../emulator/speech/ear.ts";
import { DeepgramEar, OPENAI_HOST, OpenAiEar, selfMade } from "../emulator/speech/index.ts";
import { recordedLog } from "../support/recorded-log.ts";

/** The host's own provider plugins, talking to stand-ins of their vendors. */

const identity = selfMade([OPENAI_HOST]);
const openai = new OpenAiEar(identity);
const deepgram = new DeepgramEar();
const ROUTE = { language: "de-DE", ownNumber: "+15550001234" };

beforeAll(async () => {
  await Promise.all([openai.listen(), deepgram.listen()]);
  process.env["STAND_IN_VENDORS"] = `${OPENAI_HOST}=${openai.port}`;
  await import("../emulator/speech/gateway-tls.ts");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), identity.cert]);
  await loadTranscription();
}, 60_000);

afterAll(async () => {
  delete process.env["STAND_IN_VENDORS"];
  await Promise.all([openai.close(), deepgram.close()]);
});

beforeEach(() => {
  for (const vendor of [openai, deepgram]) {
    vendor.recover();
    vendor.sessions.length = 0;
    vendor.manner = { connectMs: 0, tailMs: 0, partialEveryMs: 100 };
  }
});

const settings = () => ({
  openai: { apiKey: "not-a-key" },
  deepgram: { apiKey: "not-a-key", baseUrl: deepgram.baseUrl },
});

function ears(streaming: Record<string, unknown> = { providers: settings() }, now = Date.now) {
  const reading = readConfig({ streaming }, {});
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return createEars({ runtime: { config: { current: () => ({}) } } }, () => reading.config, now);
}

const nothing = (): void => undefined;

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const utterance = (text: string): Buffer => Buffer.concat([silence(100), speak(text), silence(1000)]);

/** A session of one provider, with all that it told. */
async function session(provider: string, streaming?: Record<string, unknown>) {
  const told: string[] = [];
  const opened = await ears(streaming).open(provider, ROUTE, {
    partial: (text) => told.push(`partial ${text}`),
    final: (text) => told.push(`final ${text}`),
    speechStart: () => told.push("speech"),
    failed: (error) => told.push(`failed ${(error as { code?: string }).code ?? error.message}`),
  });
  return { told, opened };
}

describe("the ears of the host", () => {
  it("are the configured providers in the host's order, the chosen one first", async () => {
    expect(await ears().providers()).toEqual(["openai", "deepgram"]);
    expect(await ears({ provider: "deepgram", providers: settings() }).providers()).toEqual([
      "deepgram",
      "openai",
    ]);
    expect(await ears({ providers: {} }).providers()).toEqual([]);
  });

  it("are none when the chosen one is not usable: another one is not what was asked for", async () => {
    expect(await ears({ provider: "nonsense", providers: settings() }).providers()).toEqual([]);
    expect(await ears({ provider: "xai", providers: settings() }).providers()).toEqual([]);
  });

  it("may be named by an alias", async () => {
    const providers = { "openai-realtime": { apiKey: "not-a-key" } };
    expect(await ears({ provider: "openai-realtime", providers }).providers()).toEqual(["openai"]);
  });

  it.each(["openai", "deepgram"] as const)(
    "hear words through %s, in the call's language",
    async (provider) => {
      const { told, opened } = await session(provider);
      await opened.connect();
      opened.send(utterance("Guten Tag"));
      await until(() => told.includes("final Guten Tag"));
      opened.close();
      expect(told[0]).toBe("speech");
      expect(told).toContain("partial Guten T");
      expect(told.filter((one) => one.startsWith("final"))).toHaveLength(1);
      const asked = (provider === "openai" ? openai : deepgram).sessions[0]?.settings;
      expect(JSON.stringify(asked)).toContain('"language":"de"');
    },
  );

  it("leave the language to the provider's own settings where they have one", async () => {
    const providers = { deepgram: { ...settings().deepgram, language: "multi" } };
    const { opened } = await session("deepgram", { providers });
    await opened.connect();
    opened.close();
    expect(deepgram.sessions[0]?.settings).toMatchObject({ language: "multi", encoding: "mulaw" });
  });

  it.each([
    ["the vendor refuses", { kind: "status", status: 401 }, /401/],
    ["the vendor is out of order", { kind: "status", status: 503 }, /503/],
  ] as const)("cannot be connected when %s", async (_, fault, message) => {
    deepgram.fail(fault);
    const { told, opened } = await session("deepgram");
    await expect(opened.connect()).rejects.toThrow(message);
    opened.close();
    expect(told).toEqual([]);
  });

  it("cannot be opened without a key or a plugin", async () => {
    await expect(session("deepgram", { providers: {} })).rejects.toThrow(/key/i);
    await expect(session("nonsense")).rejects.toMatchObject({ code: "not_registered" });
  });

  it.each([
    ["the vendor hangs up", "deepgram", { kind: "disconnect", afterMs: 100 }],
    ["the vendor reports an error", "openai", { kind: "error", afterMs: 100 }],
    ["the vendor talks nonsense", "deepgram", { kind: "malformed", afterMs: 100 }],
  ] as const)("fail once when %s, and are silent from then on", async (_, provider, fault) => {
    const vendor = provider === "openai" ? openai : deepgram;
    vendor.fail(fault);
    const { told, opened } = await session(provider);
    await opened.connect();
    await until(() => {
      opened.send(silence(20));
      return told.length > 0;
    });
    opened.send(utterance("lost"));
    opened.close();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^failed /);
    // The host's session would connect anew by itself.
    expect(vendor.sessions).toHaveLength(1);
  });

  it("come last for a minute after they failed, unless no other may take over", async () => {
    let now = 1_000_000;
    const own = ears({ providers: settings() }, () => now);
    openai.fail({ kind: "status", status: 500 });
    const events = { partial: nothing, final: nothing, speechStart: nothing, failed: nothing };
    const refused = await own.open("openai", ROUTE, events);
    await refused.connect().catch(nothing);
    expect(await own.providers()).toEqual(["deepgram", "openai"]);
    now += 60_000;
    expect(await own.providers()).toEqual(["openai", "deepgram"]);
  });
});

describe("a call's listener on the host's ears", () => {
  it("loses no word to a connection that breaks under it, and none to a vendor that is gone", async () => {
    openai.fail({ kind: "disconnect", afterMs: 600 });
    openai.fail({ kind: "status", status: 503 });
    const finals: string[] = [];
    const errors: VoiceCallError[] = [];
    const log = recordedLog();
    const listener = new Listener({
      callId: "vc_1",
      ears: ears(),
      route: ROUTE,
      clock: systemClock,
      log,
      fallback: true,
      on: {
        ready: () => undefined,
        partial: () => undefined,
        final: (text) => finals.push(text),
        speechStart: () => undefined,
        lost: (error) => errors.push(error),
      },
    });
    const audio = Buffer.concat([utterance("Guten Tag"), utterance("wie geht es")]);
    listener.start();
    for (let at = 0; at < audio.length; at += 160) {
      listener.push(audio.subarray(at, at + 160));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until(() => finals.length >= 2);
    listener.close();
    expect(finals).toEqual(["Guten Tag", "wie geht es"]);
    expect(errors).toEqual([]);
    expect(
      log.lines
        .filter(({ level }) => level === "warn")
        .map(({ fields }) => [fields["fromProvider"], fields["toProvider"]]),
    ).toEqual([
      ["openai", "openai"],
      ["openai", "deepgram"],
    ]);
  });
});
