import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model, type ModelRequest } from "../../demo/model.mjs";
import { phrasesFor } from "../../src/call/phrases.ts";
import { FarCarrier } from "../emulator/far/carrier.ts";
import type { FarPerson } from "../emulator/far/person.ts";
import { DeepgramEar, OpenAiVoice } from "../emulator/speech/index.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "./rig/process.ts";
import { deepMerge, modelConfig, useGateway } from "./rig/suite.ts";

/** All at once, in real time. `LIVE_CALLS=100` where the machine has nothing else to do: real time is what a busy one lacks. */
const CALLS = Number(process.env["LIVE_CALLS"] ?? 10);
/** Calls that are placed together; so many agents does a small machine start at a time. */
const WAVE = 10;
const WEBHOOK = "https://voice.example.test/voice/webhook";
const OURS = "+15550001111";
const ACCOUNT = `AC${"0a".repeat(16)}`;
const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const FRUIT = ["apples", "pears", "plums", "figs", "limes", "dates", "kiwis"];
/** A hundred turns of the gateway's agent at once, on a small machine. */
const PATIENCE_MS = 600_000;

interface Status {
  readonly call: {
    readonly state: string;
    readonly outcome: string | null;
    readonly transcript: readonly { readonly role: string; readonly text: string }[];
  };
}

interface Talk {
  readonly no: number;
  readonly callId: string;
  readonly person: FarPerson;
}

const greeting = (no: number): string => `Hello number ${no}.`;
const fruitOf = (no: number): string => FRUIT[no % FRUIT.length] as string;
const first = (no: number): string => `I am caller ${no} and I like ${fruitOf(no)}`;
const second = "And what is it that I like";

/** Whoever speaks in this conversation, by what stands there; interim words may end anywhere. */
const speakers = ({ userTurns }: ModelRequest): readonly string[] => [
  ...new Set(userTurns.join("\n").match(/(?<=I am caller )\d+(?= and I)/gu)),
];

/** Tells what stands in the conversation. */
function remembers(request: ModelRequest): { text: string } {
  const fruit = request.userTurns
    .join("\n")
    .match(/(?<=I like )[a-z]+/gu)
    ?.at(-1);
  const begin = request.lastUser.includes(second) ? "I remember that" : "Very well,";
  return { text: `${begin} caller ${speakers(request).join(" and ")} likes ${fruit}.` };
}

describe("a gateway with live audio and many callers", () => {
  let model: Model;
  let ear: DeepgramEar;
  let voice: OpenAiVoice;
  let carrier: FarCarrier;
  let port: number;

  beforeAll(async () => {
    model = await startModel({ script: remembers, ttftMs: 50, perTokenMs: 5 });
    ear = await new DeepgramEar().listen();
    voice = await new OpenAiVoice().listen();
    port = await freePort();
    carrier = await FarCarrier.start({
      accountSid: ACCOUNT,
      authToken: SECRET,
      publicUrl: new URL(WEBHOOK).origin,
    });
    carrier.reach(port);
  });
  afterAll(() => Promise.all([carrier.close(), model.close(), ear.close(), voice.close()]));

  const gateway = useGateway(() => ({
    pluginConfig: {
      provider: "twilio",
      fromNumber: OURS,
      publicUrl: WEBHOOK,
      maxConcurrentCalls: CALLS,
      // The emulator's clock runs faster than audio does.
      maxDurationSeconds: 86_400,
      serve: { port },
      responseTimeoutMs: PATIENCE_MS,
      streaming: {
        enabled: true,
        provider: "deepgram",
        providers: { deepgram: { apiKey: SECRET, baseUrl: ear.baseUrl } },
        maxConnections: 2 * CALLS,
        idlePromptMs: 0,
      },
      twilio: { accountSid: ACCOUNT, authToken: SECRET, apiBaseUrl: carrier.url },
    },
    hostConfig: deepMerge(modelConfig(model.url), {
      agents: { defaults: { maxConcurrent: CALLS } },
      tts: { provider: "openai", providers: { openai: { apiKey: SECRET, baseUrl: voice.baseUrl } } },
    }),
  }));

  const status = async (callId: string) => (await gateway().rpc<Status>("voicecall.status", { callId })).call;

  async function place(no: number): Promise<Talk> {
    const to = `+1555010${String(no).padStart(4, "0")}`;
    const { callId } = await gateway().rpc<{ callId: string }>(
      "voicecall.initiate",
      { to, mode: "conversation", message: greeting(no) },
      { timeoutMs: PATIENCE_MS },
    );
    const person = carrier.person(to);
    await person.hears(greeting(no));
    return { no, callId, person };
  }

  it(
    `holds ${CALLS} conversations at once, and nobody's words are lost or told to another`,
    async () => {
      const talks: Talk[] = [];
      for (let no = 1; no <= CALLS; no += WAVE) {
        const wave = Array.from({ length: Math.min(WAVE, CALLS - no + 1) }, (_, at) => place(no + at));
        talks.push(...(await Promise.all(wave)));
      }
      const up = await Promise.all(talks.map(async ({ callId }) => (await status(callId)).state));
      expect(new Set(up)).toEqual(new Set(["answered"]));

      await Promise.all(
        talks.map(async ({ no, person }) => {
          await person.speak(first(no));
          await person.hears(`Very well, caller ${no} likes ${fruitOf(no)}.`);
          await person.speak(second);
          await person.hears(`I remember that caller ${no} likes ${fruitOf(no)}.`);
        }),
      );
      await Promise.all(
        talks.map(({ no, person, callId }) =>
          no % 2 === 0 ? person.hangUp() : gateway().rpc("voicecall.end", { callId }),
        ),
      );
      await Promise.all(talks.map(({ person }) => person.ended()));

      for (const { no, callId, person } of talks) {
        await eventually(async () => (await status(callId)).state === "ended");
        const { outcome, transcript } = await status(callId);
        expect(outcome).toBe("completed");
        const said = transcript.filter(({ text }) => !phrasesFor("en-US").moment.includes(text));
        expect(said.filter(({ role }) => role === "caller").map(({ text }) => text)).toEqual([
          first(no),
          second,
        ]);
        const heard = (await person.heard()).join(" ");
        const others = talks.filter((talk) => talk.no !== no);
        expect(others.filter((other) => heard.includes(`caller ${other.no} `))).toEqual([]);
      }
      expect(model.requests.filter((request) => speakers(request).length > 1)).toEqual([]);
      expect(await carrier.problems()).toEqual([]);
    },
    PATIENCE_MS,
  );
});
