import { EchoGuard } from "./echo-guard.ts";
import { isKeyTone, shapeOf } from "./frame-shape.ts";
import { FRAME_MS } from "./g711.ts";
import { NoiseFloor } from "./noise-floor.ts";
import type { Encoding } from "./protocol.ts";
import { VoiceLevel } from "./voice-level.ts";

/** Times are on the clock of the `nowMs` that were passed in. */
export type SpeechChange =
  /** Speech began at `sinceMs`. */
  | { readonly on: true; readonly sinceMs: number }
  /** It ended at `endedMs`. */
  | { readonly on: false; readonly endedMs: number };

/** The faintest speech there is, whatever the noise. */
const FAINTEST_DB = -46;
/** Speech stands out from the quietest moment by so much, … */
const OVER_QUIETEST_DB = 9;
/** … from the usual noise by so much, … */
const OVER_MEAN_DB = 8;
/** … and is no fainter than the caller's usual voice by more than this. */
const UNDER_VOICE_DB = 15;
/** Once begun it goes on down to this much below what began it: the ends of words are faint. */
const HYSTERESIS_DB = 4;

/** A frame counts for one when it is over the threshold by this, and for a half when it hardly is. */
const SURE_DB = 5;
/** So many frames of the last `WINDOW` are speech: 60 ms of a voice, 120 ms of what may be one. A click has one or two. */
const NEEDED = 3;
const WINDOW = 6;
/** One of them at least is a vowel or the like. White noise is at 2, a hiss higher. */
const VOICED_TILT = 1;
/** Quiet for so long is an end. The stops within a word are shorter. */
const HANG_OVER_FRAMES = 10;

interface Heard {
  /** 0 to 1. */
  readonly weight: number;
  readonly voiced: boolean;
}

/**
 * Finds the caller's speech in one stream, from how loud it is: fast enough to stop our own voice. Somebody else who is as loud
 * as the caller is taken for the caller.
 */
export class SpeechGate {
  readonly #encoding: Encoding;
  readonly #noise = new NoiseFloor();
  readonly #voice = new VoiceLevel();
  readonly #echo = new EchoGuard();
  /** The last frames while nobody speaks. */
  #heard: Heard[] = [];
  #on = false;
  /** Quiet frames since the last one of speech. */
  #quiet = 0;
  /** The time of the last change: frames that came late and together do not turn the order around. */
  #changedMs = -Infinity;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** Whether the caller is speaking. */
  get on(): boolean {
    return this.#on;
  }

  /**
   * Takes the caller's next frame of 20 ms. `nowMs`: when it ended, or came. `outboundLevelDb`: how loud what we have sent
   * since the last one is (its loudest frame), in dBFS as `levelDb` has it; null when nothing was.
   */
  push(frame: Uint8Array, nowMs: number, outboundLevelDb: number | null): SpeechChange | null {
    const { db, tilt } = shapeOf(frame, this.#encoding);
    const echoDb = this.#echo.push(db, outboundLevelDb);
    const quietestDb = this.#noise.quietestDb + OVER_QUIETEST_DB;
    // While somebody speaks the mean stands still, and may be that of another noise.
    const meanDb = this.#on ? -Infinity : this.#noise.meanDb + OVER_MEAN_DB;
    const voiceDb = this.#voice.db - UNDER_VOICE_DB;
    const threshold = Math.max(FAINTEST_DB, quietestDb, meanDb, voiceDb, echoDb);
    this.#noise.push(db, this.#on);
    if (db > Math.max(FAINTEST_DB, quietestDb)) this.#voice.push(db, this.#on);
    return this.#on
      ? this.#wait(db > threshold - HYSTERESIS_DB, nowMs)
      : this.#listen(db - threshold, tilt, frame, nowMs);
  }

  #listen(over: number, tilt: number, frame: Uint8Array, nowMs: number): SpeechChange | null {
    if (over > 0 && isKeyTone(frame, this.#encoding)) {
      this.#heard = [];
      return null;
    }
    const weight = over > 0 ? Math.min(1, Math.max(0.5, over / SURE_DB)) : 0;
    this.#heard.push({ weight, voiced: over > 0 && tilt < VOICED_TILT });
    if (this.#heard.length > WINDOW) this.#heard.shift();
    const sum = this.#heard.reduce((sum, heard) => sum + heard.weight, 0);
    if (sum < NEEDED || !this.#heard.some((heard) => heard.voiced)) return null;
    const frames = this.#heard.length - this.#heard.findIndex((heard) => heard.weight > 0);
    this.#heard = [];
    this.#on = true;
    this.#quiet = 0;
    return { on: true, sinceMs: this.#changeAt(nowMs - frames * FRAME_MS) };
  }

  #wait(speech: boolean, nowMs: number): SpeechChange | null {
    this.#quiet = speech ? 0 : this.#quiet + 1;
    if (this.#quiet < HANG_OVER_FRAMES) return null;
    this.#on = false;
    return { on: false, endedMs: this.#changeAt(nowMs - this.#quiet * FRAME_MS) };
  }

  #changeAt(ms: number): number {
    this.#changedMs = Math.max(this.#changedMs, ms);
    return this.#changedMs;
  }
}
