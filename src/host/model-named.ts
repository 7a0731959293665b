import { sdkConfig, type HostConfig } from "./api.ts";

/**
 * Whether somebody has chosen the agent's model: in its own entry or in the defaults of all agents. Otherwise the host
 * falls back to a model that is built in.
 */
export async function isModelNamed(config: HostConfig, agentId: string): Promise<boolean> {
  const { resolveAgentConfig } = await import("openclaw/plugin-sdk/agent-scope-runtime");
  const own = resolveAgentConfig(sdkConfig(config), agentId)?.model;
  return isChosen(own) || isChosen(config.agents?.defaults?.model);
}

/** A model is written as `provider/model`, or as an object with `primary`. */
function isChosen(model: unknown): boolean {
  const name: unknown = typeof model === "object" && model !== null ? Reflect.get(model, "primary") : model;
  return typeof name === "string" && name.trim() !== "";
}
