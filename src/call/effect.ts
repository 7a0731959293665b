import type { HangupReason } from "./call.ts";
import type { Instruction } from "./instruction.ts";

/**
 * What must happen because a call moved. Saved with the call before anything is acknowledged; each runs from
 * the outbox under the key `<call id>#<version>.<index>`, so a crash loses none and a retry doubles none.
 */
export type DurableEffect =
  /** Ask the carrier to place the call. Never run again after a restart. */
  | { readonly kind: "dial"; readonly instruction: Instruction }
  /** Find out at the carrier whether a create whose reply was lost has dialled. */
  | { readonly kind: "look-up" }
  /** Pick up an inbound call; its first instruction follows once it is answered. */
  | { readonly kind: "answer" }
  /** Refuse an inbound call before it is answered. */
  | { readonly kind: "reject"; readonly reason: "policy" | "busy" }
  /** Give the carrier its next instruction (and answer an inbound call that is still ringing). */
  | { readonly kind: "instruct"; readonly instruction: Instruction }
  | { readonly kind: "hangup"; readonly reason: HangupReason }
  /** Let the agent answer the caller's words of turn `turn`. */
  | { readonly kind: "think"; readonly turn: number; readonly words: string }
  /** Tell whoever asked how the call went. */
  | { readonly kind: "report" };

/** What is asked of the conversation on a call with live audio. */
export type LiveRequest =
  | { readonly type: "speak"; readonly text: string }
  /** Say this, and let the command that asked have the caller's next words. */
  | { readonly type: "ask"; readonly text: string; readonly timeoutMs: number }
  | { readonly type: "keys"; readonly digits: string }
  /** Tell once everything has been said. */
  | { readonly type: "close"; readonly before: "goodbye" | "hand-over" }
  /** Be silent until there is something to say. */
  | { readonly type: "hush" };

/** Effects that only matter to this process and are not saved. */
export type FleetingEffect =
  /** An outbound call was answered: how long that took is measured. */
  | { readonly kind: "picked-up" }
  /** Prepare the agent while the phone rings. */
  | { readonly kind: "warm" }
  /** The caller talks into our words: stop them, where the carrier does not. */
  | { readonly kind: "quiet" }
  | { readonly kind: "live"; readonly request: LiveRequest }
  /** Stop a reply that nobody waits for any more. */
  | { readonly kind: "hush" }
  /** The caller's words for the waiting command; null = nothing was said in time. */
  | { readonly kind: "heard"; readonly text: string | null };

const FLEETING: ReadonlySet<string> = new Set<FleetingEffect["kind"]>([
  "picked-up",
  "warm",
  "quiet",
  "hush",
  "heard",
  "live",
]);

export type Effect = DurableEffect | FleetingEffect;

export function isDurable(effect: Effect): effect is DurableEffect {
  return !FLEETING.has(effect.kind);
}
