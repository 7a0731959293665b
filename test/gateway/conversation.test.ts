import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Answer, ModelRequest } from "../../demo/model.d.mts";
import { startModel, type Model } from "../../demo/model.mjs";
import { agentTurn, modelConfig, Person, useGateway } from "./rig/suite.ts";

const ADA = "+15550100711";
const BEN = "+15550100722";
const CLEO = "+15550100733";
const DESK = "+15550100844";
/** Dialled by callers whose reply must come at once. */
const HASTY_DESK = "+15550100855";
const KEYS = "73914682";

type Status = {
  found: boolean;
  call: {
    callId: string;
    carrierCallId: string;
    state: string;
    outcome: string | null;
    evidence: { hungUpBy: string } | null;
    transcript: { role: string; text: string }[];
  };
};

let model: Model;
/** What the model answers to whoever is on the phone, and to the owner in the chat. */
let onPhone: (request: ModelRequest) => Answer | Promise<Answer>;
let inChat: (request: ModelRequest) => Answer | Promise<Answer>;
/** Words that were spoken on a call by either side. */
const sentences: string[] = [];

const isPhoneTurn = ({ system }: ModelRequest): boolean => system.includes("This is a phone call");
const phoneTurns = (): readonly ModelRequest[] => model.requests.filter(isPhoneTurn);
const spoken = (text: string): string => {
  sentences.push(text);
  return text;
};

beforeAll(async () => {
  model = await startModel({ script: (request) => (isPhoneTurn(request) ? onPhone : inChat)(request) });
});
afterAll(() => model.close());

beforeEach(() => {
  onPhone = (request) => ({ text: request.toolResult === undefined ? "I see." : "NO_REPLY" });
  inChat = () => ({ text: "Done." });
});

const gateway = useGateway(() => ({
  pluginConfig: {
    provider: "mock",
    toNumber: ADA,
    fromNumber: DESK,
    inboundPolicy: "open",
    outbound: { defaultMode: "conversation" },
    numbers: { [HASTY_DESK]: { responseTimeoutMs: 2_500 } },
  },
  hostConfig: modelConfig(model.url),
}));

const rpc = <T = unknown>(method: string, params: object = {}): Promise<T> =>
  gateway().rpc<T>(`voicecall.${method}`, params);
const status = (callId: string): Promise<Status> => rpc<Status>("status", { callId });
const over = (callId: string): Promise<void> =>
  expect.poll(async () => (await status(callId)).call.state, { timeout: 30_000 }).toBe("ended");
const idle = (): Promise<void> =>
  expect
    .poll(
      async () =>
        (await rpc<{ calls: { state: string }[] }>("list")).calls.filter(({ state }) => state !== "ended"),
      { timeout: 30_000 },
    )
    .toEqual([]);

describe("an agent that is asked to call somebody", () => {
  const first = spoken("Good morning Ada, shall we meet at noon?");
  const answer = spoken("Noon suits me, please bring the blue folder.");
  const reply = spoken("The blue folder it is, see you at noon.");
  const farewell = spoken("Wonderful, goodbye until then.");
  const goodbye = spoken("Goodbye Ada, have a lovely morning.");
  let callId = "";
  let line = "";
  let person: Person;

  it("finds the tool in its own list, uses it, and learns the call's id", async () => {
    inChat = ({ toolResult }) =>
      toolResult === undefined
        ? {
            toolCalls: [
              { name: "voice_call", arguments: { action: "initiate_call", to: ADA, message: first } },
            ],
          }
        : { text: "I have called her." };
    person = await Person.at(gateway());
    const ringing = person.answers();
    const turn = await agentTurn(gateway(), "Please ring Ada about lunch.");
    line = await ringing;
    expect(turn.status).toBe("ok");

    const [asked, told] = model.requests.filter((request) => !isPhoneTurn(request));
    expect(asked?.tools).toContain("voice_call");
    callId = /vc_\w+/.exec(told?.toolResult ?? "")?.[0] ?? "";
    expect(callId).not.toBe("");
    await person.sees("spoken", { text: first });
  });

  it("talks with the callee through the same agent", async () => {
    onPhone = () => ({ text: reply });
    const from = await person.says(line, answer);
    await person.sees("spoken", { text: reply, from });
    expect(phoneTurns().at(-1)?.lastUser).toContain(answer);
  });

  it("hangs up after its goodbye was spoken", async () => {
    onPhone = ({ toolResult }) =>
      toolResult === undefined
        ? { text: goodbye, toolCalls: [{ name: "voice_call", arguments: { action: "end_call" } }] }
        : { text: "NO_REPLY" };
    const from = await person.says(line, farewell);
    const end = await person.sees("ended", { from, call: line });
    const last = await person.sees("spoken", { from, text: goodbye });
    expect(last.cursor).toBeLessThan(end.cursor);
    await over(callId);
    expect((await status(callId)).call).toMatchObject({
      outcome: "completed",
      evidence: { hungUpBy: "us" },
    });
    expect(person.heard(line)).toEqual([first, reply, goodbye]);
  });

  it("keeps the whole conversation on record under both ids", async () => {
    const words = [first, answer, reply, farewell, goodbye];
    const { call } = await status(callId);
    expect(call.transcript.map(({ text }) => text)).toEqual(words);
    expect(call.carrierCallId).toBe(line);
    expect(await status(line)).toEqual({ found: true, call });
  });

  it("tells the agent at its next turn how the call went, as untrusted content", async () => {
    const before = model.requests.length;
    await agentTurn(gateway(), "How did it go?");
    const note = model.requests[before]?.messages
      .filter(({ role }) => role === "user")
      .map(({ content }) => JSON.stringify(content))
      .join("\n");
    expect(note).toContain(callId);
    expect(note).toContain("was answered and is over");
    expect(note).toMatch(/EXTERNAL_UNTRUSTED_CONTENT[^]*blue folder[^]*EXTERNAL_UNTRUSTED_CONTENT/);
    expect(model.requests[before]?.system).not.toContain("blue folder");
  });

  it("gives whoever is on the phone reading tools only, and a voice_call that can do nothing but hang up", () => {
    const turns = phoneTurns();
    expect(turns.length).toBeGreaterThan(0);
    for (const { tools, body } of turns) {
      expect(tools).toContain("voice_call");
      const reading = ["web_search", "web_fetch", "memory_search", "memory_get"];
      const search = ["tool_search", "tool_describe", "tool_call"];
      expect(tools.filter((tool) => ![...reading, ...search, "voice_call"].includes(tool))).toEqual([]);
      const offered = body["tools"] as { function: { name: string; parameters: unknown } }[];
      const voiceCall = offered.find((tool) => tool.function.name === "voice_call");
      expect(voiceCall?.function.parameters).toMatchObject({
        additionalProperties: false,
        properties: { action: { enum: ["end_call"] } },
      });
    }
  });

  it("puts the caller's words at user level only, marked as untrusted", () => {
    for (const { system, messages } of phoneTurns()) {
      expect(system).not.toContain("blue folder");
      for (const { role, content } of messages) {
        const text = JSON.stringify(content);
        if (!text.includes(answer) && !text.includes(farewell)) continue;
        expect(role).toBe("user");
        expect(text).toMatch(
          /EXTERNAL_UNTRUSTED_CONTENT[^]*(folder|until then)[^]*EXTERNAL_UNTRUSTED_CONTENT/,
        );
      }
    }
    const turn = phoneTurns().find(({ lastUser }) => lastUser.includes(answer));
    expect(turn?.lastUser).toContain("EXTERNAL_UNTRUSTED_CONTENT");
  });
});

describe("the gateway methods on one call", () => {
  const question = spoken("Is the parcel there already?");
  const reply = spoken("Yes, it came an hour ago.");
  const second = spoken("Who signed for it?");
  const signed = spoken("My neighbour Oskar did.");
  const remark = spoken("One moment while I note that.");
  let callId = "";
  let line = "";
  let person: Person;

  it("asks and hears the answer, also when asked while it rings", async () => {
    person = await Person.at(gateway());
    const opening = spoken("Hello, this is the delivery desk.");
    ({ callId } = await rpc<{ callId: string }>("initiate", { to: BEN, message: opening }));
    const asked = rpc("continue", { callId, message: question });
    line = await person.answers();
    await person.sees("spoken", { text: question, call: line });
    await person.says(line, reply);
    expect(await asked).toEqual({ success: true, callId, text: reply });
  });

  it("refuses a second outbound call while the only line is in use", async () => {
    await expect(rpc("initiate", { to: CLEO, message: "Hello." })).rejects.toMatchObject({
      code: "VC_TOO_MANY_CALLS",
    });
  });

  it("asks in the poll form: pending, then the answer", async () => {
    const { operationId } = await rpc<{ operationId: string }>("continue.start", { callId, message: second });
    await person.sees("spoken", { text: second, call: line });
    expect(await rpc("continue.result", { operationId })).toEqual({ status: "pending" });
    await person.says(line, signed);
    await expect
      .poll(() => rpc("continue.result", { operationId }), { timeout: 30_000 })
      .toEqual({ status: "done", text: signed });
    await expect(rpc("continue.result", { operationId: "nothing" })).rejects.toMatchObject({
      code: "VC_OPERATION_UNKNOWN",
    });
  });

  it("gives the caller's answer to the waiting command and to nobody else", () => {
    expect(phoneTurns().filter(({ lastUser }) => lastUser.includes(signed))).toEqual([]);
  });

  it("speaks and presses keys", async () => {
    expect(await rpc("speak", { callId, message: remark })).toEqual({ success: true });
    await person.sees("spoken", { text: remark, call: line });
    expect(await rpc("dtmf", { callId, digits: KEYS })).toEqual({ success: true });
    await person.sees("digits", { text: KEYS, call: line });
  });

  it("shows the running call by both ids and in the list", async () => {
    const { call } = await status(callId);
    expect(call).toMatchObject({ callId, carrierCallId: line, state: "live", outcome: null });
    expect((await status(line)).call.callId).toBe(callId);
    const { calls } = await rpc<{ calls: { callId: string }[] }>("status");
    expect(calls[0]).toMatchObject({ callId, state: "live" });
  });

  it("ends the call, and says so afterwards under both ids", async () => {
    expect(await rpc("end", { callId })).toEqual({ success: true });
    await person.sees("ended", { call: line });
    await over(callId);
    for (const id of [callId, line])
      expect((await status(id)).call).toMatchObject({ callId, state: "ended", outcome: "completed" });
  });

  it.each([
    ["continue", { message: "Hello?" }],
    ["dtmf", { digits: "1" }],
    ["end", {}],
  ])("refuses %s on the ended call", async (method, params) => {
    await expect(rpc(method, { callId, ...params })).rejects.toMatchObject({ code: "VC_CALL_NOT_ACTIVE" });
  });

  it("answers speak on the ended call the way meeting plugins read it", async () => {
    expect(await rpc("speak", { callId, message: "Hello?" })).toMatchObject({
      success: false,
      error: expect.stringContaining("call is not active"),
      details: { code: "VC_CALL_NOT_ACTIVE" },
    });
  });

  it("does not know a call that never was", async () => {
    expect(await rpc("status", { callId: "vc_0" })).toEqual({ found: false });
    await expect(rpc("end", { callId: "vc_0" })).rejects.toMatchObject({ code: "VC_CALL_NOT_FOUND" });
  });

  it("starts a call that presses keys before it speaks", async () => {
    const words = spoken("I am calling to join the meeting.");
    const answering = person.answers();
    const started = await rpc<{ callId: string }>("start", {
      to: CLEO,
      message: words,
      mode: "conversation",
      dtmfSequence: `ww${KEYS}#`,
      agentId: "someone-else",
      requesterSessionKey: "agent:main:main",
    });
    line = await answering;
    const keys = await person.sees("digits", { text: KEYS, call: line });
    const said = await person.sees("spoken", { text: words, call: line });
    expect(keys.cursor).toBeLessThan(said.cursor);
    expect((await status(started.callId)).call).toMatchObject({ agentId: "main" });
    await person.hangsUp(line);
    await over(started.callId);
    expect((await status(started.callId)).call).toMatchObject({
      outcome: "completed",
      evidence: { hungUpBy: "them" },
    });
  });

  it("says a message and hangs up by itself in notify mode", async () => {
    const words = spoken("Your table is ready.");
    const answering = person.answers();
    const { callId: id } = await rpc<{ callId: string }>("initiate", { message: words, mode: "notify" });
    line = await answering;
    await person.sees("ended", { call: line });
    expect(person.heard(line)).toEqual([words]);
    await over(id);
    expect((await status(id)).call).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "us" } });
  });

  it("reports events and latencies", async () => {
    const { events } = await rpc<{ events: { callId: string; type: string }[] }>("events", { after: 0 });
    const types = events.filter((event) => event.callId === callId).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(["answered", "speech", "ask", "press", "ended"]));
    const { stages } = await rpc<{ stages: { stage: string; count: number; p95: number }[] }>("latency");
    expect(stages.map(({ stage }) => stage)).toContain("think");
    for (const stage of stages) expect(stage.count).toBeGreaterThan(0);
  });

  it("finds nothing wrong with its setup", async () => {
    expect(await rpc("setup")).toMatchObject({ ok: true });
  });
});

describe("two people who call", () => {
  const secret = spoken("My locker combination is hidden under the geranium.");

  it("never share a conversation, and each one's goes on with the next call", async () => {
    const person = await Person.at(gateway());
    const visit = async (from: string, words: string): Promise<ModelRequest> => {
      const line = await person.calls(from, DESK);
      const before = phoneTurns().length;
      const seen = await person.says(line, words);
      await person.sees("spoken", { text: "I see.", from: seen });
      await person.hangsUp(line);
      const request = phoneTurns()[before];
      if (request === undefined) throw new Error("no model request");
      return request;
    };
    await visit(ADA, secret);
    const stranger = await visit(CLEO, spoken("Where is the combination hidden?"));
    expect(JSON.stringify(stranger.body)).not.toContain("geranium");
    const again = await visit(ADA, spoken("What did I tell you?"));
    expect(JSON.stringify(again.messages)).toContain("geranium");
    await idle();
  });
});

describe("a reply that fails", () => {
  const apology = spoken("I'm sorry, I couldn't get an answer just now.");

  it.each<[string, Answer]>([
    ["hangs", { hang: true }],
    ["answers with an error", { status: 500 }],
  ])("is apologised for in time when the model %s, and the log says why", async (_, answer) => {
    onPhone = () => answer;
    const person = await Person.at(gateway());
    const line = await person.calls(BEN, HASTY_DESK);
    const printed = gateway().output().length;
    const from = await person.says(line, spoken("Can you find out when the ferry leaves?"));
    await person.sees("spoken", { text: apology, from });
    const log = gateway().output().slice(printed);
    expect(log).toMatch(/the agent gave no reply; the caller hears an apology .*error=VC_REPLY_\w+/);
    onPhone = () => ({ text: "It leaves at ten." });
    const retry = await person.says(line, spoken("And now?"));
    await person.sees("spoken", { text: spoken("It leaves at ten."), from: retry });
    await person.hangsUp(line);
    await idle();
  });
});

describe("a reply that comes too late", () => {
  const stale = spoken("This answer belongs to the past.");
  let person: Person;
  let release: () => void;
  let line = "";

  beforeEach(() => {
    const gate = Promise.withResolvers<Answer>();
    release = () => gate.resolve({ text: stale });
    onPhone = () => gate.promise;
  });

  it("is never spoken when a command has taken the floor", async () => {
    person = await Person.at(gateway());
    const { callId } = await rpc<{ callId: string }>("initiate", {
      message: spoken("Hello, do you have a minute?"),
    });
    line = await person.answers();
    const turns = phoneTurns().length;
    await person.says(line, spoken("What is this about?"));
    await expect.poll(() => phoneTurns().length, { timeout: 30_000 }).toBeGreaterThan(turns);

    const asked = rpc("continue", { callId, message: spoken("Could you open the gate, please?") });
    await person.sees("spoken", { text: "Could you open the gate", call: line });
    release();
    const from = await person.says(line, spoken("The gate is open."));
    expect(await asked).toMatchObject({ text: "The gate is open." });
    await rpc("speak", { callId, message: spoken("Thank you kindly.") });
    await person.sees("spoken", { text: "Thank you kindly.", from });
    expect(person.heard(line)).not.toContain(stale);
    await rpc("end", { callId });
    await over(callId);
    const { transcript } = (await status(callId)).call;
    expect(transcript.map(({ text }) => text)).not.toContain(stale);
  });

  it("is never spoken or recorded when the caller has hung up", async () => {
    line = await person.calls(CLEO, DESK);
    const turns = phoneTurns().length;
    await person.says(line, spoken("Please think hard about this."));
    await expect.poll(() => phoneTurns().length, { timeout: 30_000 }).toBeGreaterThan(turns);
    await person.hangsUp(line);
    await over(line);
    release();
    await expect.poll(() => phoneTurns().at(-1)?.state, { timeout: 30_000 }).not.toBe("answering");
    const { transcript } = (await status(line)).call;
    expect(transcript.map(({ text }) => text)).not.toContain(stale);
    expect(person.heard(line)).not.toContain(stale);
  });
});

describe("a client that may only read", () => {
  it("sees how calls went, and no number, word, session or carrier id", async () => {
    const reader = await gateway().rpcWithScopes(["operator.read"]);
    const { calls } = await rpc<{ calls: { callId: string; carrierCallId: string }[] }>("list");
    const answers: unknown[] = [];
    for (const method of ["list", "status", "events", "latency", "setup"])
      answers.push(
        await reader.request(`voicecall.${method}`, method === "events" ? { after: 0, limit: 1_000 } : {}),
      );
    for (const { callId, carrierCallId } of calls) {
      const answer = await reader.request("voicecall.status", { callId });
      expect(answer).toMatchObject({ found: true, call: { callId, redacted: true } });
      expect(JSON.stringify(answer)).not.toContain(carrierCallId);
      answers.push(answer);
    }
    const shown = JSON.stringify(answers);
    expect(calls.length).toBeGreaterThan(8);
    const numbers = [ADA, BEN, CLEO, DESK].map((number) => number.slice(1));
    expect([...numbers, ...sentences].filter((secret) => shown.includes(secret))).toEqual([]);
    expect(shown).not.toMatch(/sessionKey|agent:main|transcript/);
  });

  it("finds no caller's number among the gateway's conversations", async () => {
    const reader = await gateway().rpcWithScopes(["operator.read"]);
    const shown = JSON.stringify(await reader.request("sessions.list", {}));
    expect(shown).toContain("voice-call:phone:");
    expect([ADA, BEN, CLEO].filter((number) => shown.includes(number.slice(1)))).toEqual([]);
  });

  it("can neither call, speak, listen in, nor pair", async () => {
    const reader = await gateway().rpcWithScopes(["operator.read"]);
    const methods = ["initiate", "start", "continue", "continue.start", "speak", "dtmf", "end"];
    for (const method of [...methods, "phone.screen", "phone.call", "pairing.list", "pairing.approve"])
      await expect(reader.request(`voicecall.${method}`, {})).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("is not the only one kept from the terminal phone: writing is not enough", async () => {
    const writer = await gateway().rpcWithScopes(["operator.read", "operator.write"]);
    await expect(writer.request("voicecall.phone.screen", {})).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(writer.request("voicecall.pairing.list", {})).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("the gateway's log after all of this", () => {
  it("holds no number, no word that was spoken and no digit that was pressed", () => {
    const log = gateway().logs();
    expect(log).toContain("voice-call is ready");
    const numbers = [ADA, BEN, CLEO, DESK, HASTY_DESK].map((number) => number.slice(1));
    const found = [...numbers, KEYS, ...sentences].filter((secret) => log.includes(secret));
    expect(found).toEqual([]);
  });
});
