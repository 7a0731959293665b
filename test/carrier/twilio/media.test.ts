import { getExpectedTwilioSignature, validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { twilioMedia } from "../../../src/carrier/twilio/media.ts";
import type { MediaFact } from "../../../src/media/protocol.ts";
import { AUDIO, breaks, frame, garbles, parsed } from "../frames.ts";
import { ACCOUNT, CALL_SID, SETTINGS, TOKEN } from "./fixtures.ts";

const STREAM_SID = `MZ${"2c".repeat(16)}`;
const STREAM = { streamId: STREAM_SID, encoding: "pcmu" } as const;
const media = twilioMedia(SETTINGS);
const { protocol } = media;

/** The frames of https://www.twilio.com/docs/voice/media-streams/websocket-messages. */
const CONNECTED = { event: "connected", protocol: "Call", version: "1.0.0" };
const FORMAT = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
const START = {
  event: "start",
  sequenceNumber: "1",
  start: {
    accountSid: ACCOUNT,
    streamSid: STREAM_SID,
    callSid: CALL_SID,
    tracks: ["inbound"],
    mediaFormat: FORMAT,
    customParameters: {},
  },
  streamSid: STREAM_SID,
};
const MEDIA = {
  event: "media",
  sequenceNumber: "3",
  media: { track: "inbound", chunk: "1", timestamp: "5", payload: AUDIO.toString("base64") },
  streamSid: STREAM_SID,
};
const MARK = { event: "mark", sequenceNumber: "4", streamSid: STREAM_SID, mark: { name: "s7.12" } };
const DTMF = {
  event: "dtmf",
  streamSid: STREAM_SID,
  sequenceNumber: "5",
  dtmf: { track: "inbound_track", digit: "1" },
};
const STOP = {
  event: "stop",
  sequenceNumber: "5",
  stop: { accountSid: ACCOUNT, callSid: CALL_SID },
  streamSid: STREAM_SID,
};
const GENUINE = [CONNECTED, START, MEDIA, MARK, DTMF, STOP];

const read = (value: object): MediaFact | null => protocol.read(frame(value));

const counted = (chunk: unknown, timestamp: unknown): MediaFact | null =>
  read({ ...MEDIA, media: { ...MEDIA.media, chunk, timestamp } });

describe("a frame from Twilio", () => {
  it.each<[string, object, MediaFact]>([
    ["greets", CONNECTED, { type: "connected" }],
    [
      "starts the stream of a call",
      START,
      { type: "start", streamId: STREAM_SID, carrierCallId: CALL_SID, encoding: "pcmu" },
    ],
    ["is 20 ms of the caller's audio", MEDIA, { type: "media", chunk: 1, timestampMs: 5, payload: AUDIO }],
    ["tells that a mark was reached", MARK, { type: "mark", name: "s7.12" }],
    ["is a key", DTMF, { type: "dtmf", digit: "1" }],
    ["ends the stream", STOP, { type: "stop" }],
  ])("%s", (_, value, fact) => {
    expect(read(value)).toEqual(fact);
  });

  it("may be about something that we have not asked for or do not know", () => {
    const outbound = { ...MEDIA, media: { ...MEDIA.media, track: "outbound" } };
    const others = { ...MARK, mark: { name: "somebody else's mark" } };
    for (const value of [outbound, others, { event: "warning", warning: { code: "31951" } }]) {
      expect(read(value)).toEqual({ type: "nothing" });
    }
  });

  it("is none without what it is about", () => {
    const { media, start } = { media: MEDIA.media, start: START.start };
    for (const value of [
      [],
      {},
      { event: 7 },
      { event: "media" },
      { ...MEDIA, media: { ...media, payload: undefined } },
      { ...MEDIA, media: { ...media, payload: "A" } },
      { ...MEDIA, media: { ...media, payload: "no Base64 at all" } },
      { ...MEDIA, media: { ...media, payload: "AAAA=AAA" } },
      { ...DTMF, dtmf: { digit: "12" } },
      { ...START, start: { ...start, callSid: "" } },
      { ...START, streamSid: 'MZ","event":"clear', start: { ...start, streamSid: 7 } },
    ]) {
      expect(read(value)).toBe(null);
    }
  });

  it("counts as far as it can be counted", () => {
    expect(counted(7, "x")).toMatchObject({ chunk: 7, timestampMs: null });
    expect(counted("-1", 1e300)).toMatchObject({ chunk: null, timestampMs: null });
    expect(counted("9".repeat(40), undefined)).toMatchObject({ chunk: null, timestampMs: null });
  });

  it.each([
    { ...FORMAT, encoding: "audio/x-l16" },
    { ...FORMAT, sampleRate: 16_000 },
    { ...FORMAT, channels: 2 },
    {},
  ])("may start a stream in an encoding that we do not speak: %j", (mediaFormat) => {
    expect(read({ ...START, start: { ...START.start, mediaFormat } })).toMatchObject({ encoding: null });
  });

  it("never breaks its reader, whatever it is", () => {
    expect(breaks(protocol, GENUINE)).toBeUndefined();
  });

  it("has no fields but its own", () => {
    expect(protocol.read(`{"__proto__":{"event":"stop"}}`)).toBe(null);
    expect(protocol.read(`{"event":"media","media":{"__proto__":{"payload":"AAAA"}}}`)).toBe(null);
  });
});

describe("a frame to Twilio", () => {
  it("names the stream and has nothing that Twilio would warn of (31951)", () => {
    expect(parsed(protocol.media(STREAM, AUDIO))).toEqual({
      event: "media",
      streamSid: STREAM_SID,
      media: { payload: AUDIO.toString("base64") },
    });
    expect(parsed(protocol.mark(STREAM, "s7.12"))).toEqual({
      event: "mark",
      streamSid: STREAM_SID,
      mark: { name: "s7.12" },
    });
    expect(parsed(protocol.clear(STREAM))).toEqual({ event: "clear", streamSid: STREAM_SID });
  });

  it("carries every byte", () => {
    expect(garbles(protocol, STREAM, (sent) => (sent as typeof MEDIA).media.payload)).toBeUndefined();
  });

  it("presses no keys", () => {
    expect(protocol.key).toBe(null);
  });
});

const signed = (over: string, token = TOKEN): string => getExpectedTwilioSignature(token, over, {});

describe("the request that opens a socket", () => {
  const url = "wss://voice.example.test/voice/stream/tok_5b1e";
  const asked = (signature: string | undefined, at = url) =>
    media.admits({ url: at, headers: { "x-twilio-signature": signature } });

  it("is Twilio's when it is signed over its URL, by the official package", () => {
    expect(asked(signed(url))).toBe(true);
    expect(validateRequest(TOKEN, signed(url), url, {})).toBe(true);
    const sheet = "wss://voice.example.test/voice/stream";
    expect(asked("rdRdk7VzmfNPT4uNujgnK8NzMK4=", sheet)).toBe(true);
  });

  it("may be signed with a slash at the end of its URL, or with its port", () => {
    expect(asked(signed(`${url}/`))).toBe(true);
    const port = "wss://voice.example.test:8443/voice/stream/tok_5b1e";
    expect(asked(signed(port), port)).toBe(true);
  });

  it("is nobody's with another token, path, key or without a signature", () => {
    expect(asked(signed("wss://voice.example.test/voice/stream/tok_5b1f"))).toBe(false);
    expect(asked(signed(url, "another"))).toBe(false);
    expect(asked(signed("https://voice.example.test/voice/stream/tok_5b1e"))).toBe(false);
    for (const none of [undefined, "", "AAAA", signed(url).toLowerCase()]) expect(asked(none)).toBe(false);
    expect(asked(signed("no url"), "no url")).toBe(false);
  });

  it("is nobody's as long as there is no token to verify with", () => {
    const blind = twilioMedia({ ...SETTINGS, secrets: {} });
    expect(blind.admits({ url, headers: { "x-twilio-signature": signed(url, "") } })).toBe(false);
  });

  it("is let in unsigned where signatures are not verified, for local tests", () => {
    const trusting = twilioMedia({ ...SETTINGS, skipSignatureVerification: true });
    expect(trusting.admits({ url, headers: {} })).toBe(true);
  });

  it("asks for no subprotocol", () => {
    expect(media.subprotocol).toBe(null);
  });
});
