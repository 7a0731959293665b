import type { InboundPolicy } from "../config/index.ts";
import { isE164 } from "./number.ts";

export interface InboundRules {
  readonly policy: InboundPolicy;
  /** E.164; matched as whole strings. */
  readonly allowFrom: readonly string[];
  /** Numbers the owner has approved by pairing. */
  readonly paired: ReadonlySet<string>;
}

export type InboundDecision =
  | { readonly kind: "accept" }
  /** Answer only to say a pairing code. */
  | { readonly kind: "pair" }
  | { readonly kind: "reject" };

/**
 * Decides about an inbound call before it is answered. `caller` is "" for withheld, malformed and unknown callers,
 * who never match a list and never pair.
 */
export function decideInbound(rules: InboundRules, caller: string): InboundDecision {
  if (rules.policy === "disabled") return { kind: "reject" };
  if (rules.policy === "open") return { kind: "accept" };
  if (!isE164(caller)) return { kind: "reject" };
  if (rules.allowFrom.includes(caller)) return { kind: "accept" };
  if (rules.policy === "allowlist") return { kind: "reject" };
  return rules.paired.has(caller) ? { kind: "accept" } : { kind: "pair" };
}
