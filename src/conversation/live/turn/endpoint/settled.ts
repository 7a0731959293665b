import type { Utterance } from "./utterance.ts";

/**
 * All words are final and the caller is silent: over after the silence that is usual for this caller. It counts from
 * the voice's end, so that the provider's tail runs at the same time; from the words, where no voice was noticed.
 */
export const settled = ({ quietAt, wordsAt, floorMs }: Utterance): number => (quietAt ?? wordsAt) + floorMs;
