/**
 * Whoever spoke first was not heard: the transcriber was still connecting, and the greeting talked over them. Here the socket is
 * live at once, what is said meanwhile is kept, and the greeting, made while the phone rang, waits until it can be answered.
 */
import { expect, it, describe } from "vitest";
import { heardBy } from "../conversation/live/fake-ears.ts";
import { settled } from "../support/clock.ts";
import { GREETING, LiveHouse } from "./live-house.ts";

const THEM = "+15550402001";

describe("the beginning of a call", () => {
  it("is kept while nobody listens yet, and heard from its first moment", async () => {
    const house = new LiveHouse();
    house.ears.manners["first"] = ["never"];
    const { call } = await house.rings(THEM);
    await house.connects(call);
    house.audio(call, 1, 2);
    house.audio(call, 3);
    await house.clock.advance(3_000);
    const [session] = house.ears.sessions;
    expect([house.it.call(call.id).live?.stream, session?.heard]).toEqual(["up", []]);
    session?.connected();
    await settled();
    house.audio(call, 4);
    expect(session === undefined ? [] : heardBy(session)).toEqual([1, 2, 3, 4]);
    await house.says(call, "I called yesterday.", session);
    expect(house.agent.runs.at(-1)?.request.prompt).toBe("I called yesterday.");
  });

  it("is kept for the next provider when the first one never connects", async () => {
    const house = new LiveHouse();
    house.ears.manners["first"] = ["never"];
    const { call } = await house.rings(THEM);
    await house.connects(call);
    house.audio(call, 1, 2);
    await house.clock.advance(4_000);
    expect(house.ears.last.provider).toBe("second");
    expect(heardBy(house.ears.last)).toEqual([1, 2]);
  });

  it("has no greeting before the caller can be heard, and is then greeted once", async () => {
    const house = new LiveHouse();
    house.ears.manners["first"] = ["never"];
    const { call } = await house.rings(THEM);
    await house.connects(call);
    await house.clock.advance(3_000);
    expect(house.spoken(call)).toEqual([]);
    house.ears.last.connected();
    await house.clock.advance(0);
    expect(house.spoken(call)).toEqual([GREETING]);
    await house.plays(call);
    await house.clock.advance(60_000);
    expect(house.spoken(call)).toEqual([GREETING]);
  });

  it("is made ready while the phone rings, of who calls and of who is called", async () => {
    const called = new LiveHouse();
    const { id } = await called.dials(THEM, "This is your clinic.");
    expect([called.it.call(id).state, called.voices.texts]).toEqual(["dialing", ["This is your clinic."]]);
    await called.tells({ id }, { type: "answered" });
    await called.connects({ id });
    expect([called.spoken({ id }), called.voices.texts]).toEqual([
      ["This is your clinic."],
      ["This is your clinic."],
    ]);
    const calling = new LiveHouse();
    await calling.rings(THEM);
    expect(calling.voices.texts).toEqual([GREETING]);
  });
});
