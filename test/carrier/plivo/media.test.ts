import { validateV3Signature } from "plivo";
import { describe, expect, it } from "vitest";
import { plivoMedia } from "../../../src/carrier/plivo/media.ts";
import { canonical, signature } from "../../../src/carrier/plivo/signature.ts";
import type { MediaFact } from "../../../src/media/protocol.ts";
import { AUDIO, breaks, frame, garbles, parsed } from "../frames.ts";
import { AUTH_ID, CALL_UUID, SETTINGS, TOKEN } from "./fixtures.ts";

const STREAM_ID = "20170ada-f610-433b-8758-c02a2aab3662";
const STREAM = { streamId: STREAM_ID, encoding: "pcmu" } as const;
const media = plivoMedia(SETTINGS);
const { protocol } = media;

/** The frames of plivo-stream-sdk-node (`src/types.ts`), `stop` of plivo-stream-sdk-java. */
const FORMAT = { encoding: "audio/x-mulaw", sampleRate: 8000 };
const START = {
  event: "start",
  sequenceNumber: 0,
  start: {
    callId: CALL_UUID,
    streamId: STREAM_ID,
    accountId: AUTH_ID,
    tracks: ["inbound"],
    mediaFormat: FORMAT,
  },
  extra_headers: "{}",
};
const MEDIA = {
  event: "media",
  sequenceNumber: 2,
  streamId: STREAM_ID,
  media: { track: "inbound", timestamp: "1701953", chunk: 1, payload: AUDIO.toString("base64") },
  extra_headers: "{}",
};
const DTMF = {
  event: "dtmf",
  sequenceNumber: 3,
  streamId: STREAM_ID,
  dtmf: { track: "inbound", digit: "#", timestamp: "1702000" },
  extra_headers: "{}",
};
const PLAYED = { event: "playedStream", sequenceNumber: 4, streamId: STREAM_ID, name: "s7.12" };
const CLEARED = { event: "clearedAudio", sequenceNumber: 5, streamId: STREAM_ID };
const STOP = { event: "stop", sequenceNumber: 6, streamId: STREAM_ID, reason: "call ended" };
const GENUINE = [START, MEDIA, DTMF, PLAYED, CLEARED, STOP];

const read = (value: object): MediaFact | null => protocol.read(frame(value));

const started = (mediaFormat: object): MediaFact | null =>
  read({ ...START, start: { ...START.start, mediaFormat } });

describe("a frame from Plivo", () => {
  it.each<[string, object, MediaFact]>([
    [
      "starts the stream of a call",
      START,
      { type: "start", streamId: STREAM_ID, carrierCallId: CALL_UUID, encoding: "pcmu" },
    ],
    [
      "is 20 ms of the caller's audio",
      MEDIA,
      { type: "media", chunk: 1, timestampMs: 1_701_953, payload: AUDIO },
    ],
    ["is a key", DTMF, { type: "dtmf", digit: "#" }],
    ["tells that a checkpoint was reached", PLAYED, { type: "mark", name: "s7.12" }],
    ["tells that nothing is queued any more", CLEARED, { type: "cleared" }],
    ["ends the stream", STOP, { type: "stop" }],
  ])("%s", (_, value, fact) => {
    expect(read(value)).toEqual(fact);
  });

  it("counts in numbers or in text, and may leave fields out, as the test tool does", () => {
    const { payload } = MEDIA.media;
    expect(read({ event: "media", media: { chunk: "12", timestamp: 240, payload } })).toEqual({
      type: "media",
      chunk: 12,
      timestampMs: 240,
      payload: AUDIO,
    });
    expect(read({ event: "media", media: { payload } })).toMatchObject({ chunk: null, timestampMs: null });
  });

  it("starts a stream in µ-law however that is written, or in an encoding that we do not speak", () => {
    for (const format of [FORMAT, { ...FORMAT, sampleRate: "8000" }, { encoding: "audio/x-mulaw;rate=8000" }])
      expect(started(format)).toMatchObject({ encoding: "pcmu" });
    for (const format of [
      {},
      { ...FORMAT, sampleRate: 16_000 },
      { encoding: "audio/x-l16", sampleRate: 8000 },
      { encoding: "audio/x-mulaw;rate=16000" },
    ])
      expect(started(format)).toMatchObject({ encoding: null });
  });

  it("is none without what it is about", () => {
    for (const value of [
      { event: "media", media: {} },
      { event: "dtmf", dtmf: { digit: "E" } },
      { ...START, start: { ...START.start, callId: undefined } },
      { ...START, start: { ...START.start, streamId: '","event":"sendDTMF' } },
    ]) {
      expect(read(value)).toBe(null);
    }
    for (const value of [
      { ...PLAYED, name: "somebody else's checkpoint" },
      { ...MEDIA, media: { ...MEDIA.media, track: "outbound" } },
      { event: "incorrectPayload" },
    ]) {
      expect(read(value)).toEqual({ type: "nothing" });
    }
  });

  it("never breaks its reader, whatever it is", () => {
    expect(breaks(protocol, GENUINE)).toBeUndefined();
  });
});

describe("a frame to Plivo", () => {
  it("is what its SDK sends", () => {
    expect(parsed(protocol.media(STREAM, AUDIO))).toEqual({
      event: "playAudio",
      media: { contentType: "audio/x-mulaw", sampleRate: 8000, payload: AUDIO.toString("base64") },
    });
    expect(parsed(protocol.mark(STREAM, "s7.12"))).toEqual({
      event: "checkpoint",
      streamId: STREAM_ID,
      name: "s7.12",
    });
    expect(parsed(protocol.clear(STREAM))).toEqual({ event: "clearAudio", streamId: STREAM_ID });
    expect(parsed(protocol.key?.(STREAM, "#") ?? "null")).toEqual({ event: "sendDTMF", dtmf: "#" });
  });

  it("carries every byte", () => {
    expect(garbles(protocol, STREAM, (sent) => (sent as typeof MEDIA).media.payload)).toBeUndefined();
  });
});

describe("the request that opens a socket", () => {
  const nonce = "05429567804466091622";
  const url = "wss://voice.example.test/voice/plivo/stream/tok_5b1e";
  const headers = (sign: string, under = nonce) => ({
    "x-plivo-signature-v3": sign,
    "x-plivo-signature-v3-nonce": under,
  });
  /** As Plivo signs: over the URL with `http` for `wss`. */
  const signed = (at: string, token = TOKEN) =>
    signature(token, canonical(at.replace(/^wss/, "http"), []), nonce);

  it("is Plivo's when it is signed over its URL with http for wss, by the official package", () => {
    for (const at of [url, `${url}?b=2&a=1`, "wss://voice.example.test:8443/voice/stream/t"]) {
      const sign = signed(at);
      expect(validateV3Signature("GET", at.replace(/^wss/, "http"), nonce, TOKEN, sign)).toBe(true);
      expect(media.admits({ url: at, headers: headers(sign) })).toBe(true);
    }
  });

  it("is Plivo's by the vector that was made with its SDK", () => {
    const token = "ZTg3YjM5NmY0ZDQ1YTAwNzQ3MmQ1ZTk0OGNjMDM1";
    const there = plivoMedia({ ...SETTINGS, secrets: { authToken: token } });
    const sign = "9DavjS5Inl9D3ozphxt+7+vkrJw47Cv5p6cS+a+vkzo=";
    expect(there.admits({ url: `${url}?b=2&a=1`, headers: headers(sign) })).toBe(true);
  });

  it("may be signed over the URL as it stands, or with the main account's token", () => {
    const plain = signature(TOKEN, canonical(url, []), nonce);
    expect(media.admits({ url, headers: headers(plain) })).toBe(true);
    const main = { "x-plivo-signature-ma-v3": signed(url), "x-plivo-signature-v3-nonce": nonce };
    expect(media.admits({ url, headers: main })).toBe(true);
  });

  it("is nobody's with another token, path, nonce or key, or without a signature", () => {
    expect(media.admits({ url, headers: headers(signed(`${url}x`)) })).toBe(false);
    expect(media.admits({ url, headers: headers(signed(url, "another")) })).toBe(false);
    expect(media.admits({ url, headers: headers(signed(url), "1") })).toBe(false);
    expect(media.admits({ url: url.replace("wss", "ftp"), headers: headers(signed(url)) })).toBe(false);
    expect(media.admits({ url, headers: {} })).toBe(false);
    const blind = plivoMedia({ ...SETTINGS, secrets: {} });
    expect(blind.admits({ url, headers: headers(signed(url, "")) })).toBe(false);
  });

  it("is let in unsigned where signatures are not verified, for local tests", () => {
    const trusting = plivoMedia({ ...SETTINGS, skipSignatureVerification: true });
    expect(trusting.admits({ url, headers: {} })).toBe(true);
  });

  it("may offer Plivo's subprotocol", () => {
    expect(media.subprotocol).toBe("audio.plivo.com");
  });
});
