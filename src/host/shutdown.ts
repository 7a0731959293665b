/** The part of `process` that is needed here. */
export interface SignalSource {
  prependListener(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  removeListener(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
}

/**
 * Calls `abort` the moment the gateway is told to stop. On that signal the host first waits for running turns, up to
 * five minutes, and only then stops its services: a hung turn has to be ended before. Returns how to take it back.
 */
export function abortOnShutdown(abort: () => void, signals: SignalSource = process): () => void {
  signals.prependListener("SIGTERM", abort);
  signals.prependListener("SIGINT", abort);
  return () => {
    signals.removeListener("SIGTERM", abort);
    signals.removeListener("SIGINT", abort);
  };
}
