import { setTimeout as delay } from "node:timers/promises";
import type {
  EarEvents,
  Ears,
  EarSession,
  SpeakOrder,
  SpokenAudio,
  Voices,
} from "../../src/conversation/live/speech.ts";
import { speakPcm } from "../emulator/audio/words.ts";
import { Ear } from "../emulator/speech/ear.ts";

/** Speech providers in this process: they really hear and speak, without a server between. Times are real milliseconds. */

export interface HearingManner {
  /** Silence in the audio that ends an utterance. */
  endpointMs: number;
  /** From there to the final words. */
  tailMs: number;
  /** Audio between two partials; 0 = none. */
  partialEveryMs: number;
}

/** One provider, whose sessions read the audio itself. */
export class LocalEars implements Ears {
  readonly manner: HearingManner;
  /** Final words in the order of their coming; `at` on the clock of `performance`. */
  readonly finals: { readonly text: string; readonly at: number }[] = [];
  /** Sessions that are connected. */
  sessions = 0;

  constructor(manner: Partial<HearingManner> = {}) {
    this.manner = { endpointMs: 200, tailMs: 0, partialEveryMs: 0, ...manner };
  }

  providers(): Promise<readonly string[]> {
    return Promise.resolve(["local"]);
  }

  open(_provider: string, _route: object, on: EarEvents): Promise<EarSession> {
    const { endpointMs, tailMs, partialEveryMs } = this.manner;
    let isOpen = false;
    const final = (text: string): void => {
      if (!isOpen) return;
      this.finals.push({ text, at: performance.now() });
      on.final(text);
    };
    const ear = new Ear(
      { endpointMs, partialEveryMs },
      {
        begin: () => on.speechStart(),
        partial: (text) => on.partial(text),
        end: (text) => {
          if (tailMs === 0) final(text);
          else setTimeout(() => final(text), tailMs);
        },
      },
    );
    const count = (now: boolean): void => {
      if (isOpen !== now) this.sessions += now ? 1 : -1;
      isOpen = now;
    };
    return Promise.resolve({
      connect: async () => count(true),
      send: (audio) => ear.push(audio),
      close: () => count(false),
    });
  }
}

export interface SpeakingManner {
  firstByteMs: number;
  /** Times real time; Infinity = all at once. */
  speed: number;
  msPerChar: number;
}

const RATE = 24_000;
const CHUNK_MS = 50;
const CHUNK_BYTES = (RATE * 2 * CHUNK_MS) / 1000;

/** One provider: 24 kHz, 16 bits, in chunks of 50 ms. */
export class LocalVoices implements Voices {
  readonly manner: SpeakingManner;
  /** Texts that are being spoken. */
  speaking = 0;
  /** What was said once need not be made again. */
  readonly #known = new Map<string, Uint8Array>();

  constructor(manner: Partial<SpeakingManner> = {}) {
    this.manner = { firstByteMs: 0, speed: Number.POSITIVE_INFINITY, msPerChar: 30, ...manner };
  }

  providers(): Promise<readonly string[]> {
    return Promise.resolve(["local"]);
  }

  async speak({ text }: SpeakOrder, signal: AbortSignal): Promise<SpokenAudio> {
    const audio = this.#audio(text);
    const { firstByteMs } = this.manner;
    if (firstByteMs > 0) await delay(firstByteMs, undefined, { signal });
    return { format: { encoding: "pcm16", rate: RATE }, chunks: this.#chunks(audio, signal) };
  }

  async *#chunks(audio: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { speed } = this.manner;
    this.speaking += 1;
    try {
      for (let at = 0; at < audio.byteLength; at += CHUNK_BYTES) {
        if (at > 0 && speed !== Number.POSITIVE_INFINITY)
          await delay(CHUNK_MS / speed, undefined, { signal });
        yield audio.slice(at, at + CHUNK_BYTES);
      }
    } finally {
      this.speaking -= 1;
    }
  }

  #audio(text: string): Uint8Array {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const samples = speakPcm(text, RATE, this.manner);
    const audio = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    this.#known.set(text, audio);
    return audio;
  }
}
