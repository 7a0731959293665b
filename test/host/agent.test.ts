import { beforeEach, describe, expect, it } from "vitest";
import type { AgentRequest } from "../../src/conversation/agent.ts";
import { createAgentRuntime } from "../../src/host/agent.ts";
import { fakeHost, type FakeHost, type RunResult } from "./fake-host.ts";

const KEY = "agent:main:voice-call:phone:+15550002000";
let host: FakeHost;
let seen: string[];
let request: AgentRequest;
const live = (): AbortSignal => new AbortController().signal;
const result = (over: Partial<RunResult>): RunResult => ({ meta: { durationMs: 1 }, ...over });

beforeEach(() => {
  host = fakeHost();
  seen = [];
  request = {
    agentId: "main",
    sessionKey: KEY,
    callId: "vc_1",
    party: "+15550002000",
    systemPrompt: "Be brief.",
    tools: ["web_search", "voice_call"],
    prompt: "<<hi>>",
    timeoutMs: 5_000,
    onMessage: () => void seen.push("message"),
    onText: (text) => void seen.push(text),
    onTool: (name) => void seen.push(`tool ${name}`),
  };
});

describe("an agent turn on the phone", () => {
  it("runs with exactly the phone's tools, never as the owner", async () => {
    await createAgentRuntime(host).run(request, live());
    expect(host.runs[0]).toMatchObject({
      senderIsOwner: false,
      toolsAllow: ["web_search", "voice_call"],
      toolBindings: { "voice-call": { callId: "vc_1" } },
      disableMessageTool: true,
      prompt: "<<hi>>",
      extraSystemPrompt: "Be brief.",
      senderE164: "+15550002000",
      lane: "voicecall:vc_1",
      timeoutMs: 5_000,
    });
  });

  it("names the agent's own model, or the call's", async () => {
    const agent = createAgentRuntime(host);
    await agent.run(request, live());
    await agent.run({ ...request, model: "test/fast/v2" }, live());
    await agent.run({ ...request, model: "fast" }, live());
    expect(host.runs.map(({ provider, model }) => [provider, model])).toEqual([
      ["own", "model-of-main"],
      ["test", "fast/v2"],
      ["own", "fast"],
    ]);
  });

  it("keeps the session of a conversation and prepares the workspace once", async () => {
    const agent = createAgentRuntime(host);
    await agent.run(request, live());
    await agent.run(request, live());
    const [first, second] = host.runs;
    expect(first?.sessionId).toBeTruthy();
    expect(second?.sessionId).toBe(first?.sessionId);
    expect(first?.sessionTarget).toMatchObject({
      agentId: "main",
      sessionKey: KEY,
      storePath: "/store/main",
    });
    expect(first?.runId).not.toBe(second?.runId);
    expect(host.workspaces).toEqual(["/work/main"]);
  });

  it("tells nothing about a caller who withholds their number", async () => {
    await createAgentRuntime(host).run({ ...request, party: "" }, live());
    expect(host.runs[0]).not.toHaveProperty("senderE164");
    expect(host.runs[0]).not.toHaveProperty("senderId");
  });

  it("passes on what streams", async () => {
    host.onRun = async (params) => {
      await params.onAssistantMessageStart?.();
      await params.onPartialReply?.({ text: "Let me" });
      await params.onPartialReply?.({ text: "Let me look.", delta: " look." });
      params.onExecutionPhase?.({ phase: "tool_execution_started", tool: "web_search" });
      return result({ payloads: [{ text: "Found it." }] });
    };
    await expect(createAgentRuntime(host).run(request, live())).resolves.toEqual({
      texts: ["Found it."],
      failure: null,
    });
    expect(seen).toEqual(["message", "Let me", "Let me look.", "tool web_search"]);
  });

  it.each<[string, Partial<RunResult>, { texts: string[]; failure: string | null }]>([
    ["drops errors, reasoning and commentary", { payloads: [{ text: "x", isError: true }, { text: "y", isReasoning: true }, { text: "z", isCommentary: true }, { text: "Hi." }] }, { texts: ["Hi."], failure: null }],
    ["takes NO_REPLY as silence", { payloads: [{ text: " NO_REPLY\n" }], meta: { durationMs: 1, terminalReplyKind: "silent-empty" } }, { texts: [], failure: null }],
    ["takes no payload at all as silence", {}, { texts: [], failure: null }],
    ["knows an error without an answer as a failure", { payloads: [{ text: "Request timed out", isError: true }] }, { texts: [], failure: "model-error" }],
    ["names the host's own reason", { meta: { durationMs: 1, error: { kind: "retry_limit", message: "secret" } } }, { texts: [], failure: "retry_limit" }],
  ])("%s", async (_, given, expected) => {
    host.onRun = () => Promise.resolve(result(given));
    await expect(createAgentRuntime(host).run(request, live())).resolves.toEqual(expected);
  }); // prettier-ignore

  it("starts no run once it has been given up", async () => {
    const reason = new Error("gone");
    await expect(createAgentRuntime(host).run(request, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(host.runs).toEqual([]);
  });
});

describe("warming up", () => {
  it("stops before the model is asked", async () => {
    host.onRun = (params) => {
      params.onExecutionPhase?.({ phase: "context_engine" });
      expect(params.abortSignal?.aborted).toBe(false);
      params.onExecutionPhase?.({ phase: "context_assembled" });
      expect(params.abortSignal?.aborted).toBe(true);
      return Promise.reject(params.abortSignal?.reason as Error);
    };
    await expect(createAgentRuntime(host).warm(request, live())).resolves.toBeUndefined();
    expect(host.runs[0]).toMatchObject({ sessionKey: KEY, senderIsOwner: false, toolsAllow: request.tools });
  });

  it("leaves the agent's main conversation alone", async () => {
    await createAgentRuntime(host).warm({ ...request, sessionKey: "agent:main:main" }, live());
    expect(host.runs[0]?.sessionKey).toBe("agent:main:voice-call:warm-up");
    expect([...host.rows.keys()]).toEqual(["/store/main|agent:main:voice-call:warm-up"]);
  });

  it("reports a failure that is not its own doing", async () => {
    host.onRun = () => Promise.reject(new Error("no auth"));
    await expect(createAgentRuntime(host).warm(request, live())).rejects.toThrow("no auth");
  });
});
