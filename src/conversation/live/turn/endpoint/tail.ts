import type { Strategy } from "./utterance.ts";

/**
 * A voice was heard after the last final words: its own are awaited for twice the provider's usual time, so that a
 * sentence after a short pause is not left out, and a cough does not cost much.
 */
export const wordsToCome: Strategy = (utterance, { silenceMs, interimMs }) => {
  const { unheardAt, interim, tailMs, floorMs } = utterance;
  if (unheardAt === null || interim) return null;
  return unheardAt + Math.max(floorMs, Math.min(2 * tailMs, silenceMs + interimMs));
};
