/** How often the worker is asked whether it is there, and how many questions in a row may go unanswered. */
export interface Beat {
  readonly everyMs: number;
  readonly misses: number;
}

/** A worker does nothing that takes a second; one that has said nothing for fifteen hangs. */
export const BEAT: Beat = { everyMs: 5_000, misses: 3 };

export interface Heartbeat {
  /** The worker has answered. */
  pong(): void;
  stop(): void;
}

/**
 * Asks by `ping`; calls `silent` once, when too many questions in a row went unanswered. Questions are counted, not
 * time: answers that wait while the own thread is blocked are read before the next question.
 */
export function heartbeat({ everyMs, misses }: Beat, ping: () => void, silent: () => void): Heartbeat {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= misses) {
      clearInterval(timer);
      return silent();
    }
    unanswered += 1;
    return ping();
  }, everyMs).unref();
  return {
    pong: () => {
      unanswered = 0;
    },
    stop: () => clearInterval(timer),
  };
}
