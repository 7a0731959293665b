import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalAgent } from "./live-agent.ts";
import { openLiveOffice, type LiveOffice } from "./live-office.ts";
import { LocalEars, LocalVoices } from "./live-speech.ts";
import { eventually } from "./office.ts";

/** All at once, in real time; more of them where the machine is free for it. */
const CALLS = Number(process.env["LIVE_CALLS"] ?? 10);
/** Calls that are placed together; so many connections does a busy machine take. */
const WAVE = 10;
const FRUIT = ["apples", "pears", "plums", "figs", "limes", "dates", "kiwis"];

const ears = new LocalEars({ endpointMs: 200, partialEveryMs: 200 });
const voices = new LocalVoices({ speed: 4, msPerChar: 60 });
const agent = new LocalAgent((words, before) => ({
  text: `Answer ${before.length + 1}. You said: ${words}`,
  firstMs: 20,
  everyMs: 2,
}));
let office: LiveOffice;

beforeAll(async () => {
  office = await openLiveOffice({ ears, voices, agent });
});
afterAll(() => office.close());

interface Talk {
  readonly no: number;
  readonly to: string;
  readonly id: string;
  readonly live: Awaited<ReturnType<LiveOffice["converse"]>>["live"];
}

const greeting = (no: number): string => `Hello number ${no}.`;
const first = (no: number): string => `I am caller ${no} and I like ${FRUIT[no % FRUIT.length]}.`;
const second = (no: number): string => `The number ${no * 7} is what I like best.`;

async function place(no: number): Promise<Talk> {
  const to = `+1555030${String(no).padStart(4, "0")}`;
  return { no, to, ...(await office.converse(to, greeting(no))) };
}

it(`${CALLS} callers talk at once, and each hears the answers to their own words and no others`, async () => {
  const talks: Talk[] = [];
  for (let no = 1; no <= CALLS; no += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, CALLS - no + 1) }, (_, at) => place(no + at));
    talks.push(...(await Promise.all(wave)));
  }
  expect(office.plant.manager.active).toHaveLength(CALLS);
  expect(ears.sessions).toBe(CALLS);

  const converse = async ({ no, live }: Talk): Promise<void> => {
    await live.speak(first(no));
    await live.hears(`You said: ${first(no)}`);
    await live.speak(second(no));
    await live.hears(`You said: ${second(no)}`);
  };
  await Promise.all(talks.map(converse));

  for (const { no, live, id, to } of talks) {
    const answers = [`Answer 1. You said: ${first(no)}`, `Answer 2. You said: ${second(no)}`];
    const words = answers.flatMap((answer) => [answer.slice(0, 9), answer.slice(10)]);
    expect(live.heard().join(" ")).toBe([greeting(no), ...words].join(" "));
    expect(agent.told.get(`phone:${to}`)).toEqual([first(no), second(no)]);
    const lines = (await office.store.transcript(id)).map(({ role, text }) => `${role}: ${text}`);
    expect(lines.slice(0, 5)).toEqual([
      `agent: ${greeting(no)}`,
      `caller: ${first(no)}`,
      `agent: ${words[0]}`,
      `agent: ${words[1]}`,
      `caller: ${second(no)}`,
    ]);
  }

  // Every other caller hangs up; the rest is hung up on.
  await Promise.all(
    talks.map(({ no, live, id }) => (no % 2 === 0 ? live.hangUp() : office.plant.switchboard.end(id))),
  );
  await Promise.all(talks.map(({ live }) => live.ended));
  await office.atRest();
  const records = await Promise.all(talks.map(({ id }) => office.store.get(id)));
  expect(new Set(records.map((call) => call?.outcome))).toEqual(new Set(["completed"]));

  // Nothing is left open.
  await eventually(() => ears.sessions === 0 && voices.speaking === 0);
  const streams = talks.flatMap(({ live }) => live.streams);
  expect(streams).toHaveLength(CALLS);
  await Promise.all(streams.map(({ ended }) => ended));
  expect(office.complaints).toEqual([]);
  expect(office.twilio.problems).toEqual([]);
}, 120_000);
