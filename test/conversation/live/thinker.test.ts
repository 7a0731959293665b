import { beforeEach, describe, expect, it } from "vitest";
import { Thinker, type ThoughtEvents } from "../../../src/conversation/live/thinker.ts";
import type { LiveNotes } from "../../../src/conversation/prompt.ts";
import { settled } from "../../support/clock.ts";
import { liveCall } from "../calls.ts";
import { fakeAgent, type FakeAgent, type Run } from "../fake-agent.ts";

const NO_NOTES: LiveNotes = { said: [], heard: null, isAll: false, dropped: null };

let agent: FakeAgent;
let thinker: Thinker;

beforeEach(() => {
  agent = fakeAgent();
  thinker = new Thinker({
    agent,
    settings: () => ({
      phoneTools: ["web_search"],
      verifiedCallers: { numbers: [], tools: [], requireAttestation: "A" },
    }),
    wrap: (words) => Promise.resolve(`<<${words}>>`),
  });
});

interface Thought {
  readonly told: string[];
  /** Messages to the agent, as they were told of. */
  readonly put: string[];
  readonly result: Promise<void>;
  readonly run: Run;
  abort(reason?: Error): void;
}

async function think(words = "What is the time?", notes = NO_NOTES): Promise<Thought> {
  const told: string[] = [];
  const put: string[] = [];
  const stop = new AbortController();
  const result = thinker.think(
    liveCall(),
    words,
    notes,
    {
      put: (prompt) => put.push(prompt),
      asked: () => told.push("asked"),
      first: () => told.push("first"),
      sentence: (text) => told.push(text),
      unfinished: () => told.push("unfinished"),
      working: () => told.push("working"),
      written: () => told.push("written"),
    },
    stop.signal,
  );
  result.catch(() => {});
  await settled();
  const run = agent.runs.at(-1);
  if (run === undefined) throw new Error("no run was started");
  return { told, put, result, run, abort: (reason = new Error("no longer wanted")) => stop.abort(reason) };
}

describe("a thought", () => {
  it("gives each sentence as soon as it is certain, and the rest when the run is over", async () => {
    const thought = await think();
    const { request } = thought.run;
    request.onModel?.();
    request.onMessage();
    request.onText("It is ten o'clock in the morning. The shop");
    expect(thought.told).toEqual(["asked", "first", "It is ten o'clock in the morning."]);
    request.onText("It is ten o'clock in the morning. The shop opens at noon");
    thought.run.finish("It is ten o'clock in the morning. The shop opens at noon");
    await thought.result;
    expect(thought.told.slice(3)).toEqual(["The shop opens at noon"]);
  });

  it("is complete once the model has written it, though the run goes on, and not before a word of it", async () => {
    const thought = await think();
    const { request } = thought.run;
    request.onWritten?.();
    expect(thought.told).toEqual([]);
    thought.run.stream("It is ten o'clock in the morning.");
    request.onWritten?.();
    expect(thought.told).toEqual(["first", "It is ten o'clock in the morning.", "written"]);
    thought.run.finish("It is ten o'clock in the morning.");
    await thought.result;
    expect(thought.told).toHaveLength(3);
  });

  it("says what stands before a tool runs, then tells that it works, and says no word twice", async () => {
    const thought = await think();
    thought.run.stream("Let me look that up for you.");
    thought.run.request.onTool("web_search");
    thought.run.stream("It opens at noon.");
    thought.run.finish("It opens at noon.");
    await thought.result;
    expect(thought.told).toEqual(["first", "Let me look that up for you.", "working", "It opens at noon."]);
  });

  it("never says reasoning, JSON or directives, also while they are being written", async () => {
    const thought = await think();
    const { request } = thought.run;
    request.onMessage();
    request.onText("<think>The caller wants");
    request.onText("<think>The caller wants the time. So I say it.");
    request.onText("<think>The caller wants the time. So I say it.</think>It is ten. [[voice: deep]]");
    thought.run.finish("It is ten.");
    await thought.result;
    expect(thought.told).toEqual(["first", "It is ten."]);
  });

  it("says what a model gave without streaming it", async () => {
    const thought = await think();
    thought.run.finish("It is **ten**. Anything else?");
    await thought.result;
    expect(thought.told.join(" ")).toBe("It is ten. Anything else?");
  });

  it("may be that the caller is not done, and then says nothing, however that was streamed", async () => {
    for (const parts of [["<wait>"], ["<", "<wa", "<wait>"], ["<wait>\n"]]) {
      const thought = await think("I would like to");
      thought.run.request.onMessage();
      for (const part of parts) thought.run.request.onText(part);
      thought.run.finish("<wait>");
      await thought.result;
      expect(thought.told).toEqual(["first", "unfinished"]);
    }
  });

  it("is spoken when it only begins like that mark", async () => {
    const thought = await think();
    thought.run.stream("<b>Waiting</b> for you takes a minute.");
    thought.run.finish("Waiting for you takes a minute.");
    await thought.result;
    expect(thought.told).toEqual(["first", "Waiting for you takes a minute."]);
  });

  it("tells nothing any more once nobody wants it, and ends at once with the reason", async () => {
    const thought = await think();
    const reason = new Error("the caller goes on");
    thought.abort(reason);
    await expect(thought.result).rejects.toBe(reason);
    thought.run.stream("Too late to be of any use.");
    thought.run.request.onTool("web_search");
    thought.run.finish("Too late to be of any use.");
    await settled();
    expect(thought.told).toEqual([]);
  });

  it.each([
    ["a model that failed", (run: Run) => run.fail(new Error("HTTP 500"))],
    [
      "a run without the answer it should have given",
      (run: Run) => run.end({ texts: [], failure: "timeout" }),
    ],
  ])("fails coded with %s", async (_, fail) => {
    const thought = await think();
    fail(thought.run);
    await expect(thought.result).rejects.toMatchObject({ code: "VC_REPLY_FAILED" });
  });

  it("may be nothing at all", async () => {
    const thought = await think();
    thought.run.finish();
    await thought.result;
    expect(thought.told).toEqual([]);
  });
});

describe("what the agent is told", () => {
  it("is the caller's words as untrusted ones, after what was said besides, and where its own were cut", async () => {
    const { run } = await think("Go on.", {
      said: ["The taxi is here."],
      heard: "It is ten",
      isAll: true,
      dropped: null,
    });
    const { prompt } = run.request;
    expect(prompt.endsWith("<<Go on.>>")).toBe(true);
    expect(prompt).toContain('- "The taxi is here."');
    expect(prompt).toContain('heard only this of it: "It is ten"');
    expect(prompt).toContain("says no more than this");
    expect(run.request.systemPrompt).toContain("<wait>");
    expect(run.request.tools).toEqual(["web_search", "voice_call"]);
  });

  it("is nothing else where there is nothing else", async () => {
    expect((await think("Hello.")).run.request.prompt).toBe("<<Hello.>>");
    const cut = await think("Hello.", { ...NO_NOTES, heard: "" });
    expect(cut.run.request.prompt).toContain("heard nothing of it");
  });

  it("is known to whoever asked before the run begins, and not when nobody waits for it any more", async () => {
    const thought = await think("Hello.");
    expect(thought.put).toEqual(["<<Hello.>>"]);
    const runs = agent.runs.length;
    const put: string[] = [];
    const on = { put: (prompt: string) => put.push(prompt) } as unknown as ThoughtEvents;
    const gone = AbortSignal.abort(new Error("no longer wanted"));
    await expect(thinker.think(liveCall(), "Hello.", NO_NOTES, on, gone)).rejects.toThrow("no longer wanted");
    await settled();
    expect([put, agent.runs.length]).toEqual([[], runs]);
  });

  it("is only the message before where that has told all of the caller's words", async () => {
    const dropped = { prompt: "<<Hello.>>", is: "beginning" } as const;
    expect((await think("", { ...NO_NOTES, dropped })).run.request.prompt).toBe("<<Hello.>>");
  });
});
