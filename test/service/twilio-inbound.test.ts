import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseTwiml } from "../emulator/twilio/index.ts";
import { openOffice, OURS, WEBHOOK, type Office } from "./office.ts";
import { eventually } from "../support/eventually.ts";

let office: Office;
let last = 0;
const somebody = (): string => `+1555020${String(++last).padStart(4, "0")}`;
/** Everybody on the list, one for each test. */
const FRIENDS = ["+15550003331", "+15550003332", "+15550003333", "+15550003335", "+15550003336"] as const;
const [ADA, BOB, CLEO, DORA, EVE] = FRIENDS;

beforeAll(async () => {
  office = await openOffice({
    inboundPolicy: "allowlist",
    allowFrom: FRIENDS,
    inboundGreeting: "Hi!",
  });
});

afterEach(() => office.atRest());

afterAll(() => office.close());

/** Replaces what is read anew for every call. */
const apply = (change: Partial<Office["config"]>): void => {
  office.config = { ...office.config, ...change };
};

const documentsOf = (sid: string) =>
  office.twilio.deliveries.all.filter(({ kind, params }) => kind === "document" && params["CallSid"] === sid);

describe("a caller on the list", () => {
  it("is greeted, talks with the agent and is on record under the caller's own session", async () => {
    office.twilio.callee(ADA).says("Are you open?").thenHangsUp();
    const live = office.ring(ADA, { StirVerstat: "TN-Validation-Passed-A" });
    expect(await live.ended).toEqual({ status: "completed", by: "callee" });
    expect(live.heard()).toEqual(["Hi!", "You said: Are you open?"]);
    const { id } = await office.callOf(live);
    // Too short for Twilio to have been asked for a report: the call is looked up instead.
    expect(await office.over(id)).toMatchObject({
      direction: "inbound",
      from: ADA,
      to: OURS,
      sessionKey: `phone:${ADA}`,
      attestation: "A",
      outcome: "completed",
      evidence: { source: "look-up" },
    });
    expect(await office.said(id)).toEqual([
      "agent: Hi!",
      "caller: Are you open?",
      "agent: You said: Are you open?",
    ]);
  });

  it("whose hang-up Twilio reports is over at once", async () => {
    const live = office.ring(BOB);
    await live.listening();
    const { id } = await office.callOf(live);
    await live.until("is watched", () => live.statusCallback !== null);
    await live.hangUp();
    expect(await office.over(id)).toMatchObject({
      outcome: "completed",
      evidence: { carrierCode: "completed" },
    });
    expect(live.timeLimitSec).toBe(300);
  });

  it("hangs up while it rings: canceled, and the greeting is never spoken", async () => {
    const live = office.ring(CLEO);
    await live.until("rings", () => live.status === "ringing");
    await live.hangUp();
    await eventually(() => documentsOf(live.sid).length === 1);
    const { id } = await office.callOf(live);
    expect(await office.over(id)).toMatchObject({ outcome: "canceled", evidence: { source: "look-up" } });
    expect(live.heard()).toEqual([]);
  });
});

describe("a caller who may not call", () => {
  it.each([
    ["a stranger", "+15550003334"],
    ["one digit more than an allowed number", `${CLEO}0`],
    ["an allowed number without its plus", CLEO.slice(1)],
    ["a withheld number", ""],
    ["a caller named Anonymous", "Anonymous"],
    ["a client address", `client:${CLEO}`],
  ])("%s is refused by the first verb, never answered, once, and on record", async (_, from) => {
    const before = office.twilio.requests.length;
    const live = office.ring(from);
    expect(await live.ended).toEqual({ status: "no-answer", by: "document" });
    const [request, ...more] = documentsOf(live.sid);
    expect(more).toEqual([]);
    expect(parseTwiml(request?.reply.body ?? "").children.map(({ name }) => name)).toEqual(["Reject"]);
    expect(live.heard()).toEqual([]);
    expect(await office.callOf(live)).toMatchObject({
      state: "refused",
      outcome: "rejected",
      answeredAt: null,
    });
    expect(office.twilio.requests.length).toBe(before);
  });

  it("is refused when calls are switched off, even from the list", async () => {
    apply({ inboundPolicy: "disabled" });
    const live = office.ring(DORA);
    expect(await live.ended).toEqual({ status: "no-answer", by: "document" });
    apply({ inboundPolicy: "allowlist" });
  });
});

describe("pairing", () => {
  it("tells a stranger a code and hangs up; once the owner approves it, the number is answered", async () => {
    apply({ inboundPolicy: "pairing" });
    const from = somebody();
    const first = office.ring(from);
    expect(await first.ended).toEqual({ status: "completed", by: "document" });
    expect(first.heard().join(" ")).toContain("1, 2, 3, 4, 5, 6");
    const { id } = await office.callOf(first);
    expect(await office.over(id)).toMatchObject({ outcome: "rejected" });

    await expect(office.plant.desk.approve("000000")).rejects.toMatchObject({ code: "VC_PAIRING_UNKNOWN" });
    expect(await office.plant.desk.approve("123456")).toMatchObject({ number: from });
    const second = office.ring(from);
    await second.hears("Hi!");
    await second.listening();
    await office.plant.switchboard.end((await office.callOf(second)).id);
    await second.ended;

    const withheld = office.ring("");
    expect(await withheld.ended).toEqual({ status: "no-answer", by: "document" });
    apply({ inboundPolicy: "allowlist" });
  });
});

describe("several callers", () => {
  it("talk at the same time, each with its own conversation", async () => {
    apply({ inboundPolicy: "open" });
    const callers = Array.from({ length: 8 }, somebody);
    for (const from of callers) office.twilio.callee(from).says(`I am ${from}.`);
    const lives = callers.map((from) => office.ring(from));
    await Promise.all(lives.map((live, at) => live.hears(`You said: I am ${callers[at]}.`)));
    const calls = await Promise.all(lives.map((live) => office.callOf(live)));
    expect(new Set(calls.map(({ sessionKey }) => sessionKey)).size).toBe(callers.length);
    await Promise.all(calls.map(({ id }) => office.plant.switchboard.end(id)));
    await Promise.all(lives.map((live) => live.ended));
    apply({ inboundPolicy: "allowlist" });
  });

  it("asking twice for one call make one record", async () => {
    office.twilio.deliveries.duplicate = true;
    const live = office.ring(EVE);
    await live.listening();
    office.twilio.deliveries.duplicate = false;
    await office.twilio.deliveries.settled();
    const call = await office.callOf(live);
    const ours = (await office.store.recent(1_000)).filter(({ carrierCallId }) => carrierCallId === live.sid);
    expect(ours).toHaveLength(1);
    await office.plant.switchboard.end(call.id);
    await live.ended;
  });

  it("of a number that reports late about a call nobody knows change nothing", async () => {
    const before = (await office.store.recent(1_000)).length;
    const reply = await office.twilio.deliveries.deliver("status", WEBHOOK, {
      AccountSid: office.config.twilio.accountSid ?? "",
      CallSid: `CA${"9".repeat(32)}`,
      CallStatus: "completed",
      From: EVE,
      To: OURS,
      Direction: "inbound",
      CallbackSource: "call-progress-events",
    });
    expect(reply).toMatchObject({ status: 204, body: "" });
    expect((await office.store.recent(1_000)).length).toBe(before);
  });
});
