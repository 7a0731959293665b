import { sdkConfig, type HostApi } from "./api.ts";

export interface ModelChoice {
  readonly provider: string;
  readonly model: string;
}

/**
 * The model of a turn. `wanted` is `provider/model`, an alias of `agents.defaults.models`, or a bare model name of
 * the agent's own provider; absent, it is the agent's own model. Named in every run, so that the host's built-in
 * default never answers a call.
 */
export function chooseModel(api: HostApi, agentId: string, wanted: string | undefined): ModelChoice {
  const config = api.runtime.config.current();
  const raw = wanted?.trim();
  const ref = raw ? (aliased(config.agents?.defaults?.models, raw) ?? raw) : "";
  const slash = ref.indexOf("/");
  if (slash > 0 && slash < ref.length - 1) {
    return { provider: ref.slice(0, slash), model: ref.slice(slash + 1) };
  }
  const own = api.runtime.modelConfig.resolveDefaultModelForAgent({ cfg: sdkConfig(config), agentId });
  return { provider: own.provider, model: ref || own.model };
}

function aliased(models: object | undefined, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(models ?? {}).find(([, entry]: [string, unknown]) => {
    const alias: unknown =
      typeof entry === "object" && entry !== null && "alias" in entry ? entry.alias : null;
    return typeof alias === "string" && alias.trim().toLowerCase() === wanted;
  })?.[0];
}
