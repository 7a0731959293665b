import type { LiveHost } from "../service/live.ts";
import { isLoud, type Tongue } from "./tongue.ts";

/** Ears, voice and thoughts of the bench's own, for live audio. */

type EarEvents = Parameters<LiveHost["ears"]["open"]>[2];

/** Answers the caller's words. */
export interface LiveAgent {
  answer(words: string): string;
}

/** Silence that ends an utterance, bytes. */
const PAUSE = 200 * 8;
/** What is shorter is no utterance, bytes. */
const SHORTEST = 100 * 8;

/** A host whose providers hear and speak what the tongue knows. */
export function liveHost(tongue: Tongue, agent: LiveAgent): LiveHost {
  return {
    ears: {
      providers: async () => ["bench"],
      open: async (_provider, _route, on) => {
        const ear = new Ear(tongue, on);
        return { connect: async () => {}, send: (audio) => ear.take(audio), close: () => {} };
      },
    },
    voices: {
      providers: async () => ["bench"],
      speak: async ({ text }) => {
        if (tongue.isTied) throw new Error("this voice is lost");
        return { format: { encoding: "pcmu" }, chunks: once(tongue.say(text)) };
      },
    },
    thinker: {
      isBusy: false,
      think: async (_call, words, _notes, on) => {
        on.asked();
        on.first();
        on.sentence(agent.answer(words));
      },
      leave: () => {},
    },
    tell: async () => {},
  };
}

/** Takes down what is said, one utterance after the other. */
class Ear {
  readonly #tongue: Tongue;
  readonly #on: EarEvents;
  #said: number[] = [];
  #quiet = 0;

  constructor(tongue: Tongue, on: EarEvents) {
    this.#tongue = tongue;
    this.#on = on;
  }

  take(audio: Uint8Array): void {
    for (const byte of audio) this.#hear(byte);
  }

  #hear(byte: number): void {
    if (isLoud(byte)) {
      if (this.#said.length === 0) this.#on.speechStart();
      this.#said.push(byte);
      this.#quiet = 0;
      return;
    }
    this.#quiet += 1;
    if (this.#quiet < PAUSE || this.#said.length === 0) return;
    const said = Uint8Array.from(this.#said);
    this.#said = [];
    const words = said.length < SHORTEST ? null : this.#tongue.understand(said);
    if (words !== null) this.#on.final(words);
  }
}

async function* once(audio: Uint8Array): AsyncGenerator<Uint8Array> {
  yield audio;
}
