import type { LiveOptions } from "../options.ts";
import { noiseLimitMs, silenceFloor } from "../pace.ts";
import { wordsOf, type LiveTurn } from "../turn.ts";

/** What the strategies know of the caller's turn. Times are epoch milliseconds. */
export interface Utterance {
  /** All words so far; "" = only keys. */
  readonly words: string;
  /** The last of them are not final. */
  readonly interim: boolean;
  readonly wordsAt: number;
  readonly keys: string;
  readonly keysAt: number;
  /** Since when the gate hears a voice; null = it does not. */
  readonly speakingSince: number | null;
  /** When the gate heard the voice end in this turn; null = it never heard one, or hears one now. */
  readonly quietAt: number | null;
  /** A voice after the last words ended then, or was noticed then: its words are still to come. Null = there was none. */
  readonly unheardAt: number | null;
  /** The model found just these words unfinished then. */
  readonly markedAt: number | null;
  /** Silence that ends a turn of this caller's. */
  readonly floorMs: number;
  /** The provider's usual time from silence to final words. */
  readonly tailMs: number;
  /** A voice without a new word for this long is noise. */
  readonly noiseMs: number;
}

/** When the turn is over unless more happens; null = ask the next one. */
export type Strategy = (utterance: Utterance, options: LiveOptions) => number | null;

/**
 * How much earlier than its voice's end the words of it may come: the gate's notion of an end is that coarse.
 */
const GATE_GRAIN_MS = 150;
/** Words that come later than this after a voice are not its words. */
const LATEST_WORDS_MS = 3_000;

export function utteranceOf({ caller, gate, pace, options }: LiveTurn): Utterance {
  const words = wordsOf(caller);
  const { marked } = caller;
  const earliest = Math.max(caller.since, caller.wordsAt - LATEST_WORDS_MS);
  return {
    words,
    interim: caller.partial !== "",
    wordsAt: caller.wordsAt,
    keys: caller.keys,
    keysAt: caller.keysAt,
    speakingSince: gate?.on === true ? gate.at : null,
    quietAt: gate !== null && !gate.on && gate.at > earliest ? gate.at : null,
    unheardAt: caller.soundAt > caller.wordsAt + GATE_GRAIN_MS ? caller.soundAt : null,
    markedAt: marked !== null && options.words.sameWords(marked.words, words) ? marked.at : null,
    floorMs: silenceFloor(pace, options),
    tailMs: pace.tailMs,
    noiseMs: noiseLimitMs(pace, options),
  };
}
