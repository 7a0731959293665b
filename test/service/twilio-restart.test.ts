import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openOffice, type Office } from "./office.ts";
import { eventually } from "../support/eventually.ts";

const THEM = "+15550004444";

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});

afterEach(() => office.close());

describe("a restart in the middle of a call", () => {
  it("goes on with a call that is still up, from the line it was in, and dials nobody", async () => {
    const { id, live } = await office.converse(THEM);
    await office.restart();
    expect(await office.record(id)).toMatchObject({ state: "answered" });
    await live.speak("Are you still there?");
    await live.hears("You said: Are you still there?");
    await live.listening();
    await live.hangUp();
    expect(await office.over(id)).toMatchObject({ outcome: "completed" });
    await office.atRest();
    expect(office.twilio.requestsOf("create")).toHaveLength(1);
    expect(office.reports).toHaveLength(1);
  });

  it("answers what the agent was thinking about: the line is put on wait until then", async () => {
    // The line comes back after ten seconds of its own time, which here have to outlast the restart.
    const patient = await openOffice({}, { pace: 0.5 });
    try {
      const { id, live } = await patient.converse(THEM);
      patient.agent.thinks(id);
      const answered = live.speak("What is the time?");
      await patient.agent.asked();
      await patient.restart();
      await answered;
      const again = await patient.agent.asked();
      expect(again.words).toBe("What is the time?");
      again.answer("Noon.");
      await live.hears("Noon.");
      await patient.plant.switchboard.end(id);
      await patient.over(id);
      await patient.atRest();
      expect(live.heard()).toEqual(["Hello?", "Noon."]);
    } finally {
      await patient.close();
    }
  });

  it("closes a call that ended meanwhile, with what Twilio says about it", async () => {
    const { id, live } = await office.converse(THEM);
    await office.restart({ meanwhile: () => live.hangUp() });
    expect(await office.over(id)).toMatchObject({ outcome: "completed", evidence: { source: "look-up" } });
    await office.atRest();
    expect(office.reports.map(({ call }) => call.id)).toEqual([id]);
  });

  it("ends a call at Twilio whose time has run out meanwhile", async () => {
    const { id, live } = await office.converse(THEM);
    await office.restart({ after: 301_000 });
    await office.clock.advance(1);
    expect(await live.ended).toEqual({ status: "completed", by: "api" });
    expect(await office.over(id)).toMatchObject({ outcome: "timeout" });
    await office.atRest();
  });

  it("finds a call whose create reply it never saw, and does not dial again", async () => {
    office.twilio.fail("create", { kind: "silence" });
    void office.plant.switchboard
      .initiate({ to: THEM, message: "Hello?", mode: "conversation", requester: { surface: "rpc" } })
      .catch(() => {});
    const live = await office.twilio.nextCall();
    await office.restart();
    const call = await office.callOf(live);
    await live.listening();
    await office.plant.switchboard.end(call.id);
    await live.ended;
    await office.over(call.id);
    expect(office.twilio.requestsOf("create")).toHaveLength(1);
  });

  it("remembers every webhook: a replay changes nothing and gets no token", async () => {
    const { id, live } = await office.converse(THEM);
    await live.speak("One.");
    await live.listening();
    const seen = [...office.twilio.deliveries.all];
    await office.restart();
    await eventually(async () => (await office.store.pendingEffects()).length === 0);
    const before = await office.record(id);
    expect(seen.length).toBeGreaterThan(3);
    for (const delivery of seen) {
      const reply = await office.twilio.deliveries.replay(delivery);
      expect(reply.status).toBe(delivery.kind === "status" ? 204 : 200);
      expect(reply.body).not.toMatch(/turn=|<Say/);
    }
    expect({ ...(await office.record(id)), version: 0 }).toEqual({ ...before, version: 0 });
    await office.plant.switchboard.end(id);
    await office.over(id);
  });
});

describe("a second plant on the same port", () => {
  it("is refused with a clear error, and the first goes on taking webhooks", async () => {
    const { id, live } = await office.converse(THEM);
    const port = office.plant.port ?? 0;
    await expect(openOffice({}, { port })).rejects.toMatchObject({
      code: "VC_LISTENER_PORT_TAKEN",
      details: { port },
    });
    await live.speak("Hello?");
    await live.hears("You said: Hello?");
    await live.hangUp();
    expect(await office.over(id)).toMatchObject({ outcome: "completed" });
  });

  it("takes the port once the first is closed", async () => {
    const port = office.plant.port ?? 0;
    await office.plant.close();
    const second = await openOffice({}, { port });
    expect(second.plant.port).toBe(port);
    await second.close();
  });
});
