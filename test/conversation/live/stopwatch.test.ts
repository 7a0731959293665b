import { describe, expect, it } from "vitest";
import { Stopwatch, type TurnTimes } from "../../../src/conversation/live/stopwatch.ts";

function timed() {
  const told: TurnTimes[] = [];
  return { told, watch: new Stopwatch((times) => told.push(times)) };
}

const started = (piece: number, at: number, more: { readyAt?: number; trimmedMs?: number } = {}) => ({
  type: "piece-started" as const,
  stream: 1,
  piece,
  at,
  readyAt: more.readyAt ?? at,
  trimmedMs: more.trimmedMs ?? 0,
});
const spoken = (requestedAt: number, firstByteAt: number) => ({ requestedAt, firstByteAt });

describe("where the time of a turn went", () => {
  it("is told once its answer is audible, stretch by stretch", () => {
    const { told, watch } = timed();
    watch.silent(1_000);
    watch.final(1_250);
    watch.thinking(1, true, 1_300);
    watch.asked(1, 1_400);
    watch.first(1, 1_700);
    watch.sentence(1, 1_760);
    watch.say(5);
    watch.voice(5, spoken(1_760, 1_900));
    watch.audible(started(5, 1_910, { readyAt: 1_904, trimmedMs: 120 }));
    expect(told).toEqual([
      {
        endpointing: 300,
        transcript: 250,
        agent: 100,
        model: 300,
        sentence: 60,
        voice: 140,
        silence: 120,
        pacing: 6,
        turn: 660,
        response: 910,
      },
    ]);
  });

  it("counts a thought that began early from when the caller had said no more", () => {
    const { told, watch } = timed();
    watch.thinking(1, false, 900);
    watch.asked(1, 950);
    watch.first(1, 1_100);
    watch.sentence(1, 1_150);
    watch.silent(1_000);
    watch.final(1_250);
    watch.confirmed(1, 1_300);
    watch.say(2);
    watch.voice(2, spoken(1_300, 1_420));
    watch.audible(started(2, 1_425));
    expect(told).toMatchObject([{ endpointing: 300, transcript: 250, voice: 120, turn: 175, response: 425 }]);
  });

  it("leaves out what nobody has told", () => {
    const { told, watch } = timed();
    watch.thinking(1, true, 1_000);
    watch.sentence(1, 1_100);
    watch.say(1);
    watch.audible(started(1, 1_200));
    expect(told).toMatchObject([
      { endpointing: null, transcript: null, model: null, turn: null, response: null },
    ]);
  });

  it("is not that of a progress line, an older thought, or a second sentence", () => {
    const { told, watch } = timed();
    watch.final(900);
    watch.thinking(1, true, 1_000);
    watch.say(1);
    watch.audible(started(1, 1_060));
    watch.thinking(2, true, 1_100);
    watch.first(1, 1_110);
    watch.sentence(2, 1_200);
    watch.say(2);
    watch.say(3);
    watch.audible(started(2, 1_300));
    watch.audible(started(3, 2_000));
    expect(told).toHaveLength(1);
    expect(told).toMatchObject([{ turn: 400, model: null }]);
  });

  it("does not take an old silence for that of the next turn", () => {
    const { told, watch } = timed();
    watch.silent(1_000);
    watch.final(1_100);
    watch.thinking(1, true, 1_200);
    watch.sentence(1, 1_300);
    watch.say(1);
    watch.audible(started(1, 1_400));
    watch.thinking(2, true, 5_000);
    watch.sentence(2, 5_100);
    watch.say(2);
    watch.audible(started(2, 5_200));
    expect(told[1]).toMatchObject({ endpointing: null, turn: null, response: null });
  });
});
