import { transcode } from "../../media/g711.ts";
import type { CarrierMedia, Encoding, MediaFact, MediaProtocol } from "../../media/protocol.ts";
import type { WebhookSettings } from "../carrier.ts";
import { base64, countIn, idIn, keyFact, markFact, mediaFact, NOTHING, part, readFrame } from "../frame.ts";
import { field, type Json } from "../record.ts";

/**
 * Media streaming of `streaming_start`: the caller's track in the call's own law, ours in PCMU, RTP payloads without headers
 * (https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket). The request that opens a
 * socket is not signed, so only the token in its path tells whose it is.
 */
export function telnyxMedia(settings: WebhookSettings): CarrierMedia {
  return { carrier: settings.carrier, protocol: PROTOCOL, admits: () => true, subprotocol: null };
}

/** What `streaming_start` names as the codec of our audio, whichever the caller's comes in. */
const OURS: Encoding = "pcmu";

/** Frames to Telnyx do not name the stream; a call has but one. */
const PROTOCOL: MediaProtocol = {
  read,
  media: ({ encoding }, payload) =>
    `{"event":"media","media":{"payload":"${base64(transcode(payload, encoding, OURS))}"}}`,
  mark: (_stream, name) => `{"event":"mark","mark":{"name":"${name}"}}`,
  clear: () => `{"event":"clear"}`,
  // Only the command `send_dtmf` presses keys.
  key: null,
  // "The order of events is not guaranteed and the chunk number can be used to reorder the events."
  reorders: true,
};

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
    case "error":
      return readError(part(body, "payload"));
    case "connected":
    case "stop":
      return { type: event };
    default:
      return NOTHING;
  }
}

function readStart(body: Json): MediaFact | null {
  const start = part(body, "start");
  const streamId = idIn(body, "stream_id");
  const carrierCallId = idIn(start, "call_control_id");
  if (streamId === null || carrierCallId === null) return null;
  return { type: "start", streamId, carrierCallId, encoding: encodingOf(part(start, "media_format")) };
}

/** `PCMU`, `PCMA`, `G722`, `OPUS`, `AMR-WB`, `L16`. */
const ENCODINGS = new Map<unknown, Encoding>([
  ["PCMU", "pcmu"],
  ["PCMA", "pcma"],
]);

function encodingOf(format: Json): Encoding | null {
  const isTelephone =
    (countIn(format, "sample_rate") ?? 8000) === 8000 && (countIn(format, "channels") ?? 1) === 1;
  return isTelephone ? (ENCODINGS.get(field(format, "encoding")) ?? null) : null;
}

/** 100002 unknown, 100003 malformed frame, 100004 no Base64, 100005 too many requests. */
function readError(payload: Json): MediaFact {
  const code = countIn(payload, "code");
  return { type: "complaint", code: code === null ? "unknown" : String(code) };
}
