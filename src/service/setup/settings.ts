import { isE164 } from "../../call/number.ts";
import type { SetupCheck } from "../../call/service.ts";
import { missingCredentials, type ConfigIssue, type VoiceCallConfig } from "../../config/index.ts";
import { exposureSettings } from "../../exposure/index.ts";
import { failed, passed, warned } from "./check.ts";

/** What the configuration tells by itself. */
export function settingChecks(config: VoiceCallConfig, warnings: readonly ConfigIssue[]): SetupCheck[] {
  // That there is no way in is an error of its own, told where the ways are.
  const hasWay = exposureSettings(config) !== null;
  const doubts = warnings.filter(({ path }) => path !== "publicUrl" || hasWay);
  return [
    passed("config", "The configuration is valid."),
    ...doubts.map(({ path, problem, hint }) => warned(`config.${path}`, `${path} ${problem}.`, hint)),
    enabledCheck(config),
    credentialsCheck(config),
    fromCheck(config),
    toCheck(config),
  ];
}

function enabledCheck({ enabled }: VoiceCallConfig): SetupCheck {
  if (enabled) return passed("enabled", "voice-call is switched on.");
  const next = "Set plugins.entries.voice-call.config.enabled to true.";
  return failed("enabled", "voice-call is switched off.", next);
}

function credentialsCheck(config: VoiceCallConfig): SetupCheck {
  const { provider } = config;
  if (provider === "mock") return passed("credentials", "mock needs no credentials.");
  const keys = missingCredentials(config).filter((key) => !key.startsWith("fromNumber"));
  if (keys.length === 0) return passed("credentials", `${provider} has its credentials.`);
  const next = "Add them under plugins.entries.voice-call.config or in the environment.";
  return failed("credentials", `Missing: ${keys.join(", ")}.`, next);
}

function fromCheck({ provider, fromNumber }: VoiceCallConfig): SetupCheck {
  if (fromNumber === undefined) {
    if (provider === "mock") return passed("fromNumber", "mock needs no number to call from.");
    const next = `Set it to a number of your ${provider} account, such as +15550001234.`;
    return failed("fromNumber", "fromNumber is missing.", next);
  }
  if (isE164(fromNumber)) return passed("fromNumber", `Calls go out from ${fromNumber}.`);
  const next = "Write it as a plus sign, the country code and 8 to 15 digits in all, such as +15550001234.";
  return failed("fromNumber", "fromNumber is no telephone number that can be called from.", next);
}

function toCheck({ toNumber }: VoiceCallConfig): SetupCheck {
  if (toNumber !== undefined) return passed("toNumber", `Calls that name nobody go to ${toNumber}.`);
  const next = "Set it to the number that should be called by default.";
  return warned("toNumber", "toNumber is not set; every call must name a number.", next);
}
