import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import { phrasesFor } from "../../src/call/phrases.ts";
import { hear, speak } from "../emulator/audio/words.ts";
import { DeepgramEar, OpenAiVoice } from "../emulator/speech/index.ts";
import { deepMerge, modelConfig, Person, useGateway, type JsonObject } from "./rig/suite.ts";

const OURS = "+15550100844";
const ADA = "+15550100711";
const BEN = "+15550100722";
const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const WAV_HEADER = 58;
const GREETING = "You have reached the workshop.";
/** Real time on a busy machine. */
const SOON = { timeout: 60_000 };
/** Two answers of a gateway that is cold, heard to their ends. */
const WHOLE_CALL_MS = 90_000;

interface Status {
  readonly call: {
    readonly callId: string;
    readonly state: string;
    readonly outcome: string | null;
    readonly transcript: readonly { readonly role: string; readonly text: string }[];
  };
}

const said = ({ transcript }: Status["call"]): readonly string[] =>
  transcript.map(({ role, text }) => `${role}: ${text}`);

describe("a gateway with live audio at mock", () => {
  const ear = new DeepgramEar();
  const voice = new OpenAiVoice();
  let model: Model;
  beforeAll(async () => {
    model = await startModel({ ttftMs: 50, perTokenMs: 5 });
    await Promise.all([ear.listen(), voice.listen()]);
  });
  afterAll(() => Promise.all([model.close(), ear.close(), voice.close()]));

  const gateway = useGateway(() => ({
    pluginConfig: {
      provider: "mock",
      fromNumber: OURS,
      inboundPolicy: "allowlist",
      allowFrom: [ADA],
      inboundGreeting: GREETING,
      // The first turn of a cold gateway on a busy machine.
      responseTimeoutMs: 120_000,
      streaming: {
        enabled: true,
        idlePromptMs: 5_000,
        provider: "deepgram",
        providers: { deepgram: { apiKey: SECRET, baseUrl: ear.baseUrl } },
      },
    },
    hostConfig: deepMerge(modelConfig(model.url), {
      tts: { provider: "openai", providers: { openai: { apiKey: SECRET, baseUrl: voice.baseUrl } } },
    }),
  }));

  const phone = (action: string, params: JsonObject): Promise<JsonObject> =>
    gateway().rpc<JsonObject>(`voicecall.phone.${action}`, params);
  const status = async (callId: string) => (await gateway().rpc<Status>("voicecall.status", { callId })).call;

  /** Everything that has come out of the phone on one call. */
  class Receiver {
    readonly #carrierCallId: string;
    #cursor = 0;
    #audio: Uint8Array = new Uint8Array();

    constructor(carrierCallId: string) {
      this.#carrierCallId = carrierCallId;
    }

    async heard(): Promise<string> {
      const page = { carrierCallId: this.#carrierCallId, after: this.#cursor };
      const { cursor, audio } = await phone("listen", page);
      this.#cursor = cursor as number;
      this.#audio = Buffer.concat([this.#audio, Buffer.from(audio as string, "base64")]);
      return hear(this.#audio);
    }
  }

  const says = (carrierCallId: string, words: string) =>
    phone("play", { carrierCallId, audio: Buffer.from(speak(words, { msPerChar: 40 })).toString("base64") });

  it(
    "greets who calls, hears what the phone plays, answers aloud and remembers",
    async () => {
      const person = await Person.at(gateway());
      const line = await person.calls(ADA, OURS);
      await person.sees("listening", { call: line, text: "live audio" });
      const receiver = new Receiver(line);
      await expect.poll(() => receiver.heard(), SOON).toContain(GREETING);
      await says(line, "My name is Ada.");
      await expect.poll(() => receiver.heard(), SOON).toContain("Nice to meet you, Ada.");
      await says(line, "What is my name?");
      await expect.poll(() => receiver.heard(), SOON).toMatch(/Your name is Ada/i);
      const { callId } = await status(line);
      await expect.poll(async () => said(await status(callId)).at(-1), SOON).toMatch(/Your name is Ada/i);
      await person.hangsUp(line);
      await expect.poll(async () => (await status(callId)).state, SOON).toBe("ended");
      const record = await status(callId);
      expect(record.outcome).toBe("completed");
      expect(said(record)).toEqual(
        expect.arrayContaining([`agent: ${GREETING}`, "caller: My name is Ada.", "caller: What is my name?"]),
      );
    },
    WHOLE_CALL_MS,
  );

  it(
    "presses keys both ways on a call that it places, and says what a command asks",
    async () => {
      const person = await Person.at(gateway());
      const placing = gateway().rpc<{ callId: string }>("voicecall.initiate", {
        to: BEN,
        mode: "conversation",
        message: "Hello Ben.",
      });
      const line = await person.answers();
      const { callId } = await placing;
      const receiver = new Receiver(line);
      await expect.poll(() => receiver.heard(), SOON).toContain("Hello Ben.");
      const asked = gateway().rpc<{ text: string }>("voicecall.continue", {
        callId,
        message: "Your number?",
      });
      await expect.poll(() => receiver.heard(), SOON).toContain("Your number?");
      await phone("press", { carrierCallId: line, digits: "123#" });
      await expect(asked).resolves.toMatchObject({ text: expect.stringContaining("123") });
      await gateway().rpc("voicecall.dtmf", { callId, digits: "42" });
      await person.sees("digits", { call: line, text: "4" });
      await person.sees("digits", { call: line, text: "2" });
      await gateway().rpc("voicecall.end", { callId });
      await person.sees("ended", { call: line });
    },
    WHOLE_CALL_MS,
  );

  it(
    "is heard to its goodbye by somebody in the terminal who says nothing, and recorded there",
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "voice-call-phone-"));
      try {
        const file = path.join(folder, "call.wav");
        const asked = ["voicecall", "phone", "--from", ADA, "--to", OURS, "--record", file];
        const { code, stdout } = await gateway().cli(asked, { input: "/call\n" });
        expect(code).toBe(0);
        expect(stdout).toContain("this call has live audio");
        expect(stdout).toContain(`(what was heard is in ${file})`);
        const heard = hear(readFileSync(file).subarray(WAV_HEADER));
        const { stillThere, goodbye } = phrasesFor("en-US");
        for (const words of [GREETING, stillThere, goodbye]) expect(heard).toContain(words);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    WHOLE_CALL_MS,
  );
});
