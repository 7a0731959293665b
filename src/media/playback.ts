import type { AudioFormat, CutPiece, StreamEvent, Yields } from "./commands.ts";
import { PieceConverter } from "./converter.ts";
import { Flight } from "./flight.ts";
import { FRAME_SAMPLES, SILENCE } from "./g711.ts";
import { levelDb } from "./level.ts";
import { Pace } from "./pace.ts";
import { type Item, Keystrokes, Piece, Tones } from "./playlist.ts";
import type { MediaProtocol, MediaStreamName } from "./protocol.ts";
import { keyFrames } from "./tones.ts";

/** Frames from mark to mark: what was heard is exact every 200 ms. */
const MARK_EVERY = 10;
/** Audio that may wait, as it came: nearly six minutes of 24 kHz, half an hour of G.711. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** Pieces and keys that may wait. */
const MOST_ITEMS = 256;

export interface PlaybackSettings {
  readonly stream: number;
  readonly name: MediaStreamName;
  readonly protocol: MediaProtocol;
  readonly send: (frame: string) => void;
  readonly emit: (event: StreamEvent) => void;
  /** Whether such a piece may begin now. */
  mayStart(yields: Yields): boolean;
}

export interface Playing {
  readonly piece: number;
  readonly playedMs: number;
}

/** What the caller's voice would interrupt. */
export interface Ear {
  /** The piece that is being heard, or is paused. */
  readonly playing: Yields | null;
  /** The next one has audio and has not begun. */
  readonly waiting: Yields | null;
}

/**
 * Our side of a stream: pieces and keys in their order, in real time, with a bounded look-ahead, and silence in between so that
 * the stream lives. It knows what of it was heard, and can take back what was not.
 */
export class Playback {
  readonly #settings: PlaybackSettings;
  readonly #pace = new Pace();
  readonly #flight: Flight<Piece | Tones>;
  readonly #silence: string;
  /** In order. Each is here until it was heard. */
  #items: Item[] = [];
  /** Pieces are numbered in the order in which they begin. */
  #newestPiece = -1;
  #paused = false;
  #probed = false;
  #loudestDb: number | null = null;
  #now = 0;

  constructor(settings: PlaybackSettings) {
    this.#settings = settings;
    const { name, protocol } = settings;
    this.#silence = protocol.media(name, new Uint8Array(FRAME_SAMPLES).fill(SILENCE[name.encoding]));
    this.#flight = new Flight<Piece | Tones>({
      heard: (item) => {
        if (item.kind === "piece") item.heard();
      },
      ended: (item) => this.#finish(item),
    });
  }

  /** The piece that plays or is paused, and what of it had been heard at the last moment that was passed in. */
  get playing(): Playing | null {
    const current = this.#current();
    if (current?.kind !== "piece" || !current.started) return null;
    const { piece, playedMs } = current;
    return { piece, playedMs };
  }

  /** More waits than may. */
  get overfull(): boolean {
    let bytes = 0;
    for (const item of this.#items) if (item.kind === "piece") bytes += item.waiting;
    return bytes > MOST_WAITING_BYTES || this.#items.length > MOST_ITEMS;
  }

  // ------------------------------------------------------------ what is to be played; `go` or `tick` plays it

  begin(piece: number, yields: Yields): void {
    if (piece <= this.#newestPiece) return;
    this.#newestPiece = piece;
    this.#items.push(new Piece(piece, yields, new PieceConverter(this.#settings.name.encoding)));
  }

  audio(piece: number, format: AudioFormat, bytes: Uint8Array, now: number): void {
    this.#find(piece)?.push(format, bytes, now);
  }

  end(piece: number): void {
    this.#find(piece)?.end();
  }

  /** `0-9 A-D * # w`; what is none of these is left out. */
  keys(digits: string): void {
    const { protocol, name } = this.#settings;
    const keys = digits.replaceAll(/[^0-9A-D*#w]/gu, "");
    this.#items.push(
      protocol.key === null ? new Tones(keyFrames(keys, name.encoding)) : new Keystrokes(keys, protocol.key),
    );
  }

  // ------------------------------------------------------------ time

  /** Sends what should not wait for the next tick. */
  go(now: number): void {
    this.#advance(now);
    this.#fill(this.#pace.between(now));
  }

  /** Every 20 ms. */
  tick(now: number): void {
    this.#advance(now);
    this.#press();
    this.#fill(this.#pace.atTick(now));
    if (!this.#pace.isDry(now)) return;
    if (!this.#probed) this.#mark(this.#flight.probe(now));
    this.#settings.send(this.#silence);
    const endsAt = this.#pace.sent(now);
    if (!this.#probed) this.#mark(this.#flight.mark(endsAt));
    this.#probed = true;
  }

  markReturned(name: string, now: number): void {
    this.#now = now;
    this.#flight.returned(name, now);
  }

  // ------------------------------------------------------------ what is heard

  ear(now: number): Ear {
    this.#advance(now);
    const current = this.#current();
    const next = this.#items.find((item) => item.kind === "keystrokes" || !item.endMarked);
    return {
      playing: current?.kind === "piece" && current.started ? current.yields : null,
      waiting: next !== undefined && isWaiting(next) ? next.yields : null,
    };
  }

  /** How loud the loudest frame since the last time was, dBFS; null: silence. */
  takeLoudest(): number | null {
    const loudest = this.#loudestDb;
    this.#loudestDb = null;
    return loudest;
  }

  // ------------------------------------------------------------ interruption

  /** Falls silent; what was not heard is kept. Nothing happens while no piece plays. */
  pause(now: number): void {
    this.#advance(now);
    const current = this.#current();
    if (this.#paused || current?.kind !== "piece" || !current.started) return;
    this.#takeBack();
    this.#paused = true;
    const { piece, playedMs } = current;
    this.#settings.emit({ type: "paused", stream: this.#settings.stream, piece, playedMs });
  }

  /** Goes on where it paused. */
  resume(now: number): void {
    const [first] = this.#items;
    if (!this.#paused || first?.kind !== "piece") return;
    this.#paused = false;
    this.#settings.emit({ type: "resumed", stream: this.#settings.stream, piece: first.piece });
    this.go(now);
  }

  /** Drops what plays and what waits. */
  stop(by: "speech" | "order", now: number): void {
    this.#advance(now);
    this.#takeBack();
    const cut = this.#cut();
    this.#items = [];
    this.#paused = false;
    this.#settings.emit({ type: "stopped", stream: this.#settings.stream, by, cut });
  }

  /** The line is gone. Tells of what has been played, and returns the piece that was being heard, if there is one. */
  over(now: number): CutPiece | null {
    this.#advance(now);
    this.#finishHeard();
    return this.#cut();
  }

  // ------------------------------------------------------------ within

  #cut(): CutPiece | null {
    const [first] = this.#items;
    return first?.kind === "piece" && first.started ? first.cut : null;
  }

  #find(piece: number): Piece | null {
    for (const item of this.#items) if (item.kind === "piece" && item.piece === piece) return item;
    return null;
  }

  /** The first that was not heard to its end. */
  #current(): Item | null {
    return this.#items.find((item) => !this.#isHeardOut(item)) ?? null;
  }

  #isHeardOut(item: Item): boolean {
    return item.kind !== "keystrokes" && item.endMarked && !this.#flight.has(item);
  }

  #advance(now: number): void {
    this.#now = now;
    this.#flight.advance(now);
  }

  /** Sends up to `count` frames, and the marks among them. */
  #fill(count: number): void {
    if (this.#paused) return;
    let left = count;
    for (const item of this.#items) {
      if (item.kind === "keystrokes") return;
      if (item.endMarked) continue;
      if (isWaiting(item) && !this.#settings.mayStart(item.yields)) return;
      for (; left > 0 && !item.drained; left--) {
        const frame = item.next();
        if (frame === null) break;
        this.#play(item, frame);
      }
      if (!item.drained) return;
      item.endMarked = true;
      this.#mark(this.#flight.mark(this.#now + this.#pace.aheadMs(this.#now), item));
    }
  }

  #play(item: Piece | Tones, frame: Uint8Array): void {
    const { stream, name, protocol, send, emit } = this.#settings;
    send(protocol.media(name, frame));
    const endsAt = this.#pace.sent(this.#now);
    this.#flight.sent(item, frame, endsAt);
    this.#loudestDb = Math.max(this.#loudestDb ?? Number.NEGATIVE_INFINITY, levelDb(frame, name.encoding));
    item.unmarked = (item.unmarked ?? MARK_EVERY - 1) + 1;
    if (item.unmarked === MARK_EVERY) {
      item.unmarked = 0;
      this.#mark(this.#flight.mark(endsAt));
    }
    if (item.kind !== "piece" || item.started) return;
    item.started = true;
    const { piece, trimmedMs, readyAt } = item;
    emit({
      type: "piece-started",
      stream,
      piece,
      at: this.#now,
      readyAt: readyAt ?? this.#now,
      trimmedMs,
    });
  }

  #mark(mark: string): void {
    const { name, protocol, send } = this.#settings;
    send(protocol.mark(name, mark));
  }

  /** Keys by the carrier's frame wait until everything before them was heard. */
  #press(): void {
    const { name, send } = this.#settings;
    for (let [item] = this.#items; item?.kind === "keystrokes"; [item] = this.#items) {
      const digit = item.next(this.#now);
      if (digit !== null) send(item.key(name, digit));
      if (!item.isOver(this.#now)) return;
      this.#finish(item);
    }
  }

  #finish(item: Item): void {
    const { stream, emit } = this.#settings;
    this.#items = this.#items.filter((one) => one !== item);
    if (item.kind !== "piece") return emit({ type: "keys-sent", stream });
    const { piece, failure } = item;
    return emit(
      failure === null
        ? { type: "piece-played", stream, piece, at: this.#now }
        : { type: "piece-failed", stream, piece, reason: failure },
    );
  }

  /** What only lacks its mark has been played. */
  #finishHeard(): void {
    for (let [item] = this.#items; item && this.#isHeardOut(item); [item] = this.#items) this.#finish(item);
  }

  /** Has the carrier drop what it has. Unheard frames go back to where they came from. */
  #takeBack(): void {
    this.#finishHeard();
    if (!this.#flight.pending) return;
    const { name, protocol, send } = this.#settings;
    send(protocol.clear(name));
    this.#pace.cleared();
    const unheard = this.#flight.clear();
    for (const item of this.#items) {
      if (item.kind === "keystrokes") return;
      item.putBack(unheard.filter(({ owner }) => owner === item).map(({ frame }) => frame));
    }
  }
}

/** It has audio and has not begun. */
const isWaiting = (item: Item): item is Piece =>
  item.kind === "piece" && !item.started && item.readyAt !== null;
