import type { LiveOptions } from "../options.ts";
import { interimsStand } from "./interim.ts";
import { keysPending } from "./keys.ts";
import { foundUnfinished } from "./marker.ts";
import { settled } from "./settled.ts";
import { stillSpeaking } from "./speaking.ts";
import { wordsToCome } from "./tail.ts";
import { endsOpen } from "./unfinished.ts";
import type { Strategy, Utterance } from "./utterance.ts";

/** Asked in this order; the first answer counts. If none has one, all words are settled. */
const STRATEGIES: readonly Strategy[] = [
  keysPending,
  stillSpeaking,
  foundUnfinished,
  endsOpen,
  wordsToCome,
  interimsStand,
];

/** When the caller's turn is over, unless more happens. Epoch milliseconds; may be past. */
export function turnEnd(utterance: Utterance, options: LiveOptions): number {
  for (const strategy of STRATEGIES) {
    const at = strategy(utterance, options);
    if (at !== null) return at;
  }
  return settled(utterance);
}
