/**
 * Callers without a number, or with one that merely ended like a listed one, passed the allowlist, and a model and
 * paid speech were started for people who were then turned away. Here only the exact number passes, and a refused
 * caller starts nothing.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerNumber } from "../../src/call/number.ts";
import { decideInbound } from "../../src/call/policy.ts";
import { openOffice, type Office } from "../service/office.ts";

const FRIEND = "+15550001234";
const WITHHELD = ["", " ", "anonymous", "Anonymous", "restricted", "unknown", "private", "unavailable", "+"];
const ALIKE = [
  "+99915550001234",
  "+5550001234",
  "15550001234",
  "0015550001234",
  `${FRIEND}0`,
  `${FRIEND} `,
  `${FRIEND};x=1`,
  `${FRIEND},+15550009999`,
  `sip:${FRIEND}@example.com`,
  "+１５５５０００１２３４",
];

let office: Office;
beforeAll(async () => {
  office = await openOffice({ inboundPolicy: "allowlist", allowFrom: [FRIEND], inboundGreeting: "Hi!" });
});
afterAll(() => office.close());

describe.each(["allowlist", "pairing"] as const)("a caller who may not call, under `%s`", (inboundPolicy) => {
  beforeAll(() => {
    office.config = { ...office.config, inboundPolicy };
  });

  it("is never answered, and wakes neither agent nor carrier", async () => {
    const refused = inboundPolicy === "allowlist" ? [...WITHHELD, ...ALIKE] : WITHHELD;
    const requests = office.twilio.requests.length;
    for (const from of refused) {
      const live = office.ring(from);
      expect(await live.ended, `from ${JSON.stringify(from)}`).toMatchObject({ status: "no-answer" });
      expect(live.heard()).toEqual([]);
      expect(await office.callOf(live)).toMatchObject({ state: "refused", outcome: "rejected" });
    }
    expect([office.agent.warmed, office.agent.heard]).toEqual([[], []]);
    expect(office.twilio.requests.length).toBe(requests);
    await office.atRest();
  });
});

describe("a caller who may call", () => {
  it("is answered, and the agent is woken for nobody else", async () => {
    office.config = { ...office.config, inboundPolicy: "allowlist" };
    const live = office.ring(FRIEND);
    await live.hears("Hi!");
    const { id } = await office.callOf(live);
    expect(new Set(office.agent.warmed)).toEqual(new Set([id]));
    await live.hangUp();
    await office.plant.switchboard.end(id);
    await office.over(id);
  });

  it("is one whose number is on the list digit for digit, whatever carriers send", () => {
    const near = fc
      .tuple(fc.stringMatching(/^[+0-9 .()-]{0,4}$/), fc.boolean())
      .map(([more, front]) => (front ? more + FRIEND : FRIEND + more));
    const anything = fc.oneof(near, fc.string(), fc.constantFrom(...WITHHELD, ...ALIKE), fc.constant(FRIEND));
    const policy = fc.constantFrom("allowlist" as const, "pairing" as const);
    fc.assert(
      fc.property(anything, policy, (raw, policy) => {
        const rules = { policy, allowFrom: [FRIEND], paired: new Set<string>() };
        expect(decideInbound(rules, callerNumber(raw)).kind === "accept").toBe(raw === FRIEND);
      }),
      { numRuns: 500 },
    );
  });
});
