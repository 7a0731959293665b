/** `outbound`: calls we place. */

import { Type, type Static } from "./shape.ts";
import { choice, integer } from "./option.ts";

const CALL_MODES = ["notify", "conversation"] as const;
type CallMode = (typeof CALL_MODES)[number];

const defaults = { defaultMode: "notify", notifyHangupDelaySec: 3 } as const;

export const outboundSchema = Type.Object(
  {
    defaultMode: choice(
      "Default mode",
      "Used wherever a call names no mode. `notify` says the message and hangs up, `conversation` stays and talks.",
      CALL_MODES,
      { fallback: defaults.defaultMode },
    ),
    notifyHangupDelaySec: integer(
      "Hang-up delay",
      "Seconds between the confirmed end of the message and the hang-up, so that the last word is not cut off.",
      { minimum: 0, maximum: 600, fallback: defaults.notifyHangupDelaySec, advanced: true },
    ),
  },
  { additionalProperties: false, title: "Outbound calls", description: "Calls that the agent places." },
);

export interface OutboundConfig {
  readonly defaultMode: CallMode;
  /** Seconds. */
  readonly notifyHangupDelaySec: number;
}

export function resolveOutbound(user: Static<typeof outboundSchema>): OutboundConfig {
  return { ...defaults, ...user };
}
