import { describe, expect, it } from "vitest";
import { kinds, talk } from "./talk.ts";

describe("keys", () => {
  it("are a turn when # is pressed", () => {
    const call = talk();
    expect(call.keys("123")).toEqual([]);
    expect(call.turns(call.keys("#"))).toEqual(["[digits 123]"]);
    expect(call.transcript).toEqual(["caller: [digits 123]"]);
  });

  it("are a turn when none follows for a while", () => {
    const call = talk();
    call.keys("1");
    call.wait(2_000);
    call.keys("2*");
    expect(call.wait(2_999)).toEqual([]);
    expect(call.turns(call.wait(1))).toEqual(["[digits 12*]"]);
  });

  it("may be # alone", () => {
    const call = talk();
    call.keys("#");
    expect(call.turns(call.wait(3_000))).toEqual(["[digits #]"]);
  });

  it("belong to the words before them, and are not ended by those that follow", () => {
    const call = talk();
    call.final("My number is");
    call.keys("12");
    call.partial("and then");
    expect(call.turns(call.wait(2_999))).toEqual([]);
    expect(call.turns(call.wait(1))).toEqual(["My number is and then [digits 12]"]);
  });

  it("stop our words at once, and are a new turn", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.replies("For orders press one.");
    call.starts();
    expect(call.keys("1")).toEqual([{ kind: "stop" }]);
    expect(call.stopped(1, "For orders")).toContainEqual({ kind: "interrupted", heard: "For orders" });
    expect(call.turns(call.keys("#"))).toEqual(["[digits 1]"]);
  });

  it("are more of the turn before anything of its reply was heard", () => {
    const call = talk();
    call.asks("My number is");
    expect(call.keys("1")).toEqual([{ kind: "drop", thought: 1 }]);
    expect(call.turns(call.keys("#"))).toEqual(["My number is [digits 1]"]);
    expect(call.transcript).toEqual(["caller: My number is", "caller: [digits 1]"]);
  });

  it("make a thought ahead pointless", () => {
    const call = talk();
    call.partial("My number is");
    call.wait(200);
    expect(kinds(call.keys("1"))).toEqual(["drop"]);
    expect(call.wait(500)).toEqual([]);
  });

  it("wait for words that are to be heard out", () => {
    const call = talk({ interruption: false });
    call.fact({ type: "speak", text: "This call is recorded." });
    call.starts();
    expect(call.keys("12#")).toEqual([]);
    expect(call.wait(4_000)).toEqual([]);
    call.played();
    expect(call.turns(call.wait(0))).toEqual(["[digits 12]"]);
  });

  it("answer a command's question", () => {
    const call = talk();
    call.fact({ type: "ask", text: "Your code, please?", timeoutMs: 60_000 });
    expect(call.keys("9")).toEqual([]);
    call.starts();
    expect(call.keys("12")).toEqual([{ kind: "stop" }]);
    expect(call.keys("#")).toContainEqual({ kind: "answer", text: "[digits 12]" });
  });

  it("are not pressed by a machine, nor on a line that is being closed, nor are they letters", () => {
    const machine = talk();
    machine.fact({ type: "hush" });
    machine.keys("1#");
    const closing = talk();
    closing.fact({ type: "close" });
    closing.keys("1#");
    const other = talk();
    other.keys("xE ");
    for (const call of [machine, closing, other]) expect(call.turn.caller.keys).toBe("");
  });

  it("are collected as far as any menu asks for", () => {
    const call = talk();
    call.keys("1".repeat(100));
    expect(call.turn.caller.keys).toHaveLength(64);
  });
});
