/**
 * A call whose last webhook was lost stayed on record until its longest duration, and kept the line busy. Here the
 * carrier is asked about answered calls on which nothing has happened for a minute.
 */
import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/call/ports.ts";
import { watchQuietCalls } from "../../src/call/pulse.ts";
import { documentCarrier } from "../support/document-carrier.ts";
import { change, sampleCall } from "../store/samples.ts";
import { world } from "./world.ts";
import type { Call } from "../../src/call/call.ts";

const UP: Snapshot = { found: true, carrierCallId: "paper-1", state: "answered" };
const OVER: Snapshot = {
  found: true,
  carrierCallId: "paper-1",
  state: "ended",
  outcome: "completed",
  evidence: { source: "look-up", hungUpBy: "unknown", carrierCode: "completed" },
};

/** One running call, and how often the carrier has been asked about it. */
async function quietCall(changes: Partial<Call> = {}) {
  const carrier = documentCarrier();
  carrier.seen = UP;
  let asked = 0;
  const lookup = carrier.lookup.bind(carrier);
  carrier.lookup = (id, signal) => {
    asked += 1;
    return lookup(id, signal);
  };
  const it = world({ carrier });
  const now = it.clock.now();
  const call = sampleCall({
    id: "vc_quiet",
    carrier: "paper",
    carrierCallId: "paper-1",
    state: "live",
    createdAt: now,
    answeredAt: now,
    delivered: 1,
    deadlines: { "max-duration": now + 3_600_000 },
    ...changes,
  });
  await it.store.commit(change(call));
  const office = it.start();
  office.manager.adopt(call);
  const stop = new AbortController();
  const { manager, outbox } = office;
  watchQuietCalls({ manager, outbox, store: it.store, carrier, clock: it.clock, log: it.log }, stop.signal);
  return { it, office, carrier, stop, asked: () => asked };
}

describe("a call on which nothing happens", () => {
  it("is asked about once a minute has passed, and closed when the carrier says that it is over", async () => {
    const { it, carrier, office, asked } = await quietCall();
    await it.clock.advance(59_000);
    expect(asked()).toBe(0);
    carrier.seen = OVER;
    await it.clock.advance(35_000);
    expect(asked()).toBe(1);
    expect(it.call("vc_quiet")).toMatchObject({
      state: "ended",
      outcome: "completed",
      evidence: OVER.evidence,
    });
    expect(office.manager.active).toEqual([]);
  });

  it("goes on while the carrier has it up, and is asked about again", async () => {
    const { it, asked } = await quietCall();
    await it.clock.advance(300_000);
    expect(asked()).toBeGreaterThan(1);
    expect(it.call("vc_quiet").state).toBe("live");
  });

  it.each<[string, Partial<Call>]>([
    ["still rings", { state: "ringing", answeredAt: null, deadlines: {} }],
    ["is being hung up", { hangup: "requested" }],
  ])("is left alone while it %s: that has deadlines of its own", async (_, changes) => {
    const { it, asked } = await quietCall(changes);
    await it.clock.advance(300_000);
    expect(asked()).toBe(0);
  });

  it("is not asked about any more once the plugin stops", async () => {
    const { it, stop, asked } = await quietCall();
    stop.abort();
    await it.clock.advance(300_000);
    expect(asked()).toBe(0);
    expect(it.clock.pending).toBe(0);
  });
});
