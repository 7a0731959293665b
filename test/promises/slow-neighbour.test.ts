/**
 * Calls to different people queued behind one another and shared a conversation: one slow answer, and everybody else
 * heard theirs a minute later, with somebody else's words in it. Here no call waits for another, in either direction.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openOffice, type Office } from "../service/office.ts";

const PEOPLE = Array.from({ length: 8 }, (_, at) => `+1555040000${at}`);

let office: Office;
beforeAll(async () => {
  office = await openOffice({ inboundPolicy: "open" });
});
afterEach(() => office.atRest());
afterAll(() => office.close());

describe("a call whose answer takes long", () => {
  it("keeps nobody waiting whom we called, and each conversation is one person's", async () => {
    const calls = [];
    for (const to of PEOPLE) calls.push(await office.converse(to));
    const [slow, ...others] = calls;
    if (slow === undefined) throw new Error("nobody was called");
    office.agent.thinks(slow.id);
    const stuck = slow.live.speak("Take your time.");
    const turn = await office.agent.asked();
    expect(turn.words).toBe("Take your time.");

    for (const { live } of others) void live.speak(`I am ${live.plan.to}.`);
    await Promise.all(others.map(({ live }) => live.hears(`You said: I am ${live.plan.to}.`)));
    expect(turn.aborted).toBe(false);
    turn.answer("Here I am.");
    await stuck;
    await slow.live.hears("Here I am.");

    const records = await Promise.all(calls.map(({ id }) => office.record(id)));
    expect(new Set(records.map(({ sessionKey }) => sessionKey)).size).toBe(PEOPLE.length);
    for (const { id, live } of others) {
      expect(await office.said(id)).toEqual([
        "agent: Hello?",
        `caller: I am ${live.plan.to}.`,
        `agent: You said: I am ${live.plan.to}.`,
      ]);
    }
    await Promise.all(calls.map(({ id }) => office.plant.switchboard.end(id)));
  });

  it("keeps nobody waiting who calls us meanwhile", async () => {
    const first = office.ring("+15550401111");
    await first.listening();
    const { id } = await office.callOf(first);
    office.agent.thinks(id);
    void first.speak("Take your time.");
    const turn = await office.agent.asked();
    const second = office.ring("+15550402222");
    await second.listening();
    await second.speak("Me too?");
    await second.hears("You said: Me too?");
    turn.answer("Here I am.");
    await first.hears("Here I am.");
    expect([first.heard().at(-1), second.heard().at(-1)]).toEqual(["Here I am.", "You said: Me too?"]);
    await office.plant.switchboard.end(id);
    await office.plant.switchboard.end((await office.callOf(second)).id);
  });
});
