/** `outbound`: calls we place. */

import { Type, type Static } from "./shape.ts";
import { choice, integer } from "./option.ts";
import { guardOptions, type GuardsConfig, resolveGuards } from "./outbound-guards.ts";

const CALL_MODES = ["notify", "conversation"] as const;
type CallMode = (typeof CALL_MODES)[number];

const MACHINE_POLICIES = ["off", "hangup", "leave-message", "continue"] as const;

const defaults = { defaultMode: "notify", answeringMachine: "off", notifyHangupDelaySec: 3 } as const;

export const outboundSchema = Type.Object(
  {
    defaultMode: choice(
      "Default mode",
      "Used wherever a call names no mode. `notify` says the message and hangs up, `conversation` stays and talks.",
      CALL_MODES,
      { fallback: defaults.defaultMode },
    ),
    answeringMachine: choice(
      "Answering machines",
      "What happens when a machine picks up a call that we place. `off` does not look for machines; the others have the carrier look, which it may charge for. `hangup` hangs up, `leave-message` says the first words after the beep, `continue` only notes it. Whoever is not surely a machine is a person.",
      MACHINE_POLICIES,
      { fallback: defaults.answeringMachine },
    ),
    notifyHangupDelaySec: integer(
      "Hang-up delay",
      "Seconds between the confirmed end of the message and the hang-up, so that the last word is not cut off.",
      { minimum: 0, maximum: 600, fallback: defaults.notifyHangupDelaySec, advanced: true },
    ),
    ...guardOptions,
  },
  { additionalProperties: false, title: "Outbound calls", description: "Calls that the agent places." },
);

export interface OutboundConfig extends GuardsConfig {
  readonly defaultMode: CallMode;
  readonly answeringMachine: (typeof MACHINE_POLICIES)[number];
  /** Seconds. */
  readonly notifyHangupDelaySec: number;
}

export function resolveOutbound(user: Static<typeof outboundSchema>): OutboundConfig {
  return { ...defaults, ...user, ...resolveGuards(user) };
}
