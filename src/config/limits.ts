/** How long and how many. */

import { integer } from "./option.ts";

const defaults = {
  maxDurationSeconds: 300,
  staleCallReaperSeconds: 0,
  ringTimeoutMs: 30_000,
  silenceTimeoutMs: 800,
  transcriptTimeoutMs: 180_000,
  maxConcurrentCalls: 1,
} as const;

const DAY_SECONDS = 86_400;
const HOUR_MS = 3_600_000;

export const limitsOptions = {
  maxDurationSeconds: integer(
    "Longest call",
    "Seconds after which a call is ended. Sent to the carrier as well, so that it holds when the gateway dies.",
    { minimum: 1, maximum: DAY_SECONDS, fallback: defaults.maxDurationSeconds },
  ),
  staleCallReaperSeconds: integer(
    "Stale call reaper",
    "Seconds after which a call that never reached a conversation and got no final webhook is ended; 0 is off. Best 30 to 60 above maxDurationSeconds, so that it never cuts off a healthy call.",
    { minimum: 0, maximum: DAY_SECONDS * 2, fallback: defaults.staleCallReaperSeconds, advanced: true },
  ),
  ringTimeoutMs: integer(
    "Ring time-out",
    "Milliseconds an outbound call may ring before it counts as unanswered.",
    {
      minimum: 1,
      maximum: 600_000,
      fallback: defaults.ringTimeoutMs,
      advanced: true,
    },
  ),
  silenceTimeoutMs: integer(
    "End of speech",
    "Milliseconds of silence that end the caller's turn. Less answers sooner and interrupts more often.",
    { minimum: 0, maximum: 60_000, fallback: defaults.silenceTimeoutMs, advanced: true },
  ),
  transcriptTimeoutMs: integer(
    "Transcript time-out",
    "Milliseconds to wait for the caller's words before a turn is given up.",
    { minimum: 1, maximum: HOUR_MS, fallback: defaults.transcriptTimeoutMs, advanced: true },
  ),
  maxConcurrentCalls: integer(
    "Calls at once",
    "Outbound calls past this number are refused. One by default, so that a confused agent cannot dial a whole list.",
    { minimum: 0, maximum: 1000, fallback: defaults.maxConcurrentCalls },
  ),
};

export interface LimitsConfig {
  /** Seconds. */
  readonly maxDurationSeconds: number;
  /** Seconds; 0 = off. */
  readonly staleCallReaperSeconds: number;
  readonly ringTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly transcriptTimeoutMs: number;
  readonly maxConcurrentCalls: number;
}

export function resolveLimits(user: { readonly [Key in keyof LimitsConfig]?: number }): LimitsConfig {
  return {
    maxDurationSeconds: user.maxDurationSeconds ?? defaults.maxDurationSeconds,
    staleCallReaperSeconds: user.staleCallReaperSeconds ?? defaults.staleCallReaperSeconds,
    ringTimeoutMs: user.ringTimeoutMs ?? defaults.ringTimeoutMs,
    silenceTimeoutMs: user.silenceTimeoutMs ?? defaults.silenceTimeoutMs,
    transcriptTimeoutMs: user.transcriptTimeoutMs ?? defaults.transcriptTimeoutMs,
    maxConcurrentCalls: user.maxConcurrentCalls ?? defaults.maxConcurrentCalls,
  };
}
