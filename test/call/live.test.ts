import { describe, expect, it } from "vitest";
import type { CallTraits } from "../../src/call/call.ts";
import { acceptedCall, adoptedCall, outboundCall, pairingCall } from "../../src/call/line.ts";
import { STREAM_GRACE_MS, STREAM_WAIT_MS } from "../../src/call/live.ts";
import { phrasesFor } from "../../src/call/phrases.ts";
import { BARE, Bench, CARRIER_ID, ended, OURS, seedOf, THEIRS } from "./bench.ts";

const words = phrasesFor("en-US");
const requester = { surface: "tool" } as const;
const order = { from: OURS, to: THEIRS, mode: "conversation", message: "Hello.", requester } as const;
const offer = { direction: "inbound", from: THEIRS, to: OURS, attestation: null } as const;
const seed = (raw: Record<string, unknown> = {}, traits?: CallTraits) => ({
  ...seedOf(raw, "vc_1", traits),
  liveAudio: true,
});

/** Ringing at the callee's. */
function ringing(raw: Record<string, unknown> = {}, traits?: CallTraits): Bench {
  const bench = new Bench(outboundCall(seed(raw, traits), order));
  bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "ringing" });
  return bench;
}

const answered = (raw: Record<string, unknown> = {}, traits?: CallTraits): Bench => {
  const bench = ringing(raw, traits);
  bench.do({ type: "answered" });
  return bench;
};

const streamOf = ({ call }: Bench): string => {
  const next = call.instruction?.next;
  if (next?.kind !== "stream") throw new Error("no stream was asked for");
  return next.token;
};

/** Talking over its socket. */
function up(raw: Record<string, unknown> = {}, traits?: CallTraits): Bench {
  const bench = answered(raw, traits);
  bench.do({ type: "delivered", gen: bench.call.instruction?.gen ?? 0 });
  bench.do({ type: "stream-up", token: streamOf(bench) });
  return bench;
}

describe("a call with live audio", () => {
  it("asks the carrier for nothing but the socket, and keeps its first words for the conversation", () => {
    const bench = ringing();
    expect(bench.call.instruction).toEqual({ gen: 1, say: [], next: { kind: "stream", token: "first" } });
    expect(bench.call.live).toMatchObject({ opening: "Hello.", stream: "awaited" });
    expect(bench.said).toEqual([]);
  });

  it("presses keys before the socket is opened", () => {
    const { call } = outboundCall(seed(), { ...order, digits: "12" });
    expect(call.instruction).toMatchObject({ digits: "12", next: { kind: "stream" } });
  });

  it("greets who calls, and lets somebody else's call begin by itself", () => {
    expect(acceptedCall(seed({ inboundGreeting: "Hi." }), offer, "in-1").call.live?.opening).toBe("Hi.");
    const adopted = adoptedCall(seed(), { ...offer, direction: "outbound" }, "out-1").call;
    expect(adopted.live?.opening).toBe("");
    expect(Object.keys(adopted.deadlines)).toContain("stream");
  });

  it("is not for messages and pairing codes: no ears or voices of the host's are paid for those", () => {
    expect(outboundCall(seed(), { ...order, mode: "notify" }).call.live).toBeNull();
    expect(pairingCall(seed(), offer, "in-1", "123456").call.live).toBeNull();
  });

  it("is given the socket once it is answered where a carrier runs single commands", () => {
    const bench = ringing({}, BARE);
    expect(bench.kinds({ type: "answered" })).toContain("instruct");
    expect(bench.due).toContain("stream");
  });

  it("is up with its socket, whichever report of the answer is late", () => {
    const bench = ringing();
    bench.do({ type: "stream-up", token: "first" });
    expect(bench.call).toMatchObject({ state: "answered", live: { stream: "up", token: "first" } });
    expect(bench.due).toEqual(["max-duration"]);
    bench.do({ type: "answered" });
    expect(bench.due).toEqual(["max-duration"]);
  });

  it("is not taken over by a socket that nobody asked for any more", () => {
    const bench = answered();
    bench.do({ type: "stream-up", token: "another" });
    expect(bench.call.live?.stream).toBe("awaited");
  });
});

describe("a socket that does not come", () => {
  it("is apologised for in the carrier's voice, and the call ends", () => {
    const bench = answered();
    expect(bench.call.deadlines.stream).toBe(bench.now + STREAM_WAIT_MS);
    bench.pass("stream");
    expect(bench.call.instruction).toMatchObject({ say: [words.giveUp], next: { kind: "hangup" } });
    expect(bench.call).toMatchObject({ live: null, closing: true });
    expect(bench.said).toEqual([words.giveUp]);
    bench.do(ended("completed"));
    expect(bench.call).toMatchObject({ outcome: "failed", evidence: { error: "VC_STREAM_MISSING" } });
  });

  it("is not waited for when the carrier says that it could not open it", () => {
    const bench = answered();
    expect(bench.kinds({ type: "stream-failed", token: null })).toContain("instruct");
    expect(bench.call.live).toBeNull();
  });

  it("is not one that was asked for before", () => {
    const bench = up();
    bench.do({ type: "stream-lost", token: "first" }, { type: "fetched" });
    bench.do({ type: "stream-failed", token: "first" });
    expect(bench.call.live?.stream).toBe("awaited");
  });

  it("is not waited for longer because the carrier asks again and again", () => {
    const bench = answered();
    bench.do({ type: "delivered", gen: 1 });
    const { stream } = bench.call.deadlines;
    bench.now += STREAM_WAIT_MS / 2;
    bench.do({ type: "fetched" });
    expect(bench.call.deadlines.stream).toBe(stream);
  });

  it("is asked for with the keys that go before it by a carrier that fetches what it was told of", () => {
    const bench = new Bench(outboundCall(seed(), { ...order, digits: "12" }));
    bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "fetched", gen: 1 });
    expect(bench.call.instruction).toMatchObject({ digits: "12", next: { kind: "stream", token: "first" } });
    bench.do({ type: "fetched" });
    expect(streamOf(bench)).not.toBe("first");
    expect(bench.call.instruction).not.toHaveProperty("digits");
  });

  it("is no matter of a stale report while another one is up", () => {
    const bench = up();
    bench.do({ type: "stream-failed", token: null });
    expect(bench.call.live?.stream).toBe("up");
  });
});

describe("a socket that is lost", () => {
  it("may come back within its grace; then the call is over", () => {
    const bench = up();
    bench.do({ type: "stream-lost", token: "first" });
    expect(bench.call.deadlines.stream).toBe(bench.now + STREAM_GRACE_MS);
    bench.pass("stream");
    expect(bench.call.hangup).toBe("stream-lost");
    bench.do(ended("completed"));
    expect(bench.call.outcome).toBe("completed");
  });

  it("may still come back when the carrier tells of it as of one that never came", () => {
    const bench = up();
    bench.do({ type: "stream-lost", token: "first" }, { type: "stream-failed", token: "first" });
    expect(bench.call.hangup).toBeNull();
    bench.do({ type: "fetched" });
    expect(bench.call.live?.stream).toBe("awaited");
  });

  it("is told of once: its grace begins once", () => {
    const bench = up();
    bench.do({ type: "stream-lost", token: "first" });
    const { stream } = bench.call.deadlines;
    bench.now += STREAM_GRACE_MS / 2;
    bench.do({ type: "stream-lost", token: "first" });
    expect(bench.call.deadlines.stream).toBe(stream);
  });

  it("comes back under another token when the carrier asks what to do", () => {
    const bench = up();
    bench.do({ type: "stream-lost", token: "first" }, { type: "fetched" });
    const token = streamOf(bench);
    expect(token).not.toBe("first");
    expect(bench.call.delivered).toBeLessThan(bench.call.instruction?.gen ?? 0);
    bench.do({ type: "stream-up", token });
    expect(bench.call.live).toMatchObject({ stream: "up", token });
    expect(bench.due).toEqual(["max-duration"]);
  });

  it("is asked for again where nothing makes the carrier ask, unless the call is over a moment later", () => {
    const bench = up({}, BARE);
    expect(bench.kinds({ type: "stream-lost", token: "first" })).toEqual([]);
    bench.pass("reopen");
    expect(bench.effects.map(({ kind }) => kind)).toEqual(["instruct"]);
    expect(streamOf(bench)).not.toBe("first");
    const over = up({}, BARE);
    over.do({ type: "stream-lost", token: "first" }, ended("completed"));
    expect([over.call.state, over.due]).toEqual(["ended", []]);
  });

  it("changes nothing when a newer one has taken its place", () => {
    const bench = up();
    bench.do({ type: "fetched" });
    bench.do({ type: "stream-up", token: streamOf(bench) }, { type: "stream-lost", token: "first" });
    expect(bench.call.live?.stream).toBe("up");
    expect(bench.due).toEqual(["max-duration"]);
  });

  it("is waited for longer when the carrier has already been told of the next one", () => {
    const bench = up();
    bench.do({ type: "fetched" }, { type: "stream-lost", token: "first" });
    expect(bench.call.deadlines.stream).toBe(bench.now + STREAM_WAIT_MS);
  });

  it("is opened anew after a restart, for which the carrier is asked", () => {
    const bench = up();
    expect(bench.kinds({ type: "stream-lost", token: null })).toEqual(["instruct"]);
    expect(bench.call.deadlines.stream).toBe(bench.now + STREAM_WAIT_MS);
  });
});

const liveOf = (bench: Bench) =>
  bench.effects.flatMap((effect) => (effect.kind === "live" ? [effect.request] : []));

describe("what is asked of a call with live audio", () => {
  it.each([
    [
      { type: "speak", text: "Look." },
      { type: "speak", text: "Look." },
    ],
    [
      { type: "press", digits: "5" },
      { type: "keys", digits: "5" },
    ],
    [{ type: "close" }, { type: "close", before: "goodbye" }],
  ] as const)("goes to the conversation and never replaces the stream: %o", (request, asked) => {
    const bench = up();
    const before = bench.call.instruction;
    bench.do(request);
    expect(liveOf(bench)).toEqual([asked]);
    expect(bench.effects.map(({ kind }) => kind)).not.toContain("instruct");
    expect(bench.call.instruction).toEqual(before);
  });

  it("gives the caller's next words to the command that asked, and only one may ask", () => {
    const bench = up();
    bench.do({ type: "ask", text: "When?" });
    expect(liveOf(bench)).toMatchObject([{ type: "ask", text: "When?" }]);
    bench.do({ type: "ask", text: "Where?" });
    expect(bench.refusal).toBe("VC_TURN_BUSY");
    expect(bench.do({ type: "answer", text: "At noon." })).toEqual([{ kind: "heard", text: "At noon." }]);
    expect(bench.do({ type: "answer", text: "At one." })).toEqual([]);
  });

  it("keeps what was said in the order in which it was heard", () => {
    const bench = up();
    bench.do(
      { type: "said", role: "agent", text: "Hello." },
      { type: "said", role: "caller", text: "Hi." },
      { type: "said", role: "agent", text: "" },
    );
    expect([bench.said, bench.heard]).toEqual([["Hello."], ["Hi."]]);
    expect(bench.call).toMatchObject({ state: "live", live: { opened: true }, turn: { no: 1 } });
  });

  it("keeps what was heard last also when it is told after the end, or after the carrier's voice took over", () => {
    const over = up();
    over.do(ended("completed"));
    const { call } = over;
    over.do(
      { type: "said", role: "agent", text: "We open at" },
      { type: "said", role: "caller", text: "Bye." },
      { type: "said", role: "caller", text: "" },
    );
    expect([over.said, over.heard]).toEqual([["We open at"], ["Bye."]]);
    expect(over.call).toEqual(call);
    const mute = up();
    mute.do({ type: "voice-lost" });
    const { call: before } = mute;
    mute.do({ type: "said", role: "agent", text: "We open at" });
    expect(mute.said).toEqual([words.giveUp, "We open at"]);
    expect(mute.call).toEqual(before);
  });

  it("hangs up when everything has been said", () => {
    const bench = up();
    bench.do({ type: "close" }, { type: "talked-out", reason: "goodbye" });
    expect(bench.call.hangup).toBe("goodbye");
  });

  it("apologises in the carrier's voice when no voice of ours can speak, instead of the socket", () => {
    const bench = up();
    bench.do({ type: "voice-lost" });
    expect(bench.call).toMatchObject({ live: null, instruction: { say: [words.giveUp] } });
    bench.do({ type: "stream-lost", token: "first" });
    expect(bench.call.hangup).toBeNull();
  });
});

describe("a call on which nobody could hear or be heard", () => {
  it.each([
    ["voice-lost", "VC_SPEECH_FAILED"],
    ["listening-lost", "VC_LISTENING_FAILED"],
  ] as const)("has failed, however the carrier tells of its end: %s", (type, error) => {
    for (const told of ["completed", "no-answer", "canceled"] as const) {
      const bench = up();
      bench.do({ type }, ended(told));
      expect(bench.call).toMatchObject({ outcome: "failed", evidence: { source: "carrier", error } });
    }
  });

  it("has failed also when we hang up after the apology, and is over at the carrier then", () => {
    const bench = up();
    bench.do({ type: "listening-lost" }, { type: "talked-out", reason: "goodbye" }, { type: "hung-up" });
    const evidence = { source: "us", hungUpBy: "us", error: "VC_LISTENING_FAILED" };
    expect(bench.call).toMatchObject({ outcome: "failed", evidence });
    expect(bench.do({ type: "answered" })).toEqual([]);
    expect(bench.call.hangup).toBe("goodbye");
  });

  it("may be up at the carrier when nobody told of its end, and that is told instead", () => {
    const bench = up();
    bench.do({ type: "listening-lost" }, { type: "talked-out", reason: "goodbye" });
    bench.pass("hangup");
    expect(bench.call).toMatchObject({ outcome: "failed", evidence: { error: "VC_CARRIER_UNREACHABLE" } });
    expect(bench.do({ type: "answered" })).toEqual([{ kind: "hangup", reason: "lingering" }]);
  });

  it("ends as the carrier says when that is more than a plain end", () => {
    const bench = up();
    bench.do({ type: "voice-lost" }, ended("busy"));
    expect(bench.call.outcome).toBe("busy");
    expect(bench.call.evidence).not.toHaveProperty("error");
  });

  it("is none where the carrier listens and speaks", () => {
    const bench = new Bench(outboundCall(seedOf(), order));
    bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "answered" }, { type: "listening-lost" });
    bench.do({ type: "voice-lost" }, ended("completed"));
    expect(bench.call.outcome).toBe("completed");
  });
});

describe("handing a call with live audio over", () => {
  const OTHER = "+15550100777";

  it("says its words first, then gives the line to the carrier", () => {
    const bench = up();
    bench.do({ type: "transfer", to: OTHER, text: "I connect you." });
    expect(bench.call.instruction?.next.kind).toBe("stream");
    bench.do({ type: "speak", text: "Wait." });
    expect(bench.refusal).toBe("VC_CALL_HANDED_OVER");
    bench.do({ type: "talked-out", reason: "hand-over" });
    expect(bench.call.instruction?.next).toEqual({ kind: "transfer", to: OTHER });
    bench.do({ type: "stream-lost", token: "first" });
    expect(bench.due).toEqual(["max-duration"]);
  });

  it("goes on without a report that the words were said", () => {
    const bench = up();
    bench.do({ type: "transfer", to: OTHER, text: "I connect you." });
    bench.pass("hand-over");
    expect(bench.call.instruction?.next.kind).toBe("transfer");
  });

  it("opens another socket for who could not be connected, and says so there", () => {
    const bench = up();
    bench.do({ type: "transfer", to: OTHER, text: "" }, { type: "stream-lost", token: "first" });
    bench.do({ type: "transfer-ended", gen: bench.call.instruction?.gen ?? 0, reached: false });
    expect(bench.call.instruction?.next.kind).toBe("stream");
    expect(bench.due).toContain("stream");
    expect(bench.effects).toContainEqual({
      kind: "live",
      request: { type: "speak", text: words.notReached },
    });
  });
});

describe("an answering machine on live audio", () => {
  it("is not talked to until its greeting is over, then hears the first words and is left", () => {
    const bench = up({ outbound: { answeringMachine: "leave-message" } });
    bench.do({ type: "detected", by: "machine" });
    expect(bench.effects).toContainEqual({ kind: "live", request: { type: "hush" } });
    bench.do({ type: "detected", by: "machine", over: true });
    const asked = bench.effects.flatMap((effect) => (effect.kind === "live" ? [effect.request.type] : []));
    expect(asked).toEqual(["speak", "close"]);
  });
});
