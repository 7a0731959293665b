import { describe, expect, it, test } from "vitest";
import type { CallEvent } from "../../src/call/event.ts";
import {
  adopted,
  answered,
  CARRIER_ID,
  dialing,
  ended,
  inbound,
  NOW,
  pairing,
  ringing,
  thinking,
  turnedAway,
} from "./bench.ts";

const dialed = { type: "dialed", carrierCallId: CARRIER_ID } as const;
const hangUp = { type: "hang-up" } as const;

describe("the states of a call", () => {
  it("go forward with the carrier's facts, each first arrival timed", () => {
    const bench = dialing();
    expect(bench.call.state).toBe("dialing");
    bench.do(dialed, { type: "initiated" });
    expect([bench.call.state, bench.call.carrierCallId]).toEqual(["dialing", CARRIER_ID]);
    bench.now += 1_000;
    bench.do({ type: "ringing" });
    bench.now += 1_000;
    bench.do({ type: "ringing" });
    expect([bench.call.state, bench.call.ringingAt]).toEqual(["ringing", NOW + 1_000]);
    bench.do({ type: "answered" });
    bench.now += 1_000;
    bench.do({ type: "answered" });
    expect([bench.call.state, bench.call.answeredAt]).toEqual(["answered", NOW + 2_000]);
    bench.hear("Hi.");
    expect([bench.call.state, bench.call.answeredAt]).toEqual(["live", NOW + 2_000]);
  });

  test.each(["initiated", "ringing", "answered", "fetched"] as const)(
    "never go back on a late `%s`",
    (type) => {
      const bench = thinking();
      const before = bench.call;
      expect(bench.do({ type })).toEqual([]);
      expect(bench.call).toEqual(before);
    },
  );

  test.each<[string, CallEvent]>([
    ["words", { type: "speech", token: "first", text: "Hi." }],
    ["digits", { type: "digits", token: "first", digits: "1" }],
    ["silence on the line", { type: "silence", token: "first" }],
    ["words played to the end", { type: "played", gen: 1 }],
    ["a document asked for", { type: "fetched" }],
  ])("take %s for an answer that was never reported", (_, event) => {
    const bench = dialing();
    bench.do(dialed, event);
    expect(bench.call.answeredAt).toBe(NOW);
    expect(bench.due).toContain("max-duration");
    expect(bench.due).not.toContain("ring");
  });

  it("of an inbound call begin at the ringing and are answered by the first instruction", () => {
    const bench = inbound();
    expect([bench.call.state, bench.due]).toEqual(["ringing", ["ring"]]);
    bench.do({ type: "delivered", gen: 1 });
    expect([bench.call.state, bench.due]).toEqual(["answered", ["max-duration"]]);
  });

  it("of an outbound call are not moved by an instruction the carrier has taken", () => {
    const bench = ringing();
    bench.do({ type: "delivered", gen: 1 });
    expect(bench.call.state).toBe("ringing");
  });

  it("of a call somebody else placed begin answered, with a limit", () => {
    expect([adopted().call.state, adopted().due]).toEqual(["answered", ["max-duration"]]);
  });
});

describe("the carrier's id", () => {
  it("is taken from the first fact that tells it and never overwritten by a late reply", () => {
    const bench = dialing();
    bench.step({ type: "ringing" }, "by-callback");
    bench.do({ type: "dialed", carrierCallId: "by-reply" });
    expect(bench.call.carrierCallId).toBe("by-callback");
  });

  it("does not mark words as given that came after the create request", () => {
    const bench = dialing();
    bench.step({ type: "answered" }, CARRIER_ID);
    bench.hear("Hi.");
    bench.do({ type: "reply", turn: 1, text: "Good morning.", final: true });
    const given = bench.call.instruction?.gen ?? 0;
    bench.do(dialed);
    expect(bench.call.delivered).toBe(1);
    expect(bench.call.delivered).toBeLessThan(given);
  });
});

describe("a create request", () => {
  it("that the carrier refused ends the call with the carrier's code", () => {
    const bench = dialing();
    const kinds = bench.kinds({ type: "dial-refused", error: "VC_CARRIER_FROM_INVALID", detail: "21210" });
    expect(kinds).toEqual(["hush", "report"]);
    expect(bench.call.outcome).toBe("failed");
    expect(bench.call.evidence).toMatchObject({ carrierCode: "21210", error: "VC_CARRIER_FROM_INVALID" });
  });

  it("that was refused after somebody had hung up counts as cancelled", () => {
    const bench = dialing();
    bench.do(hangUp, { type: "dial-refused", error: "VC_CARRIER_RATE", detail: "20429" });
    expect(bench.call.outcome).toBe("canceled");
  });

  it("whose reply was lost is looked for once, then given up as lost", () => {
    const bench = dialing();
    expect(bench.kinds({ type: "dial-uncertain" })).toEqual(["look-up"]);
    expect(bench.kinds({ type: "dial-uncertain" })).toEqual([]);
    bench.now = (bench.call.deadlines.uncertain ?? 0) - 1;
    expect(bench.kinds({ type: "deadline", name: "uncertain" })).toEqual([]);
    bench.pass("uncertain");
    expect(bench.call).toMatchObject({
      state: "ended",
      outcome: "lost",
      evidence: { source: "us", hungUpBy: "unknown", error: "VC_CARRIER_UNCERTAIN" },
    });
  });

  it("whose reply was lost after a callback named the call is not looked for", () => {
    const bench = dialing();
    bench.step({ type: "initiated" }, CARRIER_ID);
    expect(bench.kinds({ type: "dial-uncertain" })).toEqual([]);
    expect(bench.due).not.toContain("uncertain");
  });

  it("that is found goes on like any other", () => {
    const bench = dialing();
    bench.do({ type: "dial-uncertain" }, dialed);
    expect([bench.call.state, bench.due]).toEqual(["dialing", ["ring"]]);
  });
});

describe("the end of a call", () => {
  test.each(["busy", "no-answer", "canceled", "failed", "completed", "voicemail", "rejected"] as const)(
    "by the carrier's `%s` has this outcome, the carrier's word as evidence, and nothing left to do",
    (outcome) => {
      const bench = ringing();
      bench.now += 5;
      expect(bench.kinds(ended(outcome, `code-${outcome}`))).toEqual(["hush", "report"]);
      expect(bench.call).toMatchObject({
        state: "ended",
        outcome,
        endedAt: NOW + 5,
        evidence: { source: "carrier", hungUpBy: "unknown", carrierCode: `code-${outcome}` },
        deadlines: {},
        turn: { phase: "idle", token: null },
      });
    },
  );

  it("happens once: a second end changes and causes nothing", () => {
    const bench = answered();
    bench.do(ended("completed"));
    const before = bench.call;
    bench.now += 60_000;
    expect(bench.do(ended("failed"))).toEqual([]);
    expect(bench.do({ type: "hung-up" })).toEqual([]);
    expect(bench.call).toEqual(before);
  });

  it("of a call that a machine answered is voicemail", () => {
    const bench = answered();
    bench.do({ type: "detected", by: "machine" }, ended("completed"));
    expect(bench.call.outcome).toBe("voicemail");
  });

  it("of a call that only said a pairing code is a rejection", () => {
    const bench = pairing();
    bench.do({ type: "delivered", gen: 1 }, ended("completed"));
    expect(bench.call.outcome).toBe("rejected");
  });

  it("keeps who hung up as the carrier saw it", () => {
    const bench = answered();
    bench.do(hangUp, {
      type: "ended",
      outcome: "completed",
      evidence: { source: "carrier", hungUpBy: "them", durationSec: 12 },
    });
    expect(bench.call.evidence).toEqual({ source: "carrier", hungUpBy: "them", durationSec: 12 });
  });

  it("by a busy line is not credited to a hang-up that came too late", () => {
    const bench = ringing();
    bench.do(hangUp, ended("busy"));
    expect(bench.call).toMatchObject({ outcome: "busy", evidence: { hungUpBy: "unknown" } });
  });
});

describe("a hang-up", () => {
  it("is asked for once, however often it is wanted", () => {
    const bench = answered();
    expect(bench.kinds(hangUp)).toEqual(["hush", "hangup"]);
    expect(bench.kinds(hangUp)).toEqual([]);
    bench.now = bench.call.deadlines.hangup ?? 0;
    expect(bench.kinds({ type: "deadline", name: "max-duration" })).toEqual([]);
  });

  it("leaves one deadline: the one for its confirmation", () => {
    const bench = answered();
    bench.do(hangUp);
    expect(bench.due).toEqual(["hangup"]);
  });

  it("that the carrier confirmed ends the call as ours", () => {
    const bench = answered();
    bench.do(hangUp, { type: "hung-up", carrierCode: "completed" });
    expect(bench.call).toMatchObject({
      outcome: "completed",
      evidence: { source: "us", hungUpBy: "us", carrierCode: "completed" },
    });
  });

  it("of a call nobody answered cancels it", () => {
    const bench = ringing();
    bench.do(hangUp, ended("completed"));
    expect(bench.call.outcome).toBe("canceled");
  });

  test.each<[string, (bench: ReturnType<typeof dialing>) => void]>([
    ["the create reply", (bench) => bench.step(dialed)],
    ["a callback", (bench) => bench.step({ type: "ringing" }, CARRIER_ID)],
  ])("before the id is known goes out with %s, once", (_, tell) => {
    const bench = dialing();
    expect(bench.kinds(hangUp)).toEqual(["hush"]);
    tell(bench);
    expect(bench.effects).toEqual([{ kind: "hangup", reason: "requested" }]);
    expect(bench.kinds(dialed)).toEqual([]);
    bench.step({ type: "ringing" }, CARRIER_ID);
    expect(bench.effects).toEqual([]);
  });

  it("that is never confirmed closes the record and says that the carrier was not reached", () => {
    const bench = answered();
    bench.do(hangUp);
    bench.pass("hangup");
    expect(bench.call).toMatchObject({
      state: "ended",
      outcome: "completed",
      evidence: { source: "us", error: "VC_CARRIER_UNREACHABLE" },
    });
  });

  test.each([
    ["speak", { type: "speak", text: "x" }],
    ["ask", { type: "ask", text: "x" }],
    ["press", { type: "press", digits: "1" }],
    ["close", { type: "close" }],
  ] as const)("refuses a later `%s`", (_, request) => {
    const bench = answered();
    bench.do(hangUp);
    bench.do(request);
    expect(bench.refusal).toBe("VC_CALL_NOT_ACTIVE");
  });
});

describe("a call that is over", () => {
  test.each<CallEvent>([
    { type: "initiated" },
    { type: "ringing" },
    { type: "answered" },
    { type: "fetched" },
    { type: "detected", by: "machine" },
    { type: "speech", token: "first", text: "Hello?" },
    { type: "digits", token: "first", digits: "1" },
    { type: "silence", token: "first" },
    { type: "played", gen: 1 },
    ended("failed"),
    dialed,
    { type: "dial-refused", error: "VC_CARRIER_REFUSED", detail: "x" },
    { type: "dial-uncertain" },
    { type: "delivered", gen: 1 },
    { type: "hung-up" },
    { type: "reply", turn: 1, text: "Hi", final: true },
    { type: "reply-failed", turn: 1, error: "VC_REPLY_FAILED" },
    { type: "deadline", name: "ring" },
  ])("is neither moved nor made to do anything by a late $type", (event) => {
    const bench = thinking();
    bench.do(ended("completed"));
    const before = bench.call;
    bench.now += 1_000;
    expect(bench.do(event)).toEqual([]);
    expect(bench.call).toEqual(before);
  });

  test.each<CallEvent>([
    hangUp,
    { type: "close" },
    { type: "speak", text: "x" },
    { type: "ask", text: "x" },
    { type: "press", digits: "1" },
  ])("refuses $type", (event) => {
    for (const bench of [answered(), turnedAway()]) {
      if (bench.call.state !== "refused") bench.do(ended("completed"));
      expect(bench.do(event)).toEqual([]);
      expect(bench.refusal).toBe("VC_CALL_NOT_ACTIVE");
    }
  });

  it("and was refused stays refused, whatever the carrier still says", () => {
    const bench = turnedAway();
    const before = bench.call;
    expect(bench.do({ type: "ringing" }, { type: "answered" }, ended("completed"))).toEqual([]);
    expect(bench.call).toEqual(before);
  });

  const signs: CallEvent[] = [
    { type: "ringing" },
    { type: "answered" },
    { type: "fetched" },
    { type: "speech", token: "first", text: "Hello?" },
  ];
  test.each(signs)("as lost and gives a sign of life by $type is ended at the carrier, once", (sign) => {
    const bench = dialing();
    bench.do({ type: "dial-uncertain" });
    bench.pass("uncertain");
    expect(bench.step(sign, CARRIER_ID).effects).toEqual([{ kind: "hangup", reason: "lingering" }]);
    expect(bench.call).toMatchObject({ state: "ended", outcome: "lost", carrierCallId: CARRIER_ID });
    for (const again of signs) expect(bench.step(again, CARRIER_ID).effects).toEqual([]);
    expect(bench.do(dialed)).toEqual([]);
  });

  it("as lost before its id was known is ended when the late create reply tells it", () => {
    const bench = dialing();
    bench.do(hangUp);
    bench.pass("hangup");
    expect(bench.call).toMatchObject({ outcome: "lost", evidence: { error: "VC_CARRIER_UNCERTAIN" } });
    expect(bench.do(dialed)).toEqual([{ kind: "hangup", reason: "lingering" }]);
    expect(bench.step({ type: "ringing" }, CARRIER_ID).effects).toEqual([]);
  });

  it("because the carrier confirmed our hang-up is not ended again by a reordered callback", () => {
    const bench = ringing();
    bench.do(hangUp, { type: "hung-up" });
    expect(bench.do({ type: "answered" }, { type: "ringing" })).toEqual([]);
  });
});

describe("time limits", () => {
  it("end a call that nobody answers", () => {
    const bench = ringing();
    expect(bench.pass("ring")).toEqual([{ kind: "hush" }, { kind: "hangup", reason: "ring-timeout" }]);
    bench.do(ended("canceled"));
    expect(bench.call.outcome).toBe("no-answer");
  });

  it("end the talking, counted from the answer", () => {
    const bench = ringing({}, { maxDurationSeconds: 60 });
    bench.now += 10_000;
    bench.do({ type: "answered" });
    expect(bench.call.deadlines["max-duration"]).toBe(NOW + 70_000);
    bench.do({ type: "answered" });
    expect(bench.pass("max-duration")).toContainEqual({ kind: "hangup", reason: "max-duration" });
    bench.do(ended("completed"));
    expect(bench.call.outcome).toBe("timeout");
  });

  it("reap a call that never came to a conversation, if configured", () => {
    expect(dialing().due).toEqual(["ring"]);
    const bench = answered({}, { staleCallReaperSeconds: 120 });
    expect(bench.pass("stale")).toContainEqual({ kind: "hangup", reason: "stale" });
    bench.do({ type: "hung-up" });
    expect(bench.call.outcome).toBe("timeout");
  });

  it("never reap a conversation", () => {
    const bench = answered({}, { staleCallReaperSeconds: 120 });
    bench.hear("Hi.");
    expect(bench.pass("stale")).toEqual([]);
    expect(bench.call.hangup).toBeNull();
  });

  test.each(["ring", "max-duration", "stale", "transcript", "notify-hangup", "follow-up"] as const)(
    "mean nothing when `%s` is not due",
    (name) => {
      const bench = thinking();
      const before = bench.call;
      expect(bench.do({ type: "deadline", name })).toEqual([]);
      expect(bench.call).toEqual(before);
    },
  );

  it("that were moved while their timer ran do not fire at the old time", () => {
    const bench = answered();
    bench.do({ type: "ask", text: "How are you?" });
    const { transcript = 0 } = bench.call.deadlines;
    bench.now = transcript - 1;
    expect(bench.do({ type: "deadline", name: "transcript" })).toEqual([]);
    expect(bench.call.deadlines.transcript).toBe(transcript);
  });
});

const notify = () => answered({ mode: "notify", message: "The build is done." });

describe("a notification", () => {
  it("is said, and hung up the configured time after it was heard", () => {
    const bench = notify();
    expect(bench.call.instruction).toEqual({
      gen: 1,
      say: ["The build is done."],
      next: { kind: "hangup", afterMs: 3_000 },
    });
    bench.now += 4_000;
    bench.do({ type: "played", gen: 1 });
    expect(bench.call.deadlines["notify-hangup"]).toBe(NOW + 7_000);
    expect(bench.pass("notify-hangup")).toContainEqual({ kind: "hangup", reason: "message-delivered" });
    bench.do({ type: "hung-up" });
    expect(bench.call.outcome).toBe("completed");
  });

  it("is not hung up by words of an older generation that were played", () => {
    const bench = notify();
    bench.do({ type: "speak", text: "One more thing." }, { type: "played", gen: 1 });
    expect(bench.due).not.toContain("notify-hangup");
    bench.do({ type: "played", gen: 2 });
    expect(bench.due).toContain("notify-hangup");
  });

  it("does not listen, so that a stray word changes nothing", () => {
    const bench = notify();
    const before = bench.call;
    expect(bench.do({ type: "speech", token: "", text: "Who is this?" })).toEqual([]);
    expect(bench.call).toEqual(before);
  });

  it("that asked something hangs up when the asker has its answer and says no more", () => {
    const bench = notify();
    bench.do({ type: "played", gen: 1 }, { type: "ask", text: "Are you coming?" });
    expect(bench.due).toEqual(["max-duration", "transcript"]);
    bench.hear("Yes.");
    expect(bench.pass("follow-up")).toContainEqual({ kind: "hangup", reason: "message-delivered" });
  });
});
