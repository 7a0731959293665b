import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Answer, Script } from "../../demo/model.mjs";
import { phrasesFor } from "../../src/call/phrases.ts";
import type { FarEnd } from "../../src/conformance/world.ts";
import {
  DeepgramEar,
  ElevenLabsVoice,
  OpenAiVoice,
  type EarFault,
  type VoiceFault,
} from "../emulator/speech/index.ts";
import { ADA, openDesk, over, recordOf, said, SECRET, SOON, wordsOf, type Desk } from "./rig/desk.ts";
import { useGateway } from "./rig/suite.ts";

const { hello: HELLO, sorry: SORRY, giveUp: GIVE_UP } = phrasesFor("en");
const SENTENCES = ["The shop opens at nine in the morning.", "It closes at six in the evening."] as const;
/** Long enough for its voice to be missed in the words. */
const QUESTION = "When are you open on the days of this week?";

const ear = new DeepgramEar();
const first = new ElevenLabsVoice();
const second = new OpenAiVoice();
let desk: Desk;

beforeAll(async () => {
  await Promise.all([ear.listen(), first.listen(), second.listen()]);
  first.delivery = { ...first.delivery, speed: 4 };
  desk = await openDesk();
});
afterAll(() => Promise.all([desk.close(), ear.close(), first.close(), second.close()]));
beforeEach(() => {
  for (const vendor of [ear, first, second]) vendor.recover();
  desk.model.use(() => ({ text: SENTENCES.join(" ") }));
});

const gateway = useGateway(() =>
  desk.options({
    streaming: { provider: "deepgram", providers: { deepgram: { apiKey: SECRET, baseUrl: ear.baseUrl } } },
    tts: {
      provider: "elevenlabs",
      providers: {
        elevenlabs: { apiKey: SECRET, baseUrl: first.url },
        openai: { apiKey: SECRET, baseUrl: second.baseUrl },
      },
    },
  }),
);

/** Hangs up; what was said by the record, once that is over. */
async function hungUp(far: FarEnd): Promise<readonly string[]> {
  const { callId } = await recordOf(gateway(), far.id);
  await far.hangUp();
  const record = await over(gateway(), callId);
  expect(record.outcome).toBe("completed");
  expect(desk.world.problems).toEqual([]);
  return said(record);
}

const ANSWERED = [`agent: ${HELLO}`, `caller: ${QUESTION}`, ...SENTENCES.map((text) => `agent: ${text}`)];

/** Asks, hears each sentence of the answer once and to its end, and hangs up; what was said by the record. */
async function conversation(far: FarEnd): Promise<readonly string[]> {
  await far.speak(QUESTION);
  await far.hears(SENTENCES[1]);
  for (const sentence of SENTENCES) expect(wordsOf(far).split(sentence)).toHaveLength(2);
  await expect.poll(async () => said(await recordOf(gateway(), far.id)).at(-1), SOON).toBe(ANSWERED.at(-1));
  return hungUp(far);
}

const WELL = "Now all is well.";

/** Fails the first time that it is asked the first question. */
const failsOnce = (failure: Answer): Script => {
  let failed = false;
  return ({ lastUser }) => {
    const fails = !failed && lastUser.includes("first");
    failed ||= fails;
    return fails ? failure : { text: lastUser.includes(QUESTION) ? WELL : SENTENCES.join(" ") };
  };
};

describe("a caller whose transcription fails", () => {
  it.each<[string, EarFault, number]>([
    ["refuses the connection twice", { kind: "status", status: 503 }, 2],
    ["breaks off while the caller speaks", { kind: "disconnect", afterMs: 3_500 }, 1],
    ["reports an error while the caller speaks", { kind: "error", afterMs: 3_500 }, 1],
    ["sends what nobody understands", { kind: "malformed", afterMs: 3_500 }, 1],
    ["listens and says nothing", { kind: "mute" }, 1],
    ["is connected and does nothing", { kind: "never" }, 1],
  ])("because it %s is heard all the same", async (_, fault, times) => {
    ear.fail(fault, times);
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    expect(await conversation(far)).toEqual(ANSWERED);
  });
});

describe("an agent whose voice fails", () => {
  it.each<[string, VoiceFault]>([
    ["refuses", { kind: "status", status: 500 }],
    ["breaks the connection", { kind: "reset" }],
    ["never begins", { kind: "never" }],
    ["sends nothing", { kind: "empty" }],
    ["sends an MP3", { kind: "mp3" }],
    ["breaks off", { kind: "cut", afterMs: 400 }],
    ["falls silent", { kind: "stall", afterMs: 400 }],
  ])("because it %s goes on with the other voice", async (_, fault) => {
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    first.fail(fault);
    expect(await conversation(far)).toEqual(ANSWERED);
  });
});

describe("a model that fails", () => {
  it.each<[string, Answer]>([
    ["refuses", { status: 400 }],
    ["breaks the connection after a sentence", { text: "Let me see about that.", drop: true }],
  ])("because it %s is excused, and asked again", async (_, failure) => {
    desk.model.use(failsOnce(failure));
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.speak("This is my first question.");
    await far.hears(new RegExp(`${SORRY.slice(0, 20)}|${SENTENCES[1]}`, "u"));
    await far.speak(QUESTION);
    await far.hears(WELL);
    expect(await hungUp(far)).toContain(`caller: ${QUESTION}`);
  });

  it("over and over ends the call with an apology", async () => {
    desk.model.use(() => ({ status: 400 }));
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.speak(QUESTION);
    await far.hears(SORRY);
    await far.speak(QUESTION);
    await far.hears(GIVE_UP);
    const { callId } = await recordOf(gateway(), far.id);
    await far.ended;
    expect(said(await over(gateway(), callId)).at(-1)).toBe(`agent: ${GIVE_UP}`);
  });
});
