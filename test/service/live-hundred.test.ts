import { afterAll, beforeAll, expect, it } from "vitest";
import type { FarPerson } from "../emulator/far/person.ts";
import { LocalAgent } from "./live-agent.ts";
import { openLiveOffice, type LiveOffice } from "./live-office.ts";
import { LocalEars, LocalVoices } from "./live-speech.ts";
import { eventually } from "../support/eventually.ts";

/** All at once, in real time. `LIVE_CALLS=100` where the machine has nothing else to do: real time is what a busy one lacks. */
const CALLS = Number(process.env["LIVE_CALLS"] ?? 10);
/** Calls that are placed together; so many connections does a busy machine take. */
const WAVE = 10;
const FRUIT = ["apples", "pears", "plums", "figs", "limes", "dates", "kiwis"];

const ears = new LocalEars({ endpointMs: 200, partialEveryMs: 200 });
const voices = new LocalVoices({ speed: 4, msPerChar: 60 });
const agent = new LocalAgent((words) => ({
  text: `Very well. You said: ${words}.`,
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
  readonly person: FarPerson;
}

const greeting = (no: number): string => `Hello number ${no}.`;
// Without full stops: the agent may be asked on the strength of interim words, which differ from the final ones by a stop.
const first = (no: number): string => `I am caller ${no} and I like ${FRUIT[no % FRUIT.length]}`;
const second = (no: number): string => `The number ${no * 7} is what I like best`;

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

  const converse = async ({ no, person }: Talk): Promise<void> => {
    await person.speak(first(no));
    await person.hears(`You said: ${first(no)}.`);
    await person.speak(second(no));
    await person.hears(`You said: ${second(no)}.`);
  };
  await Promise.all(talks.map(converse));

  for (const { no, person, id, to } of talks) {
    const [one, two] = [`You said: ${first(no)}.`, `You said: ${second(no)}.`];
    const told = agent.told.get(`phone:${to}`) ?? [];
    // What the agent was asked ahead of the final words was the beginning of them.
    const ahead = told.filter((words) => words !== first(no) && words !== second(no));
    expect(ahead.filter((words) => !first(no).startsWith(words) && !second(no).startsWith(words))).toEqual(
      [],
    );
    expect(told.filter((words) => !ahead.includes(words))).toEqual([first(no), second(no)]);
    expect((await person.heard()).join(" ")).toBe(
      [greeting(no), "Very well.", one, "Very well.", two].join(" "),
    );
    const lines = (await office.store.transcript(id)).map(({ role, text }) => `${role}: ${text}`);
    expect(lines.slice(0, 5)).toEqual([
      `agent: ${greeting(no)}`,
      `caller: ${first(no)}`,
      `agent: Very well.`,
      `agent: ${one}`,
      `caller: ${second(no)}`,
    ]);
  }

  // Every other caller hangs up; the rest is hung up on.
  await Promise.all(
    talks.map(({ no, person, id }) => (no % 2 === 0 ? person.hangUp() : office.plant.switchboard.end(id))),
  );
  const streams = await Promise.all(talks.map(({ person }) => person.ended()));
  expect(streams).toEqual(talks.map(() => 1));
  await office.atRest();
  const records = await Promise.all(talks.map(({ id }) => office.store.get(id)));
  expect(new Set(records.map((call) => call?.outcome))).toEqual(new Set(["completed"]));

  // Nothing is left open.
  await eventually(() => ears.sessions === 0 && voices.speaking === 0);
  expect(office.complaints).toEqual([]);
  expect(await office.carrier.problems()).toEqual([]);
}, 120_000);
