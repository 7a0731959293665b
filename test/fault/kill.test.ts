import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOver, mayLinger } from "../../src/call/call.ts";
import { settled } from "../support/clock.ts";
import { world, type Office, type World, type WorldOptions } from "../call/world.ts";
import { startMortal } from "./process.ts";

const THEM = "+15557770001";
const US = "+15550001111";
const FOREVER = Number.POSITIVE_INFINITY;
/** Sooner than the carrier's first repeat of a webhook. */
const RESTART_MS = 100;

interface Scenario extends WorldOptions {
  readonly name: string;
  /** Begins it; what a surface asks for dies with the process. */
  begin(office: Office, world: World): Promise<unknown>;
  /** Then somebody ends it, and tries again should the process have died. */
  readonly endAfterMs?: number;
}

const requester = { surface: "tool", sessionKey: "agent:main:main" } as const;
const talkative = { turns: ["Good morning.", "That suits me.", "Bye then."], hangsUp: { turns: 3 } };
const dial = (office: Office, mode: "conversation" | "notify" = "conversation") =>
  office.switchboard.initiate({ to: THEM, message: "Hello there.", mode, requester });
const ring = (_: Office, { mock }: World) => mock.phone.call(THEM, US);

const SCENARIOS: readonly Scenario[] = [
  { name: "an outbound conversation", script: { "*": talkative }, begin: (office) => dial(office) },
  { name: "a notification", begin: (office) => dial(office, "notify") },
  {
    name: "a call that nobody answers",
    script: { "*": { pickUp: "no-answer" } },
    begin: (office) => dial(office),
  },
  { name: "a call to a busy line", script: { "*": { pickUp: "busy" } }, begin: (office) => dial(office) },
  {
    name: "a call whose create reply is lost",
    script: { "*": { ...talkative, create: "lost" } },
    begin: (office) => dial(office),
  },
  {
    name: "a call that the carrier refuses",
    script: { "*": { create: "refused" } },
    begin: (office) => dial(office),
  },
  {
    name: "a call with doubled, swapped and late webhooks",
    script: { "*": { ...talkative, webhooks: { doubled: true, late: true } } },
    begin: (office) => dial(office),
  },
  {
    name: "a call that we hang up",
    script: { "*": { turns: ["Good morning."] } },
    begin: (office) => dial(office),
    endAfterMs: 8_000,
  },
  {
    name: "an inbound conversation",
    script: { "*": talkative },
    config: { inboundPolicy: "allowlist", allowFrom: [THEM] },
    begin: ring,
  },
  { name: "an inbound call that is refused", config: { inboundPolicy: "disabled" }, begin: ring },
  {
    name: "an unknown caller who hears a code",
    config: { inboundPolicy: "pairing" },
    code: () => "123456",
    begin: ring,
  },
];

interface Ending {
  readonly world: World;
  readonly office: Office;
  readonly boundaries: readonly string[];
}

/** Plays a scenario with processes that die at the given boundaries, one after the other; the last one lives on. */
async function play(scenario: Scenario, deaths: readonly number[]): Promise<Ending> {
  const it = world(scenario);
  const begun = it.clock.now();
  const [first = FOREVER, ...others] = deaths;
  let { office, fuse } = startMortal(it, first);
  const boundaries = fuse.passed;
  const endLater = () => {
    if (scenario.endAfterMs === undefined) return;
    it.clock.at(begun + scenario.endAfterMs, () => {
      for (const { id } of office.manager.active) office.switchboard.end(id).catch(() => {});
    });
  };
  scenario.begin(office, it).catch(() => {});
  endLater();
  for (const limit of deaths.length === 0 ? [] : [...others, FOREVER]) {
    await settled();
    while (!fuse.dead && it.clock.pending > 0) await it.clock.advance(20);
    if (!fuse.dead) break;
    await it.clock.advance(RESTART_MS);
    ({ office, fuse } = startMortal(it, limit));
    office.recover().catch(() => {});
    endLater();
  }
  await settled();
  await it.finish();
  return { world: it, office, boundaries };
}

/** What must hold at the end, wherever the processes died. */
async function expectWhole({ world: it, office }: Ending, deaths: number): Promise<void> {
  const { calls, effects, turns } = it.store.dump();
  expect(it.clock.pending).toBe(0);
  expect(office.manager.active).toEqual([]);
  expect(effects.filter(({ result }) => result === null)).toEqual([]);
  for (const call of calls) {
    expect(isOver(call)).toBe(true);
    expect(call.deadlines).toEqual({});
    const heard = (turns[call.id] ?? []).filter(({ role }) => role === "caller").map(({ text }) => text);
    expect(heard).toEqual([...new Set(heard)]);
    const reports = it.reports.filter((id) => id === call.id).length;
    expect(reports).toBeLessThanOrEqual(1 + deaths);
    if (call.carrierCallId === null) continue;
    const atCarrier = await it.mock.lookup(call.carrierCallId, new AbortController().signal);
    expect(atCarrier).toMatchObject({ state: "ended" });
  }
  expect(it.count("dial")).toBeLessThanOrEqual(1);
  const repeats = it.commands.filter(
    ({ kind, gen, stored }) =>
      (kind === "instruct" && (stored?.delivered ?? 0) >= gen) ||
      (kind === "hangup" && stored !== undefined && isOver(stored) && !mayLinger(stored)),
  );
  expect(repeats).toEqual([]);
}

/** What the other party saw of a call that was not placed. */
const NOTHING: unknown = [];

/** Everything that is the same in every run that placed the call. */
async function story({ world: it }: Ending): Promise<unknown> {
  const [call] = it.store.dump().calls;
  if (call === undefined || neverPlaced({ world: it })) return (await it.mock.phone.screen(0)).lines;
  const { lines } = await it.mock.phone.screen(0);
  return {
    outcome: call.outcome,
    words: it.words(call.id),
    spoken: lines.filter(({ kind }) => kind === "spoken").map(({ text }) => text),
    answers: new Set(it.asked.map((turn) => turn.split("/")[1])),
    reported: it.reports.includes(call.id),
    refused: it.count("reject") > 0,
  };
}

/** The create request was not made, or its fate is unknown and no call was found. */
function neverPlaced({ world: it }: Pick<Ending, "world">): boolean {
  const [call] = it.store.dump().calls;
  return call === undefined || (call.outcome === "lost" && call.carrierCallId === null);
}

/** Where a process can die so that the call is never placed, or nobody knows whether it was. */
const BEFORE_THE_CALL = new Set([
  "before commit",
  "after commit",
  "run effects",
  "before dial",
  "after dial",
]);

describe.each(SCENARIOS)("a process that dies during $name", (scenario) => {
  it("at any step loses and doubles nothing", async () => {
    const undisturbed = await play(scenario, []);
    await expectWhole(undisturbed, 0);
    const wanted = await story(undisturbed);
    for (const [index, boundary] of undisturbed.boundaries.entries()) {
      const ending = await play(scenario, [index + 1]);
      await expectWhole(ending, 1);
      const at = `${index + 1}: ${boundary}`;
      const unplaced = neverPlaced(ending);
      expect([at, unplaced && !BEFORE_THE_CALL.has(boundary)]).toEqual([at, false]);
      expect([at, await story(ending)]).toEqual([at, unplaced ? NOTHING : wanted]);
    }
  });

  it("and again after its restart, at any step, loses and doubles nothing", async () => {
    const undisturbed = await play(scenario, []);
    const wanted = await story(undisturbed);
    const step = fc.integer({ min: 1, max: undisturbed.boundaries.length });
    const twiceMore = fc.asyncProperty(step, step, fc.integer({ min: 1, max: 8 }), async (...deaths) => {
      const ending = await play(scenario, deaths);
      await expectWhole(ending, deaths.length);
      expect(await story(ending)).toEqual(neverPlaced(ending) ? NOTHING : wanted);
    });
    await expect(fc.assert(twiceMore, { numRuns: 25 })).resolves.toBeUndefined();
  });
});
