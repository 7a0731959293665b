import type { LostReason, StreamEvent } from "../../media/commands.ts";
import type { MediaProtocol } from "../../media/protocol.ts";
import { MediaStream, type MediaStreamSettings, type StreamOrder } from "../../media/stream.ts";
import { readFrame, type Started } from "./arrivals.ts";
import { CLOSE, type SocketClose } from "./socket.ts";

/** What a stream is to its socket. */
export type MediaPlane = Pick<MediaStream, "frame" | "command" | "tick" | "takeHeard" | "lost">;
export type CreateStream = (settings: MediaStreamSettings) => MediaPlane;

export const createStream: CreateStream = (settings) => new MediaStream(settings);

export interface LiveParts {
  readonly create: CreateStream;
  readonly protocol: MediaProtocol;
  readonly emit: (event: StreamEvent) => void;
  readonly refused: (reason: string) => void;
  /** Epoch milliseconds; never goes back. */
  readonly now: () => number;
  readonly ended: (live: Live) => void;
}

/** A socket and its stream, from the `start` to the end of either. */
export class Live {
  readonly stream: number;
  readonly callId: string;
  readonly #parts: LiveParts;
  readonly #started: Started;
  readonly #media: MediaPlane;
  #state: "live" | "over" = "live";
  /** What its socket is closed with. */
  #code: SocketClose = CLOSE.done;

  /** Throws what the media plane throws. */
  constructor(stream: number, started: Started, parts: LiveParts) {
    const { expected, start, socket } = started;
    this.stream = stream;
    this.callId = expected.callId;
    this.#parts = parts;
    this.#started = started;
    this.#media = parts.create({
      stream,
      expected,
      start,
      protocol: parts.protocol,
      send: (frame) => socket.send(frame),
      emit: (event) => this.#emit(event),
      now: parts.now,
    });
    socket.passTo({
      frame: (text) => this.#frame(text),
      over: (reason, fault) => {
        if (fault !== null) parts.refused(fault);
        this.end(reason, CLOSE.done);
      },
    });
  }

  command(order: StreamOrder): void {
    this.#guard(() => this.#media.command(order));
  }

  tick(now: number): void {
    this.#guard(() => this.#media.tick(now));
  }

  /** The caller's audio since it was taken last; null: none. */
  takeHeard(): Uint8Array | null {
    try {
      return this.#media.takeHeard();
    } catch {
      this.#parts.refused("stream-fault");
      return null;
    }
  }

  /** Ends the stream, once, and closes its socket if that is still open. */
  end(reason: LostReason, code: SocketClose): void {
    if (this.#state === "over") return;
    const { stream } = this;
    const bytes = this.takeHeard();
    if (bytes !== null) this.#parts.emit({ type: "stream-audio", heard: [{ stream, bytes }] });
    this.#code = code;
    try {
      // Tells what was heard of our words, and that they are over.
      this.#media.lost(reason);
    } catch {
      this.#parts.refused("stream-fault");
    }
    this.#emit({ type: "stream-lost", stream, reason });
  }

  #close(): void {
    this.#state = "over";
    this.#started.socket.close(this.#code);
    this.#started.place.leave();
    this.#parts.ended(this);
  }

  #emit(event: StreamEvent): void {
    if (this.#state === "over") return;
    // The media plane may find itself that there is nobody any more.
    if (event.type === "stream-lost") this.#close();
    this.#parts.emit(event);
  }

  #frame(text: string): void {
    const fact = readFrame(this.#parts.protocol, text);
    if (fact === null) return this.#parts.refused("stream-unread");
    return this.#guard(() => this.#media.frame(fact));
  }

  /** What one stream throws ends that stream, and no other. */
  #guard(work: () => void): void {
    if (this.#state === "over") return;
    try {
      work();
    } catch {
      this.#parts.refused("stream-fault");
      this.end("protocol", CLOSE.failed);
    }
  }
}
