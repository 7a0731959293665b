/**
 * Callers who were gone went on being listened to, thought about and spoken to, and paid for, until the longest duration of a
 * call; and a caller whose line stuttered was hung up on. Here what is under way for a lost line is let go at once, the call is
 * over a moment later, and goes on if the line comes back within that.
 */
import { describe, expect, it } from "vitest";
import type { LostReason } from "../../src/media/commands.ts";
import { GONE, LiveHouse } from "./live-house.ts";

const THEM = "+15550402001";
const [FIRST, SECOND] = ["We open at nine in the morning.", "On Saturdays we open at ten."];
const ANSWER = `${FIRST} ${SECOND}`;

/** Somebody is being told when we are open; the second sentence is still being spoken by the voice, and the model writes on. */
async function listening() {
  const house = new LiveHouse();
  const call = await house.talks(THEM);
  house.voices.quick = false;
  await house.says(call, "When are you open?");
  const run = house.agent.runs.at(-1);
  if (run === undefined) throw new Error("nobody is asked");
  run.stream(`${ANSWER} And on`);
  await house.clock.advance(0);
  const first = house.voices.of(FIRST);
  first.audio(1);
  first.end();
  await house.clock.advance(0);
  await house.begins(call);
  const second = house.voices.of(SECOND);
  return { house, call, run, second };
}

/** By which a caller may be gone: the socket closes, the carrier stops it, no audio comes for 30 s, or too much waits. */
const REASONS: readonly LostReason[] = ["closed", "stopped", "silent", "congested"];

describe("a caller whose line is lost", () => {
  it.each(REASONS)(
    "(%s) has what is being spoken given up at once, and the call after a moment",
    async (reason) => {
      const { house, call, run, second } = await listening();
      await house.hears(call, { type: "stream-lost", reason });
      expect(second.signal.aborted).toBe(true);
      expect([run.signal.aborted, house.it.call(call.id).hangup]).toEqual([false, null]);
      const spoken = house.spoken(call).length;
      run.stream(`${ANSWER} And on Sundays we are closed.`);
      await house.clock.advance(1_999);
      expect(house.it.call(call.id).hangup).toBeNull();
      await house.clock.advance(1);
      expect(house.it.call(call.id).hangup).toBe("stream-lost");
      expect(house.it.count("hangup")).toBe(1);
      expect(run.signal.aborted).toBe(true);
      expect(house.ears.sessions.map(({ closes }) => closes)).toEqual([1]);
      expect(house.spoken(call)).toHaveLength(spoken);
      await house.tells(call, GONE);
      await house.clock.advance(60_000);
      expect(house.it.call(call.id)).toMatchObject({ state: "ended", outcome: "completed" });
      expect(house.clock.pending).toBe(0);
    },
  );

  it("is talked with on when it comes back in time, by the same ears and about the same question", async () => {
    const { house, call, run } = await listening();
    await house.hears(call, { type: "stream-lost", reason: "closed" });
    await house.clock.advance(1_000);
    await house.asks(call);
    await house.clock.advance(5_000);
    house.voices.quick = true;
    await house.connects(call);
    run.finish(ANSWER);
    await house.clock.advance(0);
    await house.plays(call);
    expect(house.spoken(call).join(" ")).toContain(SECOND);
    expect(house.ears.sessions.map(({ closes }) => closes)).toEqual([0]);
    await house.clock.advance(30_000);
    expect(house.it.call(call.id)).toMatchObject({ hangup: null, live: { stream: "up" } });
  });
});

describe("a caller who has hung up", () => {
  it("is not listened to, thought about or spoken to for a moment longer", async () => {
    const { house, call, run, second } = await listening();
    await house.tells(call, GONE);
    expect([run.signal.aborted, second.signal.aborted]).toEqual([true, true]);
    expect(house.ears.sessions.map(({ closes }) => closes)).toEqual([1]);
    expect(house.sent.at(-1)).toEqual({ type: "stream-forget", callId: call.id });
    expect(house.it.count("hangup")).toBe(0);
  });
});
