import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import { phrasesFor } from "../../src/call/phrases.ts";
import type { Phone } from "../emulator/audio/phone-audio.ts";
import { startPlivoEmulator } from "../emulator/plivo/index.ts";
import { DeepgramEar, OpenAiVoice } from "../emulator/speech/index.ts";
import { startTelnyxEmulator } from "../emulator/telnyx/index.ts";
import { startTwilioEmulator } from "../emulator/twilio/index.ts";
import { twilioWorld } from "../emulator/twilio/world.ts";
import type { FarEnd, World } from "../../src/conformance/world.ts";
import { freePort } from "./rig/process.ts";
import { deepMerge, modelConfig, useGateway } from "./rig/suite.ts";

const WEBHOOK = "https://voice.example.test/voice/webhook";
const DESK = "+15550100844";
const ADA = "+15550100711";
const BEN = "+15550100722";
const CLEO = "+15550100733";
const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
/** Real time on a busy machine. */
const SOON = { timeout: 60_000 };

interface Status {
  readonly call: {
    readonly callId: string;
    readonly state: string;
    readonly outcome: string | null;
    readonly transcript: readonly { readonly role: string; readonly text: string }[];
  };
}

/** A carrier on this machine whose calls have audio. */
interface Account {
  readonly world: World;
  readonly settings: object;
  /** The telephone at the other end of the call that began last. */
  phone(far: FarEnd): Phone;
}

type Reach = (url: string) => string;

const phoneIn =
  (calls: readonly { readonly phone: Phone }[], idOf: (call: never) => string) =>
  (far: FarEnd): Phone => {
    const call = calls.find((one) => idOf(one as never) === far.id);
    if (call === undefined) throw new Error("there is no such call");
    return call.phone;
  };

const ACCOUNTS: Readonly<Record<string, (reach: Reach) => Promise<Account>>> = {
  twilio: async (reach) => {
    const accountSid = `AC${"0a".repeat(16)}`;
    const emulator = await startTwilioEmulator({ accountSid, authToken: SECRET, reach });
    return {
      world: { ...twilioWorld(emulator, WEBHOOK), ours: DESK },
      settings: { accountSid, authToken: SECRET, apiBaseUrl: emulator.url },
      phone: phoneIn(emulator.calls, ({ sid }: { sid: string }) => sid),
    };
  },
  telnyx: async (reach) => {
    const app = { apiKey: SECRET, connectionId: "1494404757140276705" };
    const world = await startTelnyxEmulator({ ...app, ours: DESK, webhookUrl: WEBHOOK, pace: 0.1, reach });
    const settings = { ...app, publicKey: world.publicKey, apiBaseUrl: world.url };
    return { world, settings, phone: phoneIn(world.calls, ({ id }: { id: string }) => id) };
  },
  plivo: async (reach) => {
    const account = { authId: "MAXXXXXXXXXXXXXXXXXX", authToken: SECRET };
    const world = await startPlivoEmulator({ ...account, ownNumbers: [DESK], reach });
    world.setApplication({ answerUrl: WEBHOOK, hangupUrl: WEBHOOK });
    const settings = { ...account, apiBaseUrl: world.url };
    return { world, settings, phone: phoneIn(world.calls, ({ uuid }: { uuid: string }) => uuid) };
  },
};

/** Without what is said while a cold gateway gets its first answer ready. */
const said = ({ transcript }: Status["call"]): readonly string[] =>
  transcript
    .filter(({ text }) => !phrasesFor("en-US").moment.includes(text))
    .map(({ role, text }) => `${role}: ${text}`);

describe.each(Object.keys(ACCOUNTS))("a gateway with live audio at %s", (provider) => {
  let model: Model;
  let ear: DeepgramEar;
  let voice: OpenAiVoice;
  let account: Account;
  let port: number;

  beforeAll(async () => {
    model = await startModel({ ttftMs: 50, perTokenMs: 5 });
    ear = await new DeepgramEar().listen();
    voice = await new OpenAiVoice().listen();
    port = await freePort();
    const local = `127.0.0.1:${port}`;
    const reach: Reach = (url) =>
      url
        .replace("https://voice.example.test", `http://${local}`)
        .replace("wss://voice.example.test", `ws://${local}`);
    account = await (ACCOUNTS[provider] as (reach: Reach) => Promise<Account>)(reach);
  });

  afterAll(async () => {
    await account.world.close();
    await Promise.all([model.close(), ear.close(), voice.close()]);
  });

  const gateway = useGateway(() => ({
    pluginConfig: {
      provider,
      fromNumber: DESK,
      publicUrl: WEBHOOK,
      maxConcurrentCalls: 3,
      // The emulators' clocks run faster than audio does.
      maxDurationSeconds: 86_400,
      serve: { port },
      // The first turn of a cold gateway on a busy machine.
      responseTimeoutMs: 120_000,
      inboundPolicy: "allowlist",
      allowFrom: [BEN, CLEO],
      streaming: {
        enabled: true,
        provider: "deepgram",
        providers: { deepgram: { apiKey: SECRET, baseUrl: ear.baseUrl } },
      },
      [provider]: account.settings,
    },
    hostConfig: deepMerge(modelConfig(model.url), {
      tts: { provider: "openai", providers: { openai: { apiKey: SECRET, baseUrl: `${voice.url}/v1` } } },
    }),
  }));

  const status = async (callId: string) => (await gateway().rpc<Status>("voicecall.status", { callId })).call;
  const over = async (callId: string): Promise<Status["call"]> => {
    await expect.poll(async () => (await status(callId)).state, SOON).toBe("ended");
    return status(callId);
  };
  const initiate = (to: string, message: string) =>
    gateway().rpc<{ callId: string }>("voicecall.initiate", { to, mode: "conversation", message });

  it("talks with whoever it calls: greets, listens, answers aloud and remembers", async () => {
    account.world.callee(ADA).answers(200);
    const { callId } = await initiate(ADA, "Hello, this is OpenClaw. Who is there?");
    const far = await account.world.nextCall();
    await far.hears("Who is there?");
    await far.speak("My name is Ada.");
    await far.hears("Nice to meet you, Ada.");
    await far.speak("What is my name?");
    await far.hears(/Your name is Ada/i);
    // Heard to its end, by the carrier's own report.
    await expect.poll(async () => said(await status(callId)).at(-1), SOON).toMatch(/Your name is Ada/i);
    await far.hangUp();
    const record = await over(callId);
    expect(record.outcome).toBe("completed");
    const lines = said(record);
    expect(lines.slice(0, 3)).toEqual([
      "agent: Hello, this is OpenClaw. Who is there?",
      "caller: My name is Ada.",
      expect.stringContaining("Nice to meet you, Ada."),
    ]);
    expect(lines.at(-2)).toBe("caller: What is my name?");
    expect(account.world.problems).toEqual([]);
  });

  it("falls silent when it is interrupted, and remembers what was heard and no more", async () => {
    const story = "Once upon a time there lived a king who had three daughters. The eldest was called Rose.";
    model.use((request) => ({ text: /story/i.test(request.lastUser) ? story : "All right, I stop here." }));
    const far = account.world.ring(BEN);
    await far.listening();
    await far.speak("Tell me a story.");
    const phone = account.phone(far);
    const heard = await phone.interruptsAfter(1_500, "Stop it please.");
    await far.hears("All right, I stop here.");
    const { callId } = await status(far.id);
    await far.hangUp();
    const record = await over(callId);
    const spoken = record.transcript.filter(({ role }) => role === "agent").map(({ text }) => text);
    const told = spoken.find((text) => text.startsWith("Once")) ?? "";
    expect(story.startsWith(told)).toBe(true);
    expect(told.length).toBeLessThan(story.length);
    // The last words that the phone had played when the caller began, within what a few frames hold.
    expect(Math.abs(told.length - heard.length)).toBeLessThan(25);
    const cut = model.requests.at(-1);
    expect(cut?.lastUser).toContain("was cut off");
  });

  it("talks with two people at once who share not a word", async () => {
    model.use((request) => ({
      text: `You told me ${/(?:apples|pears)/u.exec(request.lastUser)?.[0] ?? "nothing"}.`,
    }));
    const [ben, cleo] = [account.world.ring(BEN), account.world.ring(CLEO)];
    await Promise.all([ben.listening(), cleo.listening()]);
    await Promise.all([ben.speak("I like apples."), cleo.speak("I like pears.")]);
    await Promise.all([ben.hears("You told me apples."), cleo.hears("You told me pears.")]);
    expect(ben.heard().join(" ")).not.toContain("pears");
    expect(cleo.heard().join(" ")).not.toContain("apples");
    await Promise.all([ben.hangUp(), cleo.hangUp()]);
  });

  it("says what a command asks, presses keys as tones, and gives the command its answer", async () => {
    account.world.callee(ADA).answers(200);
    const { callId } = await initiate(ADA, "Hello.");
    const far = await account.world.nextCall();
    await far.hears("Hello.");
    const asked = gateway().rpc<{ text: string }>("voicecall.continue", { callId, message: "When is it?" });
    await far.hears("When is it?");
    await far.speak("At noon.");
    await expect(asked).resolves.toMatchObject({ text: "At noon." });
    await gateway().rpc("voicecall.dtmf", { callId, digits: "42#" });
    const phone = account.phone(far);
    await expect.poll(() => phone.keysHeard + far.pressed().join(""), SOON).toContain("42#");
    await gateway().rpc("voicecall.end", { callId });
    expect((await over(callId)).outcome).toBe("completed");
  });

  it("goes on when its transcription is lost in the middle of a call", async () => {
    model.use((request) => ({
      text: `I heard ${request.lastUser.includes("sugar") ? "sugar" : "something else"}.`,
    }));
    ear.fail({ kind: "disconnect", afterMs: 1_500 });
    const far = account.world.ring(BEN);
    await far.listening();
    await far.speak("Milk and sugar please.");
    await expect(far.hears("I heard sugar.")).resolves.toContain("sugar");
    await far.hangUp();
    ear.recover();
  });

  it("shows where the time of its turns went", async () => {
    const { stages } = await gateway().rpc<{ stages: { stage: string; count: number }[] }>(
      "voicecall.latency",
    );
    const names = stages.filter(({ count }) => count > 0).map(({ stage }) => stage);
    for (const stage of ["agent", "model", "sentence", "voice", "pacing", "turn"])
      expect(names).toContain(stage);
  });

  it("says in its log nothing of words, numbers and secrets", () => {
    const logs = gateway().logs();
    for (const secret of [SECRET, ADA, BEN, "My name is Ada", "Once upon a time"])
      expect(logs).not.toContain(secret);
  });
});
