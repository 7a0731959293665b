import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dice } from "../edge/fuzz-dice.ts";
import { hostile } from "../edge/fuzz-hostile.ts";
import { MUTATIONS } from "../edge/fuzz-mutate.ts";
import { CARRIERS, judge, rawOf, signed, WEBHOOK, type Signed } from "./carriers.ts";
import { flawOf } from "./fact-shape.ts";

const seeds = fc.integer({ min: 0, max: 0x7fff_ffff });
/** Header values as Node hands them over: Latin-1. */
const header = fc.oneof(fc.string({ unit: "binary-ascii" }), fc.constantFrom(undefined, "", ",", "é", "0"));
const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one));

describe.each(CARRIERS)("what $name's part reads", (carrier) => {
  const webhook = carrier.create(carrier.settings);
  const draftOf = (dice: Dice) => dice.pick(carrier.drafts(carrier.callId(dice.hex(32))));

  it("is a fact for everything that the carrier itself says", async () => {
    for (const draft of carrier.drafts(carrier.callId("0123456789abcdef".repeat(2)))) {
      const verdict = await judge(carrier, signed(carrier, draft));
      expect(verdict).toMatchObject({ ok: true, fact: { carrier: carrier.name } });
      expect(verdict.ok && flawOf(verdict.fact)).toBeNull();
    }
  });

  it("is nothing under a signature, timestamp or nonce that is not its own", async () => {
    expect.assertions(600);
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const dice = new Dice(seed);
        const { request, stands } = dice.pick(MUTATIONS)(dice, carrier, signed(carrier, draftOf(dice)));
        const verdict = await judge(carrier, request, webhook);
        const seen = verdict.ok
          ? "yes"
          : [401, 403].includes(verdict.status)
            ? "no"
            : "refused for another reason";
        expect(stands === "unknown" ? "unknown" : seen).toBe(stands);
      }),
      { numRuns: 600 },
    );
  });

  it("is well shaped, whatever is genuinely signed", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const dice = new Dice(seed);
        const draft = hostile(dice, draftOf(dice), carrier.name === "telnyx");
        const verdict = await judge(carrier, signed(carrier, draft), webhook);
        // A fact without a flaw, or one of our own fixed words.
        const flaw = verdict.ok ? flawOf(verdict.fact) : verdict.reason.replace(/^[A-Za-z_ ]{1,40}$/, "");
        expect(flaw || null).toBeNull();
      }),
      { numRuns: 600 },
    );
  });

  it("is never a throw, whatever bytes, headers, methods and URLs it is given", async () => {
    const request = fc.record({
      body: bytes,
      query: fc.string({ unit: "binary-ascii", maxLength: 60 }),
      one: header,
      two: header,
    });
    const methods = fc.constantFrom("POST", "GET", "HEAD", "", "post");
    await fc.assert(
      fc.asyncProperty(request, methods, async ({ body, query, one, two }, method) => {
        const names = Object.keys(carrier.sign({ query: "", body: Buffer.alloc(0) }));
        const headers = Object.fromEntries(names.map((name, at) => [name, at === 0 ? one : two]));
        const raw = rawOf(carrier, { query, body, headers } as Signed, method);
        for (const url of [WEBHOOK + query, query, ""]) {
          expect(await webhook.receive(raw, url, Date.now())).toMatchObject({ ok: false });
        }
      }),
      { numRuns: 200 },
    );
  });
});
