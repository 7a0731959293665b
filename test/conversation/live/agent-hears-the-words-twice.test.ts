import { beforeEach, describe, expect, it } from "vitest";
import type { LiveConversations } from "../../../src/conversation/live/calls.ts";
import { settled, virtualClock, type VirtualClock } from "../../support/clock.ts";
import { liveCall } from "../calls.ts";
import { fakeAgent, type FakeAgent, type Run } from "../fake-agent.ts";
import { conversations } from "./conversations.ts";
import { FakeEars } from "./fake-ears.ts";
import { FakeVoices } from "./fake-voices.ts";

let clock: VirtualClock;
let ears: FakeEars;
let agent: FakeAgent;
let notes: string[];
let calls: LiveConversations;

beforeEach(async () => {
  clock = virtualClock();
  ears = new FakeEars();
  agent = fakeAgent();
  notes = [];
  const voices = new FakeVoices();
  voices.quick = true;
  const live = { opening: "", opened: false, stream: "awaited", token: null, handOver: null } as const;
  calls = conversations({
    ears,
    voices,
    agent,
    wrap: (text) => Promise.resolve(`<<${text}>>`),
    note: async ({ text }) => void notes.push(text),
    clock,
    find: () => liveCall({ live }),
  });
  calls.event({ type: "stream-started", stream: 1, callId: "vc_test", token: "t", carrierCallId: "C1" });
  await clock.advance(0);
});

const gate = (on: boolean): void => calls.event({ type: "speech", stream: 1, on, at: clock.now() });

/** Interim words that stand for long enough to be thought about. */
async function thoughtAhead(words: string): Promise<Run> {
  gate(true);
  ears.last.on.partial(words);
  await clock.advance(300);
  return newest();
}

/** Final words, and then silence. */
async function says(words: string): Promise<Run> {
  gate(true);
  gate(false);
  ears.last.on.final(words);
  await clock.advance(1_000);
  return newest();
}

function newest(): Run {
  const run = agent.runs.at(-1);
  if (run === undefined) throw new Error("the agent was not asked");
  run.request.onModel?.();
  return run;
}

const promptOf = ({ request }: Run): string => request.prompt;

/** The model writes that, and the caller begins to hear it; the run goes on. */
async function beginsToSay(run: Run, text: string): Promise<number> {
  run.stream(text);
  await clock.advance(0);
  begins();
  return 1;
}

/** The caller begins to hear the first piece. */
function begins(): void {
  const at = clock.now();
  calls.event({ type: "piece-started", stream: 1, piece: 1, at, readyAt: at, trimmedMs: 0 });
}

async function finish(run: Run, text: string): Promise<void> {
  run.stream(text);
  run.finish(text);
  await settled();
}

describe("a thought that was dropped because the caller went on", () => {
  it("leaves its message to be gone on from: every word of the caller's is told once", async () => {
    const first = await thoughtAhead("I need help");
    const second = await thoughtAhead("I need help with my order");
    expect([first.signal.aborted, promptOf(first)]).toEqual([true, "<<I need help>>"]);
    expect(promptOf(second)).toBe("<<I need help>>\n\nThe other person goes on:\n\n<<with my order>>");
    const third = await says("I need help with my order, please.");
    expect(promptOf(third)).toBe(`${promptOf(second)}\n\nThe other person goes on:\n\n<<please.>>`);
    await finish(third, "Which one?");
    begins();
    calls.event({ type: "piece-played", stream: 1, piece: 1, at: clock.now() });
    expect(promptOf(await says("The red one."))).toBe("<<The red one.>>");
  });

  it("is put right when the words turn out to be others", async () => {
    await thoughtAhead("I want to cook");
    const second = await says("I want to book a table.");
    expect(promptOf(second)).toBe(
      "<<I want to cook>>\n\nThat was not taken down right. What the other person says is:\n\n<<I want to book a table.>>",
    );
  });

  it("counts as said to nobody when it was complete", async () => {
    await finish(await thoughtAhead("I need help"), "What with?");
    const second = await says("I want to book a table.");
    expect(promptOf(second)).toBe(
      "Your last reply was cut off. The other person heard nothing of it. The rest was never said.\n\n<<I want to book a table.>>",
    );
  });

  it("stands in the agent's conversation for good when a tool ran", async () => {
    const first = await thoughtAhead("I want to book");
    first.request.onTool("web_search");
    const second = await says("I want to book a table.");
    expect([first.signal.aborted, promptOf(second)]).toEqual([true, "<<I want to book a table.>>"]);
  });

  it("is told again when it had not been put to the agent, and not when its model failed", async () => {
    gate(true);
    ears.last.on.partial("I need help");
    await clock.advance(300);
    const [unasked] = agent.runs;
    unasked?.fail(new Error("no session"));
    await settled();
    const second = await says("I need help now.");
    expect(promptOf(second)).toContain("<<I need help>>\n\nThe other person goes on");
    second.fail(new Error("HTTP 400"));
    await settled();
    calls.event({ type: "piece-failed", stream: 1, piece: 1, reason: "empty" });
    await clock.advance(1_000);
    expect(promptOf(await says("Hello?"))).toBe("<<Hello?>>");
  });
});

describe("an answer that was cut while the model still wrote", () => {
  it("is told with the words that it was about, which stand there without an answer", async () => {
    const run = await says("Tell me a story.");
    const piece = await beginsToSay(run, "Once upon a time there was a king. He");
    const cut = { piece, playedMs: 1_000, knownMs: 2_000, whole: true };
    calls.event({ type: "stopped", stream: 1, by: "speech", cut });
    const next = await says("Stop it now.");
    expect(run.signal.aborted).toBe(true);
    expect(promptOf(next)).toMatch(
      /^<<Tell me a story\.>>\n\nYour answer to that was cut off\. The other person heard only this of it: "Once upon [^"]*"\. The rest was never said\.\n\n<<Stop it now\.>>$/u,
    );
  });

  it("is told after the call when that ends with it", async () => {
    const run = await says("Tell me a story.");
    const piece = await beginsToSay(run, "Once upon a time there was a king. He");
    const cut = { piece, playedMs: 1_000, knownMs: 2_000, whole: true };
    calls.event({ type: "stream-lost", stream: 1, reason: "stopped", cut });
    await calls.end("vc_test");
    expect(notes).toEqual([expect.stringMatching(/does not stand here.*"Once upon/u)]);
  });
});
