/** The person, or whoever runs the demo, wants it to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What a program ended by that signal exits with. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("interrupted");
    this.exitCode = exitCode;
  }
}

/** The demo has taken longer than it may. */
export class Late extends Error {
  override readonly name = "Late";

  constructor(timeoutMs: number) {
    super(`it was not done within ${timeoutMs / 1000} s`);
  }
}

export interface Stop {
  readonly signal: AbortSignal;
  /** As Ctrl-C does. */
  readonly interrupt: () => void;
  /** Takes back the signal handlers and the time-out. */
  readonly release: () => void;
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * A signal that fires when the process is told to end, or `timeoutMs` after its start. Told a second time, the process
 * exits at once.
 */
export function stopAt(timeoutMs: number | null): Stop {
  const stop = new AbortController();
  const told = (code: number) => (): void => {
    if (stop.signal.aborted) process.exit(code);
    stop.abort(new Interrupted(code));
  };
  const late = (limitMs: number): void => stop.abort(new Late(limitMs));
  const handlers = Object.entries(SIGNALS).map(([name, code]) => [name, told(code)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);

  const timer = timeoutMs === null ? undefined : setTimeout(late, leftOf(timeoutMs), timeoutMs);

  return {
    signal: stop.signal,
    interrupt: told(SIGNALS.SIGINT),
    release: () => {
      clearTimeout(timer);
      for (const [name, handler] of handlers) process.removeListener(name, handler);
    },
  };
}

/** The process has been running for a while already. */
const leftOf = (timeoutMs: number): number => Math.max(0, timeoutMs - performance.now());

/** Rejects with the signal's reason as soon as it fires, even when `work` does not end. */
export async function withStop<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stopped = (): void => reject(signal.reason);
  signal.addEventListener("abort", stopped, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stopped);
  }
}
