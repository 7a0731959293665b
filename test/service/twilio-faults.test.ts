import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LiveCall } from "../emulator/twilio/index.ts";
import { openOffice, OURS, WEBHOOK, type Office } from "./office.ts";
import { eventually } from "../support/eventually.ts";

let office: Office;
let last = 0;
const somebody = (): string => `+1555030${String(++last).padStart(4, "0")}`;

beforeAll(async () => {
  office = await openOffice({ inboundPolicy: "open" });
});

afterEach(async () => {
  Object.assign(office.twilio.faults, { reorder: false, lateAnswer: false });
  office.twilio.deliveries.duplicate = false;
  await office.twilio.deliveries.settled();
  await office.atRest();
});

afterAll(() => office.close());

const initiate = (to: string) =>
  office.plant.switchboard.initiate({ to, message: "Hello?", mode: "notify", requester: { surface: "rpc" } });
const createsTo = (to: string) =>
  office.twilio.requestsOf("create").filter(({ params }) => params.get("To") === to).length;
const typesOf = async (callId: string) =>
  (await office.store.events({ after: 0, limit: 1_000, callId })).map(({ type }) => type);
const newest = async () => (await office.store.recent(1))[0];

/** A conversation of two turns, from the first ring to the hang-up. */
async function wholeConversation(): Promise<{ id: string; live: LiveCall }> {
  const to = somebody();
  office.twilio.callee(to).answers().says("One.", "Two.").thenHangsUp();
  const { call, live } = await office.place({ to, mode: "conversation", message: "Hello?" });
  await live.ended;
  await office.over(call.id);
  await office.twilio.deliveries.settled();
  return { id: call.id, live };
}

describe("webhooks that come", () => {
  it("twice change nothing the second time", async () => {
    const plain = await wholeConversation();
    office.twilio.deliveries.duplicate = true;
    const doubled = await wholeConversation();
    expect(office.twilio.deliveries.all.filter(({ repeated }) => repeated).length).toBeGreaterThan(5);
    expect(doubled.live.heard()).toEqual(plain.live.heard());
    expect(await office.said(doubled.id)).toEqual(await office.said(plain.id));
    expect((await typesOf(doubled.id)).toSorted()).toEqual((await typesOf(plain.id)).toSorted());
    expect(office.reports.filter(({ call }) => call.id === doubled.id)).toHaveLength(1);
  });

  it("out of order leave the same record", async () => {
    office.twilio.faults.reorder = true;
    const { id, live } = await wholeConversation();
    expect(live.heard()).toEqual(["Hello?", "You said: One.", "You said: Two."]);
    expect(await office.record(id)).toMatchObject({ state: "ended", outcome: "completed" });
  });

  it("after the end, an answer too, are recorded and move nothing", async () => {
    office.twilio.faults.lateAnswer = true;
    const { id, live } = await wholeConversation();
    const before = await office.record(id);
    const answered = office.twilio.deliveries.all.filter(
      ({ params }) => params["CallSid"] === live.sid && params["CallStatus"] === "in-progress",
    );
    expect(answered.length).toBeGreaterThan(0);
    const late = await office.twilio.deliveries.deliver("status", `${WEBHOOK}?call=${id}&event=status`, {
      ...live.fields(),
      CallStatus: "in-progress",
      SequenceNumber: "99",
    });
    expect(late.status).toBe(204);
    const after = await office.record(id);
    expect({ ...after, version: 0 }).toEqual({ ...before, version: 0 });
    expect(office.reports.filter(({ call }) => call.id === id)).toHaveLength(1);
  });

  it("again much later get no token and no words, whatever they asked for", async () => {
    const { id, live } = await office.converse(somebody());
    await live.speak("One.");
    await live.hears("You said: One.");
    await live.listening();
    const before = await office.record(id);
    const turns = office.twilio.deliveries.all.filter(
      ({ kind, params }) => kind === "document" && params["CallSid"] === live.sid,
    );
    expect(turns).toHaveLength(1);
    for (const turn of turns) {
      const reply = await office.twilio.deliveries.replay(turn);
      expect(reply.status).toBe(200);
      expect(reply.body).not.toMatch(/turn=|<Say/);
    }
    expect(await office.record(id)).toEqual(before);
    await live.hangUp();
    await office.over(id);
  });

  it("for a listening turn that has passed answer nothing", async () => {
    const { id, live } = await office.converse(somebody());
    const { action = "" } = (await live.listening()).attributes;
    await live.speak("One.");
    await live.hears("You said: One.");
    await live.listening();
    const said = await office.said(id);
    const stale = { ...live.fields(), SpeechResult: "Something else.", Confidence: "0.9" };
    await office.twilio.deliveries.deliver("document", action, stale);
    expect(await office.said(id)).toEqual(said);
    expect(office.agent.heard).not.toContain("Something else.");
    await live.hangUp();
    await office.over(id);
  });
});

describe("a request that Twilio did not make", () => {
  it.each([
    ["a forged signature", (genuine: string) => genuine.replace(/^../, "AA"), 403],
    ["somebody else's signature", () => Buffer.alloc(20, 7).toString("base64"), 403],
    ["an empty signature", () => "", 401],
  ] as const)("with %s changes nothing", async (_, forge, status) => {
    const { id, live } = await office.converse(somebody());
    const before = await office.record(id);
    const url = `${WEBHOOK}?call=${id}&event=status`;
    const params = { ...live.fields(), CallStatus: "completed" };
    const signature = forge(office.twilio.deliveries.sign(url, params));
    const reply = await office.twilio.deliveries.replay(
      {
        kind: "status",
        url,
        params,
        signature: "",
        reply: { status: 0, contentType: "", body: "" },
        repeated: true,
      },
      signature,
    );
    expect(reply.status).toBe(status);
    expect(await office.record(id)).toEqual(before);
    await live.hangUp();
    await office.over(id);
  });

  it("to another path, or signed for another URL, changes nothing", async () => {
    const { id, live } = await office.converse(somebody());
    const before = await office.record(id);
    const params = { ...live.fields(), CallStatus: "completed" };
    const elsewhere = WEBHOOK.replace("/voice/webhook", "/voice/other");
    const lost = await office.twilio.deliveries.deliver(
      "status",
      `${elsewhere}?call=${id}&event=status`,
      params,
    );
    expect(lost.status).toBe(404);
    const local = `http://127.0.0.1:${office.plant.port}/voice/webhook?call=${id}&event=status`;
    expect((await office.twilio.deliveries.deliver("status", local, params)).status).toBe(403);
    expect(await office.record(id)).toEqual(before);
    await live.hangUp();
    await office.over(id);
  });

  it("but that names another call than its own changes neither", async () => {
    const [one, other] = [await office.converse(somebody()), await office.converse(somebody())];
    const before = [await office.record(one.id), await office.record(other.id)];
    const params = { ...one.live.fields(), CallStatus: "completed" };
    const url = `${WEBHOOK}?call=${other.id}&event=status`;
    expect((await office.twilio.deliveries.deliver("status", url, params)).status).toBe(204);
    expect([await office.record(one.id), await office.record(other.id)]).toEqual(before);
    await Promise.all([one, other].map(({ live }) => live.hangUp()));
    await Promise.all([one, other].map(({ id }) => office.over(id)));
  });

  it("from another account changes nothing", async () => {
    const count = (await office.store.recent(1_000)).length;
    const offer = {
      AccountSid: `AC${"f".repeat(32)}`,
      CallSid: `CA${"8".repeat(32)}`,
      CallStatus: "ringing",
      Direction: "inbound",
      From: somebody(),
      To: OURS,
    };
    expect((await office.twilio.deliveries.deliver("document", WEBHOOK, offer)).status).toBe(403);
    expect((await office.store.recent(1_000)).length).toBe(count);
  });
});

describe("a create request", () => {
  it.each([
    [21215, 400, "VC_CARRIER_GEO"],
    [21219, 400, "VC_CARRIER_NUMBER_UNVERIFIED"],
    [20003, 401, "VC_CARRIER_AUTH"],
    [20429, 429, "VC_CARRIER_RATE"],
    [99999, 400, "VC_CARRIER_REFUSED"],
  ])(
    "that Twilio refuses with %i says what to do, is sent once and leaves a failed record",
    async (code, status, ours) => {
      const to = somebody();
      office.twilio.fail("create", { kind: "error", status, code });
      await expect(initiate(to)).rejects.toMatchObject({ code: ours });
      expect(createsTo(to)).toBe(1);
      expect(await newest()).toMatchObject({ to, outcome: "failed", evidence: { error: ours } });
    },
  );

  it("that cannot reach Twilio fails as unreachable", async () => {
    const gone = await openOffice();
    await gone.twilio.close();
    try {
      const call = { message: "Hello?", mode: "notify", requester: { surface: "rpc" } } as const;
      const placed = gone.plant.switchboard.initiate(call);
      await expect(placed).rejects.toMatchObject({ code: "VC_CARRIER_UNREACHABLE" });
    } finally {
      await gone.close();
    }
  });
});

// Twilio's clock and ours must agree here, so nothing before these has moved ours.
describe("a create request whose reply is lost", () => {
  it.each([
    ["by the connection", { kind: "lose-reply" }],
    ["in a server error that was carried out", { kind: "error", status: 500, carriedOut: true }],
  ] as const)("%s is found at Twilio and never sent again", async (_, fault) => {
    const fresh = await openOffice();
    try {
      fresh.twilio.fail("create", fault);
      const { call, live } = await fresh.place({ to: somebody() });
      expect(call.carrierCallId).toBe(live.sid);
      await live.ended;
      expect(await fresh.over(call.id)).toMatchObject({ outcome: "completed" });
      expect(live.heard()).toEqual(["Dinner is ready."]);
      await fresh.atRest();
      expect(fresh.twilio.requestsOf("create")).toHaveLength(1);
    } finally {
      await fresh.close();
    }
  });

  it.each([
    ["a reset connection", { kind: "reset" }],
    ["a server error", { kind: "error", status: 500 }],
  ] as const)("by %s and that nobody finds is uncertain, and never sent again", async (_, fault) => {
    const to = somebody();
    office.twilio.fail("create", fault);
    let failure: unknown;
    void initiate(to).catch((error: unknown) => (failure = error));
    await eventually(async () => {
      await office.clock.advance(1_000);
      return failure !== undefined;
    });
    expect(failure).toMatchObject({ code: "VC_CARRIER_UNCERTAIN" });
    expect(await newest()).toMatchObject({ to, outcome: "lost" });
    expect(createsTo(to)).toBe(1);
    expect(office.twilio.requestsOf("list").length).toBeGreaterThan(1);
    // The last look that is still planned.
    await office.clock.advance(60_000);
  });
});
