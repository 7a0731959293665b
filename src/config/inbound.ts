/** Who may call in, and what they hear first. */

import { choice, filled, phoneNumbers, text } from "./option.ts";

const INBOUND_POLICIES = ["disabled", "allowlist", "pairing", "open"] as const;
export type InboundPolicy = (typeof INBOUND_POLICIES)[number];

export const inboundOptions = {
  inboundPolicy: choice(
    "Inbound policy",
    "`disabled` refuses every call, `allowlist` takes the numbers in allowFrom, `pairing` also numbers that you approve by a spoken code, `open` everybody. Refusing is the default because an answered call costs money and reaches your agent.",
    INBOUND_POLICIES,
    { fallback: "disabled" },
  ),
  allowFrom: phoneNumbers(
    "Allowed callers",
    "Numbers that may call in (E.164, exact match). A caller id can be forged: this screens calls, it proves no identity.",
  ),
  inboundGreeting: text("Greeting", "First words on an inbound call."),
};

export interface InboundConfig {
  readonly inboundPolicy: InboundPolicy;
  /** E.164. */
  readonly allowFrom: readonly string[];
  readonly inboundGreeting: string | undefined;
}

interface UserInbound {
  inboundPolicy?: InboundPolicy;
  allowFrom?: string[];
  inboundGreeting?: string;
}

export function resolveInbound(user: UserInbound): InboundConfig {
  return {
    inboundPolicy: user.inboundPolicy ?? "disabled",
    allowFrom: [...new Set(user.allowFrom)],
    inboundGreeting: filled(user.inboundGreeting),
  };
}
