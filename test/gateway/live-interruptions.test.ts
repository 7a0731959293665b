import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ModelRequest } from "../../demo/model.mjs";
import { phrasesFor } from "../../src/call/phrases.ts";
import type { FarEnd } from "../../src/conformance/world.ts";
import { DeepgramEar, OpenAiVoice } from "../emulator/speech/index.ts";
import { ADA, openDesk, over, recordOf, SECRET, SOON, wordsOf, type Desk, type Ended } from "./rig/desk.ts";
import { useGateway } from "./rig/suite.ts";

const { moment: MOMENTS, stillThere: STILL_THERE } = phrasesFor("en");
/** Long enough to be cut on a busy machine. */
const HELLO = "Hello, this is the little shop at the corner of the market square, how can I help you?";
const SENTENCES = [
  "The shop opens at nine in the morning.",
  "It closes at six in the evening.",
  "On Sundays it stays closed.",
] as const;
const STOP = "No, another question please.";
const YES = "Very well, go ahead.";

const ear = new DeepgramEar();
const voice = new OpenAiVoice();
let desk: Desk;

beforeAll(async () => {
  await Promise.all([ear.listen(), voice.listen()]);
  desk = await openDesk();
});
afterAll(() => Promise.all([desk.close(), ear.close(), voice.close()]));

const gateway = useGateway(() =>
  desk.options({
    streaming: {
      provider: "deepgram",
      providers: { deepgram: { apiKey: SECRET, baseUrl: ear.baseUrl } },
      idlePromptMs: 6_000,
    },
    inboundGreeting: HELLO,
    tts: { provider: "openai", providers: { openai: { apiKey: SECRET, baseUrl: voice.baseUrl } } },
  }),
);

const asksFor = ({ lastUser }: ModelRequest, words: string): boolean => lastUser.includes(words);
const agentLines = ({ transcript }: Ended): readonly string[] =>
  transcript.flatMap(({ role, text }) => (role === "agent" ? [text] : []));

beforeEach(() => {
  desk.model.use((request) => ({ text: asksFor(request, STOP) ? YES : SENTENCES.join(" ") }));
});

/** Hangs up; the record, once that is over. */
async function hungUp(far: FarEnd): Promise<Ended> {
  const { callId } = await recordOf(gateway(), far.id);
  await far.hangUp();
  return over(gateway(), callId);
}

/** What the agent said of `text` by its record: a beginning of it, and not all. */
function cutShort(record: Ended, text: string): string {
  const told = agentLines(record).find((line) => text.startsWith(line.slice(0, 8))) ?? "";
  expect(text.startsWith(told)).toBe(true);
  expect(told.length).toBeLessThan(text.length);
  return told;
}

describe("a caller who interrupts", () => {
  it("the greeting is answered, and the rest of it is never said", async () => {
    const far = desk.world.ring(ADA);
    await desk.phone().interruptsAfter(500, STOP);
    await far.hears(YES);
    const record = await hungUp(far);
    cutShort(record, HELLO);
    expect(wordsOf(far)).not.toContain(HELLO);
    expect(record.transcript.map(({ role, text }) => `${role}: ${text}`)).toContain(`caller: ${STOP}`);
  });

  it("the second sentence of an answer hears nothing of the third, and the agent knows where it was stopped", async () => {
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.speak("When are you open?");
    await far.hears(SENTENCES[0]);
    await far.hears("It closes");
    await desk.phone().says(STOP);
    await far.hears(YES);
    const record = await hungUp(far);
    expect(agentLines(record)).toContain(SENTENCES[0]);
    cutShort(record, SENTENCES[1]);
    expect(wordsOf(far)).not.toContain("Sundays");
    const asked = desk.model.requests.at(-1)?.lastUser ?? "";
    expect(asked).toContain("was cut off");
    expect(asked).not.toContain("Sundays");
  });

  it("a word of patience has the agent think about all that was said", async () => {
    desk.model.use((request) => (asksFor(request, STOP) ? { text: YES } : { hang: true }));
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.speak("Do you sell lamps?");
    await far.hears(MOMENTS[0]?.slice(0, 8) ?? "");
    await desk.phone().says(STOP);
    await far.hears(YES);
    const told = desk.model.requests.at(-1)?.userTurns.join("\n") ?? "";
    expect(told.split("Do you sell lamps?")).toHaveLength(2);
    expect((await hungUp(far)).outcome).toBe("completed");
  });

  it("the question whether anybody is there goes on talking", async () => {
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.hears(STILL_THERE.slice(0, 7));
    await desk.phone().says(STOP);
    await far.hears(YES);
    expect((await hungUp(far)).outcome).toBe("completed");
  });

  it("twice in a row is answered for the last words, and every stop is on record", async () => {
    const again = "And one more question.";
    desk.model.use((request) => ({
      text: asksFor(request, again) ? "That was all." : `${SENTENCES.join(" ")} ${YES}`,
    }));
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.speak("When are you open?");
    const phone = desk.phone();
    await far.hears("The shop opens");
    await phone.says(STOP);
    await expect.poll(() => wordsOf(far).split("The shop").length, SOON).toBeGreaterThan(2);
    await phone.says(again);
    await far.hears("That was all.");
    expect(wordsOf(far)).not.toContain(YES);
    const record = await hungUp(far);
    const cut = agentLines(record).filter((line) => line.startsWith("The shop") && line !== SENTENCES[0]);
    expect(cut).toHaveLength(2);
  });
});

describe("what is no interruption", () => {
  it.each([
    ["a cough", () => desk.phone().makesNoise(300)],
    ["a sign of listening", () => void desk.phone().says("Mhm.")],
  ])("%s: the answer is heard to its end, each sentence once", async (_, sound) => {
    const far = desk.world.ring(ADA);
    await far.hears(HELLO);
    await far.speak("When are you open?");
    await far.hears("The shop opens");
    sound();
    await far.hears(SENTENCES[2]);
    const heard = wordsOf(far);
    for (const sentence of SENTENCES.slice(1)) expect(heard.split(sentence)).toHaveLength(2);
    await expect
      .poll(async () => agentLines(await recordOf(gateway(), far.id)), SOON)
      .toContain(SENTENCES[2]);
    expect(agentLines(await hungUp(far)).filter((line) => !MOMENTS.includes(line))).toEqual([
      HELLO,
      ...SENTENCES,
    ]);
  });
});
