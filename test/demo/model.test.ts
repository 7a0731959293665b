import { afterEach, describe, expect, it } from "vitest";
import { startModel, type Model, type Script } from "../../demo/model.mjs";

const open: Model[] = [];
async function model(options: Parameters<typeof startModel>[0] = {}): Promise<Model> {
  const started = await startModel(options);
  open.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function post(url: string, body: object, signal?: AbortSignal): Promise<Response> {
  const init = { method: "POST", body: JSON.stringify(body) };
  return fetch(`${url}/chat/completions`, signal === undefined ? init : { ...init, signal });
}
const user = (...turns: string[]) => turns.map((content) => ({ role: "user", content }));
const say =
  (text: string): Script =>
  () => ({ text });

type Chunk = {
  choices: { delta: { content?: string; tool_calls?: unknown[] }; finish_reason: string | null }[];
};
function chunks(sse: string): Chunk[] {
  const lines = sse.split("\n\n").filter((line) => line.startsWith("data: {"));
  return lines.map((line) => JSON.parse(line.slice(6)) as Chunk);
}
async function small(url: string, ...turns: string[]): Promise<string> {
  const reply = (await (await post(url, { messages: user(...turns) })).json()) as {
    choices: [{ message: { content: string } }];
  };
  return reply.choices[0].message.content;
}

describe("the stand-in model", () => {
  it("streams its text word by word and ends with a reason and a mark", async () => {
    const { url } = await model({ script: say("one two three") });
    const sse = await (await post(url, { stream: true, messages: user("go") })).text();
    const parts = chunks(sse).flatMap((chunk) => chunk.choices);
    expect(parts.map(({ delta }) => delta.content ?? "")).toEqual(["", "one", " two", " three", ""]);
    expect(parts.at(-1)?.finish_reason).toBe("stop");
    expect(sse.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("asks for tools with JSON arguments", async () => {
    const { url } = await model({
      script: () => ({ toolCalls: [{ name: "dial", arguments: { to: "x" } }] }),
    });
    const sse = await (await post(url, { stream: true, messages: user("go") })).text();
    const parts = chunks(sse).flatMap((chunk) => chunk.choices);
    expect(parts.flatMap(({ delta }) => delta.tool_calls ?? [])).toMatchObject([
      { index: 0, function: { name: "dial", arguments: '{"to":"x"}' } },
    ]);
    expect(parts.at(-1)?.finish_reason).toBe("tool_calls");
  });

  it("records what it was asked, without the messages the host adds for itself", async () => {
    const { url, requests } = await model({ script: say("ok") });
    const messages = [
      { role: "system", content: "be brief" },
      { role: "user", content: [{ type: "text", text: "real words" }] },
      { role: "user", content: "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>> noise" },
    ];
    await (await post(url, { model: "m", messages, tools: [{ function: { name: "dial" } }] })).text();
    expect(requests).toMatchObject([
      {
        index: 1,
        model: "m",
        system: "be brief",
        lastUser: "real words",
        userTurns: ["real words"],
        tools: ["dial"],
      },
    ]);
  });

  it("fails with the status the script names", async () => {
    const { url } = await model({ script: () => ({ status: 500 }) });
    const reply = await post(url, { messages: user("go") });
    await reply.body?.cancel();
    expect(reply.status).toBe(500);
  });

  it("notices that a caller gave up on a hung answer", async () => {
    const started = await model({ script: () => ({ hang: true }) });
    const caller = new AbortController();
    const reply = post(started.url, { stream: true, messages: user("go") }, caller.signal);
    const request = await started.request(1);
    expect(request.state).toBe("answering");
    caller.abort();
    await expect(reply).rejects.toThrow("aborted");
    await expect.poll(() => request.state).toBe("aborted");
  });

  it("cuts the connection in the middle of its words when told to", async () => {
    const { url } = await model({ script: () => ({ text: "half a", drop: true }) });
    const reply = post(url, { stream: true, messages: user("go") }).then((response) => response.text());
    await expect(reply).rejects.toThrow("terminated");
  });

  it("takes another script for the requests to come", async () => {
    const started = await model({ script: say("first") });
    expect(await small(started.url, "go")).toBe("first");
    started.use(say("second"));
    expect(await small(started.url, "go")).toBe("second");
  });
});

const phone = (...actions: string[]) => ({
  type: "function",
  function: { name: "voice_call", parameters: { properties: { action: { enum: actions } } } },
});

/** A caller's words as the host marks them. */
const said = (words: string): string =>
  `<<<EXTERNAL_UNTRUSTED_CONTENT id="1">>>\nSource: External\n---\n${words}\n<<<END_EXTERNAL_UNTRUSTED_CONTENT id="1">>>`;

describe("small talk", () => {
  it("takes what a caller on the phone said from between the host's marks, in its last version", async () => {
    const { url } = await model();
    const inTwo = `${said("My name")}\n\nThe other person goes on:\n\n${said("is Ada.")}`;
    expect(await small(url, inTwo)).toBe("Nice to meet you, Ada. What can I do for you?");
    const corrected = `${said("My name is Ad")}\n\nThat was not taken down right. What the other person says is:\n\n${said("My name is Ada.")}`;
    expect(await small(url, corrected)).toBe("Nice to meet you, Ada. What can I do for you?");
    expect(await small(url, corrected, "ok", said("What is my name?"))).toBe("You told me your name is Ada.");
  });

  it("remembers what the caller said earlier", async () => {
    const { url } = await model();
    expect(await small(url, "Hi, my name is Ada.")).toBe("Nice to meet you, Ada. What can I do for you?");
    expect(await small(url, "my name is Ada", "ok", "What is my name?")).toBe(
      "You told me your name is Ada.",
    );
    expect(await small(url, "my name is Ada", "What was my name again?")).toContain("is Ada.");
    expect(await small(url, "What is my name?")).toBe("You have not told me your name yet.");
  });

  it("tells the time", async () => {
    const { url } = await model();
    expect(await small(url, "What time is it?")).toMatch(/^It is \d\d:\d\d\.$/);
  });

  it("says goodbye, and hangs up when it is offered a way to", async () => {
    const { url, requests } = await model();
    expect(await small(url, "Bye!")).toContain("Goodbye");
    const tools = [{ type: "function", function: { name: "end_call" } }];
    const reply = await (await post(url, { messages: user("goodbye"), tools })).json();
    expect(reply).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { name: "end_call" } }] } }],
    });
    expect(requests).toHaveLength(2);
  });

  it("hangs up with a phone tool only when that is all the tool can do", async () => {
    const { url } = await model();
    const messages = user("Thank you, goodbye");
    const onThePhone = await (await post(url, { messages, tools: [phone("end_call")] })).json();
    expect(onThePhone).toMatchObject({
      choices: [
        {
          message: { tool_calls: [{ function: { name: "voice_call", arguments: '{"action":"end_call"}' } }] },
        },
      ],
    });
    const elsewhere = await (
      await post(url, { messages, tools: [phone("initiate_call", "end_call")] })
    ).json();
    expect(elsewhere).toMatchObject({ choices: [{ finish_reason: "stop" }] });
  });

  it("repeats the keys that were pressed", async () => {
    const { url } = await model();
    expect(await small(url, "[digits 42#]")).toBe("You pressed 4 2 #.");
  });
});
