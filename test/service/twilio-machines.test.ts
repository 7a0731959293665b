import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SCREENING_MS } from "../../src/call/step.ts";
import type { LiveCall } from "../emulator/twilio/index.ts";
import { openOffice, WEBHOOK, type Office } from "./office.ts";
import { eventually } from "../support/eventually.ts";

const MESSAGE = "Dinner is ready.";
/** Longer than a person takes to be told apart (1.5 s), and than a machine takes to be known as one (2.4 s). */
const LONG = "This is a reminder of your appointment with the dentist, tomorrow at noon, in the usual place.";

let office: Office;
let last = 0;
const somebody = (): string => `+1555011${String(++last).padStart(4, "0")}`;

beforeAll(async () => {
  office = await openOffice();
});

afterEach(async () => {
  office.config = { ...office.config, outbound: { ...office.config.outbound, answeringMachine: "off" } };
  office.twilio.deliveries.duplicate = false;
  await office.twilio.deliveries.settled();
  await office.atRest();
});

afterAll(() => office.close());

type Policy = "hangup" | "leave-message" | "continue";

/** Places a message under a policy. */
async function place(answeringMachine: Policy, order: Parameters<Office["place"]>[0]) {
  office.config = { ...office.config, outbound: { ...office.config.outbound, answeringMachine } };
  return office.place({ message: MESSAGE, ...order });
}

const createOf = (to: string) =>
  office.twilio.requestsOf("create").find(({ params }) => params.get("To") === to)?.params;
const verdictsOf = (live: LiveCall) =>
  office.twilio.deliveries.all.filter(
    ({ url, params }) => url.includes("event=machine") && params["CallSid"] === live.sid,
  );

/** What Twilio's callback says, sent by hand. */
const verdict = (id: string, live: LiveCall, AnsweredBy: string) =>
  office.twilio.deliveries.deliver("status", `${WEBHOOK}?call=${id}&event=machine`, {
    CallSid: live.sid,
    AccountSid: live.plan.accountSid,
    AnsweredBy,
    MachineDetectionDuration: "2400",
  });

describe("what Twilio is asked for", () => {
  it.each([
    ["hangup", "Enable"],
    ["continue", "Enable"],
    ["leave-message", "DetectMessageEnd"],
  ] as const)("with %s is %s, beside the call", async (policy, mode) => {
    const to = somebody();
    const { call, live } = await place(policy, { to });
    await live.ended;
    expect(createOf(to)?.get("MachineDetection")).toBe(mode);
    expect(createOf(to)?.get("AsyncAmd")).toBe("true");
    expect(createOf(to)?.get("AsyncAmdStatusCallback")).toBe(`${WEBHOOK}?call=${call.id}&event=machine`);
    await office.over(call.id);
  });

  it("without a policy is nothing, and nobody is told apart", async () => {
    const to = somebody();
    office.twilio.callee(to).machine();
    const { call, live } = await office.place({ to });
    await live.ended;
    expect(createOf(to)?.has("MachineDetection")).toBe(false);
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed", answeredBy: null });
  });
});

describe("a person", () => {
  it.each(["hangup", "leave-message", "continue"] as const)(
    "under the policy %s hears the message once, and the line is closed after it",
    async (policy) => {
      for (const message of [MESSAGE, LONG]) {
        const to = somebody();
        office.twilio.callee(to).answers();
        const { call, live } = await place(policy, { to, message });
        await live.ended;
        const record = await office.over(call.id);
        expect(record).toMatchObject({ outcome: "completed", screening: { verdict: "person" } });
        expect(live.heard()).toEqual([message]);
        expect(verdictsOf(live)).toHaveLength(1);
      }
    },
  );

  it("that the detector is not sure of is a person", async () => {
    const to = somebody();
    office.twilio.callee(to).detectedAs("unknown");
    const { call, live } = await place("hangup", { to });
    await live.ended;
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed", answeredBy: "unknown" });
    expect(live.heard()).toEqual([MESSAGE]);
  });

  it("of whom no verdict ever comes hears the message, and is let go when it is given up", async () => {
    const to = somebody();
    office.twilio.callee(to).detectedAs("never");
    const { call, live } = await place("leave-message", { to });
    await eventually(async () => (await office.record(call.id)).screening?.said === true);
    expect(live.status).toBe("in-progress");
    await office.clock.advance(SCREENING_MS + 1);
    expect(await live.ended).toMatchObject({ status: "completed" });
    expect(await office.over(call.id)).toMatchObject({ outcome: "completed", answeredBy: null });
    expect(live.heard()).toEqual([MESSAGE]);
  });

  it("talks with the agent as if nobody looked for machines", async () => {
    const to = somebody();
    office.twilio.callee(to).answers().says("Who is there?").thenHangsUp();
    const { call, live } = await place("leave-message", { to, mode: "conversation", message: "Hello?" });
    await live.ended;
    await office.over(call.id);
    expect(live.heard()).toEqual(["Hello?", "You said: Who is there?"]);
  });

  it("hears the message once although the reply to the create was lost", async () => {
    const fresh = await openOffice({ outbound: { answeringMachine: "hangup" } });
    try {
      const to = somebody();
      fresh.twilio.callee(to).answers();
      fresh.twilio.fail("create", { kind: "lose-reply" });
      // It is not found by looking for it: the callbacks tell that it lives.
      fresh.twilio.fail("list", { kind: "error", status: 503 }, 100);
      const { call, live } = await fresh.place({ to, message: MESSAGE });
      await live.ended;
      await fresh.over(call.id);
      expect(live.heard()).toEqual([MESSAGE]);
      expect(fresh.twilio.requestsOf("create")).toHaveLength(1);
      // The next look is the last.
      await fresh.clock.advance(1_000);
      await fresh.atRest();
    } finally {
      await fresh.close();
    }
  });
});

describe("a machine", () => {
  it("is hung up on as soon as it is known, which may be in the middle of the words", async () => {
    const to = somebody();
    office.twilio.callee(to).machine({ greetingMs: 20_000 });
    const { call, live } = await place("hangup", { to, message: LONG });
    expect(await live.ended).toEqual({ status: "completed", by: "api" });
    expect(await office.over(call.id)).toMatchObject({
      outcome: "voicemail",
      answeredBy: "machine",
      evidence: { hungUpBy: "us" },
    });
  });

  it("that is known after the message has been said is hung up on all the same", async () => {
    const to = somebody();
    office.twilio.callee(to).detectedAs("never");
    const { call, live } = await place("hangup", { to });
    await eventually(async () => (await office.record(call.id)).screening?.said === true);
    expect((await verdict(call.id, live, "machine_start")).status).toBe(204);
    await live.ended;
    expect(await office.over(call.id)).toMatchObject({ outcome: "voicemail" });
  });

  it.each([
    ["with a beep", true, "machine_end_beep"],
    ["without one", false, "machine_end_silence"],
  ])("%s is left the message once its greeting is over", async (_, beep, word) => {
    const to = somebody();
    office.twilio.callee(to).machine({ greetingMs: 6_000, beep });
    const { call, live } = await place("leave-message", { to });
    await live.ended;
    expect(await office.over(call.id)).toMatchObject({ outcome: "voicemail", answeredBy: "machine" });
    // What was said while nothing was known, into the greeting, and then the message on the recording.
    expect(live.heard()).toEqual([MESSAGE, MESSAGE]);
    expect(verdictsOf(live)[0]?.params["AnsweredBy"]).toBe(word);
    expect(await office.said(call.id)).toContain(`agent: ${MESSAGE}`);
  });

  it("whose greeting is over before the message is leaves it from its beginning", async () => {
    const to = somebody();
    office.twilio.callee(to).machine({ greetingMs: 1_000 });
    const { call, live } = await place("leave-message", { to, message: LONG });
    await live.ended;
    expect(await office.over(call.id)).toMatchObject({ outcome: "voicemail" });
    expect(live.heard()).toEqual([LONG, LONG]);
  });

  it("hears the message once where it does not matter who it is", async () => {
    const to = somebody();
    office.twilio.callee(to).machine({ greetingMs: 6_000 });
    const { call, live } = await place("continue", { to, message: LONG });
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(await office.over(call.id)).toMatchObject({ outcome: "voicemail" });
    expect(live.heard()).toEqual([LONG]);
  });

  it("that talks with the agent is left the first words, and the agent is stopped", async () => {
    const to = somebody();
    office.twilio.callee(to).detectedAs("never");
    const { call, live } = await place("leave-message", { to, mode: "conversation", message: "Hello?" });
    office.agent.thinks(call.id);
    await live.listening();
    void live.speak("You have reached the voicemail of");
    const turn = await office.agent.asked();
    await verdict(call.id, live, "machine_end_beep");
    await live.ended;
    expect(turn.aborted).toBe(true);
    expect(live.heard()).toEqual(["Hello?", "Hello?"]);
    expect(await office.over(call.id)).toMatchObject({ outcome: "voicemail" });
  });

  it("is told of twice and left one message", async () => {
    const to = somebody();
    office.twilio.deliveries.duplicate = true;
    office.twilio.callee(to).machine({ greetingMs: 4_000 });
    const { call, live } = await place("leave-message", { to });
    await live.ended;
    await office.over(call.id);
    expect(live.heard()).toEqual([MESSAGE, MESSAGE]);
  });
});

describe("digits before the first words", () => {
  it("are pressed by the document when machines are looked for, so that they are", async () => {
    const to = somebody();
    const { call, live } = await place("leave-message", { to, digits: "12#" });
    await live.ended;
    await office.over(call.id);
    expect(createOf(to)?.has("SendDigits")).toBe(false);
    expect(live.pressed()).toEqual(["12#"]);
    expect(verdictsOf(live)).toHaveLength(1);
  });
});
