import type { VoiceCallError } from "../call/errors.ts";
import type { SetupCheck, SetupReport } from "../call/service.ts";
import { missingCredentials, type ConfigReading, type VoiceCallConfig } from "../config/index.ts";
import { resolveAgent } from "../host/agents.ts";
import type { HostApi } from "../host/api.ts";
import type { Plant } from "./plant.ts";

export interface SetupParts {
  readonly api: HostApi;
  readonly plant: Plant | null;
  readonly problem: VoiceCallError | null;
  readConfig(): ConfigReading;
}

/** What stands between this configuration and a call, each line with what to do. Starts nothing. */
export async function setupReport(parts: SetupParts): Promise<SetupReport> {
  const reading = parts.readConfig();
  if (!reading.ok) {
    const checks = reading.issues.map((one) =>
      failed(`config.${one.path}`, `${one.path} ${one.problem}`, one.hint),
    );
    return { ok: false, checks };
  }
  const { config, warnings } = reading;
  const checks: SetupCheck[] = [
    passed("config", "The configuration is valid."),
    enabledCheck(config),
    credentialsCheck(config),
    ...numberChecks(config),
    ...webhookChecks(config, parts.plant),
    await agentCheck(parts.api, config),
    serviceCheck(parts),
    ...warnings.map((one) => warned(`config.${one.path}`, `${one.path} ${one.problem}`, one.hint)),
  ];
  return { ok: checks.every((check) => check.ok || check.level === "warning"), checks };
}

const passed = (id: string, message: string): SetupCheck => ({ id, ok: true, level: "error", message });
const failed = (id: string, message: string, next: string): SetupCheck => ({
  id,
  ok: false,
  level: "error",
  message,
  next,
});
const warned = (id: string, message: string, next: string): SetupCheck => ({
  id,
  ok: false,
  level: "warning",
  message,
  next,
});

function enabledCheck(config: VoiceCallConfig): SetupCheck {
  return config.enabled
    ? passed("enabled", "voice-call is switched on.")
    : failed(
        "enabled",
        "voice-call is switched off.",
        "Set plugins.entries.voice-call.config.enabled to true.",
      );
}

function credentialsCheck(config: VoiceCallConfig): SetupCheck {
  const keys = missingCredentials(config);
  if (keys.length > 0)
    return failed(
      "credentials",
      `Missing: ${keys.join(", ")}.`,
      "Add them to the configuration or the environment.",
    );
  return passed(
    "credentials",
    config.provider === "mock" ? "mock needs no credentials." : `${config.provider} has its credentials.`,
  );
}

function numberChecks(config: VoiceCallConfig): SetupCheck[] {
  const from =
    config.fromNumber !== undefined || config.provider === "mock"
      ? passed("fromNumber", "There is a number to call from.")
      : failed(
          "fromNumber",
          "fromNumber is missing.",
          `Set it to a number of your ${config.provider} account.`,
        );
  if (config.toNumber !== undefined) return [from];
  return [
    from,
    warned(
      "toNumber",
      "toNumber is not set; every call must name a number.",
      "Set it to be called by default.",
    ),
  ];
}

function webhookChecks(config: VoiceCallConfig, plant: Plant | null): SetupCheck[] {
  if (config.provider === "mock") return [passed("webhook", "mock needs no webhook.")];
  const url =
    config.publicUrl === undefined
      ? failed(
          "publicUrl",
          "publicUrl is missing; the carrier cannot reach this gateway.",
          "Set it to the public https URL of the webhook.",
        )
      : passed("publicUrl", "A public webhook URL is configured.");
  const { bind, port, path } = config.serve;
  const listening =
    plant?.port === null || plant === null
      ? failed("listener", "The webhook listener is not running.", "See the check named service.")
      : passed("listener", `Listening on ${bind}:${plant.port}${path} (configured port ${port}).`);
  return [url, listening];
}

async function agentCheck(api: HostApi, config: VoiceCallConfig): Promise<SetupCheck> {
  try {
    const agent = await resolveAgent(api.runtime.config.current(), config.agentId);
    return passed("agent", `Calls belong to the agent ${agent}.`);
  } catch (error) {
    const message = error instanceof Error ? error.message : "No agent can be found.";
    return failed("agent", message, "Set plugins.entries.voice-call.config.agentId.");
  }
}

function serviceCheck({ problem }: SetupParts): SetupCheck {
  if (problem === null) return passed("service", "The phone is ready.");
  const { what, why, next } = problem.toJSON();
  return failed("service", `${what}: ${why}`, next);
}
