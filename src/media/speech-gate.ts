import { FRAME_MS } from "./g711.ts";
import { levelDb } from "./level.ts";
import type { Encoding } from "./protocol.ts";

/** Times are those of the `nowMs` that were passed in. */
export type SpeechChange =
  /** Speech began at `sinceMs`. */
  | { readonly on: true; readonly sinceMs: number }
  /** It ended at `endedMs`. */
  | { readonly on: false; readonly endedMs: number };

/** Finds the caller's speech in one stream. */
export class SpeechGate {
  readonly #encoding: Encoding;
  #on = false;
  #loud = 0;
  #sinceMs = 0;
  #endedMs = 0;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** Whether the caller is speaking. */
  get on(): boolean {
    return this.#on;
  }

  /**
   * Takes the caller's next 20 ms. `nowMs`: when they ended, or arrived. `outboundLevelDb`: how loud what we have sent since
   * the last frame is (the loudest frame of it), in dBFS of `levelDb`; null when nothing was.
   */
  push(frame: Uint8Array, nowMs: number, outboundLevelDb: number | null): SpeechChange | null {
    const threshold = Math.max(-45, (outboundLevelDb ?? -100) - 20);
    if (levelDb(frame, this.#encoding) > threshold) {
      this.#endedMs = nowMs;
      if (this.#loud++ === 0) this.#sinceMs = nowMs - FRAME_MS;
    } else if (!this.#on) this.#loud = 0;
    if (!this.#on && this.#loud >= 3) {
      this.#on = true;
      return { on: true, sinceMs: this.#sinceMs };
    }
    if (this.#on && nowMs - this.#endedMs >= 200) {
      this.#on = false;
      this.#loud = 0;
      return { on: false, endedMs: this.#endedMs };
    }
    return null;
  }
}
