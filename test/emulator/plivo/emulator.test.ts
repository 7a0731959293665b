import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAIN, PUBLIC, document, type Writer } from "./desk.ts";
import { goodbye, HER, LISTEN, listenAfter, openRig, type Rig } from "./rig.ts";

/** Whole calls between the official package and the emulated Plivo. */

/** Whom calls are handed over to. */
const OTHER = "+15550105678";

let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
});

afterEach(() => rig.close());

describe("a call to somebody who", () => {
  it("answers, is told and hung up on", async () => {
    rig.route({ "/answer": goodbye });
    const live = await rig.dial();
    expect(await live.ended).toEqual({
      by: "document",
      code: 4000,
      source: "Answer XML",
      status: "completed",
    });
    expect(live.heard()).toEqual(["Goodbye."]);
    expect(
      rig.desk.arrivals.map(({ path, fields }) => [path, fields["Event"], fields["CallStatus"]]),
    ).toEqual([
      ["/ring", "Ring", "ringing"],
      ["/answer", "StartApp", "in-progress"],
      ["/hangup", "Hangup", "completed"],
    ]);
    expect(rig.desk.at("/answer")[0]?.fields).toMatchObject({
      ALegRequestUUID: live.uuid,
      ALegUUID: live.uuid,
      CallUUID: live.uuid,
      Direction: "outbound",
      From: rig.emulator.ours.slice(1),
      ParentAuthID: MAIN.authId,
      RequestUUID: live.uuid,
      To: HER.slice(1),
      call: "vc_1",
    });
    expect(rig.hangup()).toMatchObject({
      BillDuration: "1",
      Duration: "1",
      HangupCause: "NORMAL_CLEARING",
      HangupCauseCode: "4000",
      HangupCauseName: "Normal Hangup",
      HangupSource: "Answer XML",
      TotalCost: "0.00850",
    });
    for (const time of ["StartTime", "AnswerTime", "EndTime"]) {
      expect(rig.hangup()?.[time]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
    expect(rig.emulator.problems).toEqual([]);
  });

  it.each([
    ["is busy", "busy", "3010", "Callee", false, (): unknown => rig.emulator.callee(HER).busy()],
    ["declines", "busy", "3020", "Callee", true, (): unknown => rig.emulator.callee(HER).declines()],
    ["does not answer", "timeout", "6010", "Plivo", true, (): unknown => rig.emulator.callee(HER).noAnswer()],
    ["does not exist", "failed", "3050", "Carrier", false, (): unknown => rig.emulator.callee(HER).fails()],
  ])("%s ends as %s with %s, without an answer", async (_, status, code, source, rings, describePerson) => {
    describePerson();
    const live = await rig.dial({ ringTimeout: 20 });
    expect((await live.ended).status).toBe(status);
    expect(rig.hangup()).toMatchObject({
      AnswerTime: "",
      CallStatus: status,
      Duration: "0",
      HangupCauseCode: code,
      HangupSource: source,
    });
    expect([rig.desk.at("/answer").length, rig.desk.at("/ring").length]).toEqual([0, Number(rings)]);
  });

  it("talks, is answered turn by turn, and hangs up", async () => {
    rig.emulator.callee(HER).says("Hello?", "Tell me more.").thenHangsUp();
    rig.desk.answer = ({ path, fields }) =>
      path === "/hangup"
        ? {}
        : document(listenAfter(fields["Speech"] ? `You said ${fields["Speech"]}` : "Hi."));
    const live = await rig.dial();
    expect(await live.ended).toMatchObject({ by: "callee", code: 4000, source: "Callee" });
    expect(live.heard()).toEqual(["Hi.", "You said Hello?", "You said Tell me more."]);
    expect(rig.desk.at("/input")[0]?.fields).toMatchObject({
      CallUUID: live.uuid,
      Digits: "",
      InputType: "speech",
      Speech: "Hello?",
      SpeechConfidenceScore: "0.92",
      turn: "1",
    });
    expect(rig.emulator.webhooks.all.filter((sent) => sent.isSpeech)).toHaveLength(2);
    expect(rig.emulator.problems).toEqual([]);
  });

  it("hangs up after a while, in the middle of anything", async () => {
    rig.emulator.callee(HER).hangsUpAfter(2000);
    rig.route({ "/answer": listenAfter("Hi.") });
    expect(await (await rig.dial()).ended).toMatchObject({ by: "callee" });
  });

  it("is told digits first, and takes tones", async () => {
    rig.route({
      "/answer": (response) => {
        response.addDTMF("12w3");
        response.addWait({ length: 1 });
      },
    });
    const live = await rig.dial({ sendDigits: "9#" });
    await live.ended;
    expect(live.pressed()).toEqual(["9#", "12w3"]);
  });

  it("calls from a number that is not ours are refused later", async () => {
    await rig.close();
    rig = await openRig({ ownNumbers: ["+15550109999"] });
    await rig.official.client.calls.create("15550101111", HER, `${PUBLIC}/answer`, {
      hangupUrl: `${PUBLIC}/hangup`,
    });
    const live = await rig.emulator.nextCall();
    expect(await live.ended).toMatchObject({ code: 3030, status: "failed" });
  });
});

describe("a listening turn", () => {
  it("takes words and keys from the test, and falls through when nothing is said", async () => {
    rig.desk.answer = ({ path }) => (path === "/hangup" ? {} : document(listenAfter("Go on.")));
    const live = await rig.dial();
    await live.listening();
    await live.speak("One.");
    await live.press("12#34");
    await live.silent();
    expect(await live.ended).toMatchObject({ by: "document", code: 4010, source: "Plivo" });
    expect(
      rig.desk.at("/input").map(({ fields }) => [fields["InputType"], fields["Digits"], fields["Speech"]]),
    ).toEqual([
      ["speech", "", "One."],
      ["dtmf", "12", ""],
    ]);
    expect(live.heard().at(-1)).toBe("Nothing heard.");
    expect(rig.hangup()).toMatchObject({ HangupCauseName: "End Of XML Instructions" });
  });

  it("stops the prompt when the person talks over it", async () => {
    rig.desk.answer = ({ path }) =>
      path === "/answer"
        ? document((response) => {
            const input = response.addGetInput(LISTEN);
            for (const text of ["First sentence.", "Never heard."]) input.addSpeak(text);
          })
        : document(goodbye);
    // Long enough for the test to listen from the first word on.
    rig.emulator.callee(HER).answers(30_000);
    const live = await rig.dial();
    await live.hears("First");
    await live.speak("Stop!");
    await live.ended;
    expect(live.heard()).toEqual(["First sentence.", "Goodbye."]);
  });

  it("of keys alone does not hear words", async () => {
    rig.route({
      "/answer": (response) => {
        response.addGetInput({ ...LISTEN, inputType: "dtmf", numDigits: 2, finishOnKey: "none" });
      },
      "/input": listenAfter("And?"),
    });
    rig.emulator.callee(HER).says("I speak.").thenHangsUp();
    const live = await rig.dial();
    await live.press("12#");
    await live.ended;
    expect(rig.desk.at("/input").map(({ fields }) => fields["Digits"] || fields["Speech"])).toEqual([
      "12",
      "I speak.",
    ]);
  });

  it("goes on with its own document when redirect is off", async () => {
    rig.route({
      "/answer": (response) => {
        response.addGetInput({ ...LISTEN, redirect: false });
        response.addSpeak("Thanks.");
      },
      "/input": (response) => void response.addSpeak("Not run."),
    });
    rig.emulator.callee(HER).says("Yes.");
    const live = await rig.dial();
    await live.ended;
    expect(live.heard()).toEqual(["Thanks."]);
    expect(rig.desk.at("/input")).toHaveLength(1);
  });

  it("tells words on the way to whoever wants them", async () => {
    rig.route({
      "/answer": (response) => {
        response.addGetInput({ ...LISTEN, interimSpeechResultsCallback: `${PUBLIC}/interim` });
      },
      "/input": goodbye,
    });
    rig.emulator.callee(HER).says("Yes please.");
    await (
      await rig.dial()
    ).ended;
    expect(rig.desk.at("/interim")[0]?.fields).toMatchObject({
      StableSpeech: "Yes please.",
      SequenceNumber: "1",
    });
  });
});

describe("a machine", () => {
  const detect = {
    machineDetection: "true",
    machineDetectionTime: 2000,
    machineDetectionUrl: `${PUBLIC}/machine`,
  };

  it("is told apart while its greeting runs, and records what is said after the beep", async () => {
    rig.emulator.callee(HER).machine({ greetingMs: 4000 });
    rig.route({
      "/answer": (response) => {
        response.addSpeak("Hi.");
        response.addWait({ length: 60, beep: true });
        response.addSpeak("Please call back.");
      },
    });
    const live = await rig.dial(detect);
    await live.ended;
    expect(rig.desk.at("/machine").map(({ fields }) => fields)).toMatchObject([
      { CallStatus: "in-progress", CallUUID: live.uuid, Event: "MachineDetection", Machine: "true" },
    ]);
    expect(live.handset.taped).toEqual(["Please call back."]);
  });

  it("says nothing in a listening turn, which times out", async () => {
    rig.emulator.callee(HER).machine({ beep: false });
    rig.route({ "/answer": listenAfter("Hello?") });
    const live = await rig.dial();
    expect(await live.ended).toMatchObject({ code: 4010 });
    expect(live.heard()).toEqual(["Hello?", "Nothing heard."]);
  });

  it("without a URL for the verdict makes the answer wait for it", async () => {
    rig.emulator.callee(HER).machine();
    await (
      await rig.dial({ machineDetection: "true" })
    ).ended;
    expect(rig.desk.at("/answer")[0]?.fields).toMatchObject({ Machine: "true" });
  });

  it("is hung up on when that is wanted", async () => {
    rig.emulator.callee(HER).machine();
    rig.route({ "/answer": listenAfter("Hello?") });
    expect(await (await rig.dial({ ...detect, machineDetection: "hangup" })).ended).toMatchObject({
      code: 9100,
    });
  });

  it("is not found in a person", async () => {
    rig.route({ "/answer": (response) => void response.addWait({ length: 10, minSilence: 500 }) });
    await (
      await rig.dial(detect)
    ).ended;
    expect(rig.desk.at("/machine")).toEqual([]);
  });
});

const hand = (more: object = {}) => ({
  "/answer": (response: Writer) => {
    response
      .addDial({ action: `${PUBLIC}/dialled`, callerId: rig.emulator.ours, ...more })
      .addNumber(OTHER.slice(1));
  },
  "/dialled": goodbye,
});

describe("a call that is handed over", () => {
  it("talks to the other one until they hang up", async () => {
    rig.emulator.callee(OTHER).answers().hangsUpAfter(3000);
    rig.route(hand({ callbackUrl: `${PUBLIC}/leg` }));
    const live = await rig.dial();
    await live.ended;
    expect(live.transferredTo()).toBe(OTHER);
    const [result] = rig.desk.at("/dialled");
    expect(result?.fields).toMatchObject({
      DialALegUUID: live.uuid,
      DialHangupCause: "NORMAL_CLEARING",
      DialRingStatus: "true",
      DialStatus: "completed",
    });
    expect(result?.fields["DialBLegUUID"]).not.toBe("");
    expect(rig.desk.at("/leg").map(({ fields }) => fields["DialAction"])).toEqual(["answer", "hangup"]);
  });

  it.each([
    ["busy", "busy", "USER_BUSY", (): unknown => rig.emulator.callee(OTHER).busy()],
    ["away", "timeout", "NO_ANSWER", (): unknown => rig.emulator.callee(OTHER).noAnswer()],
    ["slow", "timeout", "NO_ANSWER", (): unknown => rig.emulator.callee(OTHER).answers(60_000)],
    ["nobody", "failed", "UNALLOCATED_NUMBER", (): unknown => rig.emulator.callee(OTHER).fails()],
  ])("comes back when the other one is %s", async (_, status, cause, describePerson) => {
    describePerson();
    rig.route(hand({ timeout: 20 }));
    const live = await rig.dial();
    await live.ended;
    expect(live.transferredTo()).toBeNull();
    expect(rig.desk.at("/dialled")[0]?.fields).toMatchObject({
      DialBLegUUID: "",
      DialHangupCause: cause,
      DialStatus: status,
    });
    expect(live.heard()).toEqual(["Goodbye."]);
  });

  it("ends when the person hangs up meanwhile", async () => {
    rig.route(hand());
    const live = await rig.dial();
    await live.handset.until("handed over", () => live.transferredTo() !== null);
    expect(await live.hangUp()).toMatchObject({ by: "callee", code: 4000 });
    expect(rig.desk.at("/dialled")).toEqual([]);
  });
});
