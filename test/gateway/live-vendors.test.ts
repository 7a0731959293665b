import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { phrasesFor } from "../../src/call/phrases.ts";
import type { FarEnd } from "../../src/conformance/world.ts";
import {
  DeepgramEar,
  ElevenLabsVoice,
  OPENAI_HOST,
  OpenAiEar,
  OpenAiVoice,
  selfMade,
  standInEnvironment,
} from "../emulator/speech/index.ts";
import { ADA, openDesk, over, recordOf, said, SECRET, SOON, wordsOf, type Desk } from "./rig/desk.ts";
import { rigRoom } from "./rig/room.ts";
import { useGateway } from "./rig/suite.ts";

/** Longer than any test: everything goes wrong until the vendor recovers. */
const ALWAYS = 1_000;

const { hello: HELLO, giveUp: APOLOGY } = phrasesFor("en");

describe("a gateway that listens through OpenAI over TLS and speaks through OpenAI", () => {
  const identity = selfMade([OPENAI_HOST]);
  const ear = new OpenAiEar(identity);
  const voice = new OpenAiVoice();
  let desk: Desk;

  beforeAll(async () => {
    await Promise.all([ear.listen(), voice.listen()]);
    desk = await openDesk();
  });
  afterAll(() => Promise.all([desk.close(), ear.close(), voice.close()]));

  const gateway = useGateway(() => ({
    ...desk.options({
      streaming: { provider: "openai", providers: { openai: { apiKey: SECRET } } },
      tts: { provider: "openai", providers: { openai: { apiKey: SECRET, baseUrl: voice.baseUrl } } },
    }),
    env: standInEnvironment(rigRoom(), identity, { [OPENAI_HOST]: ear }),
  }));

  it("holds a whole conversation", async () => {
    desk.world.callee(ADA).answers(200);
    const { callId } = await gateway().rpc<{ callId: string }>("voicecall.initiate", {
      to: ADA,
      mode: "conversation",
      message: "Hello, this is OpenClaw. Who is there?",
    });
    const far = await desk.world.nextCall();
    await far.hears("Who is there?");
    await far.speak("My name is Ada.");
    await far.hears("Nice to meet you, Ada.");
    await far.speak("What is my name?");
    await far.hears(/Your name is Ada/i);
    await far.hangUp();
    const record = await over(gateway(), callId);
    expect(record.outcome).toBe("completed");
    const lines = said(record);
    expect(lines.slice(0, 3)).toEqual([
      "agent: Hello, this is OpenClaw. Who is there?",
      "caller: My name is Ada.",
      "agent: Nice to meet you, Ada.",
    ]);
    expect(lines.filter((line) => line.startsWith("caller: "))).toEqual([
      "caller: My name is Ada.",
      "caller: What is my name?",
    ]);
    // One session, in the telephone's own encoding and the language of the call, and closed with it.
    expect(ear.finals).toEqual(["My name is Ada.", "What is my name?"]);
    expect(ear.sessions).toHaveLength(1);
    expect(ear.sessions[0]?.settings).toMatchObject({
      format: { type: "audio/pcmu" },
      transcription: { language: "en" },
    });
    await expect.poll(() => ear.open, SOON).toEqual([]);
    expect(desk.world.problems).toEqual([]);
  });
});

describe("a gateway with two voices", () => {
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
    for (const { requests } of [first, second]) requests.length = 0;
  });

  const gateway = useGateway(() =>
    desk.options({
      streaming: {
        provider: "deepgram",
        providers: { deepgram: { apiKey: SECRET, baseUrl: ear.baseUrl } },
      },
      tts: {
        provider: "elevenlabs",
        providers: {
          elevenlabs: { apiKey: SECRET, baseUrl: first.url },
          openai: { apiKey: SECRET, baseUrl: second.baseUrl },
        },
      },
    }),
  );

  const callOf = async (far: FarEnd): Promise<string> => (await recordOf(gateway(), far.id)).callId;

  it("goes on with the other when one breaks off in the middle of a sentence, and nothing is lost", async () => {
    const sentences = [
      "The shop opens at nine in the morning.",
      "It closes at six in the evening.",
      "On Sundays it stays closed.",
    ];
    desk.model.use(() => ({ text: sentences.join(" ") }));
    const from = gateway().output().length;
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await expect.poll(() => first.requests.length, SOON).toBeGreaterThan(0);
    expect(second.requests).toEqual([]);
    expect(first.requests).toMatchObject([{ format: "ulaw_8000", path: expect.stringMatching(/\/stream$/) }]);
    first.fail({ kind: "cut", afterMs: 300 });
    await far.speak("When are you open?");
    await far.hears(sentences[2] ?? "");
    // The sentence that broke off is said by the other voice, from its beginning; each of them once, in order.
    const heard = wordsOf(far);
    const places = sentences.map((sentence) => heard.indexOf(sentence));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const sentence of sentences) expect(heard.split(sentence)).toHaveLength(2);
    expect(second.requests.length).toBeGreaterThan(0);
    const callId = await callOf(far);
    await far.hangUp();
    const record = await over(gateway(), callId);
    expect(said(record)).toEqual([
      `agent: ${HELLO}`,
      "caller: When are you open?",
      ...sentences.map((sentence) => `agent: ${sentence}`),
    ]);
    const taken = gateway()
      .output()
      .slice(from)
      .split("\n")
      .filter((line) => line.includes("another voice takes over"));
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatch(/fromProvider=elevenlabs toProvider=openai\b/u);
    expect(desk.world.problems).toEqual([]);
  });

  it("asks the agent anew when the caller goes on, and the agent's conversation has every word once", async () => {
    const [begun, rest] = ["I would like a table", "for two people on Sunday"];
    // Half a question is thought about for as long as nobody drops it.
    desk.model.use(({ lastUser }) => (lastUser.includes(rest) ? { text: "That is noted." } : { hang: true }));
    const asked = desk.model.requests.length;
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    const phone = desk.phone();
    await phone.says(begun);
    await expect.poll(() => desk.model.requests.length, SOON).toBeGreaterThan(asked);
    await phone.says(rest);
    await far.hears("That is noted.");
    const dropped = desk.model.requests[asked];
    expect(dropped?.lastUser).toContain(begun);
    expect(dropped?.lastUser).not.toContain(rest);
    const told = desk.model.requests.at(-1)?.userTurns.join("\n") ?? "";
    expect(told.split(begun)).toHaveLength(2);
    expect(told.split(rest)).toHaveLength(2);
    await far.hangUp();
    expect(desk.world.problems).toEqual([]);
  });

  it("apologises in the carrier's own voice and hangs up when none of them can speak", async () => {
    first.fail({ kind: "status", status: 503 }, ALWAYS);
    second.fail({ kind: "status", status: 503 }, ALWAYS);
    const far = desk.world.ring(ADA);
    await far.listening();
    const callId = await callOf(far);
    // The greeting may have been spoken for a call before; it is asked for once more, and then the answer.
    void far.speak("Hello? Is anybody there?");
    expect(await far.hears(APOLOGY)).toBe(APOLOGY);
    await far.ended;
    expect(far.heard().filter((text) => text !== HELLO)).toEqual([APOLOGY]);
    for (const { requests } of [first, second]) expect(requests.length).toBeGreaterThan(0);
    const record = await over(gateway(), callId);
    expect(record).toMatchObject({ outcome: "failed", evidence: { error: "VC_SPEECH_FAILED" } });
    expect(said(record).at(-1)).toBe(`agent: ${APOLOGY}`);
    expect(desk.world.problems).toEqual([]);
  });

  it("tells the caller and hangs up when nobody can listen", async () => {
    ear.fail({ kind: "status", status: 503 }, ALWAYS);
    const far = desk.world.ring(ADA);
    await far.hears(APOLOGY);
    const callId = await callOf(far);
    await far.ended;
    const record = await over(gateway(), callId);
    expect(record).toMatchObject({ outcome: "failed", evidence: { error: "VC_LISTENING_FAILED" } });
    expect(said(record).at(-1)).toBe(`agent: ${APOLOGY}`);
    expect(ear.open).toEqual([]);
    expect(desk.world.problems).toEqual([]);
  });
});
