import { FRAME_MS, FRAME_SAMPLES, SILENCE, transcode } from "./g711.ts";
import type { Encoding, MediaFact } from "./protocol.ts";
import { Reorder } from "./reorder.ts";

type Media = Extract<MediaFact, { type: "media" }>;

/** With the tick that ends it, a frame waits at most 60 ms for one that is missing. */
const REORDER_MS = 40;
/**
 * Carriers send nothing while the caller is on hold or muted, and then nobody's voice detector would ever find that they
 * have stopped talking. Shorter gaps are the network's.
 */
const GAP_MS = 750;
/** A frame with more than a second of audio is none of a live call's. */
const MOST_PAYLOAD = 8000;
/** After the network stood still audio arrives in a burst; but nobody can say more than time has passed. */
const AHEAD_MS = 5000;
/** A tick that is later than this fills no more than this. */
const MOST_FILL_MS = 1000;

const BYTES_A_MS = FRAME_SAMPLES / FRAME_MS;

/**
 * The caller's audio of one stream as it should have been: in order, without doubles, gaps filled with silence, always PCMU
 * in frames of 20 ms.
 */
export class CallerAudio {
  readonly #encoding: Encoding;
  readonly #out: (frame: Uint8Array, now: number) => void;
  readonly #reorder: Reorder<Media>;
  readonly #startedAt: number;
  /** When audio arrived last. */
  #heardAt: number;
  /** Up to when the present gap has been filled. */
  #filledTo: number;
  /** Of the present gap; it is not filled twice when its frames turn out to be missing. */
  #filledMs = 0;
  /** The timestamp that follows on the last payload, where frames are not numbered. */
  #expectedMs: number | null = null;
  #frames = 0;
  /** Less than a frame. */
  #rest: Uint8Array = new Uint8Array(0);
  #now: number;

  /** `out`: takes 160 bytes each time; they are its to keep. */
  constructor(
    encoding: Encoding,
    reorders: boolean,
    now: number,
    out: (frame: Uint8Array, now: number) => void,
  ) {
    this.#encoding = encoding;
    this.#out = out;
    this.#startedAt = this.#heardAt = this.#now = now;
    this.#filledTo = now + GAP_MS;
    this.#reorder = new Reorder(reorders ? REORDER_MS : 0, (media, missing) =>
      this.#take(media.payload, missing * msOf(media.payload)),
    );
  }

  /** When the caller's audio arrived last; at first, when the stream began. */
  get heardAt(): number {
    return this.#heardAt;
  }

  push(media: Media, now: number): void {
    const { chunk, timestampMs, payload } = media;
    if (payload.length === 0 || payload.length > MOST_PAYLOAD) return;
    this.#now = now;
    const elapsed = now - this.#heardAt;
    this.#heardAt = now;
    this.#filledTo = now + GAP_MS;
    if (chunk !== null) return this.#reorder.push(chunk, media, now);
    // A timestamp alone is believed as far as that time has passed.
    const jump = timestampMs === null ? 0 : timestampMs - (this.#expectedMs ?? timestampMs);
    this.#expectedMs = timestampMs === null ? null : timestampMs + msOf(payload);
    this.#take(payload, Math.min(jump, elapsed));
  }

  tick(now: number): void {
    this.#now = now;
    this.#reorder.tick(now);
    if (now - this.#filledTo > MOST_FILL_MS) this.#filledTo = now - MOST_FILL_MS;
    for (; this.#filledTo + FRAME_MS <= now; this.#filledTo += FRAME_MS) {
      this.#filledMs += FRAME_MS;
      this.#pass(silence(FRAME_SAMPLES));
    }
  }

  /** Audio after a gap of `gapMs`. A long gap has been filled while it lasted, or was none that anybody heard. */
  #take(payload: Uint8Array, gapMs: number): void {
    const missing = gapMs - this.#filledMs;
    this.#filledMs = 0;
    if (missing > 0 && missing <= GAP_MS) this.#pass(silence(Math.round(missing * BYTES_A_MS)));
    this.#pass(transcode(payload, this.#encoding, "pcmu"));
  }

  #pass(bytes: Uint8Array): void {
    let all = bytes;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
    }
    let at = 0;
    for (; at + FRAME_SAMPLES <= all.length; at += FRAME_SAMPLES) {
      if (this.#frames * FRAME_MS >= this.#now - this.#startedAt + AHEAD_MS) continue;
      this.#frames += 1;
      this.#out(all.subarray(at, at + FRAME_SAMPLES), this.#now);
    }
    // A copy: what a payload is cut from must not be held for the sake of its end.
    this.#rest = all.slice(at);
  }
}

const msOf = (payload: Uint8Array): number => payload.length / BYTES_A_MS;
const silence = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(SILENCE.pcmu);
