import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveConversations } from "../../../src/conversation/live/calls.ts";
import { heardPrefix } from "../../../src/conversation/live/heard.ts";
import { cutByEnd } from "../../../src/conversation/prompt.ts";
import { THEIRS } from "../../call/bench.ts";
import { world } from "../../call/world.ts";
import { settled } from "../../support/clock.ts";
import { documentCarrier, paperFact } from "../../support/document-carrier.ts";
import { fakeAgent } from "../fake-agent.ts";
import { conversations } from "./conversations.ts";
import { FakeEars } from "./fake-ears.ts";
import { Plane, steadyVoices } from "./plane.ts";

const QUESTION = "When are you open?";
const SENTENCES = [
  "We open at nine in the morning on all working days.",
  "On Saturdays we are here from ten until two.",
];

/** How a call ends. Milliseconds after the caller has gone; null = never. */
interface Ending {
  /** After the agent has begun to speak. */
  readonly goneMs: number;
  readonly stopMs: number | null;
  readonly callbackMs: number | null;
  /** We hang up. */
  readonly oursMs: number | null;
  /** The media plane's thread dies. */
  readonly deathMs: number | null;
  /** From thread to thread. */
  readonly wireMs: number;
}

const PLAIN_ENDING: Ending = {
  goneMs: 1_500,
  stopMs: null,
  callbackMs: null,
  oursMs: null,
  deathMs: null,
  wireMs: 3,
};

/** A call on which the agent answers a question, and that ends. */
async function callThatEnds(ending: Ending) {
  const notes: string[] = [];
  const agent = fakeAgent();
  const ears = new FakeEars();
  const live: LiveConversations = conversations({
    ears,
    voices: steadyVoices,
    agent,
    note: async ({ text }) => void notes.push(text),
    clock: { now: () => clock.now(), at: (at, fn) => clock.at(at, fn) },
    send: (command) => plane?.command(command),
    report: (id, event) => void office.manager.apply(id, event).catch(() => {}),
    find: (id) => office.manager.active.find((call) => call.id === id) ?? null,
  });
  const it = world({
    carrier: documentCarrier({ liveAudio: true }),
    config: { streaming: { enabled: true } },
    live,
  });
  const { clock } = it;
  const office = it.start();
  const requester = { surface: "tool", sessionKey: "agent:main:main" } as const;
  const call = await office.switchboard.initiate({ to: THEIRS, mode: "conversation", requester });
  await settled();
  const next = call.instruction?.next;
  const token = next?.kind === "stream" ? next.token : "";
  const plane: Plane = new Plane(clock, { callId: call.id, token, wireMs: ending.wireMs }, (event) =>
    live.event(event),
  );
  const tell = (outcome: "answered" | "ended") => {
    const evidence = { source: "carrier", hungUpBy: "them" } as const;
    const event =
      outcome === "answered"
        ? ({ type: "answered" } as const)
        : ({ type: "ended", outcome: "completed", evidence } as const);
    void office.receive(paperFact(call, [event], { wants: "nothing" }));
  };
  tell("answered");
  await clock.advance(100);
  ears.last.on.final(QUESTION);
  await clock.advance(1_000);
  agent.runs.at(-1)?.stream(SENTENCES.join(" "));
  agent.runs.at(-1)?.finish(SENTENCES.join(" "));

  const { goneMs, stopMs, callbackMs, oursMs, deathMs } = ending;
  const after = (ms: number | null, fn: () => void): void => {
    if (ms !== null) clock.at(clock.now() + goneMs + ms, fn);
  };
  after(stopMs, () => plane.stop());
  after(callbackMs, () => tell("ended"));
  after(oursMs, () => void office.switchboard.request(call.id, { type: "hang-up" }).catch(() => {}));
  after(deathMs, () => plane.die());
  await clock.advance(goneMs + 60_000);
  // A carrier that asks for documents and is told nothing: it has not noticed either.
  if (it.call(call.id).state !== "ended") tell("ended");
  await clock.runAll();
  const transcript = (await it.store.transcript(call.id)).map(({ role, text }) => `${role}: ${text}`);
  return { it, call: it.call(call.id), transcript, plane, notes, clock };
}

type Ended = Awaited<ReturnType<typeof callThatEnds>>;

/** What the media plane told of each sentence that was heard, or a part of it. */
function heardAt({ events }: Plane): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === "piece-played") return [SENTENCES[event.piece - 1] ?? ""];
    const cut = event.type === "stopped" || event.type === "stream-lost" ? event.cut : null;
    if (cut === null || cut === undefined) return [];
    const part = heardPrefix(SENTENCES[cut.piece - 1] ?? "", cut.playedMs / cut.knownMs, "en-US");
    return part === "" ? [] : [part];
  });
}

/** The record, the report and the agent's conversation end with the last word that was heard. */
function endsWithWhatWasHeard({ call, it, transcript, plane, notes }: Ended): void {
  const heard = heardAt(plane);
  expect(call.state).toBe("ended");
  expect(transcript).toEqual([`caller: ${QUESTION}`, ...heard.map((text) => `agent: ${text}`)]);
  expect(it.reports).toEqual([call.id]);
  expect(it.reported.get(call.id)).toEqual(transcript);
  const isCut = heard.join(" ") !== SENTENCES.join(" ");
  expect(notes).toEqual(isCut ? [cutByEnd({ heard: heard.join(" "), stands: true })] : []);
}

const ENDINGS: Readonly<Record<string, Partial<Ending>>> = {
  "the stream's end comes before the carrier's report": { stopMs: 20, callbackMs: 300 },
  "the carrier's report comes before the stream's end": { stopMs: 300, callbackMs: 20 },
  "both come at once, the report first": { stopMs: 20, callbackMs: 20 },
  "the report comes while the stream's end is on its way between the threads": {
    stopMs: 20,
    callbackMs: 25,
    wireMs: 30,
  },
  "no report comes": { stopMs: 20 },
  "the report comes late": { stopMs: 20, callbackMs: 1_900 },
  "the stream never ends by itself": { callbackMs: 20 },
  "we hang up": { oursMs: 0 },
  "we hang up while the caller does": { oursMs: 10, stopMs: 10, callbackMs: 10 },
};

describe("words that are playing when the call ends", () => {
  it.each(Object.entries(ENDINGS))("are on record up to the last one that was heard: %s", async (_, how) => {
    const ended = await callThatEnds({ ...PLAIN_ENDING, ...how });
    endsWithWhatWasHeard(ended);
    const [, words = ""] = ended.transcript.at(-1)?.split("agent: ") ?? [];
    expect(SENTENCES[0]?.startsWith(words)).toBe(true);
    expect(words.split(" ").length).toBeGreaterThan(3);
    expect(words).not.toBe(SENTENCES[0]);
    expect(ended.clock.pending).toBe(0);
  });

  it("are not waited for without end when the media plane has died with the call", async () => {
    const ended = await callThatEnds({ ...PLAIN_ENDING, goneMs: 4_500, callbackMs: 0, deathMs: 0 });
    expect(ended.transcript.slice(0, 2)).toEqual([`caller: ${QUESTION}`, `agent: ${SENTENCES[0]}`]);
    expect(ended.it.reported.get(ended.call.id)).toEqual(ended.transcript);
    expect([ended.notes.length, ended.clock.pending]).toEqual([1, 0]);
  });

  it("are on record once, whoever tells of the end, in whatever order and however late", async () => {
    const late = fc.constantFrom(null, 0, 1, 20, 300, 1_500, 5_000);
    const ending = fc
      .record({
        goneMs: fc.constantFrom(0, 40, 700, 1_500, 2_950, 3_100, 4_400, 7_000),
        stopMs: late,
        callbackMs: late,
        oursMs: late,
        deathMs: fc.constant(null),
        wireMs: fc.constantFrom(0, 3, 30),
      })
      .filter(({ stopMs, callbackMs, oursMs }) => [stopMs, callbackMs, oursMs].some((at) => at !== null));
    await fc.assert(
      fc.asyncProperty(ending, async (how) => {
        const ended = await callThatEnds(how);
        endsWithWhatWasHeard(ended);
        expect(ended.clock.pending).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
