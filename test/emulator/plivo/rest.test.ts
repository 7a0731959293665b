import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk, document, MAIN, officialClient, PUBLIC } from "./desk.ts";
import { startPlivoEmulator, type LiveCall, type PlivoEmulator, type PlivoEmulatorOptions } from "./index.ts";

/** REST, asked by the official package and by hand. */

const HER = "15550101234";
const ANSWER = `${PUBLIC}/answer`;

let emulator: PlivoEmulator;
let desk: Desk;
let official: ReturnType<typeof officialClient>;

/** The package's types are looser than what it returns. */
type Anything = Readonly<Record<string, unknown>>;

async function open(options: Partial<PlivoEmulatorOptions> = {}): Promise<void> {
  emulator = await startPlivoEmulator({ ...MAIN, reach: desk.reach, ...options });
  official = officialClient(emulator.url);
}

beforeEach(async () => {
  desk = await new Desk(MAIN.authToken).open();
  desk.answer = ({ path }) =>
    path === "/answer"
      ? document((response) => {
          response.addGetInput({ action: `${PUBLIC}/input`, inputType: "speech" });
        })
      : {};
  await open();
});

afterEach(async () => {
  official.restore();
  await emulator.close();
  await desk.close();
});

async function dial(more: object = {}): Promise<LiveCall> {
  const { requestUuid } = (await official.client.calls.create(
    emulator.ours,
    HER,
    ANSWER,
    more,
  )) as unknown as {
    requestUuid: string;
  };
  return emulator.call(requestUuid);
}

async function talking(): Promise<LiveCall> {
  const live = await dial();
  await live.listening();
  return live;
}

const { authId, authToken } = MAIN;
const BASIC = `Basic ${Buffer.from(`${authId}:${authToken}`).toString("base64")}`;

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Anything }> {
  const response = await fetch(`${emulator.url}/v1/Account/${authId}/${path}`, {
    method,
    headers: { authorization: BASIC, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Anything) };
}

const NEW = { from: "15550101000", to: HER, answer_url: ANSWER };

describe("the official package", () => {
  it("speaks, plays, presses, transfers and hangs up", async () => {
    const live = await talking();
    const { calls } = official.client;
    expect(await calls.speakText(live.uuid, "Over here.", { language: "en-GB" })).toMatchObject({
      message: "speak started",
    });
    expect(await calls.stopSpeakingText(live.uuid)).toBeTruthy();
    expect(await calls.playMusic(live.uuid, "https://voice.example.test/a.mp3", {})).toMatchObject({
      message: "play started",
    });
    expect(await calls.stopPlayingMusic(live.uuid)).toBeTruthy();
    expect(await calls.sendDigits(live.uuid, "12#", {})).toMatchObject({ message: "digits sent" });
    desk.answer = ({ path }) =>
      path === "/moved"
        ? document((response) => {
            response.addSpeak("Moved.");
            response.addWait({ length: 600 });
          })
        : {};
    const moved = await calls.transfer(live.uuid, {
      legs: "aleg",
      alegUrl: `${PUBLIC}/moved?x=1`,
      alegMethod: "POST",
    } as Parameters<typeof calls.transfer>[1]);
    expect(moved).toMatchObject({ callUuids: [live.uuid], message: "call transferred" });
    await live.hears("Moved.");
    expect(desk.at("/moved")[0]).toMatchObject({ genuine: true, fields: { CallUUID: live.uuid, x: "1" } });
    await calls.hangup(live.uuid);
    expect(await live.ended).toEqual({ by: "api", code: 4000, source: "API Request", status: "completed" });
    expect(live.heard()).toEqual(["Over here.", "Moved."]);
    expect(live.pressed()).toEqual(["12#"]);
    expect(emulator.problems).toEqual([]);
    expect(emulator.requests.map(({ operation, status }) => [operation, status])).toEqual([
      ["create", 201],
      ["speak", 202],
      ["stop-speak", 204],
      ["play", 202],
      ["stop-play", 204],
      ["dtmf", 202],
      ["transfer", 202],
      ["hangup", 204],
    ]);
  });

  it("looks calls up while they are queued, live and over", async () => {
    emulator.faults.queued = true;
    const live = await dial();
    const { calls } = official.client;
    const waiting = calls.listQueuedCalls() as Promise<unknown>;
    expect(await waiting).toMatchObject([{ callUuid: live.uuid }]);
    expect(await calls.getQueuedCall(live.uuid)).toMatchObject({ callStatus: "queued", to: HER });
    live.release();
    await live.listening();
    expect(await calls.listQueuedCalls()).toEqual([]);
    expect(await calls.listLiveCalls({})).toMatchObject([{ callUuid: live.uuid }]);
    expect(await calls.getLiveCall(live.uuid)).toMatchObject({
      callStatus: "in-progress",
      callUuid: live.uuid,
    });
    await expect(calls.get(live.uuid)).rejects.toThrow("not found");
    await live.hangUp();
    await expect(calls.getLiveCall(live.uuid)).rejects.toThrow("not found");
    expect(await calls.get(live.uuid)).toMatchObject({
      callDirection: "outbound",
      callState: "ANSWER",
      callUuid: live.uuid,
      hangupCauseCode: 4000,
      hangupCauseName: "Normal Hangup",
      hangupSource: "Callee",
      toNumber: HER,
    });
    expect(await calls.list({ to_number: HER })).toHaveLength(1);
    expect(await calls.list({ to_number: "15550100000" })).toHaveLength(0);
  });

  it("cancels what is not answered yet, by its request", async () => {
    await emulator.close();
    official.restore();
    await open({ separateIds: true });
    emulator.callee(`+${HER}`).noAnswer();
    const live = await dial({ hangupUrl: `${PUBLIC}/hangup` });
    expect(live.requestUuid).not.toBe(live.uuid);
    await live.handset.until("rings", () => live.status === "ringing");
    await official.client.calls.cancel(live.requestUuid ?? "");
    expect(await live.ended).toMatchObject({ by: "api", code: 1000, status: "cancel" });
    expect(desk.at("/hangup")[0]?.fields).toMatchObject({
      CallUUID: live.uuid,
      RequestUUID: live.requestUuid,
    });
  });

  it("reads the account, a number and its application", async () => {
    const { id } = emulator.setApplication({
      answerUrl: `${PUBLIC}/in`,
      answerMethod: "GET",
      hangupUrl: `${PUBLIC}/bye`,
    });
    const { applications, accounts } = official.client;
    const numbers = official.client.numbers as unknown as { get(number: string): Promise<Anything> };
    expect((await numbers.get(emulator.ours))["application"]).toBe(
      `/v1/Account/${authId}/Application/${id}/`,
    );
    expect(await applications.get(id)).toMatchObject({ answerMethod: "GET", answerUrl: `${PUBLIC}/in` });
    expect((await ask("GET", `Application/${id}/`)).body).toMatchObject({
      app_id: id,
      hangup_method: "POST",
      hangup_url: `${PUBLIC}/bye`,
    });
    expect(await accounts.get()).toMatchObject({ resourceUri: `/v1/Account/${authId}/` });
    await expect(numbers.get("15550109999")).rejects.toThrow("not found");
    await expect(applications.get("1")).rejects.toThrow("not found");
  });

  it("sends a create again after a 5xx, and another phone rings", async () => {
    emulator.fail("create", { kind: "error", status: 503, carriedOut: true });
    await dial();
    expect([emulator.creates(), emulator.calls.length]).toEqual([2, 2]);
  });
});

describe("a create request", () => {
  it("is answered with the id of the request", async () => {
    const { status, body } = await ask("POST", "Call/", NEW);
    expect([status, body["message"]]).toEqual([201, "call fired"]);
    expect(emulator.call(String(body["request_uuid"])).plan).toMatchObject({
      from: "+15550101000",
      to: `+${HER}`,
    });
    expect(emulator.requestsOf("create")).toMatchObject([{ body: NEW, method: "POST", status: 201 }]);
  });

  it("may name several destinations, and numbers with a plus", async () => {
    const { body } = await ask("POST", "Call/", { ...NEW, from: "+15550101000", to: `${HER}<sip:a@b.test` });
    expect(body).toMatchObject({
      message: "calls fired",
      request_uuid: [expect.any(String), expect.any(String)],
    });
    expect(emulator.calls.map(({ plan }) => plan.to)).toEqual([`+${HER}`, "sip:a@b.test"]);
  });

  it("says that a call is queued", async () => {
    emulator.faults.queued = true;
    expect((await ask("POST", "Call/", NEW)).body).toMatchObject({ message: "call queued" });
  });

  it.each([
    [{ from: undefined }, "from parameter not present"],
    [{ to: undefined }, "to parameter not present"],
    [{ to: "555-0101" }, "to parameter is invalid"],
    [{ answer_url: undefined }, "answer_url parameter not present"],
    [{ answer_url: "/answer" }, "answer_url parameter is invalid"],
    [{ answer_method: "PUT" }, "answer_method parameter is invalid"],
    [{ time_limit: 0 }, "time_limit parameter is invalid"],
    [{ ring_timeout: "soon" }, "ring_timeout parameter is invalid"],
    [{ machine_detection: "yes" }, "machine_detection parameter is invalid"],
    [
      { machine_detection: "true", machine_detection_time: 100 },
      "machine_detection_time parameter is invalid",
    ],
    [{ send_digits: "one" }, "send_digits parameter is invalid"],
  ])("with %o is refused", async (change, error) => {
    const { status, body } = await ask("POST", "Call/", { ...NEW, ...change });
    expect([status, body["error"]]).toEqual([400, error]);
    expect(body["api_id"]).toEqual(expect.any(String));
    expect(emulator.calls).toEqual([]);
  });

  it("with a field that Plivo does not have is a problem", async () => {
    await ask("POST", "Call/", { ...NEW, status_callback: ANSWER });
    expect(emulator.problems).toEqual(["create: unknown field status_callback"]);
  });
});

describe("a request that is wrong", () => {
  it("in its credentials, path, slash or body is refused", async () => {
    expect(await ask("POST", "Call/", NEW, { authorization: "Basic eA==" })).toMatchObject({
      status: 401,
      body: { error: "authentication failed" },
    });
    expect((await ask("POST", "Calls/", NEW)).status).toBe(404);
    expect((await ask("POST", "Call", NEW)).status).toBe(404);
    expect((await ask("POST", "Call/", "{")).status).toBe(400);
    expect((await ask("POST", "Call/", "[]")).status).toBe(400);
    expect(emulator.calls).toEqual([]);
    expect(emulator.problems).toEqual([
      `POST /v1/Account/${authId}/Calls/: no such resource`,
      `POST /v1/Account/${authId}/Call: no slash at the end`,
    ]);
  });

  it("in its content type is a problem", async () => {
    await ask("POST", "Call/", NEW, { "content-type": "text/plain" });
    expect(emulator.problems).toEqual([`POST /v1/Account/${authId}/Call/: content type text/plain`]);
  });

  it("about a call that is over finds nothing", async () => {
    const live = await talking();
    await live.hangUp();
    const at = `Call/${live.uuid}/`;
    const answers = await Promise.all([
      ask("DELETE", at),
      ask("POST", at, { legs: "aleg", aleg_url: ANSWER }),
      ask("POST", `${at}Speak/`, { text: "x" }),
      ask("POST", `${at}DTMF/`, { digits: "1" }),
      ask("DELETE", `Request/${live.uuid}/`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  });

  it("about an ended call too early finds nothing", async () => {
    await emulator.close();
    official.restore();
    await open({ recordDelayMs: 600_000 });
    const live = await talking();
    await live.hangUp();
    expect((await ask("GET", `Call/${live.uuid}/`)).status).toBe(404);
  });
});

describe("a request that goes wrong", () => {
  it.each([
    ["lost", 1],
    ["reset", 0],
  ] as const)("is %s, and %d call rings", async (fault, placed) => {
    emulator.failCreate(fault);
    await expect(ask("POST", "Call/", NEW)).rejects.toThrow("fetch failed");
    expect([emulator.creates(), emulator.calls.length]).toEqual([1, placed]);
  });

  it.each([
    ["refused", 403],
    ["busy", 429],
  ] as const)("is %s with %d, and the next one is not", async (fault, status) => {
    emulator.failCreate(fault);
    expect((await ask("POST", "Call/", NEW)).status).toBe(status);
    expect(emulator.calls).toEqual([]);
    expect((await ask("POST", "Call/", NEW)).status).toBe(201);
  });

  it("may be late, or never answered", async () => {
    emulator.fail("account", { kind: "delay", ms: 5 });
    expect((await ask("GET", "")).status).toBe(200);
    emulator.fail("create", { kind: "silence" });
    const asked = ask("POST", "Call/", NEW).catch((error: unknown) => String(error));
    await emulator.nextCall();
    await emulator.close();
    expect(await asked).toContain("fetch failed");
  });
});

describe("the next call", () => {
  it("is the first one nobody has taken, or the one that comes", async () => {
    const waiting = emulator.nextCall();
    const first = await dial();
    const second = await dial();
    expect(await waiting).toBe(first);
    expect(await emulator.nextCall()).toBe(second);
  });
});
