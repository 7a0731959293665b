import { decode, encode } from "./g711.ts";
import { SILENCE } from "./earpiece.ts";
import { FRAME, FRAME_MS } from "./ticker.ts";

/** What of the played audio comes back into a microphone. */
export interface Echo {
  readonly db: number;
  readonly delayMs: number;
}

interface Saying {
  readonly audio: Uint8Array;
  at: number;
  readonly done: () => void;
}

/** What a microphone picks up: a voice, noise, and what the phone itself plays. */
export class Mouthpiece {
  readonly #noiseDb: number | null;
  readonly #echo: Echo | null;
  readonly #sayings: Saying[] = [];
  readonly #echoes: Int16Array[] = [];
  #burst: { db: number; frames: number } = { db: 0, frames: 0 };
  #seed = 1;

  /** `noiseDb`: of noise that never ends, dBFS. */
  constructor(noiseDb: number | null, echo: Echo | null) {
    this.#noiseDb = noiseDb;
    this.#echo = echo;
  }

  /** Somebody speaks, or will in the next frame. */
  get isSpeaking(): boolean {
    return this.#sayings.length > 0;
  }

  /** Says that after what is being said; resolves when it is said. PCMU. */
  say(audio: Uint8Array): Promise<void> {
    return new Promise((done) => this.#sayings.push({ audio, at: 0, done }));
  }

  /** Noise for a while, dBFS. */
  makeNoise(ms: number, db: number): void {
    this.#burst = { db, frames: Math.round(ms / FRAME_MS) };
  }

  /** The next 20 ms while that is played; `began` and `ended` tell of the voice. */
  next(played: Uint8Array | null): { frame: Uint8Array; began: boolean; ended: boolean } {
    const [saying] = this.#sayings;
    const began = saying?.at === 0;
    const voice = saying === undefined ? SILENCE : cut(saying);
    const ended = saying !== undefined && saying.at >= saying.audio.length;
    if (ended) this.#sayings.shift()?.done();
    const isClean = this.#noiseDb === null && this.#echo === null && this.#burst.frames === 0;
    return { frame: isClean ? voice : this.#mix(voice, played), began, ended };
  }

  /** Nobody will say any more. */
  hush(): void {
    for (const { done } of this.#sayings.splice(0)) done();
  }

  #mix(voice: Uint8Array, played: Uint8Array | null): Uint8Array {
    const samples = decode("pcmu", voice);
    const { db, frames } = this.#burst;
    if (this.#noiseDb !== null) this.#addNoise(samples, this.#noiseDb);
    if (frames > 0) this.#addNoise(samples, db);
    this.#burst = { db, frames: Math.max(0, frames - 1) };
    if (this.#echo !== null) this.#addEcho(samples, this.#echo, played);
    return encode("pcmu", samples);
  }

  #addNoise(samples: Int16Array, db: number): void {
    // Evenly spread values have a third of the power of their peak.
    const peak = 32_768 * Math.sqrt(3) * 10 ** (db / 20);
    for (let at = 0; at < samples.length; at++) {
      this.#seed = (this.#seed * 16_807) % 2_147_483_647;
      add(samples, at, peak * ((2 * this.#seed) / 2_147_483_647 - 1));
    }
  }

  #addEcho(samples: Int16Array, { db, delayMs }: Echo, played: Uint8Array | null): void {
    this.#echoes.push(decode("pcmu", played ?? SILENCE));
    if (this.#echoes.length * FRAME_MS <= delayMs) return;
    const gain = 10 ** (db / 20);
    for (const [at, sample] of (this.#echoes.shift() ?? []).entries()) add(samples, at, gain * sample);
  }
}

function cut(saying: Saying): Uint8Array {
  const frame = SILENCE.slice();
  frame.set(saying.audio.subarray(saying.at, saying.at + FRAME));
  saying.at += FRAME;
  return frame;
}

function add(samples: Int16Array, at: number, value: number): void {
  samples[at] = Math.max(-32_768, Math.min(32_767, (samples[at] ?? 0) + Math.round(value)));
}
