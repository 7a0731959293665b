/**
 * How loud the caller speaks, at the louder moments. Others in the room are fainter, and so is the music behind; what is much
 * fainter than the caller was is not the caller.
 */

/** Before the caller has spoken. */
const ASSUMED_DB = -28;
/** Callers who speak so faintly are heard whatever they did before. */
const LOWEST_DB = -36;
/** The weight of one more loud frame. */
const WEIGHT = 0.1;
/** What it falls in each frame that could be speech: a caller who turns away, or hands over, is heard after some seconds. */
const FALL_DB = 0.006;

export class VoiceLevel {
  #db = ASSUMED_DB;

  get db(): number {
    return this.#db;
  }

  /** Takes the level of a frame that stands out from the noise. `speech`: it belongs to speech. */
  push(db: number, speech: boolean): void {
    this.#db = Math.max(LOWEST_DB, this.#db - FALL_DB);
    if (speech && db > this.#db) this.#db += WEIGHT * (db - this.#db);
  }
}
