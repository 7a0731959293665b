/** What may refuse an outbound call besides the lines being in use, in the order in which it is asked. */
export const GUARDS = [
  "emergency",
  "premium",
  "allow-list",
  "quiet-hours",
  "calls-per-hour",
  "minutes-per-day",
] as const;

export type Guard = (typeof GUARDS)[number];

/** A guard that would have refused and was told not to. */
export interface Override {
  readonly guard: Guard;
  /** `request`: by whoever placed the call. `configuration`: by `outbound.allowEmergency` or `allowPremium`. */
  readonly by: "request" | "configuration";
}
