import { interimsStand } from "./interim.ts";
import type { Strategy } from "./utterance.ts";

/** Numbers, spellings and hesitations go on after longer pauses than sentences. */
export const endsOpen: Strategy = (utterance, options) => {
  const { words, quietAt, wordsAt, floorMs } = utterance;
  const ending = options.words.endsUnfinished(words, options.language);
  if (ending === null) return null;
  const waitMs = {
    digits: options.digitsMs,
    spelling: options.spellingMs,
    hesitation: options.hesitationMs,
  }[ending];
  const patient = (quietAt ?? wordsAt) + Math.max(waitMs, floorMs);
  return Math.max(patient, interimsStand(utterance, options) ?? 0);
};
