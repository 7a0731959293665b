import { describe, expect, it } from "vitest";
import { PHRASES, said, talk, type Talk } from "./talk.ts";

/** The machine's own words are heard as soon as they are said. */
function silent(call: Talk, ms: number): string[] {
  const told: string[] = [];
  for (let passed = 0; passed < ms; passed += 500) {
    told.push(...said(call.wait(500)));
    if (call.turn.pieces.length > 0) {
      call.starts();
      call.played();
    }
  }
  return told;
}

describe("a silent line", () => {
  it("is asked for the caller twice, then left with a goodbye that is heard out", () => {
    const call = talk();
    expect(silent(call, 29_500)).toEqual([PHRASES.stillThere, PHRASES.stillThere]);
    expect(call.wait(500)).toEqual([{ kind: "say", piece: 3, text: PHRASES.goodbye, yields: "never" }]);
    expect(call.wait(5_000)).toEqual([]);
    call.starts();
    call.played();
    expect(call.wait(300)).toEqual([{ kind: "hang-up", reason: "goodbye" }]);
  });

  it("is left alone where that is configured", () => {
    const call = talk({ idleMs: 0 });
    expect(call.wait(3_600_000)).toEqual([]);
  });

  it("is silent no more when a voice is heard", () => {
    const call = talk();
    call.wait(9_000);
    call.speech(true);
    expect(call.wait(4_000)).toEqual([]);
    call.speech(false);
    expect(call.wait(9_999)).toEqual([]);
    expect(said(call.wait(1))).toEqual([PHRASES.stillThere]);
  });

  it("is silent no more when only the provider hears a voice", () => {
    const call = talk();
    call.wait(9_000);
    call.fact({ type: "provider-speech" });
    expect(call.wait(9_999)).toEqual([]);
  });

  it("is silent in spite of a noise that never ends", () => {
    const call = talk();
    call.speech(true);
    expect(call.wait(24_999)).toEqual([]);
    expect(said(call.wait(1))).toEqual([PHRASES.stillThere]);
  });

  it("is asked anew after the caller has said something", () => {
    const call = talk();
    silent(call, 25_000);
    call.asks("I am here.");
    call.replies("Good.");
    call.plays();
    expect(silent(call, 29_000)).toEqual([PHRASES.stillThere, PHRASES.stillThere]);
    expect(call.turn.closing).toBeNull();
  });

  it("is not silent while the agent thinks or speaks, or a command has the caller", () => {
    const call = talk({ phrases: { ...PHRASES, progress: [] } });
    call.asks("Where is my order?");
    expect(call.wait(29_000)).toEqual([]);
    call.replies("It is here.");
    call.starts();
    expect(said(call.wait(9_000))).toEqual([]);
    const command = talk();
    command.fact({ type: "ask", text: "", timeoutMs: 60_000 });
    expect(command.wait(59_000)).toEqual([]);
  });
});
