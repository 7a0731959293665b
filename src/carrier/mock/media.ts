import type { CarrierMedia, MediaFact, MediaProtocol } from "../../media/protocol.ts";
import type { WebhookSettings } from "../carrier.ts";
import { audioIn, base64, countIn, idIn, keyIn, markIn, readFrame } from "../frame.ts";
import { field, type Json } from "../record.ts";

/**
 * The mock's audio sockets, described in `docs/carriers/mock.md`: flat JSON in text frames, µ-law at 8 kHz. The phone's end
 * of it is `phone-socket.ts`. Nobody signs anything: only the token in the path tells whose a socket is.
 */
export function mockMedia(settings: Pick<WebhookSettings, "carrier">): CarrierMedia {
  return { carrier: settings.carrier, protocol: MOCK_PROTOCOL, admits: () => true, subprotocol: null };
}

export const MOCK_PROTOCOL: MediaProtocol = {
  read,
  media: (_stream, payload) => `{"event":"media","payload":"${base64(payload)}"}`,
  mark: (_stream, name) => `{"event":"mark","name":"${name}"}`,
  clear: () => `{"event":"clear"}`,
  key: (_stream, digit) => `{"event":"key","digit":"${digit}"}`,
  reorders: false,
};

function read(text: string): MediaFact | null {
  const frame = readFrame(text);
  if (frame === null) return null;
  const { event, body } = frame;
  switch (event) {
    case "media": {
      const payload = audioIn(body, "payload");
      return payload && { type: "media", chunk: countIn(body, "chunk"), timestampMs: null, payload };
    }
    case "start":
      return readStart(body);
    case "mark": {
      const name = markIn(body, "name");
      return name === null ? NOTHING : { type: "mark", name };
    }
    case "cleared":
      return { type: "cleared" };
    case "key": {
      const digit = keyIn(body, "digit");
      return digit === null ? null : { type: "dtmf", digit };
    }
    case "stop":
      return { type: "stop" };
    default:
      return NOTHING;
  }
}

function readStart(body: Json): MediaFact | null {
  const streamId = idIn(body, "stream");
  const carrierCallId = idIn(body, "call");
  if (streamId === null || carrierCallId === null) return null;
  const encoding = field(body, "encoding");
  const known = encoding === "pcmu" || encoding === "pcma";
  return { type: "start", streamId, carrierCallId, encoding: known ? encoding : null };
}

const NOTHING: MediaFact = { type: "nothing" };
