import { powerOf, QUIET } from "./g711.ts";
import { KeyHearing } from "./keys.ts";
import { FRAME, FRAME_MS } from "./ticker.ts";
import { Hearing } from "./words.ts";

/** 20 ms of what was played to a phone; null: nothing. `at`: on the ticker's clock. */
export interface PlayedFrame {
  readonly at: number;
  readonly frame: Uint8Array | null;
}

/** Silence, one frame of it. */
export const SILENCE: Uint8Array = new Uint8Array(FRAME).fill(QUIET.pcmu);
/** Louder is heard: −45 dBFS. */
const AUDIBLE = (0.0056 * 32_768) ** 2;
/** After so much quiet, what is heard next is something new. */
export const PAUSE_MS = 200;
/** Ten minutes are remembered. */
const MOST_FRAMES = 30_000;
/** Frames that may wait to be listened to. */
const MOST_UNHEARD = 3000;

/** What one hears on the phone: everything that is played, its words and keys, and whether somebody speaks. */
export class Earpiece {
  readonly played: PlayedFrame[] = [];
  readonly #past: string[] = [];
  #pastKeys = "";
  #words = new Hearing();
  #keys = new KeyHearing();
  /** Nobody has asked for its words yet. */
  #unheard: (Uint8Array | null)[] = [];
  #isSounding = false;
  #quiet = PAUSE_MS / FRAME_MS;
  #speech = 0;

  /** Somebody speaks, or did until a moment ago. */
  get isSounding(): boolean {
    return this.#isSounding;
  }

  /** How long somebody has been speaking; 0 when nobody is. */
  get speechMs(): number {
    return this.#speech * FRAME_MS;
  }

  /** Since something was heard. */
  get quietMs(): number {
    return this.#quiet * FRAME_MS;
  }

  /** By utterances; the last one as far as it has come. */
  get heard(): readonly string[] {
    this.#listen();
    return [...this.#past, ...this.#words.utterances.map(({ text }) => text)];
  }

  get keys(): string {
    this.#listen();
    return this.#pastKeys + this.#keys.keys;
  }

  /** Tells when something begins to be heard, or has ended (`at`). */
  take(frame: Uint8Array | null, at: number): { readonly on: boolean; readonly at: number } | null {
    this.played.push({ at, frame });
    if (this.played.length > MOST_FRAMES) this.played.shift();
    this.#unheard.push(frame);
    if (this.#unheard.length > MOST_UNHEARD) this.#listen();
    if (frame === null || !isAudible(frame)) {
      this.#quiet += 1;
      return this.quietMs >= PAUSE_MS ? this.#end(at) : null;
    }
    this.#quiet = 0;
    this.#speech += 1;
    if (this.#isSounding) return null;
    this.#isSounding = true;
    return { on: true, at };
  }

  /** What comes next has nothing to do with what came so far. */
  rest(at: number): { readonly on: boolean; readonly at: number } | null {
    this.#listen();
    this.#past.push(...this.#words.utterances.map(({ text }) => text));
    this.#pastKeys += this.#keys.keys;
    this.#words = new Hearing();
    this.#keys = new KeyHearing();
    return this.#end(at);
  }

  #end(at: number): { readonly on: boolean; readonly at: number } | null {
    this.#speech = 0;
    if (!this.#isSounding) return null;
    this.#isSounding = false;
    return { on: false, at: at - this.quietMs };
  }

  #listen(): void {
    for (const frame of this.#unheard) {
      this.#words.push(frame ?? SILENCE);
      this.#keys.push(frame ?? SILENCE);
    }
    this.#unheard = [];
  }
}

/** Somebody would hear something of this PCMU. */
export const isAudible = (pcmu: Uint8Array): boolean => powerOf("pcmu", pcmu) >= AUDIBLE;
