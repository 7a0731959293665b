import { describe, expect, it } from "vitest";
import { telnyxMedia } from "../../../src/carrier/telnyx/media.ts";
import { transcode } from "../../../src/media/g711.ts";
import type { MediaFact } from "../../../src/media/protocol.ts";
import { AUDIO, breaks, frame, garbles, parsed } from "../frames.ts";
import { CALL_CONTROL, OURS, SETTINGS, THEIRS } from "./fixtures.ts";

const STREAM_ID = "32DE0DEA-53CB-4B21-89A4-9E1819C043BC";
const STREAM = { streamId: STREAM_ID, encoding: "pcmu" } as const;
const media = telnyxMedia(SETTINGS);
const { protocol } = media;

/** The frames of https://developers.telnyx.com/docs/voice/programmable-voice/media-streaming. */
const CONNECTED = { event: "connected", version: "1.0.0" };
const FORMAT = { encoding: "PCMU", sample_rate: 8000, channels: 1 };
const START = {
  event: "start",
  sequence_number: "1",
  start: {
    user_id: "3E6F995F-85F7-4705-9741-53B116D28237",
    call_control_id: CALL_CONTROL,
    call_session_id: "ff55a038-6f5d-11ef-9692-02420aeffb1f",
    from: OURS,
    to: THEIRS,
    tags: [],
    client_state: "aGF2ZSBhIG5pY2UgZGF5ID1d",
    media_format: FORMAT,
  },
  stream_id: STREAM_ID,
};
const MEDIA = {
  event: "media",
  sequence_number: "4",
  media: { track: "inbound", chunk: "2", timestamp: "5", payload: AUDIO.toString("base64") },
  stream_id: STREAM_ID,
};
const MARK = { event: "mark", stream_id: STREAM_ID, sequence_number: "5", mark: { name: "s7.12" } };
const DTMF = {
  event: "dtmf",
  stream_id: STREAM_ID,
  occurred_at: "2025-06-05T08:54:19.698408Z",
  sequence_number: "5",
  dtmf: { digit: "d" },
};
const ERROR = {
  event: "error",
  payload: { code: 100_003, title: "malformed_frame", detail: "Received frame was not formed correctly" },
  stream_id: STREAM_ID,
};
const STOP = {
  event: "stop",
  sequence_number: "5",
  stop: { user_id: "3E6F995F-85F7-4705-9741-53B116D28237", call_control_id: CALL_CONTROL },
  stream_id: STREAM_ID,
};
const GENUINE = [CONNECTED, START, MEDIA, MARK, DTMF, ERROR, STOP];

const read = (value: object): MediaFact | null => protocol.read(frame(value));
const started = (media_format: object): MediaFact | null =>
  read({ ...START, start: { ...START.start, media_format } });

describe("a frame from Telnyx", () => {
  it.each<[string, object, MediaFact]>([
    ["greets", CONNECTED, { type: "connected" }],
    [
      "starts the stream of a call",
      START,
      { type: "start", streamId: STREAM_ID, carrierCallId: CALL_CONTROL, encoding: "pcmu" },
    ],
    ["is 20 ms of the caller's audio", MEDIA, { type: "media", chunk: 2, timestampMs: 5, payload: AUDIO }],
    ["tells that a mark was reached", MARK, { type: "mark", name: "s7.12" }],
    ["is a key", DTMF, { type: "dtmf", digit: "D" }],
    ["complains about one of ours", ERROR, { type: "complaint", code: "100003" }],
    ["ends the stream", STOP, { type: "stop" }],
  ])("%s", (_, value, fact) => {
    expect(read(value)).toEqual(fact);
  });

  it("tells the law of the call, or an encoding that we do not speak", () => {
    expect(started({ ...FORMAT, encoding: "PCMA" })).toMatchObject({ encoding: "pcma" });
    for (const encoding of ["G722", "OPUS", "AMR-WB", "L16", "pcmu", "constructor", 8]) {
      expect(started({ ...FORMAT, encoding })).toMatchObject({ encoding: null });
    }
    expect(started({ ...FORMAT, sample_rate: 16_000 })).toMatchObject({ encoding: null });
    expect(started({ ...FORMAT, channels: 2 })).toMatchObject({ encoding: null });
  });

  it("is of our own voice when it is of the other track", () => {
    expect(read({ ...MEDIA, media: { ...MEDIA.media, track: "outbound" } })).toEqual({ type: "nothing" });
    expect(read({ event: "noise" })).toEqual({ type: "nothing" });
  });

  it("is none without what it is about", () => {
    for (const value of [
      { event: "media", media: { track: "inbound" } },
      { ...MEDIA, media: { ...MEDIA.media, payload: "%%%%" } },
      { ...START, stream_id: undefined },
      { ...START, start: { media_format: FORMAT } },
      { ...DTMF, dtmf: { digit: "" } },
    ]) {
      expect(read(value)).toBe(null);
    }
    expect(read({ event: "error" })).toEqual({ type: "complaint", code: "unknown" });
  });

  it("may overtake another one", () => {
    expect(protocol.reorders).toBe(true);
  });

  it("never breaks its reader, whatever it is", () => {
    expect(breaks(protocol, GENUINE)).toBeUndefined();
  });
});

describe("a frame to Telnyx", () => {
  it("is what its page shows", () => {
    expect(parsed(protocol.media(STREAM, AUDIO))).toEqual({
      event: "media",
      media: { payload: AUDIO.toString("base64") },
    });
    expect(parsed(protocol.mark(STREAM, "s7.12"))).toEqual({ event: "mark", mark: { name: "s7.12" } });
    expect(parsed(protocol.clear(STREAM))).toEqual({ event: "clear" });
    expect(protocol.key).toBe(null);
  });

  it("carries every byte", () => {
    expect(garbles(protocol, STREAM, (sent) => (sent as typeof MEDIA).media.payload)).toBeUndefined();
  });

  it("is in the law that streaming_start names, whichever the caller's comes in", () => {
    const sent = parsed(protocol.media({ ...STREAM, encoding: "pcma" }, AUDIO));
    const expected = Buffer.from(transcode(AUDIO, "pcma", "pcmu")).toString("base64");
    expect(sent).toEqual({ event: "media", media: { payload: expected } });
  });
});

describe("the request that opens a socket", () => {
  it("is signed by nobody, so whoever knows the token in its path is let in", () => {
    expect(media.admits({ url: "wss://voice.example.test/voice/stream/tok", headers: {} })).toBe(true);
    expect(media.subprotocol).toBe(null);
  });
});
