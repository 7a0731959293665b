import type { Clock } from "../../call/ports.ts";
import type { Recording } from "./recording.ts";
import type { SpeakOrder, SpeechRoute } from "./speech.ts";
import { synthesise } from "./synthesis.ts";
import type { Voices } from "./speech.ts";

/** How many utterances are kept, and how much audio. */
const MOST = 64;
const MOST_BYTES = 8 * 1024 * 1024;
/** A voice may be changed where we do not see it. */
const OLDEST_MS = 60 * 60 * 1000;

/** Voices that tell when their settings change. */
export interface DigestedVoices extends Voices {
  /** Changes whenever the same words would sound different on this route. */
  digest?(route: SpeechRoute): string;
}

/**
 * Fixed phrases and greetings, spoken ahead and kept across calls. What is being prepared for one call is shared by others
 * that want the same. Bounded; the least recently used goes first.
 */
export class UtteranceCache {
  readonly #clock: Clock;
  /** Least recently used first. */
  readonly #recordings = new Map<string, Recording>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The words as this provider speaks them, perhaps still coming in; null when they were not prepared. */
  find(voices: DigestedVoices, order: SpeakOrder): Recording | null {
    const key = keyOf(voices, order);
    const found = this.#recordings.get(key);
    if (found === undefined) return null;
    this.#recordings.delete(key);
    if (found.error !== null || this.#clock.now() - found.requestedAt > OLDEST_MS) return null;
    this.#recordings.set(key, found);
    return found;
  }

  /** Has the words spoken ahead, unless that was done already. */
  prepare(voices: DigestedVoices, order: SpeakOrder): Recording {
    const known = this.find(voices, order);
    if (known !== null) return known;
    const key = keyOf(voices, order);
    const { recording } = synthesise(voices, this.#clock, order);
    this.#recordings.set(key, recording);
    const unwatch = recording.watch(() => {
      if (!recording.isOver) return;
      unwatch();
      if (recording.error !== null && this.#recordings.get(key) === recording) this.#recordings.delete(key);
      this.#shrink();
    });
    this.#shrink();
    return recording;
  }

  #shrink(): void {
    let bytes = 0;
    for (const { bytes: size } of this.#recordings.values()) bytes += size;
    for (const [key, recording] of this.#recordings) {
      if (this.#recordings.size <= MOST && bytes <= MOST_BYTES) return;
      this.#recordings.delete(key);
      bytes -= recording.bytes;
    }
  }
}

const keyOf = (voices: DigestedVoices, { text, provider, route }: SpeakOrder): string =>
  JSON.stringify([voices.digest?.(route) ?? "", provider, text]);
