import { setImmediate as round } from "node:timers/promises";
import { expect, it } from "vitest";
import type { OwnEvent } from "../../../src/call/event.ts";
import type { StreamEvent } from "../../../src/media/commands.ts";
import { systemClock } from "../../../src/service/tools.ts";
import { arrives, stall } from "../../support/stall.ts";
import { liveCall } from "../calls.ts";
import { fakeAgent } from "../fake-agent.ts";
import { conversations } from "./conversations.ts";
import { FakeEars } from "./fake-ears.ts";
import { FakeVoices } from "./fake-voices.ts";

/** Longer than a caller's silence that ends a turn. */
const STALL_MS = 700;

/** A caller has just fallen silent, on a gateway with real time. What they said is not known yet. */
async function silent() {
  const ears = new FakeEars();
  const agent = fakeAgent();
  const reported: OwnEvent[] = [];
  const live = { opening: "", opened: false, stream: "awaited", token: null, handOver: null } as const;
  const calls = conversations({
    ears,
    voices: new FakeVoices(),
    agent,
    clock: systemClock,
    report: (_, event) => void reported.push(event),
    find: () => liveCall({ live }),
  });
  calls.event({ type: "stream-started", stream: 1, callId: "vc_test", token: "t", carrierCallId: "C1" });
  await expect.poll(() => ears.sessions.length).toBe(1);
  const now = systemClock.now();
  calls.event({ type: "speech", stream: 1, on: true, at: now - 900 });
  calls.event({ type: "speech", stream: 1, on: false, at: now });
  const final = () => ears.last.on.final("I would like a table");
  return { calls, agent, final, said: () => reported.filter(({ type }) => type === "said"), now };
}

/** Their words are known, and only the end of the turn is to come. */
async function spoken() {
  const caller = await silent();
  caller.final();
  await expect.poll(() => caller.agent.runs.length).toBe(1);
  return caller;
}

it("a caller who spoke on while the gateway stood still is not taken for silent", async () => {
  const { calls, said, now } = await spoken();
  const speech: StreamEvent = { type: "speech", stream: 1, on: true, at: now + 100 };
  await stall(STALL_MS, () => arrives(speech, (event) => calls.event(event)));
  expect(said()).toEqual([]);
  await calls.end("vc_test");
});

it("a caller who was silent while it stood still has finished", async () => {
  const { calls, said } = await spoken();
  await stall(STALL_MS, () => {});
  await expect.poll(said).toEqual([{ type: "said", role: "caller", text: "I would like a table" }]);
  await calls.end("vc_test");
});

it("a caller whose words were late, and who speaks on, has not finished when both are read", async () => {
  const { calls, final, said, now } = await silent();
  const speech: StreamEvent = { type: "speech", stream: 1, on: true, at: now + 100 };
  const read: Promise<void>[] = [];
  await stall(STALL_MS, () => {
    // The turn is over by the clock as soon as its words are there.
    read.push(arrives("final", final));
    read.push(arrives(speech, (event) => calls.event(event)));
  });
  await Promise.all(read);
  await round();
  expect(said()).toEqual([]);
  await calls.end("vc_test");
});

it("a caller whose words were late has finished with them", async () => {
  const { calls, final, said } = await silent();
  await stall(STALL_MS, () => arrives("final", final));
  await expect.poll(said).toEqual([{ type: "said", role: "caller", text: "I would like a table" }]);
  await calls.end("vc_test");
});
