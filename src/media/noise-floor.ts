/**
 * How loud a line is while nobody speaks. Two measures, since each fails where the other holds: the quietest moment of the
 * last 1.6 s is right even while somebody speaks, as speech has a gap that often, but says little of a noise that
 * comes and goes; the mean of what was not speech knows such a noise, but only once it has been taken for one.
 */

/** Single frames that are quieter by chance do not count: the mean of so many does. */
const SMOOTHED = 3;
/** The 1.6 s move in steps of this many frames, … */
const STEP_FRAMES = 10;
/** … and are so many steps. */
const STEPS = 8;
/** Lines that send nothing at all in pauses have this. */
const LOWEST_DB = -65;
/** Somebody may be speaking already when the stream begins: louder than this is no noise. */
const LOUDEST_START_DB = -38;
/** The mean runs over about 2 s, and starts as if there had been so many frames of a quiet line. */
const MEAN_FRAMES = 100;
const ASSUMED_FRAMES = 10;
const ASSUMED_DB = -60;

export class NoiseFloor {
  /** Levels of the last frames. */
  readonly #recent: number[] = [];
  /** The quietest of each step, the present one last. */
  readonly #steps: number[] = [LOUDEST_START_DB];
  #frames = 0;
  #mean = ASSUMED_DB;
  #meanFrames = ASSUMED_FRAMES;

  /** The quietest moment, dBFS. */
  get quietestDb(): number {
    return Math.max(LOWEST_DB, Math.min(...this.#steps));
  }

  /** The mean of what was not speech, dBFS. */
  get meanDb(): number {
    return this.#mean;
  }

  /** Takes the level of the next frame. `speech`: it belongs to speech. */
  push(db: number, speech: boolean): void {
    if (!speech) {
      this.#meanFrames = Math.min(MEAN_FRAMES, this.#meanFrames + 1);
      this.#mean += (Math.max(LOWEST_DB, db) - this.#mean) / this.#meanFrames;
    }
    this.#recent.push(db);
    if (this.#recent.length > SMOOTHED) this.#recent.shift();
    if (this.#recent.length === SMOOTHED)
      this.#step(this.#recent.reduce((sum, one) => sum + one, 0) / SMOOTHED);
  }

  #step(db: number): void {
    const present = this.#steps.length - 1;
    this.#steps[present] = Math.min(this.#steps[present] ?? db, db);
    if (++this.#frames % STEP_FRAMES > 0) return;
    this.#steps.push(Infinity);
    if (this.#steps.length > STEPS) this.#steps.shift();
  }
}
