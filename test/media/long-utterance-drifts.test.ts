/**
 * Symptom: a long reading gets further and further behind, or ahead, so that an interruption is noticed seconds late: each
 * frame was timed from the one before it, and every late timer was added up. Frames are owed by absolute time here.
 */
import { describe, expect, it } from "vitest";
import { MOST_AHEAD_MS } from "../../src/media/pace.ts";
import { seededRandom } from "../support/random.ts";
import { labelOf, Line } from "./line.ts";

const FRAMES = 30_000;

describe("ten minutes of speech", () => {
  it("take ten minutes, without a hole, though every tick trembles and some are late by up to 80 ms", () => {
    const random = seededRandom(7);
    const late = Array.from({ length: 997 }, () => random() * (random() < 0.01 ? 80 : 9));
    const line = new Line({ late });
    line.run(1_000);
    line.say(1, FRAMES, "never");
    line.run(FRAMES * 20 + 1_000);
    const ours = line.carrier.heard.filter(({ payload }) => labelOf(payload) !== null);
    expect(ours).toHaveLength(FRAMES);
    const first = ours[0]?.at ?? 0;
    expect(ours.every(({ at }, index) => Math.abs(at - first - index * 20) < 0.001)).toBe(true);
    expect(line.carrier.mostQueuedMs).toBeLessThanOrEqual(MOST_AHEAD_MS + 0.001);
    expect(line.of("piece-played")).toHaveLength(1);
  });
});
