import { bargeIn, initialBarge, mayStart, type BargeFact, type BargeState } from "./barge-in.ts";
import { CallerAudio } from "./caller-audio.ts";
import { STALLED_MS } from "./clock.ts";
import type { Expected, LostReason, StreamCommand, StreamEvent } from "./commands.ts";
import { FRAME_MS, FRAME_SAMPLES } from "./g711.ts";
import { Playback, type Playing } from "./playback.ts";
import type { MediaFact, MediaProtocol } from "./protocol.ts";
import { SpeechGate } from "./speech-gate.ts";

/** A caller whose audio has stopped for so long is gone, even if the socket is open. */
export const SILENT_MS = 30_000;
/** The caller's audio that nobody has taken; the oldest goes first. */
const MOST_HEARD_FRAMES = 5000 / FRAME_MS;

/** A command to one stream. */
export type StreamOrder = Extract<StreamCommand, { readonly stream: number }>;

export interface MediaStreamSettings {
  /** Its number. */
  readonly stream: number;
  readonly expected: Expected;
  readonly start: Extract<MediaFact, { readonly type: "start" }>;
  readonly protocol: MediaProtocol;
  /** Sends a text frame to the carrier. Nothing is sent once the stream is lost. */
  send(frame: string): void;
  emit(event: StreamEvent): void;
  /** Epoch milliseconds, from a clock that is never set back: what is passed to `tick` is of the same clock. */
  now(): number;
}

/** What is gone once the stream is lost. */
interface Live {
  readonly caller: CallerAudio;
  readonly gate: SpeechGate;
  readonly playback: Playback;
}

/**
 * One live audio stream, between the frames of its socket and the commands of the main thread. It has no socket and no timer:
 * whoever has them calls `frame`, `command`, and `tick` every 20 ms, and none of them throws. Emits `stream-started` when
 * made, `stream-lost` once, and nothing after that.
 */
export class MediaStream {
  readonly #settings: MediaStreamSettings;
  #live: Live | null = null;
  #barge: BargeState;
  #heard: Uint8Array[] = [];
  #now: number;
  #tickedAt: number;

  constructor(settings: MediaStreamSettings) {
    this.#settings = settings;
    const { stream, expected, start, protocol } = settings;
    const { streamId, carrierCallId, encoding } = start;
    this.#now = this.#tickedAt = settings.now();
    this.#barge = initialBarge(this.#now);
    if (encoding === null) {
      settings.emit({ type: "stream-lost", stream, reason: "protocol" });
      return;
    }
    const caller = new CallerAudio(encoding, protocol.reorders, this.#now, (frame, now) =>
      this.#hear(frame, now),
    );
    const playback = new Playback({
      stream,
      name: { streamId, encoding },
      protocol,
      send: (frame) => {
        if (this.live) settings.send(frame);
      },
      emit: (event) => this.#emit(event),
      mayStart: (yields) => mayStart(this.#barge, yields),
    });
    this.#live = { caller, gate: new SpeechGate("pcmu"), playback };
    const { callId, token } = expected;
    this.#emit({ type: "stream-started", stream, callId, token, carrierCallId });
  }

  /** False once it is lost. */
  get live(): boolean {
    return this.#live !== null;
  }

  /** The piece that plays or is paused, and what of it has been heard; null when there is none. */
  get playing(): Playing | null {
    return this.#live?.playback.playing ?? null;
  }

  /** A frame from the carrier. */
  frame(fact: MediaFact): void {
    if (this.#live === null) return;
    const { caller, playback } = this.#live;
    const now = this.#at(this.#settings.now());
    switch (fact.type) {
      case "media":
        caller.push(fact, now);
        break;
      case "mark":
        playback.markReturned(fact.name, now);
        break;
      case "dtmf":
        this.#emit({ type: "key", stream: this.#settings.stream, digit: fact.digit });
        break;
      case "stop":
        this.lost("stopped");
        break;
      // A stream starts once. Whatever another `start` says, this one goes on as it is.
      case "start":
      case "connected":
      case "cleared":
      case "complaint":
      case "nothing":
        return;
    }
    this.#settle(now);
  }

  /** A command of the main thread. Those for pieces that are over change nothing. */
  command(order: StreamOrder): void {
    if (this.#live === null) return;
    const { playback } = this.#live;
    const now = this.#at(this.#settings.now());
    switch (order.type) {
      case "piece":
        playback.begin(order.piece, order.yields);
        break;
      case "piece-audio":
        playback.audio(order.piece, order.format, order.bytes, now);
        break;
      case "piece-end":
        playback.end(order.piece);
        break;
      case "stop":
        playback.stop("order", now);
        this.#barged({ type: "stopped" }, now);
        break;
      case "resume":
        this.#barged({ type: "resume" }, now);
        break;
      case "keys":
        playback.keys(order.digits);
        break;
    }
    if (playback.overfull) this.lost("congested");
    this.#settle(now);
  }

  /** Every 20 ms. */
  tick(nowMs: number): void {
    if (this.#live === null) return;
    const { caller } = this.#live;
    const now = this.#at(nowMs);
    if (now - caller.heardAt >= SILENT_MS) return this.lost("silent");
    this.#tickedAt = now;
    caller.tick(now);
    this.#judge(now);
    this.#live?.playback.tick(now);
    return undefined;
  }

  /** The stream is over; everything it holds is released. What was heard of our words is told with it. */
  lost(reason: LostReason): void {
    const cut = this.#live?.playback.over(this.#at(this.#settings.now())) ?? null;
    // Whoever is told that a piece has been played may end the stream as well.
    if (this.#live === null) return;
    const { stream } = this.#settings;
    this.#live = null;
    this.#heard = [];
    this.#settings.emit({ type: "stream-lost", stream, reason, ...(cut === null ? {} : { cut }) });
  }

  /** The caller's audio since the last time, PCMU, in a buffer of its own; null: none. */
  takeHeard(): Uint8Array | null {
    if (this.#heard.length === 0) return null;
    const all = new Uint8Array(this.#heard.length * FRAME_SAMPLES);
    for (const [index, frame] of this.#heard.entries()) all.set(frame, index * FRAME_SAMPLES);
    this.#heard = [];
    return all;
  }

  /** What is told may end the stream at once. */
  #emit(event: StreamEvent): void {
    if (this.live) this.#settings.emit(event);
  }

  /** Time does not run backwards. */
  #at(now: number): number {
    this.#now = Math.max(this.#now, now);
    return this.#now;
  }

  #hear(frame: Uint8Array, now: number): void {
    if (this.#live === null) return;
    this.#heard.push(frame);
    if (this.#heard.length > MOST_HEARD_FRAMES) this.#heard.shift();
    const { gate, playback } = this.#live;
    const change = gate.push(frame, now, playback.takeLoudest());
    if (change === null) return;
    const since = change.on ? change.sinceMs : change.endedMs;
    this.#emit({ type: "speech", stream: this.#settings.stream, on: change.on, at: since });
    this.#barged({ type: change.on ? "speech" : "quiet", since }, now);
  }

  /** Does what should not wait for a tick. After the thread has stood still more may have arrived than was read so far. */
  #settle(now: number): void {
    if (now - this.#tickedAt <= STALLED_MS) this.#judge(now);
    this.#live?.playback.go(now);
  }

  /** Interrupts or goes on, if it is time. */
  #judge(now: number): void {
    if (this.#live === null) return;
    this.#barged({ type: "time", ear: this.#live.playback.ear(now) }, now);
  }

  #barged(fact: BargeFact, now: number): void {
    const { state, action } = bargeIn(this.#barge, fact, now, this.#settings.expected.bargeIn);
    this.#barge = state;
    if (action === "pause") this.#live?.playback.pause(now);
    if (action === "resume") this.#live?.playback.resume(now);
    if (action === "stop") this.#live?.playback.stop("speech", now);
  }
}
