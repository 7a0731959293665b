/**
 * How loud our own voice can come back on the caller's line, which nobody but the caller may interrupt with. An echo is a
 * fainter copy that is late by the carrier's buffer and the way there and back. How much fainter is learnt from the line
 * while we play.
 */

/** An echo comes within this: 200 ms in the carrier's buffer and 400 ms of way. */
const LATE_FRAMES = 30;
/** Before anything is known. Carriers and telephones cancel echoes to below -40 dB, loudspeakers on a table do not. */
const ASSUMED_LOSS_DB = 22;
const LEAST_LOSS_DB = 12;
const MOST_LOSS_DB = 32;
/** What is louder than expected counts at once, what is fainter slowly: our voice has its own pauses. */
const LOUDER_WEIGHT = 0.05;
const FAINTER_WEIGHT = 0.01;
/** Above the expected echo. */
const MARGIN_DB = 5;
/** Fainter than this there is no echo to be heard. */
const AUDIBLE_DB = -50;

export class EchoGuard {
  /** Levels of what we sent, a place for each frame. */
  readonly #sent = new Float64Array(LATE_FRAMES).fill(-Infinity);
  #frames = 0;
  #lossDb = ASSUMED_LOSS_DB;

  /**
   * Takes the level of the caller's next frame, and of what we sent with it; null when that was nothing. Returns what the
   * caller has to exceed, dBFS; `-Infinity` while we are silent.
   */
  push(db: number, sentDb: number | null): number {
    this.#sent[this.#frames++ % LATE_FRAMES] = sentDb ?? -Infinity;
    let loudest = -Infinity;
    for (const sent of this.#sent) if (sent > loudest) loudest = sent;
    if (loudest < AUDIBLE_DB) return -Infinity;
    const loss = Math.min(MOST_LOSS_DB, Math.max(LEAST_LOSS_DB, loudest - db));
    this.#lossDb += (loss < this.#lossDb ? LOUDER_WEIGHT : FAINTER_WEIGHT) * (loss - this.#lossDb);
    return loudest - this.#lossDb + MARGIN_DB;
  }
}
