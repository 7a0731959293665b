import type { VoiceCallConfig } from "../config/index.ts";
import { VoiceCallError } from "./errors.ts";
import type { Carrier, CarrierCapabilities } from "./ports.ts";

/** Something that is configured and that the carrier cannot do. */
export interface AbilityProblem {
  /** Key of the configuration. */
  readonly path: string;
  /** What is not available there; completes "… is not available there". */
  readonly feature: string;
  /** What to do about it. */
  readonly hint: string;
}

/** What the configuration asks of every outbound call and a carrier like this cannot do. */
export function abilityProblems(
  { answeringMachine }: CarrierCapabilities,
  { outbound }: Pick<VoiceCallConfig, "outbound">,
): readonly AbilityProblem[] {
  const path = "outbound.answeringMachine";
  const policy = outbound.answeringMachine;
  if (policy === "off" || answeringMachine === "over") return [];
  if (answeringMachine === "none")
    return [{ path, feature: "answering machine detection", hint: "Set it to off." }];
  if (policy !== "leave-message") return [];
  return [{ path, feature: "leaving a message after the beep", hint: "Set it to hangup or continue." }];
}

/** Throws `VC_UNSUPPORTED` for the first thing that the configuration asks of an outbound call in vain. */
export function requireAbilities({ id, capabilities }: Carrier, config: VoiceCallConfig): void {
  const [problem] = abilityProblems(capabilities, config);
  if (problem !== undefined) throw unsupported(id, problem.feature);
}

/** Throws `VC_UNSUPPORTED` unless the carrier is `able`. */
export function requireAbility({ id }: Carrier, able: boolean, feature: string): void {
  if (!able) throw unsupported(id, feature);
}

const unsupported = (provider: string, feature: string): VoiceCallError =>
  new VoiceCallError("VC_UNSUPPORTED", { provider, feature });
