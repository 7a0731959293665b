import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CarrierFact } from "../../src/call/ports.ts";
import { unreliable, type Unreliability } from "./unreliable.ts";

const fact = (n: number): CarrierFact => ({
  carrier: "mock",
  claim: `c${n}`,
  callId: "vc_1",
  carrierCallId: "mock-1",
  events: [],
  wants: "nothing",
  offer: null,
});

async function send(faults: Unreliability, count: number): Promise<string[]> {
  const arrived: string[] = [];
  const deliver = unreliable(async ({ claim }) => {
    arrived.push(claim);
    return { status: 200 };
  }, faults);
  for (let n = 0; n < count; n++) await deliver(fact(n));
  await deliver.flush();
  expect(deliver.held).toBe(0);
  return arrived;
}

const sent = Array.from({ length: 40 }, (_, n) => `c${n}`);
const seed = fc.integer();

describe("an unreliable webhook path", () => {
  it("without faults passes everything on in order", async () => {
    expect(await send({ seed: 1 }, 40)).toEqual(sent);
  });

  it("that only reorders loses and doubles nothing, and lets at most a few facts pass", async () => {
    await fc.assert(
      fc.asyncProperty(seed, async (value) => {
        const arrived = await send({ reorder: 0.5, seed: value }, 40);
        expect(arrived.toSorted()).toEqual(sent.toSorted());
        expect(arrived).not.toEqual(sent);
      }),
      { numRuns: 50 },
    );
  });

  it("that only doubles loses nothing and brings no fact more than twice", async () => {
    await fc.assert(
      fc.asyncProperty(seed, async (value) => {
        const arrived = await send({ duplicate: 0.5, seed: value }, 40);
        expect(new Set(arrived)).toEqual(new Set(sent));
        for (const claim of sent) expect(arrived.filter((each) => each === claim).length).toBeLessThan(3);
        expect(arrived.length).toBeGreaterThan(sent.length);
      }),
      { numRuns: 50 },
    );
  });

  it("loses everything when told so, and is repeatable", async () => {
    expect(await send({ lose: 1, seed: 1 }, 40)).toEqual([]);
    const faults = { lose: 0.2, reorder: 0.3, duplicate: 0.3 };
    expect(await send({ ...faults, seed: 7 }, 40)).toEqual(await send({ ...faults, seed: 7 }, 40));
    expect(await send({ ...faults, seed: 7 }, 40)).not.toEqual(await send({ ...faults, seed: 8 }, 40));
  });
});
