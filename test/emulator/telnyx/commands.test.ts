import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LiveCall } from "./index.ts";
import { Office, OURS, THEIRS, THIRD } from "./office.ts";

/** What Telnyx does for us on the emulated phone: digits, machine detection, transfers. */

let office: Office;

beforeEach(async () => {
  office = await Office.open();
});

afterEach(() => office.close());

const person = () => office.emulator.callee(THEIRS);

async function reach(more = {}): Promise<LiveCall> {
  return office.emulator.call(await office.reach(more));
}

/** The types of the events of one call. */
const typesOf = (id: string | undefined): readonly string[] =>
  office.seen.filter((event) => event.payload["call_control_id"] === id).map((event) => event.type);

/** Speaks and starts to listen, so that it is the person's turn. */
async function prompt(call: LiveCall, words: string): Promise<void> {
  await office.listen(call.id);
  await office.say(call.id, words);
}

const digits = (): readonly unknown[] =>
  office.seen.filter((event) => event.type === "call.dtmf.received").map((event) => event.payload["digit"]);

const gather = (id: string, more = {}): Promise<unknown> =>
  office.telnyx.calls.actions.gather(id, { ...office.once(), ...more });

const verdicts = (): readonly unknown[] =>
  office.seen
    .filter((event) => event.type.startsWith("call.machine"))
    .map((event) => [event.type.slice("call.machine.".length), event.payload["result"]]);

const transfer = (id: string, more = {}): Promise<unknown> =>
  office.telnyx.calls.actions.transfer(id, { to: THIRD, ...office.once(), ...more });

describe("keys", () => {
  it("arrive one by one", async () => {
    const call = await reach();
    await prompt(call, "Your number?");
    await call.press("12#");
    expect(digits()).toEqual(["1", "2", "#"]);
  });

  it.each([
    ["up to the terminating one", {}, "12#", "12", "valid"],
    ["as many as there may be", { maximum_digits: 2 }, "12", "12", "valid"],
    ["too few", { minimum_digits: 3 }, "12#", "12", "invalid"],
    ["wrong ones", { valid_digits: "12" }, "3", "3", "invalid"],
    ["until no more come", { inter_digit_timeout_millis: 1000 }, "12", "12", "valid"],
    ["with the hash among them", { terminating_digit: "", maximum_digits: 2 }, "1#", "1#", "valid"],
  ])("are gathered: %s", async (_, plan, pressed, gathered, status) => {
    const call = await reach();
    await gather(call.id, { initial_timeout_millis: 500_000, timeout_millis: 500_000, ...plan });
    await call.press(pressed);
    expect((await office.sees("call.gather.ended")).payload).toMatchObject({ digits: gathered, status });
    expect(digits()).toEqual(pressed.split(""));
  });

  it("are not pressed, or not waited for", async () => {
    const silent = await reach();
    await gather(silent.id, { initial_timeout_millis: 100 });
    const status = async (id: string): Promise<unknown> =>
      (await office.sees("call.gather.ended", id)).payload["status"];
    expect(await status(silent.id)).toBe("timeout");
    const stopped = await reach();
    await gather(stopped.id);
    await office.telnyx.calls.actions.stopGather(stopped.id, office.once());
    expect(await status(stopped.id)).toBe("cancelled");
    const left = await reach();
    await gather(left.id);
    await left.hangUp();
    expect(await status(left.id)).toBe("call_hangup");
  });
});

describe("machine detection", () => {
  it.each([
    ["detect", true, [["detection.ended", "machine"]]],
    [
      "detect_beep",
      true,
      [
        ["detection.ended", "machine"],
        ["greeting.ended", "beep_detected"],
      ],
    ],
    ["detect_beep", false, [["detection.ended", "machine"]]],
    [
      "greeting_end",
      true,
      [
        ["detection.ended", "machine"],
        ["greeting.ended", "beep_detected"],
      ],
    ],
    [
      "detect_words",
      false,
      [
        ["detection.ended", "machine"],
        ["greeting.ended", "ended"],
      ],
    ],
    [
      "premium",
      true,
      [
        ["premium.detection.ended", "machine"],
        ["premium.greeting.ended", "beep_detected"],
      ],
    ],
    ["premium", false, [["premium.detection.ended", "machine"]]],
    ["disabled", true, []],
  ] as const)("%s of a machine that beeps: %s", async (mode, beep, expected) => {
    person().machine({ beep }).hangsUpAfter(6000);
    const call = await reach({ answering_machine_detection: mode });
    await call.ended;
    expect(verdicts()).toEqual(expected);
  });

  it("reports an early beep in place of the verdict, if premium", async () => {
    person().machine({ greetingMs: 500 }).hangsUpAfter(6000);
    await (
      await reach({ answering_machine_detection: "premium" })
    ).ended;
    await (
      await reach({ answering_machine_detection: "detect_beep" })
    ).ended;
    expect(verdicts()).toEqual([
      ["premium.greeting.ended", "beep_detected"],
      ["detection.ended", "machine"],
      ["greeting.ended", "beep_detected"],
    ]);
  });

  it("knows people", async () => {
    person().hangsUpAfter(6000);
    await (
      await reach({ answering_machine_detection: "premium" })
    ).ended;
    await (
      await reach({ answering_machine_detection: "greeting_end" })
    ).ended;
    expect(verdicts()).toEqual([
      ["premium.detection.ended", "human_residence"],
      ["detection.ended", "human"],
    ]);
  });

  it("ends what is being said to a machine", async () => {
    const slow = await Office.open({ pace: 0.5 });
    slow.emulator.callee(THEIRS).answers(0).machine({ greetingMs: 500 });
    const id = await slow.reach({ answering_machine_detection: "detect" });
    await slow.say(id, "A".repeat(200));
    expect((await slow.sees("call.speak.ended")).payload["status"]).toBe("cancelled_amd");
    await slow.close();
  });
});

describe("a transfer", () => {
  it("to somebody who is busy leaves the call as it was", async () => {
    office.emulator.callee(THIRD).busy();
    const call = await reach();
    await transfer(call.id);
    const [, leg] = office.emulator.calls;
    await leg?.ended;
    expect(typesOf(leg?.id)).toEqual(["call.initiated", "call.hangup"]);
    expect(leg?.plan.from).toBe(THEIRS);
    expect(call.transferredTo()).toBeNull();
    await prompt(call, "They are busy.");
    await call.listening();
    await call.speak("Too bad.");
    expect(office.transcripts()).toEqual(["Too bad."]);
  });

  it("is called off when the person leaves before", async () => {
    office.emulator.callee(THIRD).answers(500_000);
    const call = await reach();
    await transfer(call.id, { timeout_secs: 600 });
    const [, leg] = office.emulator.calls;
    await office.sees("call.initiated", leg?.id);
    await call.hangUp();
    expect(await leg?.ended).toEqual({ by: "carrier" });
    const { payload } = await office.sees("call.hangup", leg?.id);
    expect(payload["hangup_cause"]).toBe("originator_cancel");
  });

  it("leaves the person to the other, until one of them hangs up", async () => {
    const call = await reach();
    await office.listen(call.id);
    await transfer(call.id);
    await office.sees("call.bridged", call.id);
    const speech = call.speak("This is between us.");
    await call.hangUp();
    await speech;
    const [, leg] = office.emulator.calls;
    await leg?.ended;
    expect(office.transcripts()).toEqual([]);
    expect(typesOf(leg?.id)).toEqual(["call.initiated", "call.answered", "call.bridged", "call.hangup"]);
  });

  it("gives the person back if it was parked", async () => {
    const call = await reach();
    await transfer(call.id, { park_after_unbridge: "self" });
    await office.sees("call.bridged", call.id);
    await office.emulator.calls[1]?.hangUp();
    await prompt(call, "Back again.");
    await call.listening();
    await call.speak("Good.");
    expect(office.transcripts()).toEqual(["Good."]);
  });

  it("takes a caller on whom nobody has answered yet", async () => {
    const call = office.emulator.ring(THEIRS);
    await office.sees("call.initiated");
    await transfer(call.id, { from: OURS });
    await office.sees("call.bridged", call.id);
    expect(typesOf(call.id)).toEqual(["call.initiated", "call.answered", "call.bridged"]);
  });
});
