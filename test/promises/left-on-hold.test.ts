/**
 * A call that was told to open a socket made the line busy, also when that socket never came: whoever called next heard music,
 * for good. Here no call waits for another, whatever has become of the one before.
 */
import { describe, expect, it } from "vitest";
import { phrasesFor } from "../../src/call/phrases.ts";
import { GONE, GREETING, LiveHouse } from "./live-house.ts";

const [FIRST, NEXT] = ["+15550402001", "+15550402002"];
const { giveUp } = phrasesFor("en-US");

const FATES: Readonly<Record<string, (house: LiveHouse) => Promise<void>>> = {
  "whose socket is still to come": async (house) => {
    await house.rings(FIRST);
  },
  "whose socket never came, which was apologised for": async (house) => {
    await house.rings(FIRST);
    await house.clock.advance(10_000);
    expect(house.carrier.requests.at(-1)).toMatchObject({
      kind: "instruct",
      instruction: { say: [giveUp], next: { kind: "hangup" } },
    });
  },
  "who is gone without a socket": async (house) => {
    const { call } = await house.rings(FIRST);
    await house.tells(call, GONE);
  },
  "whose socket is lost, and of whose end nobody tells": async (house) => {
    const { call } = await house.rings(FIRST);
    await house.connects(call);
    await house.hears(call, { type: "stream-lost", reason: "closed" });
    await house.clock.advance(2_000);
    expect(house.it.call(call.id).hangup).toBe("stream-lost");
  },
  "who is talking": async (house) => {
    const { call } = await house.rings(FIRST);
    await house.connects(call);
    await house.says(call, "This will take a while.");
  },
};

describe("who calls next after a caller", () => {
  it.each(Object.entries(FATES))(
    "%s gets a socket of their own at once, and is talked with",
    async (_, fate) => {
      const house = new LiveHouse();
      await fate(house);
      const { call, content } = await house.rings(NEXT);
      expect(content).toMatchObject({
        kind: "instruction",
        instruction: { say: [], next: { kind: "stream" } },
      });
      await house.connects(call);
      expect(house.spoken(call)).toEqual([GREETING]);
      await house.plays(call);
      await house.says(call, "Are you open?");
      house.agent.runs.at(-1)?.finish("Yes, we are.");
      await house.clock.advance(0);
      expect(house.spoken(call)).toEqual([GREETING, "Yes, we are."]);
    },
  );
});
