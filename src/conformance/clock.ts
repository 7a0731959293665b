import type { Clock } from "../call/ports.ts";

/** A `Clock` that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /** Timers that are set and have neither run nor been cancelled. */
  readonly pending: number;
  /** Runs everything due within the next `ms`, in order, and what that sets in motion; then it is `ms` later. */
  advance(ms: number): Promise<void>;
  /** Runs until no timer is left. Throws after `limit` timers, so that an endless loop fails its test. */
  runAll(limit?: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock in virtual time that starts at `start` (epoch ms). Timers due at the same moment run in the order they were set. */
export function virtualClock(start = 1_800_000_000_000): VirtualClock {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;

  const earliest = (until: number): Timer | null => {
    let found: Timer | null = null;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (!found || timer.at < found.at || (timer.at === found.at && timer.order < found.order))
        found = timer;
    }
    return found;
  };
  const runDue = async (until: number, limit: number): Promise<void> => {
    await settled();
    let ran = 0;
    for (let timer = earliest(until); timer; timer = earliest(until)) {
      if (ran++ >= limit) throw new Error(`virtual clock: ${limit} timers ran and there are still more`);
      timers.delete(timer);
      now = Math.max(now, timer.at);
      timer.fn();
      await settled();
    }
  };

  return {
    get pending() {
      return timers.size;
    },
    now: () => now,
    at(at, fn) {
      const timer: Timer = { at, order: order++, fn };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await runDue(until, 100_000);
      now = until;
    },
    runAll: (limit = 100_000) => runDue(Number.POSITIVE_INFINITY, limit),
  };
}

/** Rounds of the event loop; work may be put off with `setImmediate` once or twice before it runs. */
const ROUNDS = 3;

/** Resolves once every promise chain that needs no timer or I/O has run to its end. */
export async function settled(): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await new Promise((resolve) => setImmediate(resolve));
}
