import type { Clock } from "../../call/ports.ts";

/** A time-out is counted in steps of this. */
const STEP_MS = 200;

/**
 * Calls `onOut` after `ms` of waiting, unless the returned function is called first. A moment in which this process was not
 * able to look counts as one step only, however long it was: what has arrived meanwhile is read before anything is given up.
 */
export function patience(clock: Clock, ms: number, onOut: () => void): () => void {
  let left = ms;
  let cancel: (() => void) | null = null;
  const wait = (): void => {
    if (left <= 0) return onOut();
    const step = Math.min(STEP_MS, left);
    left -= step;
    cancel = clock.at(clock.now() + step, wait);
  };
  wait();
  return () => cancel?.();
}
