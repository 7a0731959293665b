/**
 * Symptom: the agent falls silent in the middle of a sentence and stays so until the caller hangs up. What would have had
 * it go on never came: the caller's audio stopped while they were speaking, the noise on the line never did, or
 * the main thread was busy. A pause ends by itself here, whatever comes or does not come.
 */
import { describe, expect, it } from "vitest";
import { PATIENCE_MS } from "../../src/media/barge-in.ts";
import { BARGE_IN, frames, Line } from "./line.ts";

/** A line on which a piece that only words may stop has just been paused. */
function pausedLine(): Line {
  const line = new Line();
  line.run(1_000);
  line.say(1, 100, "to-words");
  line.run(300);
  line.speaking = true;
  line.run(200);
  expect(line.of("paused")).toHaveLength(1);
  return line;
}

describe("a paused piece goes on", () => {
  it("when the caller's audio stops in the middle of a word", () => {
    const line = pausedLine();
    line.sending = false;
    line.run(8_000);
    expect(line.of("resumed")).toHaveLength(1);
    expect(line.heard).toEqual(frames(1, 0, 100));
  });

  it("when the noise on the line never stops", () => {
    const line = pausedLine();
    line.run(PATIENCE_MS + BARGE_IN.resumeMs);
    expect(line.of("resumed")).toHaveLength(1);
    line.run(4_000);
    expect(line.heard).toEqual(frames(1, 0, 100));
    expect(line.of("paused")).toHaveLength(1);
  });

  it("when the noise comes and goes, before quiet has been long enough", () => {
    const line = pausedLine();
    const pausedAt = line.of("paused")[0]?.on0 ?? 0;
    while (line.of("resumed").length === 0 && line.now < 60_000) {
      line.speaking = !line.speaking;
      line.run(line.speaking ? 300 : 1_000);
    }
    const resumedAt = line.of("resumed")[0]?.on0 ?? Number.POSITIVE_INFINITY;
    expect(resumedAt - pausedAt).toBeLessThanOrEqual(PATIENCE_MS + BARGE_IN.resumeMs + 20);
  });

  it("when no mark ever comes back", () => {
    const line = new Line({ way: { mark: () => [] } });
    line.say(1, 100, "to-words");
    line.run(500);
    line.speaking = true;
    line.run(200);
    line.speaking = false;
    line.run(10_000);
    expect(line.heard).toEqual(frames(1, 0, 100));
    expect(line.of("piece-played")).toHaveLength(1);
  });

  it("when its last audio comes only during the pause", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "to-words" });
    line.audio(1, 0, 40);
    line.run(500);
    line.speaking = true;
    line.run(200);
    line.speaking = false;
    line.run(500);
    line.audio(1, 40, 60);
    line.order({ type: "piece-end", piece: 1 });
    line.run(5_000);
    expect(line.heard).toEqual(frames(1, 0, 60));
    expect(line.of("piece-played")).toHaveLength(1);
  });
});
