import type {
  CarrierMedia,
  Encoding,
  MediaFact,
  MediaProtocol,
  UpgradeRequest,
} from "../../media/protocol.ts";
import type { WebhookSettings } from "../carrier.ts";
import { base64, countIn, idIn, keyFact, markFact, mediaFact, NOTHING, part, readFrame } from "../frame.ts";
import { field, type Json } from "../record.ts";
import { canonical, isGenuine } from "./signature.ts";

/**
 * Audio Streaming of a two-way `<Stream>`: the caller's track, µ-law at 8 kHz as its `contentType` asks for
 * (https://plivo.com/docs/voice-agents/audio-streaming/concepts/audio-streaming-reference; the shapes of
 * plivo-stream-sdk-node, `src/types.ts`). Numbers come as numbers, from its test tool as text. `settings.secrets`:
 * `authToken`, with which Plivo signs the request that opens a socket.
 */
export function plivoMedia(settings: WebhookSettings): CarrierMedia {
  return {
    carrier: settings.carrier,
    protocol: PROTOCOL,
    admits: (request) => settings.skipSignatureVerification || isSigned(settings, request),
    subprotocol: "audio.plivo.com",
  };
}

const PROTOCOL: MediaProtocol = {
  read,
  // Unlike in the document, the content type has no rate here.
  media: (_stream, payload) =>
    `{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"${base64(payload)}"}}`,
  mark: ({ streamId }, name) => `{"event":"checkpoint","streamId":"${streamId}","name":"${name}"}`,
  clear: ({ streamId }) => `{"event":"clearAudio","streamId":"${streamId}"}`,
  key: (_stream, digit) => `{"event":"sendDTMF","dtmf":"${digit}"}`,
  reorders: false,
};

/** A UUID in practice. Nothing that JSON would escape: it is written into frames as it is. */
const STREAM_ID = /^[A-Za-z0-9_-]{1,64}$/;

function read(text: string): MediaFact | null {
  const frame = readFrame(text);
  if (frame === null) return null;
  const { event, body } = frame;
  switch (event) {
    case "media":
      return mediaFact(part(body, "media"));
    case "start":
      return readStart(body);
    case "playedStream":
      return markFact(body);
    case "clearedAudio":
      return { type: "cleared" };
    case "dtmf":
      return keyFact(part(body, "dtmf"));
    // In the Java SDK alone; as a rule the socket is just closed.
    case "stop":
      return { type: "stop" };
    default:
      return NOTHING;
  }
}

function readStart(body: Json): MediaFact | null {
  const start = part(body, "start");
  const streamId = idIn(start, "streamId") ?? idIn(body, "streamId");
  const carrierCallId = idIn(start, "callId");
  if (streamId === null || !STREAM_ID.test(streamId) || carrierCallId === null) return null;
  return { type: "start", streamId, carrierCallId, encoding: encodingOf(part(start, "mediaFormat")) };
}

/** Without the content type that we ask for, Plivo sends linear samples. */
function encodingOf(format: Json): Encoding | null {
  const encoding = field(format, "encoding");
  const isMulaw = typeof encoding === "string" && /^audio\/x-mulaw(;rate=8000)?$/.test(encoding);
  return isMulaw && (countIn(format, "sampleRate") ?? 8000) === 8000 ? "pcmu" : null;
}

/**
 * Signature V3 of a GET over the URL as it was dialled, but with `http` for `wss` (Plivo's audio-streaming skill text; its
 * Node SDK checks it so too). The other schemes are taken as well, should that ever be put right: host, path and query
 * are what counts.
 */
function isSigned({ secrets }: WebhookSettings, { url, headers }: UpgradeRequest): boolean {
  const [, rest] = /^wss?:(\/\/.+)$/.exec(url) ?? [];
  if (rest === undefined) return false;
  return SCHEMES.some((scheme) => isGenuine(secrets["authToken"], canonical(scheme + rest, []), headers));
}

const SCHEMES = ["http:", "wss:", "https:"] as const;
