import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { Fault } from "../../emulator/telnyx/index.ts";
import { OUTBOUND, THEIRS } from "./fixtures.ts";
import {
  BYE,
  LISTEN,
  NEW,
  emulator,
  desk,
  carrier,
  signal,
  connect,
  failureOf,
  dialed,
  answered,
  ids,
  useTelnyx,
} from "./rig.ts";

useTelnyx();

describe("a command that is repeated", () => {
  it("doubles nothing, whichever of an instruction's commands failed", async () => {
    for (const operation of ["send_dtmf", "speak", "transcription_start"] as const) {
      for (const fault of [
        { kind: "lose-reply" },
        { kind: "reset" },
        { kind: "error", status: 503, carriedOut: true },
        { kind: "error", status: 429 },
      ] as const satisfies readonly Fault[]) {
        const id = `vc_${operation}-${fault.kind}-${"status" in fault ? fault.status : 0}`;
        const { call, live } = await dialed({ ...NEW, id });
        await live.until("is answered", () => live.state === "answered");
        emulator.fail(operation, fault);
        const instruction: Instruction = { ...LISTEN, digits: "7" };
        await failureOf(carrier.instruct(call, instruction, signal));
        await carrier.instruct(call, instruction, signal);
        expect({ id, pressed: live.pressed(), heard: live.heard() }).toEqual({
          id,
          pressed: ["7"],
          heard: ["Hi."],
        });
        expect(live.transcription).not.toBeNull();
        void live.hangUp();
      }
    }
    expect(emulator.problems.filter((problem) => problem.includes("runs already"))).toEqual([]);
  });

  it("has the same id, and every command of a call has its own", async () => {
    const { call } = await answered();
    await carrier.instruct(call, { ...LISTEN, digits: "7" }, signal);
    await carrier.instruct(call, { ...LISTEN, gen: 2, digits: "7" }, signal);
    await carrier.hangup(call, signal);
    const sent = emulator.requests.flatMap(({ body }) => body["command_id"] ?? []);
    expect(sent).toEqual([
      "vc_1.dial",
      "vc_1.1.keys1",
      "vc_1.1.say1",
      "vc_1.1.listen",
      "vc_1.2.stop",
      "vc_1.2.keys1",
      "vc_1.2.say1",
      "vc_1.hangup",
    ]);
  });

  it("is not sent again once it was confirmed", async () => {
    const { call } = await answered();
    emulator.fail("transcription_start", { kind: "error", status: 500 });
    await failureOf(carrier.instruct(call, LISTEN, signal));
    emulator.forgetCommandIds();
    await carrier.instruct(call, LISTEN, signal);
    await carrier.instruct(call, LISTEN, signal);
    expect(ids("speak")).toEqual(["vc_1.1.say1"]);
    expect(ids("transcription_start")).toEqual(["vc_1.1.listen", "vc_1.1.listen"]);
  });

  it("closes an ear of which nobody knows whether it is open, and opens one anew", async () => {
    const { call, live } = await answered();
    emulator.fail("transcription_start", { kind: "lose-reply" });
    await failureOf(carrier.instruct(call, LISTEN, signal));
    await carrier.instruct(call, { ...LISTEN, gen: 2 }, signal);
    expect(live.transcription).not.toBeNull();
    const restarted = connect();
    await restarted.instruct(call, { ...LISTEN, gen: 3 }, signal);
    expect(live.transcription).not.toBeNull();
    expect(ids("transcription_stop")).toEqual(["vc_1.2.deafen", "vc_1.3.deafen"]);
    expect(emulator.problems.filter((problem) => !problem.includes("webhook"))).toEqual([]);
    await restarted.close();
  });

  it("came too early for Telnyx: nothing happened, it may be sent again", async () => {
    emulator.callee(THEIRS).answers(5000);
    const { call } = await dialed();
    expect(await failureOf(carrier.instruct(call, BYE, signal))).toMatchObject({ certainty: "not-sent" });
    await desk.event("answered");
    await carrier.instruct(call, BYE, signal);
    await desk.event("played");
  });

  it("to stop what does not play is no failure", async () => {
    const { call, live } = await answered();
    emulator.fail("playback_stop", { kind: "error", status: 422, code: "90099" });
    await carrier.instruct(call, { ...BYE, gen: 2 }, signal);
    expect(live.heard()).toEqual(["Dinner is ready."]);
  });

  it("finds that the call is over", async () => {
    const { call, live } = await answered();
    await live.hangUp();
    for (const gen of [1, 2]) {
      expect(await failureOf(carrier.instruct(call, { ...BYE, gen }, signal))).toMatchObject({
        code: "VC_CARRIER_CALL_GONE",
        certainty: "gone",
      });
    }
    await carrier.hangup(call, signal);
    await carrier.reject(call, "policy", signal);
  });

  it("for a call whose id is not known yet is refused", async () => {
    expect(await failureOf(carrier.hangup(NEW, signal))).toMatchObject({ certainty: "refused" });
    expect(emulator.requests).toEqual([]);
  });
});

describe("a look-up", () => {
  it("finds a call that lives, one that is over, and none", async () => {
    const { live } = await answered();
    expect(await carrier.lookup(live.id, signal)).toEqual({
      found: true,
      carrierCallId: live.id,
      state: "dialing",
    });
    await live.hangUp();
    expect(await carrier.lookup(live.id, signal)).toEqual({
      found: true,
      carrierCallId: live.id,
      state: "ended",
      outcome: "completed",
      evidence: { source: "look-up", hungUpBy: "unknown", carrierCode: "not alive", durationSec: 1 },
    });
    expect(await carrier.lookup("v3:nobody/../x", signal)).toEqual({ found: false });
  });

  it("of a call that nobody answered says so", async () => {
    emulator.callee(THEIRS).busy();
    const { live } = await dialed();
    await live.ended;
    expect(await carrier.lookup(live.id, signal)).toMatchObject({ state: "ended", outcome: "no-answer" });
  });

  it("that fails is no proof of anything, and may be repeated", async () => {
    const { live } = await answered();
    for (const status of [500, 503, 429]) {
      emulator.fail("status", { kind: "error", status });
      expect(await failureOf(carrier.lookup(live.id, signal))).toMatchObject({ certainty: "not-sent" });
    }
    emulator.fail("status", { kind: "error", status: 401, code: "10009" });
    expect(await failureOf(carrier.lookup(live.id, signal))).toMatchObject({ code: "VC_CARRIER_AUTH" });
  });

  it("by our own id finds a call whose reply was lost, and none that is not ours", async () => {
    emulator.failCreate("lost");
    await failureOf(carrier.dial(NEW, BYE, signal));
    await dialed({ ...NEW, id: "vc_2" });
    const [lost] = emulator.calls;
    expect(await carrier.find({ ...OUTBOUND, carrierCallId: null }, signal)).toEqual({
      found: true,
      carrierCallId: lost?.id,
      state: "dialing",
    });
    expect(await carrier.find({ ...OUTBOUND, id: "vc_3" }, signal)).toEqual({ found: false });
    await lost?.hangUp();
    expect(await carrier.find({ ...OUTBOUND, carrierCallId: null }, signal)).toEqual({ found: false });
  });

  it("by our own id does not take the other leg of a hand-over for the call", async () => {
    emulator.callee("+15550100009").noAnswer();
    const { call, live } = await answered();
    await carrier.instruct(call, { gen: 2, say: [], next: { kind: "transfer", to: "+15550100009" } }, signal);
    expect(emulator.calls).toHaveLength(2);
    expect(await carrier.find(OUTBOUND, signal)).toMatchObject({ found: true, carrierCallId: live.id });
  });
});
