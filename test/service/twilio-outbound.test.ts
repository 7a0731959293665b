import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openOffice, type Office } from "./office.ts";
import { eventually } from "../support/eventually.ts";

let office: Office;
let last = 0;
/** Somebody new for every test. */
const somebody = (): string => `+1555010${String(++last).padStart(4, "0")}`;

beforeAll(async () => {
  office = await openOffice();
});

afterEach(() => office.atRest());

afterAll(() => office.close());

const reportsOf = (id: string) => office.reports.filter(({ call }) => call.id === id).length;

describe("a message (notify)", () => {
  it("is spoken, the line is closed after it, and whoever asked hears how it went once", async () => {
    const to = somebody();
    office.twilio.callee(to).answers();
    const { call, live } = await office.place({ to, message: "Dinner is ready." });
    await live.ended;
    const record = await office.over(call.id);
    expect(live.heard()).toEqual(["Dinner is ready."]);
    expect(record).toMatchObject({ state: "ended", outcome: "completed", carrierCallId: live.sid });
    expect(record.evidence).toMatchObject({ source: "carrier", carrierCode: "completed" });
    expect(record.ringingAt).not.toBeNull();
    expect(record.answeredAt).not.toBeNull();
    expect(await office.said(call.id)).toEqual(["agent: Dinner is ready."]);
    await eventually(() => reportsOf(call.id) === 1);
  });

  it.each([
    ["busy", "busy", (to: string) => office.twilio.callee(to).busy()],
    ["nobody answers", "no-answer", (to: string) => office.twilio.callee(to).noAnswer()],
    ["a number that does not exist", "failed", (to: string) => office.twilio.callee(to).fails()],
  ] as const)(
    "%s: the outcome says so, with Twilio's own word as evidence",
    async (_, outcome, describeCallee) => {
      const to = somebody();
      describeCallee(to);
      const { call, live } = await office.place({ to });
      await live.ended;
      const record = await office.over(call.id);
      expect(record).toMatchObject({ outcome, answeredAt: null });
      expect(record.evidence?.carrierCode).toMatch(new RegExp(`^${outcome} \\(SIP 4\\d\\d\\)$`));
      await eventually(() => reportsOf(call.id) === 1);
    },
  );

  it("ended while it rings is canceled at Twilio and on record", async () => {
    const to = somebody();
    office.twilio.callee(to).answers(10_000_000);
    const { call, live } = await office.place({ to });
    await office.plant.switchboard.end(call.id);
    expect(await live.ended).toEqual({ status: "canceled", by: "api" });
    const record = await office.over(call.id);
    expect(record).toMatchObject({ outcome: "canceled", evidence: { hungUpBy: "us" } });
    expect(live.heard()).toEqual([]);
  });

  it("that nobody answers in time is canceled by us too, should Twilio not do it", async () => {
    const to = somebody();
    office.twilio.callee(to).answers(10_000_000);
    const { call, live } = await office.place({ to });
    await office.clock.advance(office.config.ringTimeoutMs + 1);
    expect(await live.ended).toEqual({ status: "canceled", by: "api" });
    expect(await office.over(call.id)).toMatchObject({ outcome: "no-answer" });
  });

  it("longer than a create request may hold is fetched and spoken whole", async () => {
    const to = somebody();
    const words = Array.from({ length: 250 }, (_, at) => `Sentence number ${at} is here.`).join(" ");
    const { call, live } = await office.place({ to, message: words });
    await live.ended;
    expect(live.heard().join(" ")).toBe(words);
    expect((await office.over(call.id)).outcome).toBe("completed");
  });
});

describe("a conversation", () => {
  it("goes on for several turns, each reply in the answer to the words it replies to", async () => {
    const to = somebody();
    office.twilio.callee(to).answers().says("My name is Ada.", "What is the time?").thenHangsUp();
    const { call, live } = await office.place({ to, mode: "conversation", message: "Who is there?" });
    expect(await live.ended).toEqual({ status: "completed", by: "callee" });
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed", mode: "conversation" });
    expect(live.heard()).toEqual([
      "Who is there?",
      "You said: My name is Ada.",
      "You said: What is the time?",
    ]);
    expect(await office.said(call.id)).toEqual([
      "agent: Who is there?",
      "caller: My name is Ada.",
      "agent: You said: My name is Ada.",
      "caller: What is the time?",
      "agent: You said: What is the time?",
    ]);
    expect(updatesOf(live.sid)).toBe(0);
    expect(office.agent.warmed.filter((id) => id === call.id)).toHaveLength(1);
  });

  it("waits for a slow reply on the line and gives it to Twilio as soon as it is there", async () => {
    const to = somebody();
    office.twilio.callee(to).answers();
    const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
    office.agent.thinks(call.id);
    await live.listening();
    const answered = live.speak("How old is the universe?");
    const turn = await office.agent.asked();
    expect(turn.words).toBe("How old is the universe?");
    await office.clock.advance(5_001);
    await answered;
    expect(updatesOf(live.sid)).toBe(0);
    turn.answer("Thirteen billion years.");
    await live.hears("Thirteen billion years.");
    expect(updatesOf(live.sid)).toBe(1);
    await live.listening();
    await live.hangUp();
    await office.over(call.id);
    expect(live.heard()).toEqual(["Hello?", "Thirteen billion years."]);
  });

  it("speaks a lead-in first and the rest when it is ready", async () => {
    const to = somebody();
    const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
    office.agent.thinks(call.id);
    await live.listening();
    void live.speak("Look it up, please.");
    const turn = await office.agent.asked();
    turn.onPart("One moment.");
    await live.hears("One moment.");
    turn.answer("Found it.");
    await live.hears("Found it.");
    await live.listening();
    await live.hangUp();
    await office.over(call.id);
    expect(live.heard()).toEqual(["Hello?", "One moment.", "Found it."]);
  });

  it("apologises when the agent fails, and says goodbye when it fails again", async () => {
    const to = somebody();
    const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
    office.agent.thinks(call.id);
    await live.listening();
    void live.speak("One.");
    (await office.agent.asked()).fail("VC_REPLY_FAILED");
    await live.hears(/I'm sorry, I couldn't/);
    await live.listening();
    void live.speak("Two.");
    (await office.agent.asked()).fail("VC_REPLY_TIMEOUT");
    await live.hears(/call again later/);
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed" });
  });

  it("asks a silent line twice whether anybody is there and then says goodbye", async () => {
    const to = somebody();
    office.twilio.callee(to).answers().says(null, null, null);
    const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(live.heard()).toEqual([
      "Hello?",
      "Are you still there?",
      "Are you still there?",
      "I can't hear you, so I'll hang up now. Goodbye.",
    ]);
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed" });
  });

  it("that the callee ends while the agent thinks stops the agent, and nothing more is sent", async () => {
    const to = somebody();
    const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
    office.agent.thinks(call.id);
    await live.listening();
    void live.speak("Tell me a long story.");
    const turn = await office.agent.asked();
    await live.hangUp();
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed" });
    await eventually(() => turn.aborted);
    expect(updatesOf(live.sid)).toBe(0);
  });

  it("is ended by Twilio and by us after its longest time", async () => {
    const to = somebody();
    const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
    await live.listening();
    expect(live.timeLimitSec).toBe(300);
    await eventually(async () => (await office.record(call.id)).answeredAt !== null);
    await office.clock.advance(300_001);
    expect(await live.ended).toEqual({ status: "completed", by: "api" });
    expect(await office.over(call.id)).toMatchObject({ outcome: "timeout", evidence: { hungUpBy: "us" } });
  });
});

describe("a call that is up", () => {
  it("is told something in between and goes on listening", async () => {
    const { id, live } = await office.converse(somebody());
    await office.plant.switchboard.request(id, { type: "speak", text: "The taxi is here." });
    await live.hears("The taxi is here.");
    await live.listening();
    await live.speak("Coming.");
    await live.hears("You said: Coming.");
    await live.hangUp();
    await office.over(id);
    expect(live.heard()).toEqual(["Hello?", "The taxi is here.", "You said: Coming."]);
  });

  it("is asked, and its next words go to the command, not to the agent", async () => {
    const { id, live } = await office.converse(somebody());
    const asked = office.plant.switchboard.ask(id, "What colour?");
    await live.hears("What colour?");
    await live.listening();
    void live.speak("Blue.");
    expect(await asked).toEqual({ callId: id, text: "Blue." });
    expect(office.agent.heard).not.toContain("Blue.");
    const again = office.plant.switchboard.ask(id, "What size?");
    await live.hears("What size?");
    await live.listening();
    void live.press("42#");
    expect((await again).text).toBe("[digits 42]");
    await office.plant.switchboard.end(id);
    await office.over(id);
  });

  it("that ends while it is asked refuses the question", async () => {
    const { id, live } = await office.converse(somebody());
    const asked = office.plant.switchboard.ask(id, "Still there?");
    await live.hears("Still there?");
    await Promise.all([
      live.hangUp(),
      expect(asked).rejects.toMatchObject({ code: "VC_CALL_ENDED_WAITING" }),
    ]);
    await office.over(id);
  });

  it("gets tones pressed and goes on listening", async () => {
    const { id, live } = await office.converse(somebody());
    await office.plant.switchboard.press(id, "1w2#");
    await live.until("has tones", () => live.pressed().length > 0);
    expect(live.pressed()).toEqual(["1w2#"]);
    await live.listening();
    await live.speak("Thanks.");
    await live.hears("You said: Thanks.");
    await live.hangUp();
    await office.over(id);
  });

  it("is hung up, once, however often that is asked for", async () => {
    const { id, live } = await office.converse(somebody());
    await Promise.all([office.plant.switchboard.end(id), office.plant.switchboard.end(id)]);
    expect(await live.ended).toEqual({ status: "completed", by: "api" });
    expect(await office.over(id)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "us" } });
    expect(updatesOf(live.sid)).toBe(1);
    await expect(office.plant.switchboard.end(id)).rejects.toMatchObject({ code: "VC_CALL_NOT_ACTIVE" });
  });
});

/** How often we have told Twilio something about this call after its create. */
function updatesOf(sid: string): number {
  return office.twilio.requestsOf("update").filter(({ path }) => path.includes(sid)).length;
}
