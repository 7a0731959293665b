import { describe, expect, it } from "vitest";
import { kinds, OPENING, said, talk, Talk, thoughts } from "./talk.ts";

const opened = (): Talk => {
  const it = talk({ opening: OPENING });
  it.starts();
  return it;
};

describe("the opening", () => {
  it("waits until the caller can be heard, and gives way to words only", () => {
    const call = new Talk({ opening: OPENING });
    expect(call.wait(60_000)).toEqual([]);
    expect(call.ready()).toEqual([{ kind: "say", piece: 1, text: OPENING, yields: "to-words" }]);
    expect(call.ready()).toEqual([]);
  });

  it("is not there when the caller begins", () => {
    expect(said(talk({ opening: "  " }).effects)).toEqual([]);
  });

  it("is on record once it was heard, and the line is listened to from then on", () => {
    const call = opened();
    call.wait(60);
    expect(call.played()).toEqual([{ kind: "said", role: "agent", text: OPENING }]);
    expect(call.wait(9_999)).toEqual([]);
    expect(said(call.wait(1))).toEqual(["Are you still there?"]);
  });

  it.each(["Hello?", "mhm", "", "..."])("goes on over %j, which is no turn either", (words) => {
    const call = opened();
    call.speech(true);
    call.pauses();
    expect(call.partial(words)).toEqual([]);
    call.speech(false);
    call.final(words);
    expect(kinds(call.effects).filter((kind) => kind === "stop" || kind === "think")).toEqual([]);
    call.played();
    expect(thoughts(call.wait(9_000))).toEqual([]);
  });

  it("goes on at once when final words make clear that it was nothing", () => {
    const call = opened();
    call.speech(true);
    call.pauses();
    expect(call.final("Hello?")).toEqual([{ kind: "resume" }]);
    expect(call.final("mhm")).toEqual([]);
  });

  it("is cut by two real words, which are the caller's turn", () => {
    const call = opened();
    expect(kinds(call.partial("Hello, I"))).toEqual(["stop"]);
    expect(call.stopped(1, "Hello, this")).toEqual([{ kind: "said", role: "agent", text: "Hello, this" }]);
    call.final("Hello, I need help.");
    expect(call.turns(call.wait(2_000))).toEqual(["Hello, I need help."]);
    expect(call.transcript).toEqual(["agent: Hello, this", "caller: Hello, I need help."]);
  });

  it("is cut by two words before it has begun to be heard", () => {
    const call = talk({ opening: OPENING });
    expect(kinds(call.final("Who is this?"))).toEqual(["stop"]);
    expect(call.stopped(null)).toEqual([]);
    expect(call.transcript).toEqual([]);
  });

  it("is kept when something else is to be said before anybody was there", () => {
    const call = new Talk({ opening: OPENING });
    call.fact({ type: "speak", text: "You have won." });
    call.fact({ type: "ask", text: "Do you want it?", timeoutMs: 60_000 });
    expect(said(call.ready())).toEqual([OPENING, "Do you want it?"]);
  });

  it("is not said to a machine's greeting", () => {
    const call = new Talk({ opening: OPENING });
    call.fact({ type: "hush" });
    expect(call.ready()).toEqual([]);
  });
});

describe("an opening on a line that is lost", () => {
  it("is not repeated when it was heard", () => {
    const call = opened();
    call.played();
    call.fact({ type: "line-lost" });
    expect(call.ready()).toEqual([]);
  });

  it("is said again from its beginning when less than half of it was heard", () => {
    const call = opened();
    call.wait(500);
    expect(call.fact({ type: "line-lost" })).toEqual([]);
    expect(call.ready()).toEqual([{ kind: "say", piece: 2, text: OPENING, yields: "to-words" }]);
    expect(call.played(1)).toEqual([]);
  });

  it("counts as heard when more than half of it was", () => {
    const call = opened();
    call.wait((OPENING.length * 100) / 2);
    expect(call.fact({ type: "line-lost" })).toEqual([{ kind: "said", role: "agent", text: OPENING }]);
    expect(call.ready()).toEqual([]);
  });
});
