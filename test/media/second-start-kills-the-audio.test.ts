/**
 * Symptom: a second `start` on a live stream, empty or with another stream's id, and from then on neither side hears the
 * other. It was taken for the beginning of a stream that replaced the running one. A stream starts once here.
 */
import { describe, expect, it } from "vitest";
import type { MediaFact } from "../../src/media/protocol.ts";
import { frames, labelOf, Line } from "./line.ts";

type Start = Extract<MediaFact, { type: "start" }>;

const STARTS: Readonly<Record<string, Start>> = {
  "an empty one": { type: "start", streamId: "", carrierCallId: "", encoding: null },
  "the same again": { type: "start", streamId: "MZ1", carrierCallId: "CA1", encoding: "pcmu" },
  "one of another call in A-law": { type: "start", streamId: "MZ2", carrierCallId: "CA2", encoding: "pcma" },
};

describe("a second start on a live stream", () => {
  it.each(Object.entries(STARTS))("(%s) changes nothing", (_, start) => {
    const line = new Line();
    line.run(100);
    line.say(1, 50);
    line.run(300);
    line.frame(start);
    line.speaking = true;
    line.run(100);
    line.speaking = false;
    line.run(5_000);
    expect(
      line.events.filter(({ type }) => type === "stream-started" || type === "stream-lost"),
    ).toHaveLength(1);
    expect(line.heard).toEqual(frames(1, 0, 50));
    expect(line.taken.some((bytes) => bytes.some((byte) => byte !== 0xff))).toBe(true);
    const silence = line.carrier.heard.filter(({ payload }) => labelOf(payload) === null);
    expect(silence.every(({ payload }) => payload[0] === 0xff)).toBe(true);
  });
});
