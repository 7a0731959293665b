import { VoiceCallError } from "../call/errors.ts";
import { sdkConfig, type HostConfig } from "./api.ts";

/**
 * The agent that owns a call: the configured one, else the sole agent, else the one the gateway has recorded as its
 * default (`agents.defaults.systemAgent`, or the older `default: true` mark). Throws `VC_NO_AGENT` when that is
 * nobody, and for an id that no agent has: a call never falls to another agent than the one that was named.
 */
export async function resolveAgent(config: HostConfig, configuredId: string | undefined): Promise<string> {
  const scope = await import("openclaw/plugin-sdk/agent-scope-runtime");
  const cfg = sdkConfig(config);
  const known = scope.listAgentIds(cfg);
  const named = configuredId?.trim().toLowerCase();
  if (named) {
    if (known.includes(named)) return named;
    throw new VoiceCallError("VC_NO_AGENT", { problem: `No agent has the id ${named}.` });
  }
  const [sole] = known;
  if (sole !== undefined && known.length === 1) return sole;
  const recorded = config.agents?.defaults?.systemAgent?.agentId?.trim().toLowerCase();
  const fallback = recorded && known.includes(recorded) ? recorded : scope.tryResolveDefaultAgentId(cfg);
  if (fallback && known.includes(fallback)) return fallback;
  const problem =
    known.length === 0
      ? "The gateway has no agent."
      : "Several agents are configured, none is the default and agentId is not set.";
  throw new VoiceCallError("VC_NO_AGENT", { problem });
}

/** Every agent that may own a call. */
export async function listAgents(config: HostConfig): Promise<readonly string[]> {
  const scope = await import("openclaw/plugin-sdk/agent-scope-runtime");
  return scope.listAgentIds(sdkConfig(config));
}
