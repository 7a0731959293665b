import { describe, expect, it, test } from "vitest";
import type { CarrierFact, Snapshot } from "../../src/call/ports.ts";
import { contentOf, documentCarrier, paperFact } from "../support/document-carrier.ts";
import { settled } from "../support/clock.ts";
import { change, sampleCall } from "../store/samples.ts";
import type { Call } from "../../src/call/call.ts";
import type { DurableEffect } from "../../src/call/effect.ts";
import { world, type WorldOptions } from "./world.ts";

const ANSWERED: Snapshot = { found: true, carrierCallId: "paper-1", state: "answered" };
const RINGING: Snapshot = { found: true, carrierCallId: "paper-1", state: "ringing" };

/** A call that a process before this one left behind, and a carrier that knows something about it. */
async function leftBehind(
  changes: Partial<Call>,
  { seen, effects = [], ...options }: WorldOptions & { seen?: Snapshot; effects?: readonly DurableEffect[] },
) {
  const carrier = documentCarrier();
  if (seen !== undefined) carrier.seen = seen;
  const it = world({ ...options, carrier });
  const now = it.clock.now();
  const call = sampleCall({
    id: "vc_old",
    carrier: "paper",
    carrierCallId: "paper-1",
    state: "answered",
    createdAt: now - 60_000,
    answeredAt: now - 50_000,
    delivered: 1,
    instruction: { gen: 1, say: ["Hello."], next: { kind: "listen", token: "old-token", timeoutMs: 10_000 } },
    turn: {
      no: 0,
      phase: "listening",
      token: "old-token",
      since: null,
      keys: "",
      for: "agent",
      misses: 0,
      failures: 0,
      heardAt: null,
    },
    deadlines: { "max-duration": now + 250_000 },
    ...changes,
  });
  await it.store.commit(change(call, { effects }));
  const office = it.start();
  return { it, carrier, office, call };
}

describe("after a restart", () => {
  it("a call that the carrier no longer knows is closed as lost", async () => {
    const { it, office } = await leftBehind({}, { seen: { found: false } });
    await office.recover();
    expect(it.call("vc_old")).toMatchObject({
      state: "ended",
      outcome: "lost",
      evidence: { source: "look-up" },
    });
    expect(office.manager.active).toEqual([]);
  });

  it("a call that ended meanwhile is closed with what the carrier says", async () => {
    const evidence = { source: "look-up", hungUpBy: "unknown", durationSec: 31 } as const;
    const { it, office } = await leftBehind(
      {},
      { seen: { found: true, carrierCallId: "paper-1", state: "ended", outcome: "completed", evidence } },
    );
    await office.recover();
    expect(it.call("vc_old")).toMatchObject({ outcome: "completed", evidence });
    expect(it.commands).toEqual([]);
  });

  it("the carrier's word comes before a deadline that passed meanwhile", async () => {
    const { it, office, call } = await leftBehind(
      { state: "ringing", answeredAt: null, deadlines: { ring: 1 } },
      { seen: { found: true, carrierCallId: "paper-1", state: "ended", outcome: "busy" } },
    );
    await office.recover();
    await it.finish();
    expect(it.call(call.id)).toMatchObject({ outcome: "busy", hangup: null });
    expect(it.count("hangup")).toBe(0);
  });

  it("a live call goes on with what is left of its time, then is ended at the carrier", async () => {
    const { it, office, call } = await leftBehind({}, { seen: ANSWERED });
    await office.recover();
    expect(it.call(call.id).deadlines).toEqual(call.deadlines);
    await it.clock.advance(249_999);
    expect(it.count("hangup")).toBe(0);
    await it.clock.advance(1);
    expect(it.count("hangup")).toBe(1);
    expect(it.call(call.id)).toMatchObject({ outcome: "timeout", evidence: { hungUpBy: "us" } });
  });

  test.each([
    ["talked too long", { deadlines: { "max-duration": 5 } }, ANSWERED, "timeout"],
    ["rang too long", { state: "ringing", answeredAt: null, deadlines: { ring: 5 } }, RINGING, "no-answer"],
  ] as const)("a call that has %s is ended at the carrier at once", async (_, changes, seen, outcome) => {
    const { it, office } = await leftBehind(changes, { seen });
    await office.recover();
    await it.clock.advance(0);
    expect(it.count("hangup")).toBe(1);
    expect(it.call("vc_old").outcome).toBe(outcome);
  });

  it("nothing is ever dialled: a create whose fate is unknown is looked for and given up", async () => {
    const instruction = { gen: 1, say: ["Hello."], next: { kind: "wait" } } as const;
    const { it, office } = await leftBehind(
      { state: "dialing", carrierCallId: null, answeredAt: null, delivered: 0, deadlines: {} },
      { seen: { found: false }, effects: [{ kind: "dial", instruction }] },
    );
    await office.recover();
    await it.finish();
    expect(it.count("dial")).toBe(0);
    expect(it.call("vc_old")).toMatchObject({
      outcome: "lost",
      evidence: { error: "VC_CARRIER_UNCERTAIN" },
    });
    expect(await it.store.pendingEffects()).toEqual([]);
  });

  it("a create whose fate is unknown is taken up again when it is found", async () => {
    const instruction = { gen: 1, say: ["Hello."], next: { kind: "wait" } } as const;
    const { it, office } = await leftBehind(
      { state: "dialing", carrierCallId: null, answeredAt: null, delivered: 0, deadlines: {} },
      { seen: ANSWERED, effects: [{ kind: "dial", instruction }] },
    );
    await office.recover();
    await settled();
    expect(it.call("vc_old")).toMatchObject({ state: "answered", carrierCallId: "paper-1" });
    expect(it.count("dial")).toBe(0);
  });

  it("a carrier that cannot be asked is asked again, and the limits hold meanwhile", async () => {
    let down = true;
    const { it, carrier, office } = await leftBehind({ deadlines: { "max-duration": 5 } }, {});
    carrier.lookup = async () => {
      if (down) throw new Error("no route");
      return { found: false };
    };
    const recovered = it.start({ carrier: () => ({ ...carrier }) });
    await office.stop();
    await recovered.recover();
    await it.clock.advance(0);
    expect(it.call("vc_old").outcome).toBe("timeout");
    down = false;
    await it.finish();
    expect(it.clock.pending).toBe(0);
  });

  it("a repeated question to the carrier stops with the plugin", async () => {
    const { it, carrier } = await leftBehind({}, {});
    carrier.lookup = () => Promise.reject(new Error("no route"));
    const office = it.start({ carrier: () => ({ ...carrier }) });
    await office.recover();
    expect(it.clock.pending).toBeGreaterThan(0);
    await office.stop();
    expect(it.clock.pending).toBe(0);
  });

  it("the caller's next words are for the agent when the command that waited for them is gone", async () => {
    const now = 1_800_000_000_000;
    const { it, office, call } = await leftBehind(
      {
        turn: {
          no: 0,
          phase: "listening",
          token: "old-token",
          since: null,
          keys: "",
          for: "command",
          misses: 0,
          failures: 0,
          heardAt: null,
        },
        deadlines: { "max-duration": now + 250_000, transcript: now + 90_000 },
      },
      { seen: ANSWERED },
    );
    await office.recover();
    await office.receive(paperFact(call, [{ type: "speech", token: "old-token", text: "Yes." }]));
    expect(it.asked).toEqual(["vc_old/1"]);
    expect(it.call(call.id).deadlines.transcript).toBeUndefined();
  });

  it("callbacks go on where they were, and those seen before change and reveal nothing", async () => {
    const { it, office, call } = await leftBehind({}, { seen: ANSWERED });
    const words: CarrierFact = paperFact(call, [{ type: "speech", token: "old-token", text: "Hi." }]);
    await office.recover();
    const reply = await office.receive(words);
    expect(contentOf(reply)).toMatchObject({ kind: "instruction", instruction: { say: ["You said: Hi."] } });
    await office.stop();

    const again = it.start();
    await again.recover();
    const before = it.store.dump();
    expect(contentOf(await again.receive(words))).toEqual({ kind: "wait" });
    await settled();
    expect(it.store.dump()).toEqual(before);
    expect(it.asked).toEqual(["vc_old/1"]);
  });

  it("a refusal that did not reach the carrier is sent", async () => {
    const { it, office } = await leftBehind(
      { direction: "inbound", state: "refused", outcome: "rejected", instruction: null, deadlines: {} },
      { seen: RINGING, effects: [{ kind: "reject", reason: "policy" }] },
    );
    await office.recover();
    await settled();
    expect(it.count("reject")).toBe(1);
    expect(await it.store.pendingEffects()).toEqual([]);
  });

  it("a report that was not sent is sent; what an ended call no longer needs is dropped", async () => {
    const { it, office } = await leftBehind(
      { state: "ended", outcome: "completed", deadlines: {} },
      {
        effects: [
          { kind: "report" },
          { kind: "think", turn: 1, words: "Hi." },
          { kind: "hangup", reason: "requested" },
          { kind: "look-up" },
        ],
      },
    );
    await office.recover();
    await settled();
    expect([it.reports, it.asked, it.commands]).toEqual([["vc_old"], [], []]);
    expect(await it.store.pendingEffects()).toEqual([]);
  });
});
