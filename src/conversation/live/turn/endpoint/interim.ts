import type { Strategy } from "./utterance.ts";

/** Words that the provider never makes final count as final after a while. */
export const interimsStand: Strategy = ({ interim, wordsAt, quietAt }, { silenceMs, interimMs }) =>
  interim ? Math.max(wordsAt, quietAt ?? 0) + silenceMs + interimMs : null;
