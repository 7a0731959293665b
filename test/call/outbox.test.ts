import { describe, expect, it } from "vitest";
import { CarrierError } from "../../src/carrier/carrier.ts";
import { settled } from "../support/clock.ts";
import { documentCarrier, paperFact } from "../support/document-carrier.ts";
import { THEIRS } from "./bench.ts";
import { world } from "./world.ts";

/** An answered call whose carrier takes each instruction only when `take` is called. */
async function slowCarrier() {
  const carrier = documentCarrier();
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  carrier.instruct = (_, instruction) =>
    new Promise((resolve) => {
      waiting.push(() => {
        taken.push(...instruction.say);
        resolve();
      });
    });
  const it = world({ carrier });
  const office = it.start();
  const requester = { surface: "tool" } as const;
  const call = await office.switchboard.initiate({
    to: THEIRS,
    message: "Hello.",
    mode: "conversation",
    requester,
  });
  await office.receive(paperFact(call, [{ type: "answered" }], { wants: "nothing" }));
  await settled();
  const take = async () => {
    waiting.shift()?.();
    await settled();
  };
  const speak = async (text: string) => {
    await office.switchboard.request(call.id, { type: "speak", text });
    await settled();
  };
  return { it, carrier, call, taken, waiting, take, speak };
}

describe("instructions to the carrier", () => {
  it("never overtake each other, and one that was replaced while it waited is not sent", async () => {
    const { taken, waiting, take, speak, call, it } = await slowCarrier();
    await speak("One.");
    await speak("Two.");
    await speak("Three.");
    expect(waiting.length).toBe(1);
    await take();
    await take();
    expect(taken).toEqual(["One.", "Three."]);
    expect([waiting.length, it.call(call.id).delivered]).toEqual([0, 4]);
  });

  it("that fail are repeated, until the carrier refuses", async () => {
    const { it, carrier, speak, call } = await slowCarrier();
    const faults = ["not-sent", "unknown", "refused"] as const;
    let tries = 0;
    carrier.instruct = () => {
      tries += 1;
      const certainty = faults[tries - 1] ?? "refused";
      return Promise.reject(new CarrierError("VC_CARRIER_REFUSED", certainty, { detail: "x" }));
    };
    await speak("One.");
    await it.clock.advance(5_000);
    expect([tries, it.call(call.id).delivered]).toEqual([3, 1]);
    expect(it.log.lines.at(-1)).toMatchObject({ level: "error", fields: { error: "VC_CARRIER_REFUSED" } });
  });

  it("that the carrier refuses for good end the call: nobody would hear anything any more", async () => {
    const { it, carrier, speak, call } = await slowCarrier();
    carrier.instruct = () =>
      Promise.reject(new CarrierError("VC_CARRIER_REFUSED", "refused", { detail: "x" }));
    await speak("One.");
    await settled();
    expect(it.call(call.id)).toMatchObject({ hangup: "failed", state: "ended", outcome: "failed" });
  });

  it("for a call that is gone at the carrier close it with what the carrier says", async () => {
    const { it, carrier, speak, call } = await slowCarrier();
    const evidence = { source: "look-up", hungUpBy: "them" } as const;
    carrier.instruct = () =>
      Promise.reject(new CarrierError("VC_CARRIER_CALL_GONE", "gone", { detail: "x" }));
    carrier.seen = {
      found: true,
      carrierCallId: call.carrierCallId ?? "",
      state: "ended",
      outcome: "completed",
      evidence,
    };
    await speak("One.");
    expect(it.call(call.id)).toMatchObject({ state: "ended", outcome: "completed", evidence });
  });
});

/** A call with live audio whose last words are told when `tell` is called. */
async function endedCall() {
  const told = Promise.withResolvers<void>();
  const it = world({
    carrier: documentCarrier({ liveAudio: true }),
    config: { streaming: { enabled: true } },
    live: {
      problem: () => Promise.resolve(null),
      prepare: () => {},
      request: () => {},
      end: () => told.promise,
    },
  });
  const office = it.start();
  const requester = { surface: "tool", sessionKey: "agent:main:main" } as const;
  const call = await office.switchboard.initiate({ to: THEIRS, mode: "conversation", requester });
  const evidence = { source: "carrier", hungUpBy: "them" } as const;
  await office.receive(
    paperFact(call, [{ type: "ended", outcome: "completed", evidence }], { wants: "nothing" }),
  );
  await settled();
  return { it, office, call, tell: () => told.resolve() };
}

describe("how a call went", () => {
  it("is reported with the last words, which may be told a moment after the end", async () => {
    const { it, office, call, tell } = await endedCall();
    expect(it.reports).toEqual([]);
    void office.manager.apply(call.id, { type: "said", role: "agent", text: "We open at" });
    tell();
    await settled();
    expect(it.reported.get(call.id)).toEqual(["agent: We open at"]);
  });

  it("is reported by the next start when the plugin stops before they are told", async () => {
    const { it, office, tell } = await endedCall();
    const stopped = office.stop();
    tell();
    await stopped;
    expect(it.reports).toEqual([]);
    await it.start().recover();
    await settled();
    expect(it.reports).toHaveLength(1);
  });
});

describe("an outbound call that is answered", () => {
  it("has how long that took measured, once", async () => {
    const { it, call, speak } = await slowCarrier();
    await speak("One.");
    const samples = await it.store.samples(10);
    expect(samples.filter(({ stage }) => stage === "ring")).toEqual([
      { callId: call.id, stage: "ring", ms: expect.any(Number), at: expect.any(Number) },
    ]);
  });
});

const lost = () => new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", { detail: "reset" });

/** The mock carrier, whose answers to the first creates never arrive. */
function forgetful(losses: number, idempotentCreate: boolean) {
  const keys: string[] = [];
  const it = world({ idempotentCreate, script: { [THEIRS]: { pickUp: "person" } } });
  const office = it.start({
    carrier: (carrier) => ({
      ...carrier,
      async dial(call, instruction, signal) {
        keys.push(call.id);
        const placed = await carrier.dial(call, instruction, signal);
        if (keys.length <= losses) throw lost();
        return placed;
      },
      find: async () => ({ found: false }),
    }),
  });
  const rings = async () =>
    (await it.mock.phone.screen(0)).lines.filter(({ kind }) => kind === "ringing").length;
  return { it, office, keys, rings };
}

describe("a create whose reply is lost", () => {
  const order = { to: THEIRS, message: "Hello.", mode: "notify", requester: { surface: "tool" } } as const;

  it("is repeated with the same key where that dials once, and the phone rings once", async () => {
    const { it, office, keys, rings } = forgetful(2, true);
    const placed = office.switchboard.initiate(order);
    await it.clock.advance(500);
    expect(keys).toHaveLength(2);
    await it.clock.advance(2_000);
    const { id, carrierCallId } = await placed;
    expect(keys).toEqual([id, id, id]);
    expect(carrierCallId).not.toBeNull();
    await it.clock.advance(10_000);
    expect([await rings(), keys.length]).toEqual([1, 3]);
    await office.switchboard.end(id);
    await it.finish();
    expect(it.call(id).outcome).toBe("canceled");
  });

  it("is given up after some repeats, and the call is looked for", async () => {
    const { it, office, keys, rings } = forgetful(99, true);
    const placed = office.switchboard.initiate(order);
    placed.catch(() => {});
    await it.clock.advance(20_000);
    expect([keys.length, await rings()]).toEqual([4, 1]);
    // The callbacks have told that it lives.
    expect(await placed).toMatchObject({ carrierCallId: expect.any(String) });
    await it.finish();
  });

  it("is never repeated where that might dial twice", async () => {
    const { it, office, keys, rings } = forgetful(1, false);
    const placed = office.switchboard.initiate(order);
    placed.catch(() => {});
    await it.clock.advance(20_000);
    expect([keys.length, await rings()]).toEqual([1, 1]);
    await it.finish();
    expect(it.count("dial")).toBe(1);
  });

  it.each(["refused", "not-sent"] as const)("is not: one that was %s is final", async (certainty) => {
    const carrier = documentCarrier();
    carrier.dial = () => Promise.reject(new CarrierError("VC_CARRIER_REFUSED", certainty, { detail: "x" }));
    const it = world({ carrier, idempotentCreate: true });
    const placed = it.start().switchboard.initiate(order);
    await expect(placed).rejects.toMatchObject({ code: "VC_CARRIER_REFUSED" });
    expect(it.count("dial")).toBe(1);
  });

  it("is not repeated any more when the plugin stops", async () => {
    const { it, office, keys } = forgetful(99, true);
    office.switchboard.initiate(order).catch(() => {});
    await it.clock.advance(0);
    const stopped = office.stop();
    await it.clock.advance(20_000);
    await stopped;
    expect(keys).toHaveLength(1);
  });
});
