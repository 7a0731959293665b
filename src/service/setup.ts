import { abilityProblems } from "../call/abilities.ts";
import { VoiceCallError } from "../call/errors.ts";
import type { CallRecords } from "../call/ports.ts";
import type { SetupCheck, SetupReport } from "../call/service.ts";
import type { ConfigReading, VoiceCallConfig } from "../config/index.ts";
import type { HostApi } from "../host/api.ts";
import type { SpeechFacts } from "../host/speech.ts";
import type { Plant } from "./plant.ts";
import { agentChecks } from "./setup/agent.ts";
import { callerChecks } from "./setup/callers.ts";
import { failed, passed, unchecked, warned } from "./setup/check.ts";
import { settingChecks } from "./setup/settings.ts";
import { speechChecks } from "./setup/speech.ts";
import { wayChecks } from "./setup/way.ts";

export interface SetupParts {
  readonly api: HostApi;
  /** Null without a running phone: then nothing is asked of anybody outside this process. */
  readonly plant: Plant | null;
  readonly problem: VoiceCallError | null;
  readonly store?: Pick<CallRecords, "pairings"> | null;
  readConfig(): ConfigReading;
  /** What the host tells about its speech providers; by default it is asked. */
  readonly speech?: (config: VoiceCallConfig) => Promise<SpeechFacts>;
}

/**
 * What stands between this configuration and a call, from the settings outwards, each line with what to do
 * (docs/setup.md). Starts nothing, and changes nothing at the carrier. Never rejects.
 */
export async function setupReport(parts: SetupParts): Promise<SetupReport> {
  const reading = parts.readConfig();
  if (!reading.ok) {
    const checks = reading.issues.map(({ path, problem, hint }) =>
      failed(`config.${path}`, `${path} ${problem}.`, hint),
    );
    return { ok: false, checks };
  }
  const { config, warnings } = reading;
  const { api, plant, problem } = parts;
  const [agent, speech, network, callers] = await Promise.all([
    agentChecks(api, config),
    speechChecks(config, () => (parts.speech ?? ((now) => hostSpeech(api, now)))(config)),
    networkLines(config, plant),
    callerChecks(config, parts.store ?? null),
  ]);
  const checks: SetupCheck[] = [
    ...settingChecks(config, warnings),
    ...agent,
    ...speech,
    ...abilityChecks(config, plant),
    ...serviceChecks(config, parts),
    ...wayChecks(config, plant, problem),
    ...network,
    ...callers,
  ];
  return { ok: checks.every(({ ok, level }) => ok || level === "warning"), checks };
}

/** Loaded when live audio asks for it. */
async function hostSpeech(api: HostApi, config: VoiceCallConfig): Promise<SpeechFacts> {
  const { speechFacts } = await import("../host/speech.ts");
  return speechFacts(api.runtime.config.current(), config);
}

async function networkLines(config: VoiceCallConfig, plant: Plant | null): Promise<SetupCheck[]> {
  if (config.provider === "mock") return [];
  const network = await import("./setup/network.ts");
  return plant === null ? network.uncheckedNetwork() : await network.networkChecks(config, plant);
}

function abilityChecks(config: VoiceCallConfig, plant: Plant | null): SetupCheck[] {
  if (plant === null) return [unchecked("abilities", `${config.provider} can do what the settings ask for`)];
  const provider = plant.carrier.id;
  const problems = abilityProblems(plant.carrier.capabilities, config);
  if (problems.length === 0) return [passed("abilities", `${provider} can do what the settings ask for.`)];
  return problems.map(({ key, feature, choose }) => {
    const { why } = new VoiceCallError("VC_UNSUPPORTED", { provider, feature }).toJSON();
    return failed(`abilities.${key}`, `${key} asks for more than ${provider} can do. ${why}`, choose);
  });
}

function serviceChecks(config: VoiceCallConfig, { plant, problem }: SetupParts): SetupCheck[] {
  if (problem !== null) {
    const { what, why, next } = problem.toJSON();
    return [failed("service", `${what}: ${why}`, next)];
  }
  if (plant === null || plant.carrier.id === config.provider)
    return [passed("service", "The phone is ready.")];
  const message = `Calls that are up keep ${plant.carrier.id} in use; ${config.provider} follows once they are over.`;
  return [warned("service", message, "Wait for them to end, or end them.")];
}
