import type { Strategy } from "./utterance.ts";

/** Keys are complete when none follows; words meanwhile do not end the turn. */
export const keysPending: Strategy = ({ keys, keysAt }, { keysMs }) => (keys === "" ? null : keysAt + keysMs);
