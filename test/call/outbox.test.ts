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
