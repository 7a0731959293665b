/**
 * A caller waited twenty seconds for an answer that was there: the run that gave it was still compacting its session. Here the
 * last word of the model is spoken when it is written, and what the host does after it is nobody's silence.
 */
import { describe, expect, it } from "vitest";
import { createAgentRuntime } from "../../src/host/agent.ts";
import { fakeHost, type RunParams } from "../host/fake-host.ts";
import { GREETING, LiveHouse } from "./live-house.ts";

const THEM = "+15550402001";

/** Somebody has asked something on live audio, and the agent is being run for it. */
async function asked(words: string) {
  const house = new LiveHouse();
  const call = await house.talks(THEM);
  await house.says(call, words);
  const run = house.agent.runs.at(-1);
  if (run === undefined) throw new Error("nobody is asked");
  return { house, call, run };
}

describe("an answer whose run goes on", () => {
  it("is spoken to its last word before the run is over, and no word of it again after that", async () => {
    for (const answer of ["We open at nine.", "We open at nine in the morning. And we close at noon"]) {
      const { house, call, run } = await asked("When do you open?");
      run.stream(answer);
      run.request.onWritten?.();
      await house.clock.advance(0);
      const spoken = house.spoken(call);
      expect(spoken.join(" ")).toBe(`${GREETING} ${answer}`);
      run.finish(answer);
      await house.clock.advance(0);
      expect(house.spoken(call)).toEqual(spoken);
    }
  });

  it("is gone on with when the model writes another message after all", async () => {
    const { house, call, run } = await asked("When do you open?");
    run.stream("Let me see.");
    run.request.onWritten?.();
    run.stream("We open at nine.");
    run.finish("We open at nine.");
    await house.clock.advance(0);
    expect(house.spoken(call).join(" ")).toBe(`${GREETING} Let me see. We open at nine.`);
  });

  it("is nothing to speak when the model finds that the caller has not finished", async () => {
    const { house, call, run } = await asked("I want a table");
    run.stream("<wait>");
    run.request.onWritten?.();
    await house.clock.advance(1_000);
    expect(house.spoken(call)).toEqual([GREETING]);
    await house.clock.advance(5_000);
    expect(house.agent.runs.at(-1)?.request.prompt).toContain("I want a table");
    expect(house.agent.runs).toHaveLength(2);
  });
});

describe("the host's run", () => {
  const request = {
    agentId: "main",
    sessionKey: "agent:main:voice-call:phone:+15550402001",
    callId: "vc_1",
    party: THEM,
    systemPrompt: "Be brief.",
    tools: [],
    prompt: "When do you open?",
    timeoutMs: 5_000,
    onMessage: () => {},
    onText: () => {},
    onTool: () => {},
  };
  type AgentEvent = Parameters<NonNullable<RunParams["onAgentEvent"]>>[0];

  it.each<[string, AgentEvent, number]>([
    ["is told as written", { stream: "lifecycle", data: { phase: "finishing", stopReason: "stop" } }, 1],
    ["is told as written where its end is told at once", { stream: "lifecycle", data: { phase: "end", stopReason: "stop" } }, 1],
    ["is not, when the model failed", { stream: "lifecycle", data: { phase: "finishing", stopReason: "error", error: "HTTP 500" } }, 0],
    ["is not, when it was cut off", { stream: "lifecycle", data: { phase: "finishing", stopReason: "aborted", aborted: true } }, 0],
    ["is not, when it only begins", { stream: "lifecycle", data: { phase: "start" } }, 0],
    ["is not, by what else is told of it", { stream: "assistant", data: { text: "stop", stopReason: "stop" } }, 0],
  ])("%s", async (_, event, times) => {
    const host = fakeHost();
    let written = 0;
    let before = 0;
    host.onRun = async (params) => {
      await params.onPartialReply?.({ text: "We open at nine." });
      await params.onAgentEvent?.(event);
      before = written;
      return { payloads: [{ text: "We open at nine." }], meta: { durationMs: 1 } };
    };
    await createAgentRuntime(host).run({ ...request, onWritten: () => (written += 1) }, new AbortController().signal);
    expect([before, written]).toEqual([times, times]);
  }); // prettier-ignore
});
