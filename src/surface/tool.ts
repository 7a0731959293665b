import type { PhoneService } from "../call/service.ts";
import { readParams, optional, ref, text, oneOf, type Params, type Values } from "./params.ts";
import { ask } from "./refusal.ts";
import { closeTool } from "./tool-in-call.ts";
import { asWords, detailWords, outcomeWords, refusalResult, result, type ToolResult } from "./tool-words.ts";

/** The part of the host's plugin API that the agent tool needs. */
export interface ToolRegistrar {
  registerTool(factory: (ctx: ToolContext) => AgentTool | null, options: { name: string }): void;
}

/** What the host tells about the agent's turn. All of it comes from the host, nothing from the model. */
export interface ToolContext {
  readonly agentId?: string;
  readonly sessionKey?: string;
  /** Attached by whoever started the run; `voice-call` holds the call that an in-call turn belongs to. */
  readonly toolBindings?: Readonly<Record<string, unknown>>;
  /** Throws once the turn is over. */
  readonly assertInvocationCurrent?: () => void;
}

export interface AgentTool {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** JSON Schema. */
  readonly parameters: object;
  /** Keeps the tool in the model's own list instead of behind the tool search. */
  readonly catalogMode: "direct-only";
  getExecutionTimeoutMs?(args: unknown): number | undefined;
  execute(toolCallId: string, params: unknown, signal?: AbortSignal): Promise<ToolResult>;
}

const TOOL_NAME = "voice_call";
/** Key of the run's bindings under which the phone's own turns carry `{ callId }`. */
const BINDING = "voice-call";

/**
 * These wait for a person: all of them until a ringing call is answered, a question also for the answer. The
 * service bounds both waits itself, well below this.
 */
const WAITING: ReadonlySet<unknown> = new Set<Action>([
  "continue_call",
  "speak_to_user",
  "send_dtmf",
  "transfer_call",
]);
const WAITING_BUDGET_MS = 15 * 60_000;

/** Registers the agent tool. Every run gets the tool that fits it: see `toolFor`. */
export function registerTool(api: ToolRegistrar, find: () => PhoneService): void {
  api.registerTool((ctx) => toolFor(ctx, find), { name: TOOL_NAME });
}

/**
 * A turn on the phone gets a tool that can do one thing: end that very call. Any other turn gets the whole
 * tool. A binding that names no call gets none, since it cannot be told which turn it is.
 */
export function toolFor(ctx: ToolContext, find: () => PhoneService): AgentTool | null {
  const bindings = ctx.toolBindings ?? {};
  if (!Object.hasOwn(bindings, BINDING)) return callTool(ctx, find);
  const callId = boundCall(bindings[BINDING]);
  return callId === null ? null : closeTool(callId, ctx, find);
}

function boundCall(binding: unknown): string | null {
  if (typeof binding !== "object" || binding === null || !("callId" in binding)) return null;
  return typeof binding.callId === "string" && binding.callId !== "" ? binding.callId : null;
}

function callTool(ctx: ToolContext, find: () => PhoneService): AgentTool {
  return {
    name: TOOL_NAME,
    label: "Voice call",
    description:
      "Place and steer real phone calls. initiate_call dials and returns a callId at once; get_status tells how " +
      "the call stands, how it ended and what was said; continue_call says something and waits for the answer; " +
      "speak_to_user only says something; send_dtmf presses keys; transfer_call connects the other party with " +
      "another number; end_call hangs up.",
    parameters: PARAMETERS,
    catalogMode: "direct-only",
    getExecutionTimeoutMs: (args) =>
      typeof args === "object" && args !== null && "action" in args && WAITING.has(args.action)
        ? WAITING_BUDGET_MS
        : undefined,
    execute: async (_id, params, signal) => {
      try {
        const { action, rest } = actionOf(params);
        const service = find();
        ctx.assertInvocationCurrent?.();
        signal?.throwIfAborted();
        const done = ask(service, async () => await ACTIONS[action]({ service, ctx, rest }));
        return WAITING.has(action) ? await untilAborted(done, signal) : await done;
      } catch (thrown) {
        signal?.throwIfAborted();
        return refusalResult(thrown);
      }
    },
  };
}

interface Run {
  readonly service: PhoneService;
  readonly ctx: ToolContext;
  readonly rest: object;
}

const ACTION_NAMES = [
  "initiate_call",
  "continue_call",
  "speak_to_user",
  "end_call",
  "get_status",
  "send_dtmf",
  "transfer_call",
] as const;
type Action = (typeof ACTION_NAMES)[number];

const call = { callId: ref };
const line = { callId: ref, message: text };

const ACTIONS: Readonly<Record<Action, (run: Run) => Promise<ToolResult>>> = {
  initiate_call: async ({ service, ctx, rest }) => {
    const given = read(rest, {
      to: optional(ref),
      message: text,
      mode: optional(oneOf(["notify", "conversation"])),
    });
    const { sessionKey } = ctx;
    const view = await service.initiate({
      to: given.to,
      message: given.message,
      mode: given.mode,
      agentId: ctx.agentId,
      requester: { surface: "tool", ...(sessionKey === undefined ? {} : { sessionKey }) },
    });
    const next =
      view.mode === "notify"
        ? "The message is spoken when somebody answers, then the call hangs up."
        : "continue_call says something and waits for the answer, also while it still rings.";
    return result(
      `The call is placed. callId: ${view.callId}. State: ${view.state}. Mode: ${view.mode}. ${next} ` +
        `get_status shows how it went.`,
      { callId: view.callId, state: view.state, mode: view.mode },
    );
  },
  continue_call: async ({ service, rest }) => {
    const { callId, message } = read(rest, line);
    const heard = await service.ask(callId, message);
    return result(asWords("The other party answered", heard.text), { callId, text: heard.text });
  },
  speak_to_user: async ({ service, rest }) => {
    const { callId, message } = read(rest, line);
    await service.speak(callId, message);
    return result("The message is being spoken. No answer is waited for.", { callId });
  },
  send_dtmf: async ({ service, rest }) => {
    const { callId, digits } = read(rest, { callId: ref, digits: ref });
    await service.press(callId, digits);
    return result("The keys are being pressed.", { callId });
  },
  transfer_call: async ({ service, rest }) => {
    const { callId, to, message } = read(rest, { callId: ref, to: ref, message: optional(text) });
    await service.transfer({ callId, to, message });
    return result(
      "The other party is being connected with that number. If nobody answers there, the call comes back to you; " +
        "otherwise it ends when the two are done.",
      { callId },
    );
  },
  end_call: async ({ service, rest }) => {
    const { callId } = read(rest, call);
    await service.end(callId);
    return result("The call is being ended.", { callId });
  },
  get_status: async ({ service, rest }) => {
    const { callId } = read(rest, call);
    const detail = await service.status(callId);
    if (detail === null) {
      const problem = service.problem();
      if (problem !== null) throw problem;
      return result(`No call ${callId} is on record. Use the callId that initiate_call returned.`, {
        found: false,
      });
    }
    const { transcript, ...view } = detail;
    return result(`${outcomeWords(view)}\n${detailWords(transcript)}`, { found: true, call: view });
  },
};

const PARAMETERS = {
  type: "object",
  additionalProperties: false,
  required: ["action"],
  properties: {
    action: { type: "string", enum: ACTION_NAMES, description: "What to do." },
    to: {
      type: "string",
      description:
        "initiate_call: number to dial in E.164 form, such as +15550001234. Left out: the owner's number. " +
        "transfer_call: number to connect the other party with.",
    },
    message: {
      type: "string",
      description:
        "initiate_call: first words. continue_call, speak_to_user, transfer_call: what to say. Plain spoken text.",
    },
    mode: {
      type: "string",
      enum: ["notify", "conversation"],
      description: "initiate_call: notify says the message and hangs up; conversation stays on the line.",
    },
    callId: {
      type: "string",
      description: "The call, as initiate_call returned it. All other actions need it.",
    },
    digits: { type: "string", description: "send_dtmf: 0-9 A-D * #, and w for a half-second pause." },
  },
} as const;

/** Models fill optional fields with empty strings; those count as left out. */
function actionOf(params: unknown): { action: Action; rest: object } {
  const given = typeof params === "object" && params !== null && !Array.isArray(params) ? params : {};
  const { action, ...rest } = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  return { action: oneOf(ACTION_NAMES)(action, "action"), rest };
}

/** Parameters of other actions are let through: one schema serves all of them. */
function read<P extends Params>(rest: object, params: P): Values<P> {
  const mine = Object.entries(rest).filter(
    ([name]) => Object.hasOwn(params, name) || !Object.hasOwn(PARAMETERS.properties, name),
  );
  return readParams(Object.fromEntries(mine), params);
}

/** Leaves the wait when the turn is stopped; the service goes on waiting for itself. */
async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await answer;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([answer, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
