import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk, document, MAIN, officialClient, PUBLIC, type DeskAnswer, type Writer } from "./desk.ts";
import { startPlivoEmulator, type LiveCall, type PlivoEmulator, type PlivoEmulatorOptions } from "./index.ts";

/** Whole calls between the official package and the emulated Plivo. */

const HER = "+15550101234";
const OTHER = "+15550105678";
const ANSWER = `${PUBLIC}/answer?call=vc_1`;
const LISTEN = { action: `${PUBLIC}/input?turn=1`, inputType: "dtmf speech", executionTimeout: 5 };

let emulator: PlivoEmulator;
let desk: Desk;
let official: ReturnType<typeof officialClient>;

async function open(options: Partial<PlivoEmulatorOptions> = {}, token = MAIN.authToken): Promise<void> {
  desk = await new Desk(token).open();
  emulator = await startPlivoEmulator({ ...MAIN, reach: desk.reach, ...options });
  official = officialClient(emulator.url);
}

async function close(): Promise<void> {
  official.restore();
  await emulator.close();
  await desk.close();
}

beforeEach(() => open());
afterEach(close);

async function dial(more: object = {}): Promise<LiveCall> {
  const { requestUuid } = (await official.client.calls.create(emulator.ours, HER, ANSWER, {
    ringUrl: `${PUBLIC}/ring`,
    hangupUrl: `${PUBLIC}/hangup`,
    ...more,
  })) as unknown as { requestUuid: string };
  return emulator.call(requestUuid);
}

/** Answers by path; anything else with a plain 200. */
function route(answers: Readonly<Record<string, (response: Writer) => void>>): void {
  desk.answer = ({ path }): DeskAnswer => {
    const write = answers[path];
    return write === undefined ? {} : document(write);
  };
}

const say =
  (...texts: readonly string[]) =>
  (response: Writer): void => {
    for (const text of texts) response.addSpeak(text);
  };

const listenAfter = (text: string) => (response: Writer) => {
  response.addGetInput(LISTEN).addSpeak(text);
  response.addSpeak("Nothing heard.");
};

const goodbye = (response: Writer): void => {
  response.addSpeak("Goodbye.");
  response.addHangup({});
};

const hangup = (): Readonly<Record<string, string>> | undefined => desk.at("/hangup")[0]?.fields;

describe("a call to somebody who", () => {
  it("answers, is told and hung up on", async () => {
    route({ "/answer": goodbye });
    const live = await dial();
    expect(await live.ended).toEqual({
      by: "document",
      code: 4000,
      source: "Answer XML",
      status: "completed",
    });
    expect(live.heard()).toEqual(["Goodbye."]);
    expect(desk.arrivals.map(({ path, fields }) => [path, fields["Event"], fields["CallStatus"]])).toEqual([
      ["/ring", "Ring", "ringing"],
      ["/answer", "StartApp", "in-progress"],
      ["/hangup", "Hangup", "completed"],
    ]);
    expect(desk.at("/answer")[0]?.fields).toMatchObject({
      ALegRequestUUID: live.uuid,
      ALegUUID: live.uuid,
      CallUUID: live.uuid,
      Direction: "outbound",
      From: emulator.ours.slice(1),
      ParentAuthID: MAIN.authId,
      RequestUUID: live.uuid,
      To: HER.slice(1),
      call: "vc_1",
    });
    expect(hangup()).toMatchObject({
      BillDuration: "1",
      Duration: "1",
      HangupCause: "NORMAL_CLEARING",
      HangupCauseCode: "4000",
      HangupCauseName: "Normal Hangup",
      HangupSource: "Answer XML",
      TotalCost: "0.00850",
    });
    for (const time of ["StartTime", "AnswerTime", "EndTime"]) {
      expect(hangup()?.[time]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
    expect(emulator.problems).toEqual([]);
  });

  it.each([
    ["is busy", "busy", "3010", "Callee", false, (): unknown => emulator.callee(HER).busy()],
    ["declines", "busy", "3020", "Callee", true, (): unknown => emulator.callee(HER).declines()],
    ["does not answer", "timeout", "6010", "Plivo", true, (): unknown => emulator.callee(HER).noAnswer()],
    ["does not exist", "failed", "3050", "Carrier", false, (): unknown => emulator.callee(HER).fails()],
  ])("%s ends as %s with %s, without an answer", async (_, status, code, source, rings, describePerson) => {
    describePerson();
    const live = await dial({ ringTimeout: 20 });
    expect((await live.ended).status).toBe(status);
    expect(hangup()).toMatchObject({
      AnswerTime: "",
      CallStatus: status,
      Duration: "0",
      HangupCauseCode: code,
      HangupSource: source,
    });
    expect([desk.at("/answer").length, desk.at("/ring").length]).toEqual([0, Number(rings)]);
  });

  it("talks, is answered turn by turn, and hangs up", async () => {
    emulator.callee(HER).says("Hello?", "Tell me more.").thenHangsUp();
    desk.answer = ({ path, fields }) =>
      path === "/hangup"
        ? {}
        : document(listenAfter(fields["Speech"] ? `You said ${fields["Speech"]}` : "Hi."));
    const live = await dial();
    expect(await live.ended).toMatchObject({ by: "callee", code: 4000, source: "Callee" });
    expect(live.heard()).toEqual(["Hi.", "You said Hello?", "You said Tell me more."]);
    expect(desk.at("/input")[0]?.fields).toMatchObject({
      CallUUID: live.uuid,
      Digits: "",
      InputType: "speech",
      Speech: "Hello?",
      SpeechConfidenceScore: "0.92",
      turn: "1",
    });
    expect(emulator.webhooks.all.filter((sent) => sent.isSpeech)).toHaveLength(2);
    expect(emulator.problems).toEqual([]);
  });

  it("hangs up after a while, in the middle of anything", async () => {
    emulator.callee(HER).hangsUpAfter(2000);
    route({ "/answer": listenAfter("Hi.") });
    expect(await (await dial()).ended).toMatchObject({ by: "callee" });
  });

  it("is told digits first, and takes tones", async () => {
    route({
      "/answer": (response) => {
        response.addDTMF("12w3");
        response.addWait({ length: 1 });
      },
    });
    const live = await dial({ sendDigits: "9#" });
    await live.ended;
    expect(live.pressed()).toEqual(["9#", "12w3"]);
  });

  it("calls from a number that is not ours are refused later", async () => {
    await close();
    await open({ ownNumbers: ["+15550109999"] });
    await official.client.calls.create("15550101111", HER, ANSWER, { hangupUrl: `${PUBLIC}/hangup` });
    const live = await emulator.nextCall();
    expect(await live.ended).toMatchObject({ code: 3030, status: "failed" });
  });
});

describe("a listening turn", () => {
  it("takes words and keys from the test, and falls through when nothing is said", async () => {
    desk.answer = ({ path }) => (path === "/hangup" ? {} : document(listenAfter("Go on.")));
    const live = await dial();
    await live.listening();
    await live.speak("One.");
    await live.press("12#34");
    await live.silent();
    expect(await live.ended).toMatchObject({ by: "document", code: 4010, source: "Plivo" });
    expect(
      desk.at("/input").map(({ fields }) => [fields["InputType"], fields["Digits"], fields["Speech"]]),
    ).toEqual([
      ["speech", "", "One."],
      ["dtmf", "12", ""],
    ]);
    expect(live.heard().at(-1)).toBe("Nothing heard.");
    expect(hangup()).toMatchObject({ HangupCauseName: "End Of XML Instructions" });
  });

  it("stops the prompt when the person talks over it", async () => {
    desk.answer = ({ path }) =>
      path === "/answer"
        ? document((response) => {
            const input = response.addGetInput(LISTEN);
            for (const text of ["First sentence.", "Never heard."]) input.addSpeak(text);
          })
        : document(goodbye);
    const live = await dial();
    await live.hears("First");
    await live.speak("Stop!");
    await live.ended;
    expect(live.heard()).toEqual(["First sentence.", "Goodbye."]);
  });

  it("of keys alone does not hear words", async () => {
    route({
      "/answer": (response) => {
        response.addGetInput({ ...LISTEN, inputType: "dtmf", numDigits: 2, finishOnKey: "none" });
      },
      "/input": listenAfter("And?"),
    });
    emulator.callee(HER).says("I speak.").thenHangsUp();
    const live = await dial();
    await live.press("12#");
    await live.ended;
    expect(desk.at("/input").map(({ fields }) => fields["Digits"] || fields["Speech"])).toEqual([
      "12",
      "I speak.",
    ]);
  });

  it("goes on with its own document when redirect is off", async () => {
    route({
      "/answer": (response) => {
        response.addGetInput({ ...LISTEN, redirect: false });
        response.addSpeak("Thanks.");
      },
      "/input": say("Not run."),
    });
    emulator.callee(HER).says("Yes.");
    const live = await dial();
    await live.ended;
    expect(live.heard()).toEqual(["Thanks."]);
    expect(desk.at("/input")).toHaveLength(1);
  });

  it("tells words on the way to whoever wants them", async () => {
    route({
      "/answer": (response) => {
        response.addGetInput({ ...LISTEN, interimSpeechResultsCallback: `${PUBLIC}/interim` });
      },
      "/input": goodbye,
    });
    emulator.callee(HER).says("Yes please.");
    await (
      await dial()
    ).ended;
    expect(desk.at("/interim")[0]?.fields).toMatchObject({
      StableSpeech: "Yes please.",
      SequenceNumber: "1",
    });
  });
});

describe("a document", () => {
  it("leads elsewhere, by the method it names", async () => {
    route({
      "/answer": (response) => void response.addRedirect(`${PUBLIC}/next?a=1`, { method: "GET" }),
      "/next": goodbye,
    });
    const live = await dial({ answerMethod: "GET" });
    await live.ended;
    expect(desk.at("/answer")[0]).toMatchObject({ method: "GET", genuine: true });
    expect(desk.at("/next")[0]).toMatchObject({ method: "GET", genuine: true, fields: { a: "1" } });
    expect(live.heard()).toEqual(["Goodbye."]);
  });

  it("hangs up later while the rest of it runs", async () => {
    route({
      "/answer": (response) => {
        response.addHangup({ schedule: 3 });
        response.addSpeak("One moment.");
        response.addWait({ length: 600 });
      },
    });
    const live = await dial();
    expect(await live.ended).toMatchObject({ by: "document", code: 4000 });
    expect(live.heard()).toEqual(["One moment."]);
  });

  it.each([
    ["is empty", "<Response/>", 4010, "document"],
    ["is not XML", "hello", 8011, "carrier"],
    ["is nothing at all", "", 8011, "carrier"],
    ["has an element of another carrier", "<Response><Say>x</Say></Response>", 8011, "carrier"],
    [
      "speaks a language its voice lacks",
      '<Response><Speak language="ja-JP">x</Speak></Response>',
      8011,
      "carrier",
    ],
    ["is too long", `<Response><Speak>x</Speak>${" ".repeat(102_400)}</Response>`, 8011, "carrier"],
  ])("that %s answers and ends the call with %s", async (_, body, code, by) => {
    desk.answer = () => ({ body });
    const live = await dial();
    expect(await live.ended).toMatchObject({ by, code, status: "completed" });
    expect(emulator.problems).toHaveLength(code === 4010 ? 0 : 1);
  });

  it("has to say that it is XML", async () => {
    desk.answer = () => ({ contentType: "text/html", body: "<Response/>" });
    expect(await (await dial()).ended).toMatchObject({ code: 8011 });
    expect(emulator.problems).toEqual(["answer: content type text/html"]);
  });

  it.each([401, 403, 404])("that is refused with %d ends the call, after one try", async (status) => {
    desk.answer = ({ path }) => ({ status: path === "/answer" ? status : 200 });
    expect(await (await dial()).ended).toMatchObject({ by: "carrier", code: 7011, source: "Error" });
    expect(desk.at("/answer")).toHaveLength(1);
    expect(emulator.problems).toEqual([`answer: HTTP ${status}`]);
  });

  it.each([
    ["an action", "/input", 7012, 8012],
    ["a redirect", "/next", 7014, 8014],
  ])("of %s fails with a code of its own", async (_, path, unreachable, broken) => {
    const answers: DeskAnswer[] = [{ status: 404 }, { body: "?" }];
    desk.answer = (arrival) => {
      if (arrival.path === path) return answers.shift() ?? {};
      return arrival.path === "/answer"
        ? document((response) => {
            if (path === "/input") response.addGetInput(LISTEN);
            else response.addRedirect(`${PUBLIC}/next`);
          })
        : {};
    };
    emulator.callee(HER).says("Yes.");
    expect((await (await dial()).ended).code).toBe(unreachable);
    expect((await (await dial()).ended).code).toBe(broken);
  });

  it("is asked for three times, each with another nonce, and then at the fallback URL", async () => {
    desk.answer = ({ path }) =>
      path === "/answer" ? { status: 503 } : path === "/back" ? document(goodbye) : {};
    const live = await dial({ fallbackUrl: `${PUBLIC}/back` });
    expect(await live.ended).toMatchObject({ code: 4000 });
    const nonces = desk.at("/answer").map(({ headers }) => headers["x-plivo-signature-v3-nonce"]);
    expect([nonces.length, new Set(nonces).size]).toEqual([3, 3]);
    expect(desk.at("/back")[0]?.fields).toMatchObject({ Event: "StartApp" });
  });

  it("is not waited for longer than Plivo waits", async () => {
    await close();
    await open({ webhookTimeoutMs: 50 });
    desk.answer = ({ path }) => (path === "/answer" ? null : {});
    const live = await dial({ answerUrl: `${ANSWER}#rc=0` });
    expect(await live.ended).toMatchObject({ code: 7011 });
    expect(emulator.problems).toContain("answer: the answer came too late");
  });
});

describe("a machine", () => {
  const detect = {
    machineDetection: "true",
    machineDetectionTime: 2000,
    machineDetectionUrl: `${PUBLIC}/machine`,
  };

  it("is told apart while its greeting runs, and records what is said after the beep", async () => {
    emulator.callee(HER).machine({ greetingMs: 4000 });
    route({
      "/answer": (response) => {
        response.addSpeak("Hi.");
        response.addWait({ length: 60, beep: true });
        response.addSpeak("Please call back.");
      },
    });
    const live = await dial(detect);
    await live.ended;
    expect(desk.at("/machine").map(({ fields }) => fields)).toMatchObject([
      { CallStatus: "in-progress", CallUUID: live.uuid, Event: "MachineDetection", Machine: "true" },
    ]);
    expect(live.handset.taped).toEqual(["Please call back."]);
  });

  it("says nothing in a listening turn, which times out", async () => {
    emulator.callee(HER).machine({ beep: false });
    route({ "/answer": listenAfter("Hello?") });
    const live = await dial();
    expect(await live.ended).toMatchObject({ code: 4010 });
    expect(live.heard()).toEqual(["Hello?", "Nothing heard."]);
  });

  it("without a URL for the verdict makes the answer wait for it", async () => {
    emulator.callee(HER).machine();
    await (
      await dial({ machineDetection: "true" })
    ).ended;
    expect(desk.at("/answer")[0]?.fields).toMatchObject({ Machine: "true" });
  });

  it("is hung up on when that is wanted", async () => {
    emulator.callee(HER).machine();
    route({ "/answer": listenAfter("Hello?") });
    expect(await (await dial({ ...detect, machineDetection: "hangup" })).ended).toMatchObject({ code: 9100 });
  });

  it("is not found in a person", async () => {
    route({ "/answer": (response) => void response.addWait({ length: 10, minSilence: 500 }) });
    await (
      await dial(detect)
    ).ended;
    expect(desk.at("/machine")).toEqual([]);
  });
});

const hand = (more: object = {}) => ({
  "/answer": (response: Writer) => {
    response
      .addDial({ action: `${PUBLIC}/dialled`, callerId: emulator.ours, ...more })
      .addNumber(OTHER.slice(1));
  },
  "/dialled": goodbye,
});

describe("a call that is handed over", () => {
  it("talks to the other one until they hang up", async () => {
    emulator.callee(OTHER).answers().hangsUpAfter(3000);
    route(hand({ callbackUrl: `${PUBLIC}/leg` }));
    const live = await dial();
    await live.ended;
    expect(live.transferredTo()).toBe(OTHER);
    const [result] = desk.at("/dialled");
    expect(result?.fields).toMatchObject({
      DialALegUUID: live.uuid,
      DialHangupCause: "NORMAL_CLEARING",
      DialRingStatus: "true",
      DialStatus: "completed",
    });
    expect(result?.fields["DialBLegUUID"]).not.toBe("");
    expect(desk.at("/leg").map(({ fields }) => fields["DialAction"])).toEqual(["answer", "hangup"]);
  });

  it.each([
    ["busy", "busy", "USER_BUSY", (): unknown => emulator.callee(OTHER).busy()],
    ["away", "timeout", "NO_ANSWER", (): unknown => emulator.callee(OTHER).noAnswer()],
    ["slow", "timeout", "NO_ANSWER", (): unknown => emulator.callee(OTHER).answers(60_000)],
    ["nobody", "failed", "UNALLOCATED_NUMBER", (): unknown => emulator.callee(OTHER).fails()],
  ])("comes back when the other one is %s", async (_, status, cause, describePerson) => {
    describePerson();
    route(hand({ timeout: 20 }));
    const live = await dial();
    await live.ended;
    expect(live.transferredTo()).toBeNull();
    expect(desk.at("/dialled")[0]?.fields).toMatchObject({
      DialBLegUUID: "",
      DialHangupCause: cause,
      DialStatus: status,
    });
    expect(live.heard()).toEqual(["Goodbye."]);
  });

  it("ends when the person hangs up meanwhile", async () => {
    route(hand());
    const live = await dial();
    await live.handset.until("handed over", () => live.transferredTo() !== null);
    expect(await live.hangUp()).toMatchObject({ by: "callee", code: 4000 });
    expect(desk.at("/dialled")).toEqual([]);
  });
});

describe("an inbound call", () => {
  beforeEach(() => {
    emulator.setApplication({ answerUrl: `${PUBLIC}/in`, hangupUrl: `${PUBLIC}/hangup` });
  });

  it("is offered, answered and talked to", async () => {
    route({ "/in": listenAfter("Welcome."), "/input": goodbye });
    const live = emulator.ring(HER, {
      fields: { STIRVerification: "Verified", ForwardedFrom: "15550103333" },
    });
    await live.speak("Hello.");
    expect(await live.ended).toMatchObject({ by: "document", code: 4000 });
    expect(live.heard()).toEqual(["Welcome.", "Goodbye."]);
    expect(desk.at("/in")[0]?.fields).toMatchObject({
      CallStatus: "ringing",
      CallUUID: live.id,
      Direction: "inbound",
      Event: "StartApp",
      ForwardedFrom: "15550103333",
      From: HER.slice(1),
      STIRVerification: "Verified",
      To: emulator.ours.slice(1),
    });
    expect(desk.at("/in")[0]?.fields).not.toHaveProperty("RequestUUID");
    expect(desk.at("/input")[0]?.fields).toMatchObject({ CallStatus: "in-progress" });
    expect(desk.arrivals.every(({ genuine }) => genuine)).toBe(true);
  });

  it.each([
    ["rejected", 3020],
    ["busy", 3010],
  ])("is refused as %s and never answered", async (reason, code) => {
    route({ "/in": (response) => void response.addHangup({ reason }) });
    const live = emulator.ring(HER);
    expect(await live.ended).toEqual({ by: "document", code, source: "Answer XML", status: "busy" });
    expect(hangup()).toMatchObject({ AnswerTime: "", Duration: "0", HangupSource: "Answer XML" });
  });

  it.each([
    ["a bare Hangup", "<Response><Hangup/></Response>", 4000],
    ["an empty document", "<Response/>", 4010],
    ["a refusal that is not first", '<Response><Speak>x</Speak><Hangup reason="busy"/></Response>', 4000],
  ])("is answered by %s", async (_, body, code) => {
    desk.answer = () => ({ body });
    expect(await emulator.ring(HER).ended).toMatchObject({ code, status: "completed" });
    expect(hangup()?.["AnswerTime"]).not.toBe("");
  });

  it("fails when its URL does", async () => {
    desk.answer = ({ path }) => ({ status: path === "/in" ? 403 : 200 });
    expect(await emulator.ring(HER).ended).toMatchObject({ code: 7011, status: "failed" });
  });

  it("can withhold its number and give up", async () => {
    desk.answer = ({ path }) => (path === "/in" ? null : {});
    const live = emulator.ring(HER, { withheld: true });
    await expect.poll(() => desk.at("/in").length).toBe(1);
    expect(desk.at("/in")[0]?.fields["From"]).toBe("anonymous");
    expect(await live.hangUp()).toMatchObject({
      by: "callee",
      code: 1000,
      source: "Caller",
      status: "cancel",
    });
  });
});

describe("webhooks", () => {
  it("all pass the official package, whatever they carry", async () => {
    emulator.callee(HER).says("Ça va ? 100 % & ümlaut = 你好 🎉").thenHangsUp();
    desk.answer = ({ path }) => (path === "/answer" || path === "/input" ? document(listenAfter("Hi.")) : {});
    await (
      await dial({ machineDetection: "true", machineDetectionUrl: `${PUBLIC}/m` })
    ).ended;
    expect(desk.at("/input")[0]?.fields["Speech"]).toBe("Ça va ? 100 % & ümlaut = 你好 🎉");
    expect(desk.arrivals.map(({ genuine }) => genuine)).not.toContain(false);
  });

  it("come twice with another nonce", async () => {
    emulator.webhooks.duplicate = true;
    route({ "/answer": goodbye });
    await (
      await dial()
    ).ended;
    await emulator.webhooks.settled();
    expect(desk.arrivals).toHaveLength(6);
    expect(new Set(desk.arrivals.map(({ headers }) => headers["x-plivo-signature-v3-nonce"])).size).toBe(6);
  });

  it("can be replayed byte for byte, and forged", async () => {
    route({ "/answer": goodbye });
    await (
      await dial()
    ).ended;
    const [first] = emulator.webhooks.all;
    if (first === undefined) throw new Error("nothing was sent");
    await emulator.webhooks.replay(first);
    const [original, , , replayed] = desk.arrivals;
    expect(replayed).toEqual(original);
    await emulator.webhooks.forge(first, "AAAA");
    await emulator.webhooks.forge(first, null);
    const [forged, unsigned] = desk.arrivals.slice(4);
    expect([forged?.genuine, unsigned?.genuine]).toEqual([false, false]);
    expect(unsigned?.headers).not.toHaveProperty("x-plivo-signature-v3");
    expect(unsigned?.headers).toHaveProperty("x-plivo-signature-v2");
  });

  it("can come with the ring last", async () => {
    emulator.faults.lateRing = true;
    await (
      await dial()
    ).ended;
    await emulator.webhooks.settled();
    expect(desk.arrivals.map(({ path }) => path)).toEqual(["/answer", "/hangup", "/ring"]);
  });

  it("that fail are a problem, but end no call", async () => {
    desk.answer = ({ path }) => (path === "/answer" ? document(goodbye) : { status: 500 });
    expect(await (await dial()).ended).toMatchObject({ code: 4000 });
    expect(emulator.problems).toEqual(["ring: HTTP 500", "hangup: HTTP 500"]);
  });

  it.each([
    ["the subaccount", "sub-token", "x-plivo-signature-v3"],
    ["the main account", MAIN.authToken, "x-plivo-signature-ma-v3"],
  ])("of a subaccount are signed by %s too", async (_, token, header) => {
    await close();
    await open({ subaccount: { authId: "SAXXXXXXXXXXXXXXXXXX", authToken: "sub-token" } }, token);
    route({ "/answer": goodbye });
    await (
      await dial()
    ).ended;
    const sent = emulator.webhooks.all.map(({ signatures }) => signatures[header]);
    expect(sent.every((signature) => /^[\w+/]{43}=$/.test(signature ?? ""))).toBe(true);
    expect(desk.arrivals.every(({ genuine }) => genuine)).toBe(token === "sub-token");
    expect(desk.arrivals[0]?.headers["x-plivo-signature-v3"]).not.toBe(
      desk.arrivals[0]?.headers["x-plivo-signature-ma-v3"],
    );
  });

  it("list the signatures of old tokens while tokens change", async () => {
    await close();
    await open({ oldTokens: ["old-token"] });
    await (
      await dial()
    ).ended;
    for (const { headers, genuine } of desk.arrivals) {
      expect(String(headers["x-plivo-signature-v3"]).split(",")).toHaveLength(2);
      expect(genuine).toBe(true);
    }
  });
});
