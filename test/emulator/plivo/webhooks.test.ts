import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAIN, PUBLIC, document } from "./desk.ts";
import { goodbye, HER, listenAfter, openRig, type Rig } from "./rig.ts";

/** Inbound calls and what webhooks carry. */

let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
});

afterEach(() => rig.close());

describe("an inbound call", () => {
  beforeEach(() => {
    rig.emulator.setApplication({ answerUrl: `${PUBLIC}/in`, hangupUrl: `${PUBLIC}/hangup` });
  });

  it("is offered, answered and talked to", async () => {
    rig.route({ "/in": listenAfter("Welcome."), "/input": goodbye });
    const live = rig.emulator.ring(HER, {
      fields: { STIRVerification: "Verified", ForwardedFrom: "15550103333" },
    });
    await live.speak("Hello.");
    expect(await live.ended).toMatchObject({ by: "document", code: 4000 });
    expect(live.heard()).toEqual(["Welcome.", "Goodbye."]);
    expect(rig.desk.at("/in")[0]?.fields).toMatchObject({
      CallStatus: "ringing",
      CallUUID: live.id,
      Direction: "inbound",
      Event: "StartApp",
      ForwardedFrom: "15550103333",
      From: HER.slice(1),
      STIRVerification: "Verified",
      To: rig.emulator.ours.slice(1),
    });
    expect(rig.desk.at("/in")[0]?.fields).not.toHaveProperty("RequestUUID");
    expect(rig.desk.at("/input")[0]?.fields).toMatchObject({ CallStatus: "in-progress" });
    expect(rig.desk.arrivals.every(({ genuine }) => genuine)).toBe(true);
  });

  it.each([
    ["rejected", 3020],
    ["busy", 3010],
  ])("is refused as %s and never answered", async (reason, code) => {
    rig.route({ "/in": (response) => void response.addHangup({ reason }) });
    const live = rig.emulator.ring(HER);
    expect(await live.ended).toEqual({ by: "document", code, source: "Answer XML", status: "busy" });
    expect(rig.hangup()).toMatchObject({ AnswerTime: "", Duration: "0", HangupSource: "Answer XML" });
  });

  it.each([
    ["a bare Hangup", "<Response><Hangup/></Response>", 4000],
    ["an empty document", "<Response/>", 4010],
    ["a refusal that is not first", '<Response><Speak>x</Speak><Hangup reason="busy"/></Response>', 4000],
  ])("is answered by %s", async (_, body, code) => {
    rig.desk.answer = () => ({ body });
    expect(await rig.emulator.ring(HER).ended).toMatchObject({ code, status: "completed" });
    expect(rig.hangup()?.["AnswerTime"]).not.toBe("");
  });

  it("is hung up by the caller after a while", async () => {
    rig.emulator.callee(HER).says("Hello.").hangsUpAfter(5000);
    rig.route({ "/in": listenAfter("Welcome."), "/input": listenAfter("Go on.") });
    expect(await rig.emulator.ring(HER).ended).toMatchObject({ by: "callee", code: 4000, source: "Caller" });
  });

  it("fails when its URL does", async () => {
    rig.desk.answer = ({ path }) => ({ status: path === "/in" ? 403 : 200 });
    expect(await rig.emulator.ring(HER).ended).toMatchObject({ code: 7011, status: "failed" });
  });

  it("can withhold its number and give up", async () => {
    rig.desk.answer = ({ path }) => (path === "/in" ? null : {});
    const live = rig.emulator.ring(HER, { withheld: true });
    await expect.poll(() => rig.desk.at("/in").length).toBe(1);
    expect(rig.desk.at("/in")[0]?.fields["From"]).toBe("anonymous");
    expect(await live.hangUp()).toMatchObject({
      by: "callee",
      code: 1000,
      source: "Caller",
      status: "cancel",
    });
  });
});

describe("webhooks", () => {
  it("to another machine are not sent", async () => {
    rig.emulator.setApplication({ answerUrl: "https://elsewhere.example.test/in" });
    expect(await rig.emulator.ring(HER).ended).toMatchObject({ code: 7011 });
    expect(rig.emulator.problems).toContain(
      "answer: https://elsewhere.example.test/in is not on this machine",
    );
  });

  it("all pass the official package, whatever they carry", async () => {
    rig.emulator.callee(HER).says("Ça va ? 100 % & ümlaut = 你好 🎉").thenHangsUp();
    rig.desk.answer = ({ path }) =>
      path === "/answer" || path === "/input" ? document(listenAfter("Hi.")) : {};
    await (
      await rig.dial({ machineDetection: "true", machineDetectionUrl: `${PUBLIC}/m` })
    ).ended;
    expect(rig.desk.at("/input")[0]?.fields["Speech"]).toBe("Ça va ? 100 % & ümlaut = 你好 🎉");
    expect(rig.desk.arrivals.map(({ genuine }) => genuine)).not.toContain(false);
  });

  it("come twice with another nonce", async () => {
    rig.emulator.webhooks.duplicate = true;
    rig.route({ "/answer": goodbye });
    await (
      await rig.dial()
    ).ended;
    await rig.emulator.webhooks.settled();
    expect(rig.desk.arrivals).toHaveLength(6);
    expect(new Set(rig.desk.arrivals.map(({ headers }) => headers["x-plivo-signature-v3-nonce"])).size).toBe(
      6,
    );
  });

  it("can be replayed byte for byte, and forged", async () => {
    rig.route({ "/answer": goodbye });
    await (
      await rig.dial()
    ).ended;
    const [first] = rig.emulator.webhooks.all;
    if (first === undefined) throw new Error("nothing was sent");
    await rig.emulator.webhooks.replay(first);
    const [original, , , replayed] = rig.desk.arrivals;
    expect(replayed).toEqual(original);
    await rig.emulator.webhooks.forge(first, "AAAA");
    await rig.emulator.webhooks.forge(first, null);
    const [forged, unsigned] = rig.desk.arrivals.slice(4);
    expect([forged?.genuine, unsigned?.genuine]).toEqual([false, false]);
    expect(unsigned?.headers).not.toHaveProperty("x-plivo-signature-v3");
    expect(unsigned?.headers).toHaveProperty("x-plivo-signature-v2");
  });

  it("can come with the ring last", async () => {
    rig.emulator.faults.lateRing = true;
    await (
      await rig.dial()
    ).ended;
    await rig.emulator.webhooks.settled();
    expect(rig.desk.arrivals.map(({ path }) => path)).toEqual(["/answer", "/hangup", "/ring"]);
  });

  it("that fail are a problem, but end no call", async () => {
    rig.desk.answer = ({ path }) => (path === "/answer" ? document(goodbye) : { status: 500 });
    expect(await (await rig.dial()).ended).toMatchObject({ code: 4000 });
    expect(rig.emulator.problems).toEqual(["ring: HTTP 500", "hangup: HTTP 500"]);
  });

  it.each([
    ["the subaccount", "sub-token", "x-plivo-signature-v3"],
    ["the main account", MAIN.authToken, "x-plivo-signature-ma-v3"],
  ])("of a subaccount are signed by %s too", async (_, token, header) => {
    await rig.close();
    rig = await openRig({ subaccount: { authId: "SAXXXXXXXXXXXXXXXXXX", authToken: "sub-token" } }, token);
    rig.route({ "/answer": goodbye });
    await (
      await rig.dial()
    ).ended;
    const sent = rig.emulator.webhooks.all.map(({ signatures }) => signatures[header]);
    expect(sent.every((signature) => /^[\w+/]{43}=$/.test(signature ?? ""))).toBe(true);
    expect(rig.desk.arrivals.every(({ genuine }) => genuine)).toBe(token === "sub-token");
    expect(rig.desk.arrivals[0]?.headers["x-plivo-signature-v3"]).not.toBe(
      rig.desk.arrivals[0]?.headers["x-plivo-signature-ma-v3"],
    );
  });

  it("list the signatures of old tokens while tokens change", async () => {
    await rig.close();
    rig = await openRig({ oldTokens: ["old-token"] });
    await (
      await rig.dial()
    ).ended;
    for (const { headers, genuine } of rig.desk.arrivals) {
      expect(String(headers["x-plivo-signature-v3"]).split(",")).toHaveLength(2);
      expect(genuine).toBe(true);
    }
  });
});
