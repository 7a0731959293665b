import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bargeIn,
  initialBarge,
  mayStart,
  PATIENCE_MS,
  type BargeAction,
  type BargeFact,
} from "../../src/media/barge-in.ts";
import type { BargeIn, Yields } from "../../src/media/commands.ts";

const USUAL: BargeIn = { pauseMs: 120, commitMs: 500, resumeMs: 2000 };

/** A conversation in 20 ms steps, with what is being said on our side. */
function talk(how: BargeIn = USUAL) {
  let state = initialBarge(0);
  let now = 0;
  const ear = { playing: null as Yields | null, waiting: null as Yields | null };
  const done: string[] = [];
  const tell = (fact: BargeFact): BargeAction | null => {
    const step = bargeIn(state, fact, now, how);
    state = step.state;
    if (step.action !== null) done.push(`${step.action} ${now}`);
    if (step.action === "stop") ear.playing = ear.waiting = null;
    return step.action;
  };
  /** Until `until`, time passes. What waits begins when it may. */
  const pass = (until: number): void => {
    for (; now < until; now += 20) {
      tell({ type: "time", ear: { ...ear } });
      if (ear.waiting === null || ear.playing !== null || !mayStart(state, ear.waiting)) continue;
      done.push(`begin ${now}`);
      ear.playing = ear.waiting;
      ear.waiting = null;
    }
  };
  const speak = (): void => void tell({ type: "speech", since: now });
  const hush = (): void => void tell({ type: "quiet", since: now });
  return { ear, done, tell, pass, speak, hush, state: () => state };
}

describe("barge-in", () => {
  it("pauses after 120 ms of speech, stops after 500", () => {
    const { ear, done, pass, speak } = talk();
    ear.playing = "to-speech";
    pass(1_000);
    speak();
    pass(3_000);
    expect(done).toEqual(["pause 1120", "stop 1500"]);
  });

  it("goes on two seconds after a cough", () => {
    const { ear, done, pass, speak, hush } = talk();
    ear.playing = "to-speech";
    speak();
    pass(200);
    hush();
    pass(5_000);
    expect(done).toEqual(["pause 120", "resume 2200"]);
  });

  it("does nothing at a click", () => {
    const { ear, done, pass, speak, hush } = talk();
    ear.playing = "to-speech";
    speak();
    pass(100);
    hush();
    pass(5_000);
    expect(done).toEqual([]);
  });

  it("counts quiet from the last time the caller fell silent", () => {
    const { ear, done, pass, speak, hush } = talk();
    ear.playing = "to-speech";
    speak();
    pass(200);
    hush();
    pass(1_500);
    speak();
    pass(1_700);
    hush();
    pass(9_000);
    expect(done).toEqual(["pause 120", "resume 3700"]);
  });

  it("never stops words that only words may stop", () => {
    const { ear, done, pass, speak, hush } = talk();
    ear.playing = "to-words";
    speak();
    pass(3_000);
    hush();
    pass(6_000);
    expect(done).toEqual(["pause 120", "resume 5000"]);
  });

  it("leaves alone what does not yield", () => {
    const { ear, done, pass, speak } = talk();
    ear.playing = "never";
    speak();
    pass(20_000);
    expect(done).toEqual([]);
  });

  it("can be switched off", () => {
    const { ear, done, pass, speak } = talk({ ...USUAL, pauseMs: 0 });
    ear.playing = "to-speech";
    ear.waiting = "to-speech";
    speak();
    pass(20_000);
    expect(done).toEqual([]);
    ear.playing = null;
    pass(20_020);
    expect(done).toEqual(["begin 20000"]);
  });

  it("takes zero at its word", () => {
    const { ear, done, pass, speak, hush } = talk({ pauseMs: 20, commitMs: 0, resumeMs: 0 });
    ear.playing = "to-words";
    speak();
    pass(100);
    hush();
    pass(200);
    expect(done).toEqual(["pause 20", "resume 100"]);
    ear.playing = "to-speech";
    speak();
    pass(300);
    expect(done.slice(2)).toEqual(["pause 220", "stop 240"]);
  });

  it("counts speech that began before the piece: it is paused at once", () => {
    const { ear, done, pass, speak } = talk();
    speak();
    pass(300);
    ear.playing = "to-speech";
    pass(320);
    expect(done).toEqual(["pause 300"]);
  });

  it("begins nothing while the caller speaks, and begins when they are quiet", () => {
    const { ear, done, pass, speak, hush } = talk();
    speak();
    pass(20);
    ear.waiting = "to-speech";
    pass(3_000);
    expect(done).toEqual([]);
    hush();
    pass(3_100);
    expect(done).toEqual(["begin 3000"]);
  });

  it("begins what does not yield whoever speaks", () => {
    const { ear, done, pass, speak } = talk();
    speak();
    ear.waiting = "never";
    pass(100);
    expect(done).toEqual(["begin 0"]);
  });

  it("begins at last on a line that is never quiet, and is not paused by the same noise again", () => {
    const { ear, done, pass, speak } = talk();
    speak();
    pass(100);
    ear.waiting = "to-speech";
    pass(60_000);
    expect(done).toEqual([`begin ${100 + PATIENCE_MS + 2000}`]);
  });

  it("is paused by new speech after a noise was found to be none", () => {
    const { ear, done, pass, speak, hush } = talk();
    speak();
    ear.waiting = "to-speech";
    pass(10_000);
    hush();
    pass(11_000);
    speak();
    pass(11_300);
    expect(done).toEqual(["begin 6000", "pause 11120"]);
  });

  it("does not count time in which another piece is heard as waiting", () => {
    const { ear, done, pass, speak } = talk();
    ear.playing = "never";
    ear.waiting = "to-speech";
    speak();
    pass(20_000);
    ear.playing = null;
    pass(21_000);
    expect(done).toEqual([]);
    pass(27_000);
    expect(done).toEqual(["begin 26000"]);
  });

  it("goes on at once when it was no interruption, and the same sound does not pause it again", () => {
    const { ear, done, tell, pass, speak } = talk();
    ear.playing = "to-speech";
    speak();
    pass(200);
    expect(tell({ type: "resume" })).toBe("resume");
    pass(5_000);
    expect(done).toEqual(["pause 120", "resume 200"]);
  });

  it("begins what is held when it was no interruption", () => {
    const { ear, done, tell, pass, speak } = talk();
    speak();
    ear.waiting = "to-words";
    pass(200);
    expect(tell({ type: "resume" })).toBeNull();
    pass(300);
    expect(done).toEqual(["begin 200"]);
  });

  it("has an order to go on change nothing while nothing is paused", () => {
    const { ear, done, tell, pass, speak } = talk();
    ear.playing = "to-speech";
    speak();
    tell({ type: "resume" });
    pass(200);
    expect(done).toEqual(["pause 120"]);
  });

  it("is open again when everything was dropped, but not to begin into the same speech", () => {
    const { ear, done, tell, pass, speak, hush } = talk();
    ear.playing = "to-words";
    speak();
    pass(300);
    tell({ type: "stopped" });
    ear.playing = null;
    ear.waiting = "to-speech";
    pass(1_000);
    hush();
    pass(1_100);
    expect(done).toEqual(["pause 120", "begin 1000"]);
  });

  it("never keeps a piece waiting for ever, whatever comes or does not come", () => {
    const yields = fc.constantFrom<Yields>("to-speech", "to-words", "never");
    const fact = fc.record({
      after: fc.integer({ min: 0, max: 3_000 }),
      what: fc.constantFrom(
        "speech" as const,
        "quiet" as const,
        "resume" as const,
        "stopped" as const,
        "piece" as const,
      ),
      yields,
    });
    const how = fc.record({
      pauseMs: fc.constantFrom(0, 20, 120, 400),
      commitMs: fc.constantFrom(0, 500, 3_000, 60_000),
      resumeMs: fc.constantFrom(0, 500, 2_000, 10_000),
    });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), how, (facts, settings) => {
        const it = talk(settings);
        let now = 0;
        let waits = 0;
        const longest = PATIENCE_MS + settings.resumeMs + 40;
        const step = (): void => {
          it.pass((now += 20));
          const { phase } = it.state();
          const waiting = phase === "paused" || (it.ear.playing === null && it.ear.waiting !== null);
          waits = waiting ? waits + 20 : 0;
          expect(waits).toBeLessThanOrEqual(longest);
        };
        for (const { after, what, yields } of facts) {
          for (let rest = after; rest > 0; rest -= 20) step();
          if (what === "speech") it.speak();
          else if (what === "quiet") it.hush();
          else if (what === "piece") it.ear.waiting ??= yields;
          else {
            if (what === "stopped") it.ear.playing = it.ear.waiting = null;
            it.tell({ type: what });
          }
        }
        for (let rest = 0; rest < 2 * longest; rest += 20) step();
        expect(it.state().phase).toBe("open");
        expect(it.ear.playing !== null || it.ear.waiting === null).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
