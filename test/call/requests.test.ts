import { describe, expect, it, test } from "vitest";
import { answered, dialing, ringing, thinking } from "./bench.ts";

const ask = { type: "ask", text: "Are you coming?" } as const;
const close = { type: "close" } as const;
const reply = (turn: number, text: string) => ({ type: "reply", turn, text, final: true }) as const;

describe("a request", () => {
  test.each([ask, { type: "speak", text: "Hi" }, { type: "press", digits: "1" }] as const)(
    "to $type needs somebody on the line",
    (request) => {
      for (const bench of [dialing(), ringing()]) {
        const before = bench.call;
        expect(bench.do(request)).toEqual([]);
        expect(bench.refusal).toBe("VC_CALL_NOT_ANSWERED");
        expect(bench.call).toEqual(before);
      }
    },
  );
});

describe("speaking on a call", () => {
  it("replaces what is being said and listens anew", () => {
    const bench = answered();
    const old = bench.token;
    expect(bench.kinds({ type: "speak", text: "News!" })).toEqual(["instruct"]);
    expect(bench.call.instruction).toMatchObject({ gen: 2, say: ["News!"], next: { kind: "listen" } });
    expect(bench.token).not.toBe(old);
    expect(bench.said).toEqual(["News!"]);
  });

  it("while the agent thinks keeps the reply coming", () => {
    const bench = thinking();
    expect(bench.kinds({ type: "speak", text: "One moment." })).toEqual(["instruct"]);
    expect(bench.call.instruction).toMatchObject({ say: ["One moment."], next: { kind: "wait" } });
    bench.do(reply(1, "Noon."));
    expect(bench.call.instruction?.say).toEqual(["One moment.", "Noon."]);
  });

  it("during a goodbye still ends the call", () => {
    const bench = thinking();
    bench.do(close, reply(1, "Goodbye."), { type: "speak", text: "And thanks." });
    expect(bench.call.instruction).toMatchObject({ say: ["And thanks."], next: { kind: "hangup" } });
  });

  it("on a notification waits the configured time before it hangs up", () => {
    const bench = answered({ mode: "notify", message: "Done." });
    bench.do({ type: "speak", text: "Really." });
    expect(bench.call.instruction?.next).toEqual({ kind: "hangup", afterMs: 3_000 });
  });
});

describe("a question of a command", () => {
  it("gets the caller's next words, and the agent does not", () => {
    const bench = answered();
    expect(bench.kinds(ask)).toEqual(["hush", "instruct"]);
    expect(bench.hear("Yes.")).toEqual([{ kind: "heard", text: "Yes." }]);
    expect(bench.call.turn).toMatchObject({ no: 1, phase: "idle", token: null, for: "agent" });
    expect(bench.due).toEqual(["follow-up", "max-duration"]);
  });

  it("drops the reply the agent was preparing", () => {
    const bench = thinking();
    bench.do(ask);
    expect(bench.do(reply(1, "Good morning."))).toEqual([]);
    bench.hear("Yes.");
    expect(bench.do(reply(1, "Good morning."))).toEqual([]);
    expect(bench.said).toEqual(["Are you coming?"]);
  });

  it("is refused while another one waits, and allowed after its answer", () => {
    const bench = answered();
    bench.do(ask, ask);
    expect(bench.refusal).toBe("VC_TURN_BUSY");
    bench.hear("Yes.");
    expect(bench.kinds(ask)).toEqual(["hush", "instruct"]);
  });

  it("without words only listens", () => {
    const bench = answered();
    bench.do({ type: "ask", text: "" });
    expect(bench.call.instruction).toMatchObject({ say: [], next: { kind: "listen" } });
    expect(bench.said).toEqual([]);
  });

  it("keeps listening through silence without a goodbye", () => {
    const bench = answered();
    bench.do(ask);
    for (let miss = 0; miss < 6; miss++) {
      bench.do({ type: "silence", token: bench.token });
      expect(bench.call.instruction).toMatchObject({ say: [], next: { kind: "listen" } });
    }
    expect(bench.hear("Yes.")).toEqual([{ kind: "heard", text: "Yes." }]);
  });

  it("gives up at its time limit and hands the line back to the agent", () => {
    const bench = answered({}, { transcriptTimeoutMs: 20_000 });
    bench.do(ask);
    const effects = bench.pass("transcript");
    expect(effects.map(({ kind }) => kind)).toEqual(["heard", "instruct"]);
    expect(effects[0]).toEqual({ kind: "heard", text: null });
    expect(bench.hear("Sorry, yes.")).toEqual([{ kind: "think", turn: 1, words: "Sorry, yes." }]);
  });

  it("that is answered and followed by nothing hands the line back to the agent", () => {
    const bench = answered();
    bench.do(ask);
    bench.hear("Yes.");
    bench.pass("follow-up");
    expect(bench.call.turn).toMatchObject({ phase: "listening", for: "agent" });
    expect(bench.hear("Hello?")).toEqual([{ kind: "think", turn: 2, words: "Hello?" }]);
  });

  it("takes back a goodbye that was not spoken yet", () => {
    const bench = thinking();
    bench.do(close, ask);
    bench.hear("Yes.");
    bench.pass("follow-up");
    bench.hear("Hello?");
    bench.do(reply(3, "Still here."));
    expect(bench.call.instruction?.next.kind).toBe("listen");
  });
});

describe("pressing digits", () => {
  it("goes on with a new listen", () => {
    const bench = answered();
    const old = bench.token;
    bench.do({ type: "press", digits: "12#" });
    expect(bench.call.instruction).toMatchObject({ digits: "12#", say: [], next: { kind: "listen" } });
    expect(bench.token).not.toBe(old);
  });

  it("keeps waiting for a reply, which takes undelivered digits along", () => {
    const bench = thinking();
    bench.do({ type: "press", digits: "5" });
    expect(bench.call.instruction).toMatchObject({ digits: "5", next: { kind: "wait" } });
    bench.do(reply(1, "Pressed."));
    expect(bench.call.instruction).toMatchObject({ digits: "5", say: ["Pressed."] });
  });

  it("keeps the hang-up that follows", () => {
    const bench = answered({ mode: "notify", message: "Done." });
    bench.do({ type: "press", digits: "5" });
    expect(bench.call.instruction).toMatchObject({ digits: "5", next: { kind: "hangup" } });
  });
});

describe("closing from inside the call", () => {
  it("waits for the goodbye that is being prepared", () => {
    const bench = thinking();
    expect(bench.do(close)).toEqual([]);
    expect(bench.do(close)).toEqual([]);
    bench.do(reply(1, "Goodbye."));
    expect(bench.call.instruction).toMatchObject({ say: ["Goodbye."], next: { kind: "hangup" } });
    bench.do({ type: "played", gen: bench.call.instruction?.gen ?? 0 });
    bench.pass("notify-hangup");
    expect(bench.call.hangup).not.toBeNull();
  });

  it("hangs up all the same when the goodbye fails", () => {
    const bench = thinking();
    bench.do(close, { type: "reply-failed", turn: 1, error: "VC_REPLY_FAILED" });
    expect(bench.call.instruction).toMatchObject({ say: [], next: { kind: "hangup" } });
  });

  it("hangs up at once when no reply is coming", () => {
    const bench = answered();
    expect(bench.do(close)).toContainEqual({ kind: "hangup", reason: "goodbye" });
  });
});
