import { toVoiceCallError } from "../../call/errors.ts";
import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import { resolveAgent } from "../../host/agents.ts";
import type { HostApi } from "../../host/api.ts";
import { isModelNamed } from "../../host/model-named.ts";
import { chooseModel } from "../../host/models.ts";
import { failed, passed, warned } from "./check.ts";

/** Which agent owns the calls, and which model answers. */
export async function agentChecks(api: HostApi, config: VoiceCallConfig): Promise<SetupCheck[]> {
  let agentId: string;
  try {
    agentId = await resolveAgent(api.runtime.config.current(), config.agentId);
  } catch (error) {
    const { code, what, why, next } = toVoiceCallError(error).toJSON();
    const message = code === "VC_NO_AGENT" ? why : `${what}: ${why}`;
    return [failed("agent", message, next)];
  }
  return [passed("agent", `Calls belong to the agent ${agentId}.`), await modelCheck(api, config, agentId)];
}

async function modelCheck(api: HostApi, config: VoiceCallConfig, agentId: string): Promise<SetupCheck> {
  try {
    const { provider, model } = chooseModel(api, agentId, config.responseModel);
    const named =
      config.responseModel !== undefined || (await isModelNamed(api.runtime.config.current(), agentId));
    if (named) return passed("model", `Callers are answered by the model ${provider}/${model}.`);
    const next = "Set agents.defaults.model, the agent's own model, or responseModel.";
    return warned(
      "model",
      `No model is chosen for the agent, so the host's own choice answers: ${provider}/${model}.`,
      next,
    );
  } catch {
    const next = "Choose one with `openclaw models set`, or set responseModel.";
    return failed("model", "The gateway names no model for the agent, so nobody would answer callers.", next);
  }
}
