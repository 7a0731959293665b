import type { PhoneService } from "../call/service.ts";
import { ask } from "./refusal.ts";
import type { AgentTool, ToolContext } from "./tool.ts";
import { refusalResult, result } from "./tool-words.ts";

/**
 * The tool of the agent that is on the phone. Which call it ends was fixed when the turn was started; whatever
 * the model passes, it cannot start a call or touch another one.
 */
export function closeTool(callId: string, ctx: ToolContext, find: () => PhoneService): AgentTool {
  return {
    name: "voice_call",
    label: "Voice call",
    description:
      "You are on the phone. end_call hangs up this call after your spoken goodbye has been heard. " +
      "Use it when the conversation is over; say goodbye in the same turn.",
    parameters: {
      type: "object",
      additionalProperties: false,
      required: ["action"],
      properties: { action: { type: "string", enum: ["end_call"], description: "End this call." } },
    },
    catalogMode: "direct-only",
    execute: async (_id, params) => {
      try {
        if (!asksToEnd(params)) {
          return result("On the phone only end_call is possible, and only for this call.", { refused: true });
        }
        const service = find();
        ctx.assertInvocationCurrent?.();
        await ask(service, async () => await service.close(callId));
        return result("The call ends after your goodbye is spoken.", { callId });
      } catch (thrown) {
        return refusalResult(thrown);
      }
    },
  };
}

const asksToEnd = (params: unknown): boolean =>
  typeof params === "object" && params !== null && "action" in params && params.action === "end_call";
