import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Office, THEIRS, THIRD } from "./office.ts";

/** The webhooks of the emulated Telnyx: signed, retried, doubled, late and out of order. */

let office: Office;

beforeEach(async () => {
  office = await Office.open();
});

afterEach(() => office.close());

/** A call that is answered and over, with all its webhooks. */
async function wholeCall(more = {}): Promise<void> {
  office.emulator.callee(THEIRS).answers(100).hangsUpAfter(100);
  await office.emulator.call(await office.dial(more)).ended;
  await office.emulator.webhooks.settled();
}

const ids = (): readonly string[] => office.seen.map((event) => event.id);

describe("webhooks", () => {
  it("are JSON in an envelope, with headers that the official client verifies", async () => {
    await wholeCall();
    const [first] = office.emulator.webhooks.all;
    expect(JSON.parse(first?.body ?? "")).toEqual({
      data: {
        record_type: "event",
        event_type: "call.initiated",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        payload: expect.objectContaining({ direction: "outgoing", state: "bridging", client_state: null }),
      },
      meta: { attempt: 1, delivered_to: office.url },
    });
    expect(Buffer.from(office.emulator.publicKey, "base64")).toHaveLength(32);
    expect(office.emulator.webhooks.all.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("tell their order by the time", async () => {
    await wholeCall();
    const times = office.seen.map((event) => event.occurredAt);
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBe(3);
  });

  it("go to the application unless the call says otherwise, or the answer to it", async () => {
    await wholeCall({ webhook_url: `${office.url}?call` });
    const { id } = office.emulator.ring(THIRD);
    await office.sees("call.initiated", id);
    await office.telnyx.calls.actions.answer(id, { webhook_url: `${office.url}?answer`, ...office.once() });
    await office.sees("call.answered", id);
    await office.emulator.webhooks.settled();
    const queries = office.emulator.webhooks.all.map(({ url }) => url.slice(office.url.length));
    expect(queries).toEqual(["?call", "?call", "?call", "", "?answer"]);
  });

  it("go nowhere without a URL, which is a problem", async () => {
    office.emulator.webhookUrl = null;
    await wholeCall();
    expect(office.seen).toEqual([]);
    expect(office.emulator.problems[0]).toMatch(/^call.initiated: .*no.*webhook URL|neither/);
  });

  it("reach a public name where it is really served", async () => {
    const { url } = office;
    const far = await Office.open({ reach: (name) => name.replace("https://voice.example.test/hook", url) });
    far.emulator.webhookUrl = "https://voice.example.test/hook";
    await far.emulator.call(await far.dial()).hangUp();
    const hosts = far.emulator.webhooks.all.map((sent) => sent.url);
    expect(new Set(hosts)).toEqual(new Set(["https://voice.example.test/hook"]));
    await far.close();
    // They were signed with the other account's key.
    expect(office.refused.splice(0).length).toBe(hosts.length);
  });

  it("echo no state when told so", async () => {
    const mute = await Office.open({ echoClientState: false });
    const id = await mute.reach({ client_state: "YQ==" });
    await mute.hangUp(id);
    await mute.sees("call.hangup");
    expect(mute.seen.map((event) => event.payload["client_state"])).toEqual([null, null, null]);
    await mute.close();
  });
});

describe("a webhook that fails", () => {
  it.each([408, 429, 500, 503])("with %i comes again, newly signed, under the same id", async (status) => {
    office.answer = ({ type, attempt }) => (type === "call.answered" && attempt < 3 ? status : 200);
    await wholeCall();
    const tries = office.seen.filter((event) => event.type === "call.answered");
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect(office.emulator.problems).toEqual(Array(2).fill(`webhook call.answered: HTTP ${status}`));
    const sent = office.emulator.webhooks.all.filter(({ event }) => event.event_type === "call.answered");
    expect(new Set(sent.map(({ signature }) => signature)).size).toBe(3);
  });

  it("with 400 is not tried again", async () => {
    office.answer = () => 400;
    await wholeCall();
    expect(office.types).toEqual(["call.initiated", "call.answered", "call.hangup"]);
    expect(office.emulator.problems).toHaveLength(3);
  });

  it("is given up in the end", async () => {
    office.answer = ({ type }) => (type === "call.hangup" ? 500 : 200);
    await wholeCall();
    expect(office.seen.filter((event) => event.type === "call.hangup").map(({ attempt }) => attempt)).toEqual(
      [1, 2, 3, 4],
    );
  });

  it("is one that is not answered in time", async () => {
    const hasty = await Office.open({ webhookTimeoutMs: 30 });
    hasty.answer = ({ attempt }) => (attempt === 1 ? 0 : 200);
    await hasty.emulator.call(await hasty.dial()).hangUp();
    await hasty.emulator.webhooks.settled();
    expect(hasty.emulator.problems).toContain("webhook call.hangup: no answer in time");
    expect(hasty.seen.filter((event) => event.type === "call.hangup").map(({ attempt }) => attempt)).toEqual([
      1, 2,
    ]);
    expect(hasty.emulator.webhooks.all[0]?.status).toBe(0);
    await hasty.close();
  });

  it("follows the call's own policy", async () => {
    office.answer = ({ type }) => (type === "call.initiated" ? 500 : 200);
    await wholeCall({ webhook_retries_policies: { "call.initiated": { retries_ms: [500] } } });
    expect(office.seen.filter((event) => event.type === "call.initiated")).toHaveLength(2);
  });

  it("does not hold up the others", async () => {
    office.answer = ({ type, attempt }) => (type === "call.initiated" && attempt === 1 ? 500 : 200);
    await wholeCall({ webhook_retries_policies: { "call.initiated": { retries_ms: [10_000] } } });
    expect(office.types).toEqual(["call.initiated", "call.answered", "call.hangup", "call.initiated"]);
  });
});

describe("webhooks that go astray", () => {
  it("come twice under the same id", async () => {
    office.emulator.webhooks.duplicate = true;
    await wholeCall();
    expect(office.seen).toHaveLength(6);
    expect(new Set(ids()).size).toBe(3);
    expect(office.seen.map(({ attempt }) => attempt).toSorted((one, other) => one - other)).toEqual([
      1, 1, 1, 2, 2, 2,
    ]);
    expect(office.emulator.webhooks.all.filter(({ repeated }) => repeated)).toHaveLength(3);
  });

  it("come in another order", async () => {
    office.emulator.faults.reorder = true;
    await wholeCall();
    expect(office.types).toEqual(["call.answered", "call.initiated", "call.hangup"]);
    const times = office.seen.map((event) => event.occurredAt);
    expect(times).not.toEqual(times.toSorted());
  });

  it("come out of order but not never", async () => {
    office.emulator.faults.reorder = true;
    office.emulator.ring(THEIRS);
    await office.sees("call.initiated");
    expect(office.types).toEqual(["call.initiated"]);
  });

  it("are given up when Telnyx itself goes away", async () => {
    const gone = await Office.open();
    gone.emulator.faults.delay = () => 600_000;
    gone.answer = () => 500;
    await gone.dial();
    await gone.emulator.nextCall();
    await gone.close();
    expect(gone.seen).toEqual([]);
  });

  it("come after the end", async () => {
    office.emulator.faults.delay = (type) => (type === "call.answered" ? 100 : 0);
    await wholeCall();
    expect(office.types).toEqual(["call.initiated", "call.hangup", "call.answered"]);
  });
});

describe("webhooks that are not genuine, or not new", () => {
  it("are the same to the byte when replayed, and refused when forged", async () => {
    await wholeCall();
    const { webhooks } = office.emulator;
    const [first] = webhooks.all;
    if (first === undefined) throw new Error("nothing was sent");
    expect(await webhooks.replay(first)).toEqual({ status: 200, body: "" });
    expect(ids()[3]).toBe(ids()[0]);
    expect(await webhooks.forge(first, `${"A".repeat(86)}==`)).toMatchObject({ status: 403 });
    expect(await webhooks.forge(first, null)).toMatchObject({ status: 403 });
    expect(office.refused.splice(0)).toEqual([
      expect.stringContaining("does not match"),
      expect.stringContaining("Missing required header"),
    ]);
  });

  it("are refused when they are old, and can hold anything at all", async () => {
    const { webhooks } = office.emulator;
    const old = String(Math.floor(Date.now() / 1000) - 301);
    expect(await webhooks.sendSigned(office.url, "{}", old)).toBe(403);
    expect(office.refused.splice(0)).toEqual([expect.stringContaining("too old")]);
    const event = {
      event_type: "call.unheard_of",
      id: "1",
      occurred_at: "2026-01-01T00:00:00Z",
      payload: {},
    };
    const body = JSON.stringify({ data: event, meta: { attempt: 1 } });
    expect(await webhooks.sendSigned(office.url, body)).toBe(200);
    expect(office.types).toEqual(["call.unheard_of"]);
  });

  it("are told apart: speech, and the rest", async () => {
    const call = office.emulator.call(await office.reach());
    await office.listen(call.id);
    await call.speak("Hello.");
    const speech = office.emulator.webhooks.all.filter(({ isSpeech }) => isSpeech);
    expect(speech.map(({ event }) => event.event_type)).toEqual(["call.transcription"]);
    await expect(office.emulator.webhooks.replay({ url: "", status: 0, isSpeech: false })).rejects.toThrow(
      "never sent",
    );
  });
});
