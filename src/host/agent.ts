import { randomUUID } from "node:crypto";
import type { AgentAnswer, AgentRequest, AgentSetup, PhoneAgent } from "../conversation/agent.ts";
import { sdkConfig, type HostApi } from "./api.ts";
import { chooseModel } from "./models.ts";
import { isPhoneSession, scratchSession } from "./sessions.ts";

type RunParams = Parameters<HostApi["runtime"]["agent"]["runEmbeddedAgent"]>[0];
type RunResult = Awaited<ReturnType<HostApi["runtime"]["agent"]["runEmbeddedAgent"]>>;

/** The host's bound for a warm-up; it ends long before. */
const WARM_TIMEOUT_MS = 30_000;
/** Never reaches a model or the transcript. */
const WARM_PROMPT = "(the phone is ringing)";
const SILENT = /^\s*(?:NO_REPLY|HEARTBEAT_OK)?\s*$/;

/** Agent turns on the phone, run by the gateway's own agent system. */
export function createAgentRuntime(api: HostApi): PhoneAgent {
  const ready = new Set<string>();

  /** What the host needs to know about every run: whose session, which model, and that nobody but the phone hears it. */
  async function prepare(
    setup: AgentSetup,
    sessionKey: string,
  ): Promise<Omit<RunParams, "prompt" | "timeoutMs">> {
    const { agent } = api.runtime;
    const cfg = sdkConfig(api.runtime.config.current());
    const { agentId, callId, party } = setup;
    const workspaceDir = agent.resolveAgentWorkspaceDir(cfg, agentId);
    if (!ready.has(workspaceDir)) {
      await agent.ensureAgentWorkspace({ dir: workspaceDir });
      ready.add(workspaceDir);
    }
    const storePath = agent.session.resolveStorePath(cfg.session?.store, { agentId });
    const sessionId = await openSession(api, { agentId, sessionKey, storePath, party });
    return {
      agentId,
      sessionId,
      sessionKey,
      sessionTarget: { agentId, sessionId, sessionKey, storePath },
      agentDir: agent.resolveAgentDir(cfg, agentId),
      workspaceDir,
      config: cfg,
      ...chooseModel(api, agentId, setup.model),
      runId: `voicecall-${randomUUID()}`,
      lane: `voicecall:${callId}`,
      extraSystemPrompt: setup.systemPrompt,
      thinkLevel: "off",
      verboseLevel: "off",
      reasoningLevel: "off",
      toolResultFormat: "plain",
      messageProvider: "voice-call",
      disableMessageTool: true,
      // Without these two a run has the owner's tools. Nobody on the phone is the owner.
      senderIsOwner: false,
      toolsAllow: [...setup.tools],
      toolBindings: { "voice-call": { callId } },
      ...(party ? { senderId: party, senderE164: party } : {}),
      terminalReplyExpectation: "optional",
      resolveReplyDelivery: () => Promise.resolve("missing"),
    };
  }

  return {
    run: (request, signal) => asOwnWork(() => run(request, signal)),
    warm: (setup, signal) => asOwnWork(() => warm(setup, signal)),
  };

  /**
   * The message of an aborted run stays the last of its session (observed in 2026.9.6; nothing of an answer does, unless a tool
   * ran). The host takes it back when the next run begins: if the next message contains its lines, silently; if not, it puts
   * them before that message as one that was "queued", and both are kept.
   */
  async function run(request: AgentRequest, signal: AbortSignal): Promise<AgentAnswer> {
    const base = await prepare(request, request.sessionKey);
    signal.throwIfAborted();
    const result = await api.runtime.agent.runEmbeddedAgent({
      ...base,
      prompt: request.prompt,
      timeoutMs: request.timeoutMs,
      abortSignal: signal,
      onAssistantMessageStart: () => request.onMessage(),
      onPartialReply: ({ text }) => {
        if (text) request.onText(text);
      },
      onExecutionPhase: ({ phase, tool }) => {
        if (phase === "model_call_started") request.onModel?.();
        if (phase === "tool_execution_started") request.onTool(tool ?? "");
      },
      // The model's last word comes before the session is compacted and stored, which may take many seconds.
      onAgentEvent: ({ stream, data }) => {
        if (stream === "lifecycle" && data["stopReason"] === "stop") request.onWritten?.();
      },
    });
    signal.throwIfAborted();
    return answerOf(result);
  }

  async function warm(setup: AgentSetup, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const isOwn = isPhoneSession(setup.agentId, setup.sessionKey);
    const base = await prepare(setup, isOwn ? setup.sessionKey : scratchSession(setup.agentId));
    signal.throwIfAborted();
    try {
      await api.runtime.agent.runEmbeddedAgent({
        ...base,
        prompt: WARM_PROMPT,
        timeoutMs: WARM_TIMEOUT_MS,
        abortSignal: AbortSignal.any([signal, enough.signal]),
        // Everything a turn needs is loaded now; the next step would ask the model.
        onExecutionPhase: ({ phase }) => {
          if (phase === "context_assembled" || phase === "model_call_started") enough.abort();
        },
      });
    } catch (error) {
      if (!enough.signal.aborted) throw error;
    }
    signal.throwIfAborted();
  }
}

/**
 * A turn usually starts in the async context of the request that moved the call, and the gateway refuses work of a
 * request that has been answered ("Gateway is draining"). This makes the turn work of its own.
 */
async function asOwnWork<T>(task: () => Promise<T>): Promise<T> {
  const { runDetachedWebhookWork } = await import("openclaw/plugin-sdk/webhook-request-guards");
  return runDetachedWebhookWork(task);
}

interface SessionRow {
  readonly agentId: string;
  readonly sessionKey: string;
  readonly storePath: string;
  readonly party: string;
}

/** The session's id; makes the row when there is none. */
async function openSession(api: HostApi, row: SessionRow): Promise<string> {
  const { agentId, sessionKey, storePath, party } = row;
  const updatedAt = Date.now();
  const entry = await api.runtime.agent.session.patchSessionEntry({
    agentId,
    storePath,
    sessionKey,
    fallbackEntry: { sessionId: "", updatedAt },
    update: (existing) =>
      existing.sessionId.trim()
        ? { updatedAt }
        : { sessionId: randomUUID(), displayName: displayName(party), updatedAt },
  });
  if (!entry?.sessionId) throw new Error("the gateway did not open a session");
  return entry.sessionId;
}

/** Clients with read scope list the gateway's conversations by this name: enough to tell callers apart, no number. */
const displayName = (party: string): string => (party ? `Phone call ••${party.slice(-2)}` : "Phone call");

/** Takes what is meant for the user out of a finished run. */
function answerOf(result: RunResult): AgentAnswer {
  const payloads = result.payloads ?? [];
  const texts = payloads
    .filter((payload) => !payload.isError && !payload.isReasoning && !payload.isCommentary)
    .map((payload) => payload.text ?? "")
    .filter((text) => !SILENT.test(text));
  const { meta } = result;
  if (texts.length > 0 || meta.terminalReplyKind === "silent-empty") return { texts, failure: null };
  const failed =
    payloads.some((payload) => payload.isError) || meta.error !== undefined || meta.aborted === true;
  return {
    texts,
    failure: failed ? (meta.error?.kind ?? (meta.timeoutPhase ? "timeout" : "model-error")) : null,
  };
}
