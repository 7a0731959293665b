import { isMarkedAsUntransferable } from "node:worker_threads";
import type { EdgeCommand, EdgeEvent } from "../protocol.ts";

/** A message and the memory that goes with it instead of being copied. */
export interface Parcel<Message> {
  readonly message: Message;
  readonly transfer: ArrayBuffer[];
}

/** Packs a command or an event for the other thread: its audio is no longer this thread's. */
export function parcel<Message extends EdgeCommand | EdgeEvent>(message: Message): Parcel<Message> {
  if (message.type === "piece-audio") {
    const bytes = own(message.bytes);
    return { message: { ...message, bytes }, transfer: [bytes.buffer] };
  }
  if (message.type === "stream-audio") {
    const heard = message.heard.map(({ stream, bytes }) => ({ stream, bytes: own(bytes) }));
    return { message: { ...message, heard }, transfer: heard.map(({ bytes }) => bytes.buffer) };
  }
  return { message, transfer: [] };
}

/** The same bytes in memory that holds nothing else; a copy where they are a part of something larger. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  // Nothing, or what another message has taken along.
  if (byteLength === 0) return new Uint8Array(0);
  const isWhole =
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !isMarkedAsUntransferable(buffer);
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
