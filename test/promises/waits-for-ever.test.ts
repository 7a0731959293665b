/**
 * A command that had asked a caller something waited for ever, when playback was cleared or the call ended under it. Here every
 * question ends: with the answer, or with a code that says why there is none.
 */
import { describe, expect, it } from "vitest";
import type { Call } from "../../src/call/call.ts";
import { isVoiceCallError } from "../../src/call/errors.ts";
import { GONE, GREETING, LiveHouse } from "./live-house.ts";

const THEM = "+15550402001";
const QUESTION = "What is your date of birth?";

/** A call with live audio whose caller is being asked something: what came of it, once it has. */
async function asked() {
  const house = new LiveHouse();
  const call = await house.talks(THEM);
  let result: string | null = null;
  const over = house.office.switchboard.ask(call.id, QUESTION).then(
    ({ text }) => (result = `heard: ${text}`),
    (error: unknown) => (result = isVoiceCallError(error) ? error.code : String(error)),
  );
  await house.clock.advance(0);
  expect(house.spoken(call)).toEqual([GREETING, QUESTION]);
  return { house, call, over, result: () => result };
}

const ENDINGS: Readonly<
  Record<string, readonly [string, (house: LiveHouse, call: Call) => Promise<unknown>]>
> = {
  "the caller answers over the question, which is stopped": [
    "heard: The first of May.",
    async (house, call) => {
      await house.begins(call);
      const cut = { piece: house.newest(call), playedMs: 500, knownMs: 2_000, whole: true };
      await house.hears(call, { type: "stopped", by: "speech", cut });
      await house.says(call, "The first of May.");
    },
  ],
  "the report that it was played is lost, and then the caller answers": [
    "heard: The first of May.",
    async (house, call) => {
      await house.begins(call);
      await house.clock.advance(15_000);
      await house.says(call, "The first of May.");
    },
  ],
  "nobody could speak the question, and the caller speaks": [
    "heard: Hello?",
    async (house, call) => {
      await house.hears(call, { type: "piece-failed", piece: house.newest(call), reason: "empty" });
      await house.says(call, "Hello?");
    },
  ],
  "the caller says nothing": ["VC_TRANSCRIPT_TIMEOUT", (house) => house.clock.advance(180_000)],
  "the caller hangs up": ["VC_CALL_ENDED_WAITING", (house, call) => house.tells(call, GONE)],
  "we hang up": [
    "VC_CALL_ENDED_WAITING",
    (house, { id }) => house.office.switchboard.request(id, { type: "hang-up" }),
  ],
  "the line is lost and does not come back": [
    "VC_CALL_ENDED_WAITING",
    async (house, call) => {
      await house.hears(call, { type: "stream-lost", reason: "closed" });
      await house.clock.advance(2_000);
    },
  ],
  "no voice can speak any more": [
    "VC_CALL_ENDED_WAITING",
    async (house, call) => {
      await house.hears(call, { type: "piece-failed", piece: house.newest(call), reason: "empty" });
      for (const id of ["first", "second"]) house.voices.broken.add(id);
      await house.office.switchboard.request(call.id, { type: "speak", text: "Well?" });
      await house.clock.advance(60_000);
      await house.tells(call, GONE);
    },
  ],
  "nobody can listen any more": [
    "VC_CALL_ENDED_WAITING",
    async (house) => {
      for (const id of ["first", "second"]) house.ears.manners[id] = ["refuses"];
      house.ears.last.on.failed(new Error("gone"));
      await house.clock.advance(60_000);
    },
  ],
  "the agent says goodbye": [
    "VC_CALL_ENDED_WAITING",
    async (house, { id }) => {
      await house.office.switchboard.request(id, { type: "close" });
      await house.clock.advance(60_000);
    },
  ],
  "the plugin stops": ["VC_NOT_RUNNING", (house) => house.office.stop()],
};

describe("a question to a caller", () => {
  it.each(Object.entries(ENDINGS))("is over when %s", async (_, [outcome, end]) => {
    const { house, call, over, result } = await asked();
    await end(house, call);
    await over;
    expect(result()).toBe(outcome);
    expect(house.agent.runs).toEqual([]);
  });
});
