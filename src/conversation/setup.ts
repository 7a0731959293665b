import { partyOf, type Call } from "../call/call.ts";
import type { AgentSetup } from "./agent.ts";
import { toolsFor, type PhoneToolSettings } from "./phone-tools.ts";

/** What is fixed for every turn of this call. `prompt`: the system part. */
export const setupOf = (call: Call, prompt: string, settings: PhoneToolSettings): AgentSetup => ({
  agentId: call.agentId,
  sessionKey: call.sessionKey,
  callId: call.id,
  party: partyOf(call),
  systemPrompt: prompt,
  ...(call.route.responseModel === undefined ? {} : { model: call.route.responseModel }),
  tools: toolsFor(call, settings),
});
