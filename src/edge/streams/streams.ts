import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { socketOpener } from "../../host/sockets.ts";
import { FrameClock } from "../../media/clock.ts";
import type { HeardAudio, StreamCommand, StreamEvent } from "../../media/commands.ts";
import type { CarrierMedia } from "../../media/protocol.ts";
import type { Refusal } from "../guards.ts";
import type { EdgeLimits } from "../limits.ts";
import type { ListenerSettings, MediaSettings } from "../protocol.ts";
import { Arrivals, type Started } from "./arrivals.ts";
import { Gate } from "./gate.ts";
import { createStream, Live, type CreateStream } from "./live.ts";
import { Places } from "./places.ts";
import { CLOSE, Closing } from "./socket.ts";
import { Tokens } from "./tokens.ts";

export interface StreamsParts {
  readonly settings: ListenerSettings & { readonly media: MediaSettings };
  readonly carrier: CarrierMedia;
  readonly limits: EdgeLimits;
  /** Number of the first stream. */
  readonly firstStream: number;
  readonly emit: (event: StreamEvent) => void;
  readonly refused: (reason: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Makes the media plane's part of a stream; for tests. */
  readonly create?: CreateStream;
}

/** The last moments of a worker: how long carriers may take to answer the close of their sockets. */
const GOODBYE_MS = 200;

/** All audio sockets and live streams of a listener. */
export class Streams {
  readonly #parts: StreamsParts;
  readonly #tokens: Tokens;
  readonly #gate: Gate;
  readonly #arrivals: Arrivals;
  readonly #clock = new FrameClock();
  readonly #live = new Map<number, Live>();
  readonly #ofCall = new Map<string, Live>();
  #next: number;
  #stopClock: (() => void) | null = null;
  /** Of the monotonic clock's zero, as it was when the first of the present streams began: it is not set back under them. */
  #epochMs = 0;

  constructor(parts: StreamsParts) {
    const { settings, carrier, limits, refused } = parts;
    const { media } = settings;
    this.#parts = parts;
    this.#next = parts.firstStream;
    this.#tokens = new Tokens(parts.now);
    this.#gate = new Gate(settings, this.#tokens, carrier);
    this.#arrivals = new Arrivals({
      tokens: this.#tokens,
      places: new Places(media),
      protocol: carrier.protocol,
      open: socketOpener({
        maxPayload: limits.streamFrameBytes,
        maxFragments: limits.streamFragments,
        maxBufferedChunks: limits.streamChunks,
        closeTimeout: limits.lingerMs,
        subprotocol: carrier.subprotocol,
      }),
      limits,
      closing: new Closing(limits.closingStreams),
      preStartTimeoutMs: media.preStartTimeoutMs,
      started: (started) => this.#begin(started),
      refused,
      monotonic: () => performance.now(),
    });
  }

  /** Null: the socket is an audio socket from now on, and `taken` was called before it became one. */
  upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    unavailable: Refusal | null,
    taken: () => void,
  ): Refusal | null {
    const verdict = this.#gate.judge(request, socket.remoteAddress, unavailable);
    return "status" in verdict ? verdict : this.#arrivals.take(request, socket, head, verdict, taken);
  }

  setUrls(urls: Pick<ListenerSettings, "publicUrl" | "streamUrl">): void {
    this.#gate.setUrls(urls);
  }

  obey(command: StreamCommand): void {
    switch (command.type) {
      case "stream-expect":
        this.#tokens.expect(command.expected);
        return this.#arrivals.sweep(command.expected.callId);
      case "stream-forget":
        this.#tokens.forget(command.callId);
        this.#arrivals.sweep(command.callId);
        return this.#ofCall.get(command.callId)?.end("forgotten", CLOSE.done);
      default:
        return this.#live.get(command.stream)?.command(command);
    }
  }

  /** Whatever has not begun does not begin any more. */
  drain(): void {
    this.#arrivals.closeAll();
  }

  /** Ends every stream. The sockets are gone a moment later. */
  close(): void {
    this.drain();
    for (const live of this.#live.values()) live.end("closed", CLOSE.goingAway);
    setTimeout(() => this.#arrivals.cutAll(), GOODBYE_MS).unref();
  }

  #begin(started: Started): void {
    const { emit, refused } = this.#parts;
    const { expected, start, socket, place } = started;
    this.#ofCall.get(expected.callId)?.end("replaced", CLOSE.done);
    const stream = this.#next;
    this.#next += 1;
    const live = start.encoding === null ? null : this.#open(stream, started);
    if (live !== null) {
      this.#live.set(stream, live);
      this.#ofCall.set(live.callId, live);
      this.#stopClock ??= this.#clock.add((nowMs) => this.#tick(nowMs));
      return;
    }
    refused(start.encoding === null ? "stream-encoding" : "stream-fault");
    socket.close(start.encoding === null ? CLOSE.unsupported : CLOSE.failed);
    place.leave();
    // Its call is told, or it would wait for a socket that was there.
    const { carrierCallId } = start;
    emit({ type: "stream-started", stream, callId: expected.callId, token: expected.token, carrierCallId });
    emit({ type: "stream-lost", stream, reason: "protocol" });
  }

  #open(stream: number, started: Started): Live | null {
    const { create = createStream, carrier, emit, refused } = this.#parts;
    if (this.#live.size === 0) this.#epochMs = this.#parts.now() - performance.now();
    try {
      return new Live(stream, started, {
        create,
        protocol: carrier.protocol,
        emit,
        refused,
        now: () => this.#epochAt(performance.now()),
        ended: (live) => this.#forget(live),
      });
    } catch {
      return null;
    }
  }

  #epochAt(monotonicMs: number): number {
    return Math.round(this.#epochMs + monotonicMs);
  }

  #forget(live: Live): void {
    this.#live.delete(live.stream);
    if (this.#ofCall.get(live.callId) === live) this.#ofCall.delete(live.callId);
    if (this.#live.size > 0) return;
    this.#stopClock?.();
    this.#stopClock = null;
  }

  #tick(monotonicMs: number): void {
    const now = this.#epochAt(monotonicMs);
    const heard: HeardAudio[] = [];
    for (const live of this.#live.values()) {
      live.tick(now);
      const bytes = live.takeHeard();
      if (bytes !== null) heard.push({ stream: live.stream, bytes });
    }
    if (heard.length > 0) this.#parts.emit({ type: "stream-audio", heard });
  }
}
