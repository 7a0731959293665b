import type { Strategy } from "./utterance.ts";

/** The model has read these words and waits for more. */
export const foundUnfinished: Strategy = ({ markedAt, quietAt }, { unfinishedMs }) =>
  markedAt === null ? null : Math.max(markedAt, quietAt ?? 0) + unfinishedMs;
