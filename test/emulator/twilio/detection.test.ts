import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDesk, type Desk } from "../../carrier/twilio/desk.ts";
import { ACCOUNT, TOKEN } from "../../carrier/twilio/fixtures.ts";
import { startTwilioEmulator, type LiveCall, type TwilioEmulator } from "./index.ts";

/** Answering machine detection and hand-overs as Twilio does them, by requests that no code of ours has made. */

const TO = "+15550100001";
const FROM = "+15550001111";
const OTHER = "+15550100002";
const TALK = '<Response><Say>One.</Say><Pause length="30"/></Response>';

let emulator: TwilioEmulator;
let desk: Desk;

beforeEach(async () => {
  emulator = await startTwilioEmulator({ accountSid: ACCOUNT, authToken: TOKEN, ownNumbers: [FROM] });
  desk = await openDesk();
});

afterEach(async () => {
  await emulator.close();
  await desk.close();
});

async function post(path: string, params: Readonly<Record<string, string>>) {
  const response = await fetch(`${emulator.url}/2010-04-01/Accounts/${ACCOUNT}${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64")}` },
    body: new URLSearchParams(params),
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

const create = (params: Readonly<Record<string, string>>) =>
  post("/Calls.json", { To: TO, From: FROM, Twiml: TALK, ...params });

async function dial(params: Readonly<Record<string, string>>): Promise<LiveCall> {
  const taken = emulator.nextCall();
  expect((await create(params)).status).toBe(201);
  return taken;
}

const beside = (mode: string) => ({
  MachineDetection: mode,
  AsyncAmd: "true",
  AsyncAmdStatusCallback: `${desk.url}?call=vc_1&event=machine`,
});

/** The fields of the verdict's callback. */
async function verdict(live: LiveCall): Promise<Readonly<Record<string, string>>> {
  await live.until("is found out", () => live.answeredBy !== null);
  await emulator.deliveries.settled();
  const sent = emulator.deliveries.all.find(({ url }) => url.includes("event=machine"));
  return sent?.params ?? {};
}

describe("a verdict", () => {
  it.each([
    ["Enable", {}, "human", 1500],
    ["DetectMessageEnd", {}, "human", 1500],
    ["Enable", { greetingMs: 9_000 }, "machine_start", 2400],
    ["DetectMessageEnd", { greetingMs: 9_000 }, "machine_end_beep", 9000],
    ["DetectMessageEnd", { greetingMs: 9_000, beep: false }, "machine_end_silence", 10_200],
    ["DetectMessageEnd", { greetingMs: 40_000 }, "unknown", 30_000],
  ] as const)("of %s on %o is %s, and comes in four fields", async (mode, machine, answeredBy, afterMs) => {
    if ("greetingMs" in machine) emulator.callee(TO).machine(machine);
    const live = await dial({ ...beside(mode), Twiml: TALK.replace("30", "60") });
    expect(await verdict(live)).toEqual({
      CallSid: live.sid,
      AccountSid: ACCOUNT,
      AnsweredBy: answeredBy,
      MachineDetectionDuration: String(afterMs),
    });
    expect(live.heard()).toEqual(["One."]);
  });

  it("comes never after the call, and not at all from a detector that has nothing to say", async () => {
    emulator.callee(TO).machine({ greetingMs: 9_000 }).hangsUpAfter(1_000);
    await (
      await dial(beside("DetectMessageEnd"))
    ).ended;
    emulator.callee(TO).detectedAs("never").hangsUpAfter(40_000);
    await (
      await dial(beside("Enable"))
    ).ended;
    expect(desk.events()).toEqual([]);
  });

  it("that is not to come beside the call holds the first document back, and is in every later request", async () => {
    desk.answer = () => ({ status: 200, contentType: "text/xml", body: "<Response><Hangup/></Response>" });
    emulator.callee(TO).machine();
    const Twiml = `<Response><Redirect>${desk.url}?call=vc_1&amp;fetch=n1</Redirect></Response>`;
    const live = await dial({ MachineDetection: "Enable", Twiml });
    await live.ended;
    const fetched = emulator.deliveries.all.find(({ kind }) => kind === "document");
    expect(fetched?.params["AnsweredBy"]).toBe("machine_start");
  });
});

describe("a create request that asks for detection", () => {
  it.each([
    ["MachineDetection", "Maybe"],
    ["AsyncAmd", "1"],
    ["AsyncAmdStatusCallback", "nowhere"],
    ["AsyncAmdStatusCallbackMethod", "PUT"],
    ["MachineDetectionTimeout", "2"],
    ["MachineDetectionSpeechThreshold", "999"],
    ["MachineDetectionSpeechEndThreshold", "5001"],
    ["MachineDetectionSilenceTimeout", "1.5"],
  ])("with %s=%s is refused", async (name, value) => {
    expect((await create({ ...beside("Enable"), [name]: value })).status).toBe(400);
  });

  it("and has digits sent is complained about: nothing is detected", async () => {
    emulator.callee(TO).machine().hangsUpAfter(20_000);
    const live = await dial({ ...beside("Enable"), SendDigits: "1" });
    await live.ended;
    expect(emulator.problems).toEqual(["SendDigits switches the answering machine detection off"]);
    expect(live.answeredBy).toBeNull();
  });
});

const action = () => `${desk.url}?call=vc_1&amp;transfer=1-n1`;
const hangUp = { status: 200, contentType: "text/xml", body: "<Response><Hangup/></Response>" };
const dialling = (attributes: string, rest = "") =>
  `<Response><Dial ${attributes}><Number>${OTHER}</Number></Dial>${rest}</Response>`;
const result = () => emulator.deliveries.all.find(({ url }) => url.includes("transfer="))?.params ?? {};

describe("a Dial", () => {
  it("lets the two talk, and tells its action how long", async () => {
    emulator.callee(OTHER).answers().hangsUpAfter(7_000);
    desk.answer = () => hangUp;
    const live = await dial({ Twiml: dialling(`action="${action()}" callerId="${FROM}"`) });
    await live.ended;
    expect(live.transferredTo()).toBe(OTHER);
    expect(result()).toMatchObject({ DialCallStatus: "completed", DialCallDuration: "7", CallSid: live.sid });
    expect(result()["DialCallSid"]).toMatch(/^CA[0-9a-f]{32}$/);
    expect(emulator.problems).toEqual([]);
  });

  it("without an action goes on with the document", async () => {
    emulator.callee(OTHER).busy();
    const live = await dial({ Twiml: dialling('timeout="5"', "<Say>Nobody there.</Say>") });
    await live.ended;
    expect(live.heard()).toEqual(["Nobody there."]);
  });

  it("ends with a redirect, unreported, and with the caller, reported", async () => {
    emulator.callee(OTHER).answers().hangsUpAfter(600_000);
    desk.answer = () => hangUp;
    const redirected = await dial({ Twiml: dialling(`action="${action()}"`) });
    await redirected.until("is handed over", () => redirected.transferredTo() !== null);
    await post(`/Calls/${redirected.sid}.json`, { Twiml: "<Response><Say>Back.</Say></Response>" });
    await redirected.ended;
    expect([redirected.heard(), result()]).toEqual([["Back."], {}]);

    const left = await dial({ Twiml: dialling(`action="${action()}"`) });
    await left.until("is handed over", () => left.transferredTo() !== null);
    await left.hangUp();
    await emulator.deliveries.settled();
    expect(result()).toMatchObject({ DialCallStatus: "canceled", CallStatus: "completed" });
  });

  it("that shows a number of somebody else, or calls nobody, is complained about", async () => {
    await (
      await dial({ Twiml: dialling('callerId="+15550100009"') })
    ).ended;
    await (
      await dial({ Twiml: "<Response><Dial><Number>me</Number></Dial></Response>" })
    ).ended;
    expect(emulator.problems).toEqual(["13214: callerId of Dial", "13224: Dial calls no valid number"]);
  });
});
