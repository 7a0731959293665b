import type { MediaFact } from "../media/protocol.ts";
import { asRecord, field, type Json } from "./record.ts";

/** What the audio sockets of all carriers share: JSON in text frames, `event` says the kind, audio is Base64. */

/**
 * Longest frame that is looked at, characters. Plivo's own limit for a message is 64 KiB; 20 ms of audio take about 300
 * characters.
 */
const MAX_FRAME = 65_536;

const ID = /^[!-~]{1,256}$/;
/** What `MediaProtocol.mark` may be given. */
const MARK = /^[A-Za-z0-9.-]{1,32}$/;
const KEY = /^[0-9A-Da-d*#]$/;
const COUNT = /^[0-9]{1,15}$/;

export interface Frame {
  readonly event: string;
  readonly body: Json;
}

/** The frame as an object with a kind; null for anything else. */
export function readFrame(frame: string): Frame | null {
  const body = frame.length > MAX_FRAME ? null : asRecord(parse(frame));
  const event = body === null ? null : field(body, "event");
  return body === null || typeof event !== "string" ? null : { event, body };
}

/** The object in a field; one without fields when there is none. */
export const part = (body: Json, name: string): Json => asRecord(field(body, name)) ?? EMPTY;

/** An id of the carrier's: printable, without spaces. Null when it is anything else. */
export function idIn(body: Json, name: string): string | null {
  const value = field(body, name);
  return typeof value === "string" && ID.test(value) ? value : null;
}

/** A whole number from 0, written as one or as text. Null when it is anything else. */
export function countIn(body: Json, name: string): number | null {
  const value = field(body, name);
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : null;
  return typeof value === "string" && COUNT.test(value) ? Number(value) : null;
}

/** The name of a mark; null when it cannot be one of ours. */
export function markIn(body: Json, name: string): string | null {
  const value = field(body, name);
  return typeof value === "string" && MARK.test(value) ? value : null;
}

/** A key, in upper case; null when it is none. */
export function keyIn(body: Json, name: string): string | null {
  const value = field(body, name);
  return typeof value === "string" && KEY.test(value) ? value.toUpperCase() : null;
}

/** The bytes of a padded Base64 text. Null when it is anything else. */
export function audioIn(body: Json, name: string): Buffer | null {
  const text = field(body, name);
  if (typeof text !== "string" || text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, "base64");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  // The decoder leaves out what is no Base64, so that less comes out.
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : null;
}

/** The audio of a frame to the carrier. A view of the same bytes, never a copy. */
export const base64 = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString(
    "base64",
  );

/** Understood, and of no interest. */
export const NOTHING: MediaFact = { type: "nothing" };

/** The caller's audio in `media`; another track is of no interest. Null when it is no audio. */
export function mediaFact(media: Json): MediaFact | null {
  if ((field(media, "track") ?? "inbound") !== "inbound") return NOTHING;
  const payload = audioIn(media, "payload");
  if (payload === null) return null;
  return { type: "media", chunk: countIn(media, "chunk"), timestampMs: countIn(media, "timestamp"), payload };
}

/** A mark by its name; one that cannot be ours is of no interest. */
export function markFact(body: Json): MediaFact {
  const name = markIn(body, "name");
  return name === null ? NOTHING : { type: "mark", name };
}

/** A key that the caller pressed; null when it is none. */
export function keyFact(dtmf: Json): MediaFact | null {
  const digit = keyIn(dtmf, "digit");
  return digit === null ? null : { type: "dtmf", digit };
}

const EMPTY: Json = {};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
