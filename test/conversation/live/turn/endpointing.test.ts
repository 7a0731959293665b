import { describe, expect, it } from "vitest";
import { SETTINGS, talk, type Talk } from "./talk.ts";

/** The caller has said that; its voice ended 250 ms ago, when its final words came. */
const after = (text: string, settings = {}): Talk => {
  const call = talk(settings);
  call.says(text);
  return call;
};

/** How long after now the turn is over. */
function over(call: Talk): number {
  for (let ms = 0; ms <= 20_000; ms += 10) {
    if (call.turns(call.wait(ms === 0 ? 0 : 10)).length > 0) return ms;
  }
  return Number.POSITIVE_INFINITY;
}

const unfinished = (call: Talk) => call.fact({ type: "unfinished", thought: call.thought });

/** Says something with such a pause in it, and waits for an empty reply. */
const pausing = (call: Talk, pauseMs: number): void => {
  call.speech(true);
  call.wait(200);
  call.partial("Well");
  call.wait(200);
  call.speech(false);
  call.wait(pauseMs);
  call.speech(true);
  call.wait(400);
  call.speech(false);
  call.final("Well, I need help.");
  call.wait(1_000);
  call.done();
  call.wait(1_000);
};

describe("the end of the caller's turn", () => {
  it("comes after the usual silence, which counts from the voice's end and not from the final words", () => {
    expect(over(after("I need help."))).toBe(50);
  });

  it("comes with the final words when those are late", () => {
    const call = talk();
    call.speech(true);
    call.partial("I need");
    call.speech(false);
    call.wait(900);
    call.final("I need help.");
    expect(call.turns(call.wait(0))).toEqual(["I need help."]);
  });

  it("does not come while the caller speaks", () => {
    const call = after("I need help.");
    call.speech(true);
    call.wait(700);
    call.partial("with my");
    call.wait(3_000);
    call.speech(false);
    call.wait(200);
    call.final("with my order.");
    expect(call.turns(call.wait(2_000))).toEqual(["I need help. with my order."]);
  });

  it("comes by the final words alone when the gate never hears a quiet voice", () => {
    const call = talk();
    call.partial("I need");
    call.final("I need help.");
    expect(over(call)).toBe(300);
  });

  it("does not count a silence from long before as the silence after a quiet voice", () => {
    const call = talk();
    call.speech(true);
    call.speech(false);
    call.wait(5_000);
    call.final("I need help.");
    expect(over(call)).toBe(300);
  });

  it.each([
    ["digits", "My number is 5 5 5", 1_500],
    ["a spelling", "My name is M A X B", 1_500],
    ["a hesitation", "I would like um", 2_000],
  ])("waits longer after %s", (_, words, ms) => {
    expect(over(after(words))).toBe(ms - 250);
  });

  it("waits longer after digits that are not final yet, but no longer than for other interim words", () => {
    const call = talk();
    call.partial("555");
    expect(over(call)).toBe(SETTINGS.silenceMs + 1_000);
  });

  it("comes a second after the longest silence when the provider never makes its words final", () => {
    const call = talk();
    call.speech(true);
    call.partial("I need help");
    call.speech(false);
    expect(over(call)).toBe(SETTINGS.silenceMs + 1_000);
    expect(call.transcript).toEqual(["caller: I need help"]);
  });

  it("counts the final form of such words once", () => {
    const call = talk();
    call.partial("I need help");
    call.wait(3_000);
    expect(call.partial("I need help.")).toEqual([]);
    expect(call.final("I need help!")).toEqual([]);
    expect(call.turns(call.wait(5_000))).toEqual([]);
    expect(call.final("I need help!")).not.toEqual([]);
  });

  it("takes the longer final form of such words in their place", () => {
    const call = talk();
    call.final("Hello.");
    call.partial("I need");
    call.wait(3_000);
    expect(call.turns(call.effects)).toEqual(["Hello. I need"]);
    expect(call.final("I need help!")).toContainEqual({ kind: "drop", thought: 1 });
    expect(call.turns(call.wait(3_000))).toEqual(["Hello. I need help!"]);
  });

  it("takes it in their place too when keys came in between", () => {
    const call = talk();
    call.partial("I need");
    call.wait(2_000);
    call.keys("1");
    call.final("I need help!");
    call.keys("#");
    expect(call.turns(call.effects)).toEqual(["I need", "I need help! [digits 1]"]);
  });

  it("takes other words after such ones as more of the turn", () => {
    const call = talk();
    call.partial("I need help");
    call.wait(3_000);
    call.final("Please.");
    expect(call.turns(call.wait(3_000))).toEqual(["I need help Please."]);
  });

  it("waits for the words of a voice that was heard after the last ones", () => {
    const call = after("Hello.");
    call.speech(true);
    call.wait(400);
    call.speech(false);
    call.wait(600);
    call.final("My order is late.");
    expect(call.turns(call.wait(1_000))).toEqual(["Hello. My order is late."]);
  });

  it("does not wait long for the words of a cough", () => {
    const call = after("Hello there.");
    call.wait(40);
    call.speech(true);
    call.wait(300);
    call.speech(false);
    // Twice the tail that was learnt: 500 ms, of which the newest, 250 ms, is three tenths.
    expect(over(call)).toBe(850);
  });

  it("waits for the words of a voice that only the provider has noticed", () => {
    const call = talk();
    call.final("Hello.");
    call.wait(200);
    call.fact({ type: "provider-speech" });
    expect(over(call)).toBe(1_000);
  });

  it("comes in spite of a noise that brings no words", () => {
    const call = talk();
    call.speech(true);
    call.partial("I need");
    call.final("I need help.");
    expect(over(call)).toBe(5_000);
  });

  it("lets a noise without words last longer with a provider that tells no interim words", () => {
    const call = talk();
    call.speech(true);
    call.final("I need help.");
    expect(over(call)).toBe(15_000);
  });

  it("does not come for nothing", () => {
    const call = talk();
    call.speech(true);
    call.partial("   ");
    call.partial("...");
    call.final("");
    call.final("...");
    call.speech(false);
    expect(call.turns(call.wait(9_000))).toEqual([]);
    expect(call.transcript).toEqual([]);
  });

  it("forgets interim words that the provider takes back", () => {
    const call = talk();
    call.partial("I need help");
    call.wait(300);
    expect(call.partial("")).toEqual([{ kind: "drop", thought: 1 }]);
    expect(call.turns(call.wait(9_000))).toEqual([]);
  });

  it("is silence alone, and none at all, where that is configured", () => {
    expect(over(after("I need help.", { silenceMs: 0 }))).toBe(0);
  });
});

describe("the gate", () => {
  it("is believed once: reports that are doubled or late change nothing", () => {
    const call = talk();
    call.speech(true);
    const { turn } = call;
    call.speech(true);
    call.wait(100);
    call.speech(false, 200);
    expect(call.turn).toEqual(turn);
  });

  it("is not believed about the future", () => {
    const call = talk();
    call.speech(true, -60_000);
    call.final("I need help.");
    call.speech(false);
    expect(over(call)).toBe(300);
  });
});

describe("the pauses of this caller", () => {
  it("make the silence longer", () => {
    const call = talk();
    for (let turn = 0; turn < 20; turn++) pausing(call, 600);
    call.says("I need help.");
    expect(over(call)).toBe(350);
  });

  it("make it shorter, but not shorter than 250 ms", () => {
    const call = talk();
    for (let turn = 0; turn < 20; turn++) pausing(call, 100);
    call.says("I need help.");
    expect(over(call)).toBe(0);
    expect(call.turn.pace.pauseMs).toBeLessThan(110);
  });

  it("never make it longer than the configured silence", () => {
    const call = talk({ silenceMs: 400 });
    for (let turn = 0; turn < 20; turn++) pausing(call, 1_500);
    call.says("I need help.");
    expect(over(call)).toBe(150);
  });

  it("count too when they had been taken as the end", () => {
    const call = talk();
    call.asks("I need help.");
    call.wait(150);
    call.speech(true);
    call.wait(400);
    call.final("With my order.");
    call.speech(false);
    // 300 ms and three tenths of what 1200 ms are more.
    expect(call.turn.pace.pauseMs).toBeCloseTo(300 + 0.3 * 900);
  });

  it("do not count after digits and hesitations, which have a wait of their own", () => {
    const call = talk();
    call.says("My number is 5 5");
    call.wait(700);
    call.speech(true);
    expect(call.turn.pace.pauseMs).toBe(300);
  });

  it("do not count when they are silences between turns, or of a minute", () => {
    const call = talk();
    call.asks("I need help.");
    call.replies("Sure.");
    call.plays();
    call.says("Thanks.");
    call.speech(true);
    call.speech(false);
    expect(call.turn.pace.pauseMs).toBeLessThanOrEqual(300);
    const other = talk({ silenceMs: 60_000, interimMs: 60_000 });
    other.speech(true);
    other.partial("I need");
    other.speech(false);
    other.wait(10_000);
    other.speech(true);
    expect(other.turn.pace.pauseMs).toBe(300);
  });
});

describe("a turn that the model finds unfinished", () => {
  it("is kept open for a while, then the model must answer", () => {
    const call = talk();
    call.asks("I would like");
    expect(unfinished(call)).toEqual([]);
    expect(call.wait(4_999)).toEqual([]);
    expect(call.wait(1)).toEqual([
      { kind: "think", thought: 2, words: "I would like", sure: true, mustAnswer: true, from: 1 },
    ]);
    expect(unfinished(call)).toEqual([]);
    expect(call.wait(9_999)).toEqual([]);
    expect(call.transcript).toEqual(["caller: I would like"]);
  });

  it("goes on with further words, as one turn", () => {
    const call = talk();
    call.asks("I would like");
    unfinished(call);
    call.wait(2_000);
    expect(call.turns(call.asks("to cancel."))).toEqual(["I would like to cancel."]);
    expect(call.transcript).toEqual(["caller: I would like", "caller: to cancel."]);
    expect(call.effects.filter((effect) => effect.kind === "think" && effect.mustAnswer)).toEqual([]);
  });

  it("is kept open too when the model finds so ahead of its end", () => {
    const call = talk();
    call.speech(true);
    call.partial("I would like");
    call.wait(300);
    expect(unfinished(call)).toEqual([]);
    call.speech(false);
    call.final("I would like.");
    expect(over(call)).toBe(5_000);
    expect(call.effects.at(-1)).toMatchObject({ sure: true, mustAnswer: true });
  });

  it("counts from when a voice meanwhile has ended", () => {
    const call = talk();
    call.asks("I would like");
    unfinished(call);
    call.wait(4_000);
    call.speech(true);
    call.wait(500);
    call.speech(false);
    expect(over(call)).toBe(5_000);
  });

  it("was finished if the model has said something before it finds so", () => {
    const call = talk();
    call.asks("I would like");
    call.sentence("What would you like?");
    unfinished(call);
    call.plays();
    expect(call.turns(call.wait(9_000))).toEqual([]);
    expect(call.turn.reply).toBeNull();
  });
});
