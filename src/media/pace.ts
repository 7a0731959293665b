import { FRAME_MS } from "./g711.ts";

/**
 * How far the carrier's buffer is filled ahead of the caller's ear. So much covers a late tick and the network's jitter, and
 * is dropped by `clear`, so that it costs an interruption nothing; what a carrier buffers beyond a few hundred milliseconds
 * makes its `clear` late (Plivo).
 */
const FILL_MS = 120;
/** What goes out at once when the buffer is empty. The next tick fills the rest, so that many who begin at once share the time. */
const FIRST_FRAMES = 2;
/** As little as this at a tick, and it is filled: after the first frames, which may follow one of silence, or a late tick. */
const LOW_MS = (FIRST_FRAMES + 1) * FRAME_MS;
/**
 * More than this at a tick, and nothing is sent. A filled buffer is between `FILL_MS` less two frames and `FILL_MS` less one
 * at the ticks that follow, so that these may be 20 ms late, or 10 early, without a frame too many or too few.
 */
const HIGH_MS = FILL_MS - FRAME_MS + 10;
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
    const ahead = this.aheadMs(now);
    if (ahead <= LOW_MS) return Math.floor((FILL_MS - ahead) / FRAME_MS);
    return ahead <= HIGH_MS ? 1 : 0;
  }

  /** Frames of audio to be sent between ticks: a buffer that has no more than the frame of silence of a tick waits for none. */
  between(now: number): number {
    return this.aheadMs(now) <= FRAME_MS + DRY_MS ? FIRST_FRAMES : 0;
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
