import { FRAME_MS } from "./g711.ts";

/**
 * How far the carrier's buffer is filled ahead of the caller's ear. So much covers a late tick and the network's jitter, and
 * is dropped by `clear`, so that it costs an interruption nothing; what a carrier buffers beyond a few hundred milliseconds
 * makes its `clear` late (Plivo).
 */
const FILL_MS = 100;
/** Less than this, and it is filled again. A tick may be 10 ms off without that: `FILL_MS` less two frames, less 10. */
const LOW_MS = 50;
/** More than this, and a tick sends nothing: `FILL_MS` and 10 ms for a tick that comes early. */
const HIGH_MS = 110;
/** Silence is sent when the buffer is as good as empty, so that words that come next do not queue behind it. */
const DRY_MS = FRAME_MS / 2;

/** The most that is ever ahead. */
export const MOST_AHEAD_MS = HIGH_MS + FRAME_MS;

/**
 * Real time, as seen from what was sent: when the carrier runs dry. Between `LOW_MS` and `HIGH_MS` every tick sends one frame,
 * however the ticks lie between the frames, so that neither holes nor bursts come from rounding.
 */
export class Pace {
  #dryAt = 0;

  /** What is still ahead of the caller's ear, milliseconds. */
  aheadMs(now: number): number {
    return Math.max(0, this.#dryAt - now);
  }

  /** Frames of audio to be sent at a tick. */
  atTick(now: number): number {
    return this.between(now) || (this.aheadMs(now) <= HIGH_MS ? 1 : 0);
  }

  /** Frames of audio to be sent between ticks: a buffer that is low waits for none. */
  between(now: number): number {
    const ahead = this.aheadMs(now);
    return ahead <= LOW_MS ? Math.floor((FILL_MS - ahead) / FRAME_MS) : 0;
  }

  /** Whether a tick that has nothing to say sends a frame of silence. */
  isDry(now: number): boolean {
    return this.aheadMs(now) <= DRY_MS;
  }

  /** A frame is sent; returns when the caller will have heard it, if nothing lies between. */
  sent(now: number): number {
    this.#dryAt = Math.max(this.#dryAt, now) + FRAME_MS;
    return this.#dryAt;
  }

  /** The carrier has thrown away what it had. */
  cleared(): void {
    this.#dryAt = 0;
  }
}
