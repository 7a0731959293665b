import { VoiceCallError } from "../../call/errors.ts";
import type { Clock, Log } from "../../call/ports.ts";
import type { AudioFormat, Yields } from "../../media/commands.ts";
import { outage, reasonOf } from "./outage.ts";
import { lengthMs, type Recording } from "./recording.ts";
import type { SpeechRoute } from "./speech.ts";
import { synthesise } from "./synthesis.ts";
import { UtteranceCache, type DigestedVoices } from "./utterance-cache.ts";

export interface SpeakerParts {
  readonly callId: string;
  readonly voices: DigestedVoices;
  readonly route: SpeechRoute;
  readonly clock: Clock;
  readonly log: Log;
  /** Another configured provider takes over when one fails. */
  readonly fallback: boolean;
  /** Where prepared words are kept; without one they are kept for this call. */
  readonly cache?: UtteranceCache;
  readonly out: SpeakerOut;
  /** No voice could speak this piece: `VC_SPEECH_FAILED`. The pieces after it are still spoken. */
  failed(piece: number, error: VoiceCallError): void;
  /** When a piece begins to be handed over, and once more when all of it is. */
  timed(piece: number, times: SpokenTimes): void;
}

/** The audio line. A piece begins when its first audio is there; audio is the receiver's to keep. */
export interface SpeakerOut {
  begin(piece: number, yields: Yields): void;
  audio(piece: number, format: AudioFormat, bytes: Uint8Array): void;
  end(piece: number): void;
}

/** Epoch ms. Of prepared words the times lie before the piece was asked for. */
export interface SpokenTimes {
  readonly requestedAt: number;
  readonly firstByteAt: number;
  readonly doneAt: number | null;
  readonly provider: string;
  readonly prepared: boolean;
  /** 1 when the first provider spoke it. */
  readonly attempts: number;
}

/** Pieces in hand: one that plays and two that are made ready meanwhile. */
const IN_HAND = 3;
/** Failures in a row after which a provider comes last for the rest of the call. */
const STRIKES = 2;
/** Nobody says that much without a pause. */
const MOST_WAITING = 256;

interface Piece {
  readonly no: number;
  readonly text: string;
  readonly yields: Yields;
  /** Providers to ask, in this order; empty until they are known. */
  tries: readonly string[];
  attempts: number;
  recording: Recording | null;
  /** Shared with others, so its audio is copied. */
  prepared: boolean;
  /** Gives up the recording. */
  letGo: () => void;
  /** Chunks of the recording that were handed over. */
  sent: number;
  /** When its first audio was handed over; epoch ms. */
  begunAt: number | null;
  sentMs: number;
  error: Error | null;
}

/**
 * One call's voice: turns texts into pieces of audio on its line, in order. A piece that a provider cannot speak is spoken by
 * the next one, from its beginning.
 */
export class Speaker {
  readonly #parts: SpeakerParts;
  readonly #cache: UtteranceCache;
  #queue: Piece[] = [];
  /** When the pieces that were handed over will have been heard, by our reckoning; epoch ms. */
  #ends: number[] = [];
  #providers: readonly string[] | null = null;
  #loading: Promise<void> | null = null;
  readonly #strikes = new Map<string, number>();
  #pumping = false;
  #cancelRoom: () => void = () => {};
  #closed = false;

  constructor(parts: SpeakerParts) {
    this.#parts = parts;
    this.#cache = parts.cache ?? new UtteranceCache(parts.clock);
  }

  /** Has words spoken ahead, to be said at once when they are asked for. A failure shows when they are. */
  prepare(text: string): void {
    if (!this.#closed) void this.#prepare(text);
  }

  /** Says the text after what is being said. */
  say(piece: number, text: string, yields: Yields): void {
    if (this.#closed) return;
    if (this.#queue.length >= MOST_WAITING) return this.#fail(piece, outage("too much to say"));
    this.#queue.push({
      no: piece,
      text,
      yields,
      tries: [],
      attempts: 0,
      recording: null,
      prepared: false,
      letGo: () => {},
      sent: 0,
      begunAt: null,
      sentMs: 0,
      error: null,
    });
    this.#pump();
  }

  /**
   * Drops what was not handed over yet. A piece that has begun stays without an end: the line is told to stop, or is
   * gone.
   */
  drop(): void {
    const dropped = this.#queue;
    this.#queue = [];
    this.#ends = [];
    this.#cancelRoom();
    for (const piece of dropped) piece.letGo();
  }

  /** Nothing is said or reported any more. */
  close(): void {
    this.#closed = true;
    this.drop();
  }

  async #prepare(text: string): Promise<void> {
    await this.#load();
    const provider = this.#providers?.[0];
    const { voices, route } = this.#parts;
    if (!this.#closed && provider !== undefined) this.#cache.prepare(voices, { text, provider, route });
  }

  /** Learns which providers there are. Asks again after a failure. */
  async #load(): Promise<void> {
    if (this.#providers !== null) return;
    this.#loading ??= this.#askProviders();
    await this.#loading;
    this.#loading = null;
  }

  async #askProviders(): Promise<void> {
    const { voices, route, fallback, log, callId } = this.#parts;
    try {
      const all = await voices.providers(route);
      this.#providers = fallback ? all : all.slice(0, 1);
    } catch (error) {
      log.warn("the speech providers are not known", { callId, reason: reasonOf(error) });
      for (const piece of this.#queue)
        piece.error ??= error instanceof Error ? error : outage("unknown error");
    }
  }

  /** Moves everything on that can be moved. What it calls may call the speaker again. */
  #pump(): void {
    if (this.#pumping || this.#closed || this.#queue.length === 0) return;
    if (this.#providers === null && !this.#queue.some((piece) => piece.error !== null)) {
      void this.#loadAndPump();
      return;
    }
    this.#pumping = true;
    try {
      do this.#request();
      while (this.#handOver());
    } finally {
      this.#pumping = false;
    }
    this.#awaitRoom();
  }

  async #loadAndPump(): Promise<void> {
    await this.#load();
    this.#pump();
  }

  /** Has the pieces spoken whose turn is near. */
  #request(): void {
    const now = this.#parts.clock.now();
    this.#ends = this.#ends.filter((end) => end > now);
    for (const piece of this.#queue.slice(0, Math.max(0, IN_HAND - this.#ends.length))) {
      if (piece.recording?.error) this.#next(piece, piece.recording.error);
      if (piece.recording === null && piece.error === null) this.#ask(piece);
    }
  }

  #ask(piece: Piece): void {
    const { voices, clock, route } = this.#parts;
    if (piece.attempts === 0) {
      const all = this.#providers ?? [];
      // One that is alone gets a second chance.
      piece.tries = all.length === 1 ? [...all, ...all] : all;
    }
    const provider = piece.tries[piece.attempts];
    if (provider === undefined) {
      piece.error = outage("no provider is configured");
      return;
    }
    piece.attempts++;
    piece.sent = 0;
    const order = { text: piece.text, provider, route };
    const prepared = piece.attempts === 1 ? this.#cache.find(voices, order) : null;
    piece.prepared = prepared !== null;
    const synthesis = prepared === null ? synthesise(voices, clock, order) : null;
    const recording = prepared ?? synthesis?.recording ?? null;
    if (recording === null) return;
    piece.recording = recording;
    const unwatch = recording.watch(() => this.#pump());
    piece.letGo = () => {
      unwatch();
      synthesis?.cancel();
    };
  }

  /** A provider failed at this piece. */
  #next(piece: Piece, error: Error): void {
    const { callId, log } = this.#parts;
    const failed = piece.recording?.provider ?? "";
    piece.letGo();
    piece.letGo = () => {};
    piece.recording = null;
    const reason = reasonOf(error);
    this.#strike(failed);
    const next = piece.tries[piece.attempts];
    // Somebody who has waited that long once does not wait again for the same voice.
    if (next === undefined || (next === failed && reason === "timeout")) {
      piece.error = error;
      return;
    }
    const about = {
      callId,
      piece: piece.no,
      fromProvider: failed,
      toProvider: next,
      attempts: piece.attempts,
      reason,
    };
    log.warn(next === failed ? "a voice failed and is tried again" : "another voice takes over", about);
  }

  #strike(provider: string): void {
    const strikes = (this.#strikes.get(provider) ?? 0) + 1;
    this.#strikes.set(provider, strikes);
    const all = this.#providers ?? [];
    if (strikes < STRIKES || all.length < 2 || all[0] !== provider) return;
    this.#providers = [...all.filter((one) => one !== provider), provider];
    const { callId, log } = this.#parts;
    log.warn("another voice speaks for the rest of the call", {
      callId,
      fromProvider: provider,
      toProvider: this.#providers[0],
      attempts: strikes,
    });
  }

  /** Hands over what there is of the first piece. True when it is over and there may be more to do. */
  #handOver(): boolean {
    const [piece] = this.#queue;
    if (piece === undefined) return false;
    const { out, clock } = this.#parts;
    if (piece.error !== null) {
      this.#queue.shift();
      if (piece.begunAt !== null) out.end(piece.no);
      this.#fail(piece.no, piece.error);
      return true;
    }
    const { recording } = piece;
    if (recording === null || recording.format === null) return false;
    for (; piece.sent < recording.chunks.length; piece.sent++) {
      const chunk = recording.chunks[piece.sent];
      if (chunk === undefined) break;
      if (piece.begunAt === null) {
        piece.begunAt = clock.now();
        out.begin(piece.no, piece.yields);
        this.#time(piece, recording);
        if (this.#queue[0] !== piece) return true;
      }
      piece.sentMs += lengthMs(chunk.byteLength, recording.format);
      out.audio(piece.no, recording.format, piece.prepared ? chunk.slice() : chunk);
      if (!piece.prepared) recording.chunks[piece.sent] = EMPTY;
      if (this.#queue[0] !== piece) return true;
    }
    if (recording.error !== null) return true;
    if (recording.doneAt === null) return false;
    this.#queue.shift();
    piece.letGo();
    this.#strikes.delete(recording.provider);
    const heardFrom = Math.max(piece.begunAt ?? 0, this.#ends.at(-1) ?? 0);
    this.#ends.push(Math.max(heardFrom + piece.sentMs, clock.now()));
    out.end(piece.no);
    this.#time(piece, recording);
    return true;
  }

  #time(piece: Piece, { requestedAt, firstByteAt, doneAt, provider }: Recording): void {
    if (firstByteAt === null) return;
    const { prepared, attempts } = piece;
    this.#parts.timed(piece.no, { requestedAt, firstByteAt, doneAt, provider, prepared, attempts });
  }

  #fail(piece: number, error: Error): void {
    const detail = reasonOf(error);
    this.#parts.failed(piece, new VoiceCallError("VC_SPEECH_FAILED", { detail }, { cause: error }));
  }

  /** Goes on once the piece that plays is over, if more are waiting than may be in hand. */
  #awaitRoom(): void {
    this.#cancelRoom();
    const [end] = this.#ends;
    if (end === undefined || this.#queue.length + this.#ends.length <= IN_HAND) return;
    this.#cancelRoom = this.#parts.clock.at(end, () => this.#pump());
  }
}

const EMPTY = new Uint8Array(0);
