import { describe, expect, it } from "vitest";
import { hangup, instruction, listen, live, PERSON, rig, wait } from "./rig.ts";

const said = instruction(1, "Hello.", hangup());

describe("the mock's webhooks", () => {
  it("arrive after the network's delay, in the order things happened", async () => {
    const { dial, clock, types } = rig({ pace: { webhookMs: 50 } });
    await dial(PERSON, said);
    await clock.advance(49);
    expect(types()).toEqual([]);
    await clock.advance(1);
    expect(types()).toEqual(["initiated", "ringing", "answered", "played", "ended"]);
    expect(clock.pending).toBe(0);
  });

  it("do not wait for the answer to the one before", async () => {
    const { dial, clock, types } = rig({ deliver: () => new Promise(() => {}) });
    await dial(PERSON, said);
    await clock.runAll();
    expect(types()).toEqual(["initiated", "ringing", "answered", "played", "ended"]);
  });

  it("come twice with the same claim when they are doubled", async () => {
    const { dial, clock, facts } = rig({ script: { [PERSON]: { webhooks: { doubled: true } } } });
    await dial(PERSON, said);
    await clock.runAll();
    const claims = facts.map((fact) => fact.claim);
    expect(claims).toHaveLength(10);
    expect(new Set(claims).size).toBe(5);
    for (let n = 0; n < 10; n += 2) expect(facts[n]).toEqual(facts[n + 1]);
  });

  it("overtake each other in pairs when they are reordered, and none is lost", async () => {
    const { dial, clock, types } = rig({ script: { [PERSON]: { webhooks: { reordered: true } } } });
    await dial(PERSON, said);
    await clock.runAll();
    expect(types()).toEqual(["ringing", "initiated", "played", "answered", "ended"]);
    expect(clock.pending).toBe(0);
  });

  it("go on after the end with stale facts under new claims when they are late", async () => {
    const { dial, clock, facts, types, carrier } = rig({
      script: { [PERSON]: { webhooks: { late: true } } },
    });
    const ref = await dial(PERSON, instruction(1, "Hello.", listen("t1")));
    await clock.advance(10);
    await carrier.hangup(ref, live);
    await clock.runAll();
    expect(types().slice(types().indexOf("ended"))).toEqual([
      "ended",
      "ringing",
      "answered",
      "played",
      "speech",
    ]);
    expect(facts.at(-1)?.events).toMatchObject([{ token: "t1" }]);
    expect(new Set(facts.map((fact) => fact.claim)).size).toBe(facts.length);
  });

  it.each([
    ["answers 503", async () => ({ status: 503 })],
    [
      "throws",
      async () => {
        throw new Error("down");
      },
    ],
  ])(
    "are sent again with the same claim when the receiver %s, and given up in the end",
    async (_, deliver) => {
      const { dial, clock, facts, carrier } = rig({ deliver, script: { [PERSON]: { pickUp: "busy" } } });
      await dial(PERSON, said);
      await clock.runAll();
      const [initiated, ended] = ["mock-token-1.1", "mock-token-1.2"];
      for (const claim of [initiated, ended]) {
        expect(facts.filter((fact) => fact.claim === claim)).toHaveLength(4);
      }
      expect(clock.pending).toBe(0);
      await carrier.close();
    },
  );

  it("are not sent again when the receiver understood and declined", async () => {
    const { dial, clock, facts } = rig({ deliver: async () => ({ status: 404 }) });
    await dial(PERSON, instruction(1, "Hello.", wait));
    await clock.advance(60_000);
    expect(facts).toHaveLength(4);
  });

  it("a retry that is under way ends with the carrier", async () => {
    const { dial, clock, facts, carrier } = rig({ deliver: async () => ({ status: 500 }) });
    await dial(PERSON, said);
    await clock.advance(10);
    const before = facts.length;
    await carrier.close();
    await clock.runAll();
    expect(facts).toHaveLength(before);
  });
});
