import Telnyx, { APIConnectionError, APIConnectionTimeoutError, RateLimitError } from "telnyx";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONNECTION, Office, OURS, refusal, THEIRS, THIRD } from "./office.ts";

/** The official client against the emulated Telnyx; it also verifies every webhook. */

let office: Office;

beforeEach(async () => {
  office = await Office.open({ ownNumbers: [OURS, "+15550100011"], blocked: ["+15550109999"] });
});

afterEach(async () => {
  await office.close();
});

describe("the official client", () => {
  it("dials, speaks, presses keys, listens and hangs up", async () => {
    const id = await office.dial({ client_state: "dmNfMQ==", webhook_url: `${office.url}?mine` });
    const call = await office.emulator.nextCall();
    expect(call.id).toBe(id);
    await office.sees("call.answered");
    await office.say(id, "Hello.");
    await office.telnyx.calls.actions.sendDtmf(id, { digits: "1w2#", ...office.once() });
    await office.listen(id, { transcription_engine: "Telnyx", transcription_tracks: "inbound" });
    await call.listening();
    await call.speak("Good morning.");
    await office.hangUp(id);
    expect(await call.ended).toEqual({ by: "api" });
    expect(call.heard()).toEqual(["Hello."]);
    expect(call.pressed()).toEqual(["1w2#"]);
    expect(office.types).toEqual([
      "call.initiated",
      "call.answered",
      "call.speak.started",
      "call.speak.ended",
      "call.transcription",
      "call.hangup",
    ]);
    for (const { payload } of office.seen) {
      expect(payload).toMatchObject({
        call_control_id: id,
        call_leg_id: call.legId,
        call_session_id: call.sessionId,
        client_state: "dmNfMQ==",
        connection_id: CONNECTION,
      });
    }
    expect(office.emulator.webhooks.all.every(({ url }) => url.endsWith("?mine"))).toBe(true);
    expect(office.emulator.problems).toEqual([]);
  });

  it("looks calls up while they last and afterwards", async () => {
    const id = await office.reach({ client_state: "YQ==" });
    const alive = await office.telnyx.calls.retrieveStatus(id);
    expect(alive.data).toMatchObject({ call_control_id: id, is_alive: true, client_state: "YQ==" });
    expect((await office.telnyx.connections.listActiveCalls(CONNECTION)).data).toHaveLength(1);
    await office.hangUp(id);
    const over = await office.telnyx.calls.retrieveStatus(id);
    expect(over.data).toMatchObject({ is_alive: false, call_duration: 1 });
    expect(Number.isNaN(Date.parse(over.data?.end_time ?? ""))).toBe(false);
    expect((await office.telnyx.connections.listActiveCalls(CONNECTION)).data).toEqual([]);
  });

  it("walks through pages of calls", async () => {
    for (let count = 0; count < 3; count++) await office.reach();
    const found: string[] = [];
    for await (const call of office.telnyx.connections.listActiveCalls(CONNECTION, {
      "page[size]": 2,
    })) {
      found.push(call.call_control_id);
    }
    expect(found).toEqual(office.emulator.calls.map((call) => call.id));
  });

  it("asks about its number, its application and its balance", async () => {
    const filter = { phone_number: "15550100001" };
    const numbers = await office.telnyx.phoneNumbers.list({ filter });
    expect(numbers.data).toMatchObject([{ phone_number: OURS, connection_id: CONNECTION, status: "active" }]);
    expect((await office.telnyx.phoneNumbers.list({ filter: { phone_number: OURS } })).data).toEqual([]);
    expect(
      (await office.telnyx.phoneNumbers.list({ filter: { phone_number: "5550100" } })).data,
    ).toHaveLength(2);
    const application = await office.telnyx.callControlApplications.retrieve(CONNECTION);
    expect(application.data).toMatchObject({
      active: true,
      webhook_event_url: office.url,
      webhook_api_version: "2",
    });
    expect((await office.telnyx.balance.retrieve()).data?.currency).toBe("USD");
    expect(office.emulator.problems).toEqual([]);
  });

  it("answers a call and turns one down", async () => {
    const taken = office.emulator.ring(THEIRS, {
      fields: { shaken_stir_attestation: "A", shaken_stir_validated: "true" },
    });
    const { payload } = await office.sees("call.initiated");
    expect(payload).toMatchObject({
      direction: "incoming",
      state: "parked",
      from: THEIRS,
      to: OURS,
      client_state: null,
      shaken_stir_attestation: "A",
      shaken_stir_validated: true,
    });
    await office.telnyx.calls.actions.answer(taken.id, { client_state: "Yg==", ...office.once() });
    expect((await office.sees("call.answered")).payload["client_state"]).toBe("Yg==");
    void taken.hangUp();
    expect(await taken.ended).toEqual({ by: "callee" });
    expect(office.seen.at(-1)?.payload).toMatchObject({
      hangup_cause: "normal_clearing",
      hangup_source: "caller",
      sip_hangup_cause: "unspecified",
    });

    const refused = office.emulator.ring(THEIRS);
    await office.sees("call.initiated", refused.id);
    await office.telnyx.calls.actions.reject(refused.id, { cause: "USER_BUSY", ...office.once() });
    expect(await refused.ended).toEqual({ by: "api" });
    expect(office.seen.at(-1)?.payload).toMatchObject({ hangup_cause: "user_busy", hangup_source: "callee" });
  });

  it("changes the state that events carry, with a command or by itself", async () => {
    const id = await office.reach({ client_state: "YQ==" });
    await office.telnyx.calls.actions.updateClientState(id, { client_state: "Yg==" });
    await office.say(id, "Hi.");
    expect((await office.sees("call.speak.ended")).payload["client_state"]).toBe("Yg==");
    await office.telnyx.calls.actions.hangup(id, { client_state: "Yw==", ...office.once() });
    expect((await office.sees("call.hangup")).payload["client_state"]).toBe("Yw==");
  });

  it("hands a call over", async () => {
    const id = await office.reach();
    const call = office.emulator.call(id);
    await office.telnyx.calls.actions.transfer(id, {
      to: THIRD,
      from: OURS,
      target_leg_client_state: "Yg==",
      ...office.once(),
    });
    await office.sees("call.bridged", id);
    expect(call.transferredTo()).toBe(THIRD);
    const [, leg] = office.emulator.calls;
    await office.sees("call.bridged", leg?.id);
    const events = office.seen.filter((event) => event.payload["call_control_id"] === leg?.id);
    expect(events.map(({ type }) => type)).toEqual(["call.initiated", "call.answered", "call.bridged"]);
    for (const { payload } of events) {
      expect(payload).toMatchObject({ call_session_id: call.sessionId, client_state: "Yg==", to: THIRD });
    }
    await leg?.hangUp();
    expect(await call.ended).toEqual({ by: "carrier" });
    expect(office.emulator.problems).toEqual([]);
  });
});

describe("what Telnyx refuses", () => {
  it("is a wrong key", async () => {
    const stranger = new Telnyx({ apiKey: "KEY_wrong", baseURL: `${office.emulator.url}/v2`, maxRetries: 0 });
    expect(await refusal(stranger.balance.retrieve())).toEqual([401, "10009"]);
  });

  it("is a call, a connection or a path it does not know", async () => {
    const { calls, connections, conferences } = office.telnyx;
    expect(await refusal(calls.retrieveStatus("v3:nobody"))).toEqual([404, "10005"]);
    expect(await refusal(calls.actions.hangup("v3:nobody", office.once()))).toEqual([404, "10005"]);
    expect(await refusal(Promise.resolve(connections.listActiveCalls("1")))).toEqual([404, "10005"]);
    expect(await refusal(office.dial({ connection_id: "1" }))).toEqual([422, "10015"]);
    expect(await refusal(Promise.resolve(conferences.list()))).toEqual([404, "10005"]);
    expect(office.emulator.problems).toEqual([
      expect.stringMatching(/^GET \/v2\/conferences.*nothing there/),
    ]);
  });

  it.each([
    ["a number without a plus", { to: "15550100002" }, "to"],
    ["a state that is not Base64", { client_state: "no!" }, "client_state"],
    ["patience of one second", { timeout_secs: 1 }, "timeout_secs"],
    ["more than four hours", { time_limit_secs: 14_401 }, "time_limit_secs"],
    ["digits that are none", { send_digits_on_answer: "call me" }, "send_digits_on_answer"],
    ["a URL that is none", { webhook_url: "example.com" }, "webhook_url"],
    [
      "too many retries",
      { webhook_retries_policies: { "call.hangup": { retries_ms: [1, 1, 1, 1, 1, 1] } } },
      "webhook_retries_policies",
    ],
    [
      "machine detection of another carrier",
      { answering_machine_detection: "Enable" },
      "answering_machine_detection",
    ],
    [
      "a setting of machine detection that there is not",
      { answering_machine_detection_config: { speed: 1 } },
      "answering_machine_detection_config",
    ],
    [
      "a voice on a track that there is not",
      { transcription_config: { transcription_tracks: "inbound_track" } },
      "transcription_config",
    ],
  ])("is a dial with %s", async (_, fields: object, name) => {
    expect(await refusal(office.dial(fields))).toEqual([422, "10015"]);
    expect(office.emulator.problems).toEqual([`dial: ${name} is missing or wrong`]);
    expect(office.emulator.calls).toEqual([]);
  });

  it("is what a person must pick up for first", async () => {
    office.emulator.callee(THEIRS).answers(500_000);
    const id = await office.dial({ timeout_secs: 600 });
    expect(await refusal(office.say(id, "Hi."))).toEqual([422, "90034"]);
    expect(await refusal(office.listen(id))).toEqual([422, "90034"]);
    expect(await refusal(office.telnyx.calls.actions.answer(id, office.once()))).toEqual([422, "10015"]);
  });

  it("is everything after the end, and only hanging up is no mistake", async () => {
    const id = await office.reach();
    await office.hangUp(id);
    expect(await refusal(office.hangUp(id))).toEqual([422, "90018"]);
    expect(office.emulator.problems).toEqual([]);
    expect(await refusal(office.say(id, "Hi."))).toEqual([422, "90018"]);
    const { actions } = office.telnyx.calls;
    expect(await refusal(actions.updateClientState(id, { client_state: "YQ==" }))).toEqual([422, "90018"]);
    expect(office.emulator.problems).toEqual([
      "speak: the call has ended",
      "client_state_update: the call has ended",
    ]);
  });

  it("is a body that is not JSON", async () => {
    const post = { method: "POST", headers: { authorization: "Bearer KEY_test" }, body: "{" };
    const reply = await fetch(`${office.emulator.url}/v2/calls`, post);
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({ errors: [{ code: "10015", title: expect.any(String) }] });
  });

  it.each([
    ["a number that is not ours", { from: THIRD }, "D35"],
    ["a number that is blocked", { to: "+15550109999" }, "D41"],
  ])("is, by hanging up, a call with %s", async (_, fields, code) => {
    await office.dial(fields);
    const { payload } = await office.sees("call.hangup");
    expect(payload).toMatchObject({
      hangup_cause: "call_rejected",
      sip_hangup_cause: "403",
      telnyx_error: code,
    });
    expect(office.types).toEqual(["call.initiated", "call.hangup"]);
    expect(office.emulator.problems).toEqual([`${code}: the call was refused`]);
  });
});

describe("what Telnyx takes and complains about", () => {
  it("is a field that there is not, one that is not emulated, and no command_id", async () => {
    await office.dial({ colour: "red", record: "record-from-answer" } as object);
    expect(office.emulator.problems).toEqual([
      "dial: there is no field colour",
      "dial: record is not emulated",
    ]);
    const call = await office.emulator.nextCall();
    await office.telnyx.calls.actions.hangup(call.id, {});
    expect(office.emulator.problems.at(-1)).toBe("hangup: no command_id");
  });

  it("is an id with its colon escaped, without a complaint", async () => {
    const id = await office.reach();
    const headers = { authorization: "Bearer KEY_test" };
    const reply = await fetch(`${office.emulator.url}/v2/calls/${encodeURIComponent(id)}`, { headers });
    expect(reply.status).toBe(200);
    await office.telnyx.calls.retrieveStatus(id);
    expect(office.emulator.requestsOf("status").map(({ path }) => path)).toEqual([
      `/v2/calls/${id.replace(":", "%3A")}`,
      `/v2/calls/${id}`,
    ]);
  });
});

describe("a command_id", () => {
  it("dials once, and every repeat gets the same call", async () => {
    const same = { command_id: "dial-1" };
    const first = await office.dial(same);
    expect(await office.dial(same)).toBe(first);
    expect(office.emulator.calls).toHaveLength(1);
    expect(office.emulator.creates()).toBe(2);
    office.emulator.forgetCommandIds();
    expect(await office.dial(same)).not.toBe(first);
  });

  it("saves the call whose answer was lost", async () => {
    const same = { command_id: "dial-1" };
    office.emulator.failCreate("lost");
    await expect(office.dial(same)).rejects.toThrow(APIConnectionError);
    const call = await office.emulator.nextCall();
    expect(await office.dial(same)).toBe(call.id);
    expect(office.emulator.calls).toHaveLength(1);
  });

  it("speaks once, also when the call is over by then", async () => {
    const id = await office.reach();
    const words = { payload: "Hi.", voice: "AWS.Polly.Joanna", command_id: "same" };
    await office.telnyx.calls.actions.speak(id, words);
    await office.telnyx.calls.actions.speak(id, words);
    await office.sees("call.speak.ended");
    await office.hangUp(id);
    await office.telnyx.calls.actions.speak(id, words);
    expect(office.emulator.call(id).heard()).toEqual(["Hi."]);
  });

  it("belongs to one call, and to one command of it", async () => {
    const [one, two] = [await office.reach(), await office.reach()];
    const same = { command_id: "same" };
    await office.telnyx.calls.actions.hangup(one, same);
    await office.telnyx.calls.actions.hangup(two, same);
    expect(office.emulator.calls.map(({ state }) => state)).toEqual(["ended", "ended"]);
    const three = await office.reach();
    await office.telnyx.calls.actions.startTranscription(three, same);
    await office.telnyx.calls.actions.hangup(three, same);
    expect(office.emulator.call(three).state).toBe("answered");
    expect(office.emulator.problems).toEqual(["hangup: its command_id was used for transcription_start"]);
  });
});

describe("a request that goes wrong", () => {
  it("is reset before anything happens", async () => {
    office.emulator.failCreate("reset");
    await expect(office.dial()).rejects.toThrow(APIConnectionError);
    expect(office.emulator.calls).toEqual([]);
    expect(office.emulator.creates()).toBe(1);
  });

  it("is refused or told to come back, and nothing happens", async () => {
    office.emulator.failCreate("refused");
    office.emulator.failCreate("busy");
    expect(await refusal(office.dial())).toEqual([422, "10015"]);
    const error: unknown = await office.dial().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    expect((error as RateLimitError).headers.get("x-ratelimit-reset")).toBe("1");
    expect(office.emulator.calls).toEqual([]);
  });

  it("fails though it was carried out", async () => {
    office.emulator.fail("dial", { kind: "error", status: 503, carriedOut: true });
    await expect(office.dial()).rejects.toMatchObject({ status: 503 });
    expect(office.emulator.calls).toHaveLength(1);
  });

  it("is late, or never answered", async () => {
    office.emulator.fail("hangup", { kind: "delay", ms: 5 });
    const id = await office.reach();
    await office.hangUp(id);
    office.emulator.fail("dial", { kind: "silence" });
    const order = { connection_id: CONNECTION, to: THEIRS, from: OURS, ...office.once() };
    await expect(office.telnyx.calls.dial(order, { timeout: 50 })).rejects.toThrow(APIConnectionTimeoutError);
    expect(office.emulator.calls).toHaveLength(2);
    expect(office.emulator.requests.at(-1)?.status).toBe(0);
  });
});
