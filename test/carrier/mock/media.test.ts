import { describe, expect, it } from "vitest";
import { mockMedia } from "../../../src/carrier/mock/media.ts";
import type { MediaFact } from "../../../src/media/protocol.ts";
import { AUDIO, breaks, frame, garbles, parsed } from "../frames.ts";

const STREAM = { streamId: "mock-1.1", encoding: "pcmu" } as const;
const media = mockMedia({ carrier: "mock" });
const { protocol } = media;

/** The frames of `docs/carriers/mock.md`. */
const START = { event: "start", call: "mock-1", stream: "mock-1.1", encoding: "pcmu" };
const MEDIA = { event: "media", chunk: 1, payload: AUDIO.toString("base64") };
const MARK = { event: "mark", name: "s7.12" };
const KEY = { event: "key", digit: "5" };
const GENUINE = [START, MEDIA, MARK, KEY, { event: "cleared" }, { event: "stop" }];

const read = (value: object): MediaFact | null => protocol.read(frame(value));

describe("a frame from the mock's phone", () => {
  it.each<[string, object, MediaFact]>([
    [
      "starts the stream of a call",
      START,
      { type: "start", streamId: "mock-1.1", carrierCallId: "mock-1", encoding: "pcmu" },
    ],
    ["is audio", MEDIA, { type: "media", chunk: 1, timestampMs: null, payload: AUDIO }],
    ["tells that a mark was reached", MARK, { type: "mark", name: "s7.12" }],
    ["is a key", KEY, { type: "dtmf", digit: "5" }],
    ["tells that nothing is queued any more", { event: "cleared" }, { type: "cleared" }],
    ["ends the stream", { event: "stop" }, { type: "stop" }],
    ["is of no interest", { event: "other" }, { type: "nothing" }],
    ["is a mark that is not ours", { event: "mark", name: "a b" }, { type: "nothing" }],
  ])("%s", (_, value, fact) => {
    expect(read(value)).toEqual(fact);
  });

  it("is none without what it is about", () => {
    for (const value of [{}, { event: "media" }, { ...START, call: 1 }, { ...KEY, digit: "x" }]) {
      expect(read(value)).toBe(null);
    }
    expect(read({ ...START, encoding: "opus" })).toMatchObject({ encoding: null });
    expect(read({ ...START, encoding: "pcma" })).toMatchObject({ encoding: "pcma" });
  });

  it("never breaks its reader, whatever it is", () => {
    expect(breaks(protocol, GENUINE)).toBeUndefined();
  });
});

describe("a frame to the mock's phone", () => {
  it("is flat", () => {
    const { payload } = MEDIA;
    expect(parsed(protocol.media(STREAM, AUDIO))).toEqual({ event: "media", payload });
    expect(parsed(protocol.mark(STREAM, "s7.12"))).toEqual(MARK);
    expect(parsed(protocol.clear(STREAM))).toEqual({ event: "clear" });
    expect(parsed(protocol.key?.(STREAM, "5") ?? "null")).toEqual(KEY);
    expect(garbles(protocol, STREAM, (sent) => (sent as typeof MEDIA).payload)).toBeUndefined();
  });

  it("goes to whoever knows the token in the path", () => {
    expect(media.admits({ url: "ws://127.0.0.1:1/voice/stream/t", headers: {} })).toBe(true);
    expect(media.subprotocol).toBe(null);
  });
});
