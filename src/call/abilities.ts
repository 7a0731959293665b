import type { VoiceCallConfig } from "../config/index.ts";
import { VoiceCallError } from "./errors.ts";
import type { Carrier, CarrierCapabilities } from "./ports.ts";

/** A setting that asks for more than the carrier can do. */
export interface AbilityProblem {
  /** Dotted path of the setting. */
  readonly key: string;
  /** What is not there, as the start of a sentence; the `feature` of `VC_UNSUPPORTED`. */
  readonly feature: string;
  /** What can be chosen instead, as an order. */
  readonly choose: string;
}

/** What the configuration wants of this carrier in vain. */
export function abilityProblems(
  { answeringMachine, listening, liveAudio }: CarrierCapabilities,
  { outbound, streaming }: Pick<VoiceCallConfig, "outbound" | "streaming">,
): readonly AbilityProblem[] {
  const problems: AbilityProblem[] = [];
  const key = "outbound.answeringMachine";
  const policy = outbound.answeringMachine;
  if (policy !== "off" && answeringMachine === "none") {
    problems.push({ key, feature: "Telling machines from people", choose: "Set it to off." });
  } else if (policy === "leave-message" && answeringMachine === "verdict") {
    const feature = "Hearing when an answering machine's greeting is over";
    problems.push({ key, feature, choose: "Set it to hangup, continue or off." });
  }
  if (streaming.enabled && !liveAudio) {
    problems.push({ key: "streaming.enabled", feature: "Live audio", choose: "Set it to false." });
  }
  if (outbound.defaultMode === "conversation" && !listening && !liveAudio) {
    const feature = "Understanding what is said on a call";
    problems.push({ key: "outbound.defaultMode", feature, choose: "Set it to notify." });
  }
  return problems;
}

/** Throws `VC_UNSUPPORTED` for the first thing that the configuration wants of an outbound call in vain. */
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
