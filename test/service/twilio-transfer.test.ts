import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LiveCall } from "../emulator/twilio/index.ts";
import { openOffice, OURS, WEBHOOK, type Office } from "./office.ts";
import { eventually } from "../support/eventually.ts";

let office: Office;
let last = 0;
const somebody = (): string => `+1555012${String(++last).padStart(4, "0")}`;

beforeAll(async () => {
  office = await openOffice({ inboundPolicy: "open" });
});

afterEach(async () => {
  office.twilio.deliveries.duplicate = false;
  await office.twilio.deliveries.settled();
  await office.atRest();
});

afterAll(() => office.close());

/** A conversation that is being handed over to `other`. */
async function handingOver(other: string, text = "I connect you now.") {
  const { id, live } = await office.converse(somebody());
  await office.plant.switchboard.transfer(id, other, text);
  await live.until("is handed over", () => live.transferredTo() !== null);
  return { id, live };
}

const actionsOf = (live: LiveCall) =>
  office.twilio.deliveries.all.filter(
    ({ url, params }) => url.includes("transfer=") && params["CallSid"] === live.sid,
  );
const callsOnRecord = async () => (await office.store.recent(1_000)).length;

describe("a call that is handed over", () => {
  it("to somebody who answers ends when the two are done", async () => {
    const other = somebody();
    office.twilio.callee(other).answers().hangsUpAfter(3_000);
    const { id, live } = await handingOver(other);
    expect(await live.ended).toMatchObject({ status: "completed" });
    expect(live.heard()).toEqual(["Hello?", "I connect you now."]);
    expect(live.transferredTo()).toBe(other);
    expect(await office.over(id)).toMatchObject({ outcome: "completed", hangup: "transferred" });
    expect(actionsOf(live).map(({ params }) => params["DialCallStatus"])).toEqual(["completed"]);
  });

  it.each([
    ["is busy", "busy", (other: string) => office.twilio.callee(other).busy()],
    ["declines", "busy", (other: string) => office.twilio.callee(other).declines()],
    ["does not answer", "no-answer", (other: string) => office.twilio.callee(other).noAnswer()],
    ["does not exist", "failed", (other: string) => office.twilio.callee(other).fails()],
  ] as const)(
    "to somebody who %s comes back to the agent, and is told so",
    async (_, status, describeCallee) => {
      const other = somebody();
      describeCallee(other);
      const { id, live } = await handingOver(other);
      await live.hears(/couldn't reach anybody/);
      await live.listening();
      await live.speak("Then tell me yourself.");
      await live.hears("You said: Then tell me yourself.");
      await live.listening();
      await live.hangUp();
      expect(await office.over(id)).toMatchObject({ outcome: "completed" });
      expect(actionsOf(live).map(({ params }) => params["DialCallStatus"])).toEqual([status]);
    },
  );

  it("shows the other one our number, whoever called whom", async () => {
    const other = somebody();
    office.twilio.callee(other).answers().hangsUpAfter(1_000);
    const caller = office.ring(somebody());
    await caller.listening();
    const { id } = await office.callOf(caller);
    await office.plant.switchboard.transfer(id, other, "");
    await caller.ended;
    await office.over(id);
    const update = office.twilio
      .requestsOf("update")
      .find(({ path, params }) => path.includes(caller.sid) && (params.get("Twiml") ?? "").includes("<Dial"));
    expect(update?.params.get("Twiml")).toContain(`callerId="${OURS}"`);
  });

  it("whose caller hangs up meanwhile is over", async () => {
    const other = somebody();
    office.twilio.callee(other).answers().hangsUpAfter(600_000);
    const { id, live } = await handingOver(other);
    await live.hangUp();
    expect(await office.over(id)).toMatchObject({ state: "ended", outcome: "completed" });
    await eventually(() => actionsOf(live).length === 1);
    expect(actionsOf(live)[0]?.reply.body).not.toMatch(/<Say|<Gather|turn=/);
  });

  it("takes no words, no questions and no keys until it comes back", async () => {
    const other = somebody();
    office.twilio.callee(other).answers().hangsUpAfter(600_000);
    const { id, live } = await handingOver(other);
    const { switchboard } = office.plant;
    const handedOver = { code: "VC_CALL_HANDED_OVER" };
    await expect(switchboard.request(id, { type: "speak", text: "Hello?" })).rejects.toMatchObject(
      handedOver,
    );
    await expect(switchboard.ask(id, "Hello?")).rejects.toMatchObject(handedOver);
    await expect(switchboard.press(id, "1")).rejects.toMatchObject(handedOver);
    await expect(switchboard.transfer(id, somebody(), "")).rejects.toMatchObject(handedOver);
    await switchboard.end(id);
    expect(await live.ended).toEqual({ status: "completed", by: "api" });
    expect(await office.over(id)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "us" } });
  });

  it("goes on through a restart of the plugin", async () => {
    const other = somebody();
    office.twilio.callee(other).answers().hangsUpAfter(600_000);
    const { id, live } = await handingOver(other);
    await office.restart();
    expect(live.status).toBe("in-progress");
    expect((await office.record(id)).instruction?.next).toEqual({ kind: "transfer", to: other });
    await office.plant.switchboard.end(id);
    await office.over(id);
  });
});

describe("the webhook about the end of a hand-over", () => {
  it("that comes twice tells the caller once", async () => {
    const other = somebody();
    office.twilio.callee(other).busy();
    office.twilio.deliveries.duplicate = true;
    const { id, live } = await handingOver(other);
    await live.hears(/couldn't reach anybody/);
    await live.listening();
    await live.hangUp();
    await office.over(id);
    expect(live.heard().filter((text) => text.includes("couldn't reach"))).toHaveLength(1);
  });

  it("that is replayed changes nothing and learns nothing", async () => {
    const other = somebody();
    office.twilio.callee(other).busy();
    const { id, live } = await handingOver(other);
    await live.hears(/couldn't reach anybody/);
    await live.listening();
    await eventually(() => actionsOf(live).length === 1);
    const before = await office.record(id);
    const [action] = actionsOf(live);
    if (action === undefined) throw new Error("nothing was sent");
    const again = await office.twilio.deliveries.replay(action);
    expect(again.body).not.toMatch(/<Say|turn=/);
    expect(await office.record(id)).toEqual(before);
    // Nor does a genuine one about a hand-over that is long past.
    await office.twilio.deliveries.deliver("document", `${action.url}x`, {
      ...action.params,
      DialCallStatus: "completed",
    });
    expect(await office.record(id)).toMatchObject({ hangup: null, state: "answered" });
    await live.hangUp();
    await office.over(id);
  });
});

describe("the second leg", () => {
  it("never becomes a call of its own, whoever reports it", async () => {
    const other = somebody();
    office.twilio.callee(other).answers().hangsUpAfter(600_000);
    const { id, live } = await handingOver(other);
    const count = await callsOnRecord();
    const leg = {
      ...live.fields(),
      CallSid: `CA${"7".repeat(32)}`,
      ParentCallSid: live.sid,
      Direction: "outbound-dial",
      From: OURS,
      To: other,
      Called: other,
    };
    const asked = await office.twilio.deliveries.deliver("document", WEBHOOK, leg);
    expect(asked.body).not.toMatch(/<Gather|<Say/);
    const report = { ...leg, CallbackSource: "call-progress-events" };
    expect((await office.twilio.deliveries.deliver("status", WEBHOOK, report)).status).toBe(204);
    expect(await callsOnRecord()).toBe(count);
    await office.plant.switchboard.end(id);
    await office.over(id);
  });
});
