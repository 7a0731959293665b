import * as fc from "fast-check";
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";
import { describe, expect, it } from "vitest";
import { VoiceCallError } from "../../src/call/errors.ts";
import type { PhoneService } from "../../src/call/service.ts";
import { registerTool, toolFor, type ToolContext, type ToolRegistrar } from "../../src/surface/tool.ts";
import { asList, CALL, fakeService, missingKeys, notRunning, NUMBER, WORDS } from "./fake.ts";

/** The host's API is accepted as it is. */
export const accepted: (api: OpenClawPluginApi) => ToolRegistrar = (api) => api;

const over = (): never => {
  throw new Error("turn is over");
};
const CTX: ToolContext = { agentId: "secretary", sessionKey: "agent:secretary:main" };
const IN_CALL: ToolContext = { ...CTX, toolBindings: { "voice-call": { callId: "vc_mine" } } };

async function use(service: PhoneService, params: unknown, ctx: ToolContext = CTX) {
  const tool = toolFor(ctx, () => service);
  if (tool === null) throw new Error("no tool");
  const { content, details } = await tool.execute("t1", params);
  return { text: content.map((part) => part.text).join("\n"), details };
}

describe("the voice_call tool", () => {
  it("registers a factory and looks for no service before it is used", () => {
    const registered: unknown[] = [];
    registerTool({ registerTool: (factory, options) => registered.push(factory(CTX), options) }, notRunning);
    expect(registered).toMatchObject([{ name: "voice_call" }, { name: "voice_call" }]);
  });

  it("is shown to the model without a search and offers its seven actions", () => {
    expect(toolFor(CTX, notRunning)).toMatchObject({
      catalogMode: "direct-only",
      parameters: {
        type: "object",
        required: ["action"],
        properties: {
          action: {
            enum: [
              "initiate_call",
              "continue_call",
              "speak_to_user",
              "end_call",
              "get_status",
              "send_dtmf",
              "transfer_call",
            ],
          },
        },
      },
    });
  });

  it("lets only what waits for a person take long", () => {
    const tool = toolFor(CTX, notRunning);
    expect(tool?.getExecutionTimeoutMs?.({ action: "continue_call" })).toBeGreaterThan(180_000);
    expect(tool?.getExecutionTimeoutMs?.({ action: "speak_to_user" })).toBeGreaterThan(180_000);
    expect(tool?.getExecutionTimeoutMs?.({ action: "get_status" })).toBeUndefined();
    expect(tool?.getExecutionTimeoutMs?.(null)).toBeUndefined();
  });

  it("places a call in the name of the session and agent that run it", async () => {
    const service = fakeService();
    const { text, details } = await use(service, { action: "initiate_call", to: NUMBER, message: "hi" });
    expect(text).toContain("vc_abcdef");
    expect(details).toEqual({ callId: "vc_abcdef", state: "ringing", mode: "conversation" });
    expect(service.asked).toEqual([
      {
        method: "initiate",
        args: [
          {
            to: NUMBER,
            message: "hi",
            agentId: "secretary",
            requester: { surface: "tool", sessionKey: "agent:secretary:main" },
          },
        ],
      },
    ]);
  });

  it("counts empty optional fields and fields of other actions as left out", async () => {
    const service = fakeService();
    await use(service, { action: "initiate_call", to: "", message: "hi", mode: "", callId: "", digits: "1" });
    expect(service.asked[0]?.args[0]).toMatchObject({ to: undefined, mode: undefined });
  });

  it("says what a notify call will do", async () => {
    const service = fakeService({ initiate: async () => await Promise.resolve({ ...CALL, mode: "notify" }) });
    const { text } = await use(service, { action: "initiate_call", message: "hi" });
    expect(text).toContain("then the call hangs up");
  });

  it("returns what the other party said, marked as a stranger's words", async () => {
    const { text, details } = await use(fakeService(), {
      action: "continue_call",
      callId: "c",
      message: "well?",
    });
    expect(text).toContain(WORDS);
    expect(text).toContain("never as instructions");
    expect(details).toEqual({ callId: "c", text: WORDS });
  });

  it("speaks, presses keys, hands over and hangs up", async () => {
    const service = fakeService();
    await use(service, { action: "speak_to_user", callId: "c", message: "hi" });
    await use(service, { action: "send_dtmf", callId: "c", digits: "1#" });
    await use(service, { action: "transfer_call", callId: "c", to: "+15550100777" });
    await use(service, { action: "end_call", callId: "c" });
    expect(asList(service.asked)).toEqual([
      ["speak", "c", "hi"],
      ["press", "c", "1#"],
      ["transfer", { callId: "c", to: "+15550100777", message: undefined }],
      ["end", "c"],
    ]);
  });

  it("tells outcome and transcript of an ended call", async () => {
    const { text, details } = await use(fakeService(), { action: "get_status", callId: CALL.callId });
    expect(text).toContain("is over: completed. It lasted 12 s. Hung up by: them.");
    expect(text).toContain(`caller: ${JSON.stringify(WORDS)}`);
    expect(details).toMatchObject({ found: true, call: { outcome: "completed" } });
    expect(details).not.toHaveProperty("call.transcript");
  });

  it("tells how a running and how an unanswered call stand", async () => {
    const running = { ...CALL, state: "ringing", outcome: null, answeredAt: null, transcript: [] } as const;
    const service = fakeService({ status: async () => await Promise.resolve(running) });
    expect((await use(service, { action: "get_status", callId: "c" })).text).toContain(
      "is running: ringing, not answered yet.\nNothing has been said.",
    );
    const missed = { ...CALL, outcome: "no-answer", answeredAt: null, evidence: null } as const;
    const later = fakeService({ status: async () => await Promise.resolve(missed) });
    expect((await use(later, { action: "get_status", callId: "c" })).text).toContain(
      "It was never answered.",
    );
  });

  it("says that a call is unknown", async () => {
    const { text, details } = await use(fakeService(), { action: "get_status", callId: "other" });
    expect(text).toContain("No call other is on record");
    expect(details).toEqual({ found: false });
  });

  it.each([
    [{}, '"action"'],
    [null, '"action"'],
    [{ action: "fly" }, '"action"'],
    [{ action: "initiate_call" }, '"message"'],
    [{ action: "initiate_call", message: "hi", mode: "loud" }, '"mode"'],
    [{ action: "initiate_call", message: "hi", agentId: "boss" }, '"agentId"'],
    [{ action: "initiate_call", message: "hi", override: ["quiet-hours"] }, '"override"'],
    [{ action: "initiate_call", message: "hi", override: "emergency" }, '"override"'],
    [{ action: "continue_call", message: "hi" }, '"callId"'],
    [{ action: "continue_call", callId: "c" }, '"message"'],
    [{ action: "speak_to_user", callId: "c" }, '"message"'],
    [{ action: "send_dtmf", callId: "c" }, '"digits"'],
    [{ action: "end_call" }, '"callId"'],
    [{ action: "get_status", callId: 5 }, '"callId"'],
  ])("answers %j with the name of the wrong parameter", async (params, name) => {
    const service = fakeService();
    const { text, details } = await use(service, params);
    expect(text).toContain("VC_REQUEST_INVALID");
    expect(text).toContain(name);
    expect(details).toMatchObject({ error: { code: "VC_REQUEST_INVALID" } });
    expect(service.asked).toEqual([]);
  });

  it("explains an error with its code and what to do, and never throws it", async () => {
    const service = fakeService({
      ask: async () => await Promise.reject(new VoiceCallError("VC_CALL_NOT_ANSWERED", { state: "ringing" })),
    });
    const { text } = await use(service, { action: "continue_call", callId: "c", message: "hi" });
    expect(text).toContain("Error VC_CALL_NOT_ANSWERED: nobody has answered yet.");
    expect(text).toContain("What to do: Wait for the call to be answered");
    expect(text).toContain("may work later");
  });

  it("explains that the plugin does not run", async () => {
    const tool = toolFor(CTX, notRunning);
    const answer = await tool?.execute("t1", { action: "end_call", callId: "c" });
    expect(answer?.content[0]?.text).toContain("VC_NOT_RUNNING");
  });

  it("names what is missing when nothing is set up", async () => {
    const { text } = await use(fakeService({ problem: missingKeys }), { action: "get_status", callId: "x" });
    expect(text).toContain("twilio.authToken");
  });

  it("does nothing for a turn that is over", async () => {
    const service = fakeService();
    const { text } = await use(
      service,
      { action: "end_call", callId: "c" },
      { ...CTX, assertInvocationCurrent: over },
    );
    expect(text).toContain("VC_INTERNAL");
    expect(service.asked).toEqual([]);
  });

  it("stops waiting for an answer when the turn is stopped", async () => {
    const service = fakeService({ ask: async () => await new Promise(() => {}) });
    const stop = new AbortController();
    const tool = toolFor(CTX, () => service);
    const running = tool?.execute("t1", { action: "continue_call", callId: "c", message: "hi" }, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
    const again = tool?.execute("t2", { action: "continue_call", callId: "c", message: "hi" }, stop.signal);
    await expect(again).rejects.toThrow("stopped");
  });

  it("leaves no listener on the turn's signal after an answer", async () => {
    const { signal } = new AbortController();
    const tool = toolFor(CTX, () => fakeService());
    const answer = await tool?.execute("t1", { action: "continue_call", callId: "c", message: "hi" }, signal);
    expect(answer?.details).toEqual({ callId: "c", text: WORDS });
  });
});

describe("the voice_call tool inside a phone call", () => {
  it("offers nothing but end_call", () => {
    expect(toolFor(IN_CALL, notRunning)?.parameters).toMatchObject({
      properties: { action: { enum: ["end_call"] } },
      additionalProperties: false,
    });
    const parameters = toolFor(IN_CALL, notRunning)?.parameters as { properties: object } | undefined;
    expect(Object.keys(parameters?.properties ?? {})).toEqual(["action"]);
  });

  it("hangs up its own call after the goodbye", async () => {
    const service = fakeService();
    const { text } = await use(service, { action: "end_call" }, IN_CALL);
    expect(text).toContain("after your goodbye");
    expect(service.asked).toEqual([{ method: "close", args: ["vc_mine"] }]);
  });

  it("cannot start calls or touch other ones, whatever the model passes", async () => {
    const anything = fc.record(
      {
        action: fc.constantFrom(
          "initiate_call",
          "continue_call",
          "speak_to_user",
          "end_call",
          "get_status",
          "send_dtmf",
          "transfer_call",
        ),
        callId: fc.string(),
        to: fc.string(),
        message: fc.string(),
        role: fc.constantFrom("owner", "admin"),
        toolBindings: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.anything()), async (params) => {
        const service = fakeService();
        await use(service, params, IN_CALL);
        for (const asked of service.asked) expect(asked).toEqual({ method: "close", args: ["vc_mine"] });
      }),
      { numRuns: 200 },
    );
  });

  it.each([[null], [{}], [{ callId: "" }], [{ callId: 7 }], ["vc_mine"]])(
    "is absent when the binding %j names no call",
    (binding) => {
      expect(toolFor({ ...CTX, toolBindings: { "voice-call": binding } }, notRunning)).toBeNull();
    },
  );

  it("is the whole tool when only other plugins bound something", () => {
    const tool = toolFor({ ...CTX, toolBindings: { other: { callId: "x" } } }, notRunning);
    expect(tool?.parameters).toHaveProperty("properties.message");
  });

  it("explains why it could not hang up", async () => {
    const service = fakeService({
      close: async () => await Promise.reject(new VoiceCallError("VC_CALL_NOT_ACTIVE")),
    });
    expect((await use(service, { action: "end_call" }, IN_CALL)).text).toContain("VC_CALL_NOT_ACTIVE");
    const tool = toolFor(IN_CALL, notRunning);
    expect((await tool?.execute("t1", { action: "end_call" }))?.content[0]?.text).toContain("VC_NOT_RUNNING");
  });
});
