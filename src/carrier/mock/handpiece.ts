import { ByteQueue } from "../../media/byte-queue.ts";
import { PieceConverter } from "../../media/converter.ts";
import type { FarEndAudio } from "./phone-socket.ts";

/** µ-law at 8 kHz: bytes a second. */
const SECOND = 8_000;
const FRAME_BYTES = 160;
/** What waits to be said. */
const MAX_WAITING = 60 * SECOND;
/** What was heard is kept this long. */
const MAX_HEARD = 30 * SECOND;
/** What is given of it at a time. */
const MAX_PAGE = 5 * SECOND;
const SILENCE = 0xff;

export interface HeardAudio {
  /** Where what follows begins, in bytes since the audio began. */
  readonly cursor: number;
  /** µ-law, 8 kHz. */
  readonly audio: Uint8Array;
}

/** The mouth and the ear of somebody at the phone: plays audio that it is given into the line, and keeps what comes out of it. */
export class Handpiece implements FarEndAudio {
  readonly #mouth = new ByteQueue();
  readonly #ear = new ByteQueue();
  /** Bytes of the ear that are gone. */
  #gone = 0;
  /** Bytes that could have been heard by now. */
  #passed = 0;

  /**
   * Says that after what is being said. `audio`: a WAV file (one channel; 16 bits, or G.711 at 8 kHz), or bare µ-law at 8 kHz.
   * How long it takes, in milliseconds; `null` when it is no such audio or more than a minute would wait, and nothing is said.
   */
  say(audio: Uint8Array): number | null {
    const converter = new PieceConverter("pcmu");
    converter.push({ encoding: "pcmu" }, audio);
    converter.end();
    const frames: Uint8Array[] = [];
    for (let frame = converter.next(); frame !== null; frame = converter.next()) {
      frames.push(frame);
      if (this.#mouth.length + frames.length * FRAME_BYTES > MAX_WAITING) return null;
    }
    if (converter.fault !== null || frames.length === 0) return null;
    for (const frame of frames) this.#mouth.push(frame);
    return (frames.length * FRAME_BYTES * 1000) / SECOND;
  }

  /** What was heard from byte `after` on, as far as it is kept; the silence in it is silence. */
  heardAfter(after: number): HeardAudio {
    const from = Math.min(Math.max(after, this.#gone), this.#gone + this.#ear.length);
    const audio = new Uint8Array(Math.min(MAX_PAGE, this.#gone + this.#ear.length - from));
    this.#ear.peek(from - this.#gone, audio);
    return { cursor: from + audio.length, audio };
  }

  speaks(): Uint8Array | null {
    this.#passed += FRAME_BYTES;
    if (this.#mouth.length === 0) return null;
    const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
    this.#mouth.drop(this.#mouth.peek(0, frame));
    return frame;
  }

  heard(payload: Uint8Array): void {
    const known = this.#gone + this.#ear.length;
    const quiet = Math.max(0, this.#passed - FRAME_BYTES - known);
    const kept = Math.min(quiet, MAX_HEARD);
    this.#ear.push(new Uint8Array(kept).fill(SILENCE));
    this.#gone += quiet - kept;
    this.#ear.push(Uint8Array.from(payload));
    const excess = this.#ear.length - MAX_HEARD;
    if (excess <= 0) return;
    this.#ear.drop(excess);
    this.#gone += excess;
  }
}
