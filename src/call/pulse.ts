import { reconcile, type RecoveryDeps } from "./recovery.ts";

/** How often quiet calls are looked for, and how long a call may be quiet before the carrier is asked. Milliseconds. */
const EVERY_MS = 30_000;
const QUIET_MS = 60_000;

/**
 * Asks the carrier about answered calls on which nothing has happened for a minute: the webhook about their end may be
 * lost, or go to nobody where it is a setting of the number. Runs until the signal aborts.
 */
export function watchQuietCalls(deps: RecoveryDeps, signal: AbortSignal): void {
  const { manager, clock } = deps;
  const look = (): void => {
    for (const call of manager.quietSince(clock.now() - QUIET_MS)) {
      const isUp = call.answeredAt !== null && call.carrierCallId !== null && call.hangup === null;
      if (isUp) void reconcile(deps, call.id, signal).catch(() => {});
    }
    arm();
  };
  const arm = (): void => {
    if (signal.aborted) return;
    const cancel = clock.at(clock.now() + EVERY_MS, () => {
      signal.removeEventListener("abort", cancel);
      look();
    });
    signal.addEventListener("abort", cancel, { once: true });
  };
  arm();
}
