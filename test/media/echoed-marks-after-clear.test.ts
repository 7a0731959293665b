/**
 * Symptom: the transcript, and with it the agent's memory, holds words that the caller never heard. Twilio and Telnyx send
 * the pending marks back when the audio before them is cleared, just as if it had been played. A mark of a cleared
 * generation counts for nothing here, whenever it arrives.
 */
import { describe, expect, it } from "vitest";
import { frames, Line } from "./line.ts";

describe("marks that a carrier returns because their audio was cleared", () => {
  it("do not make a stopped piece played", () => {
    const line = new Line();
    line.run(100);
    line.say(1, 8);
    line.say(2, 100);
    line.run(60);
    line.order({ type: "stop" });
    line.run(3_000);
    expect(line.carrier.clears).toBe(1);
    expect(line.of("piece-played")).toEqual([]);
    expect(line.of("stopped")).toMatchObject([{ cut: { piece: 1, playedMs: 40 } }]);
  });

  it("do not move on a piece that goes on after a pause", () => {
    const line = new Line({ way: { outMs: 40, backMs: 200 } });
    line.run(1_000);
    line.say(1, 60);
    line.run(300);
    line.speaking = true;
    line.run(150);
    line.speaking = false;
    line.run(100);
    const paused = line.of("paused")[0];
    // The echo has come by now, and the piece is where it was.
    line.run(500);
    expect(line.stream.playing).toEqual({ piece: 1, playedMs: paused?.playedMs });
    line.run(6_000);
    expect(line.heard).toEqual(frames(1, 0, 60));
    expect(line.of("piece-played")).toHaveLength(1);
  });

  it("do not count when they come minutes later", () => {
    const line = new Line({ way: { mark: () => [0, 90_000] } });
    line.say(1, 5);
    line.run(60);
    line.order({ type: "stop" });
    line.run(89_980);
    line.say(2, 500);
    line.run(200);
    expect(line.of("piece-played")).toEqual([]);
    expect(line.stream.playing?.playedMs).toBeLessThanOrEqual(200);
  });
});
