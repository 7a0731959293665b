import { validateRequest } from "twilio/lib/webhooks/webhooks.js";
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

/**
 * Media Streams of a `<Connect><Stream>`: µ-law at 8 kHz, frames in order, nothing else to agree on
 * (https://www.twilio.com/docs/voice/media-streams/websocket-messages). `settings.secrets`: `authToken`, with which
 * Twilio signs the request that opens a socket.
 */
export function twilioMedia(settings: WebhookSettings): CarrierMedia {
  return {
    carrier: settings.carrier,
    protocol: PROTOCOL,
    admits: (request) => settings.skipSignatureVerification || isGenuine(settings, request),
    subprotocol: null,
  };
}

/** Frames to Twilio name the stream and have no field that it does not know: it warns of those (31951). */
const PROTOCOL: MediaProtocol = {
  read,
  media: ({ streamId }, payload) =>
    `{"event":"media","streamSid":"${streamId}","media":{"payload":"${base64(payload)}"}}`,
  mark: ({ streamId }, name) => `{"event":"mark","streamSid":"${streamId}","mark":{"name":"${name}"}}`,
  clear: ({ streamId }) => `{"event":"clear","streamSid":"${streamId}"}`,
  // No frame presses a key, and a command that does would end the stream.
  key: null,
  reorders: false,
};

/** `MZ` and 32 hex digits in practice. Nothing that JSON would escape: it is written into frames as it is. */
const STREAM_SID = /^[A-Za-z0-9_-]{1,64}$/;

function read(text: string): MediaFact | null {
  const frame = readFrame(text);
  if (frame === null) return null;
  const { event, body } = frame;
  switch (event) {
    case "media":
      return mediaFact(part(body, "media"));
    case "start":
      return readStart(body);
    case "mark":
      return markFact(part(body, "mark"));
    case "dtmf":
      return keyFact(part(body, "dtmf"));
    case "connected":
    case "stop":
      return { type: event };
    default:
      return NOTHING;
  }
}

function readStart(body: Json): MediaFact | null {
  const start = part(body, "start");
  const streamId = idIn(body, "streamSid") ?? idIn(start, "streamSid");
  const carrierCallId = idIn(start, "callSid");
  if (streamId === null || !STREAM_SID.test(streamId) || carrierCallId === null) return null;
  return { type: "start", streamId, carrierCallId, encoding: encodingOf(part(start, "mediaFormat")) };
}

function encodingOf(format: Json): Encoding | null {
  const isPcmu =
    field(format, "encoding") === "audio/x-mulaw" &&
    countIn(format, "sampleRate") === 8000 &&
    (countIn(format, "channels") ?? 1) === 1;
  return isPcmu ? "pcmu" : null;
}

/**
 * Over the URL alone, as it stands in `<Stream url>`. Twilio may have signed it with a slash at its end
 * (https://www.twilio.com/docs/usage/webhooks/webhooks-security), which its package does not try.
 */
function isGenuine({ secrets }: WebhookSettings, { url, headers }: UpgradeRequest): boolean {
  const authToken = secrets["authToken"];
  const signature = headers["x-twilio-signature"];
  if (!authToken || !signature || !URL.canParse(url)) return false;
  return [url, `${url}/`].some((signed) => validateRequest(authToken, signature, signed, {}));
}
