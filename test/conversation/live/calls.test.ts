import { beforeEach, describe, expect, it } from "vitest";
import type { Call } from "../../../src/call/call.ts";
import type { OwnEvent } from "../../../src/call/event.ts";
import { phrasesFor } from "../../../src/call/phrases.ts";
import type { LiveConversations } from "../../../src/conversation/live/calls.ts";
import type { StreamCommand, StreamEvent } from "../../../src/media/commands.ts";
import { settled, virtualClock, type VirtualClock } from "../../support/clock.ts";
import { liveCall } from "../calls.ts";
import { fakeAgent, type FakeAgent, type Run } from "../fake-agent.ts";
import { conversations } from "./conversations.ts";
import { FakeEars } from "./fake-ears.ts";
import { FakeVoices } from "./fake-voices.ts";

const words = phrasesFor("en-US");
const GREETING = "Hello, this is the clinic.";

const call = (id: string, opening = GREETING): Call =>
  liveCall({
    id,
    state: "answered",
    sessionKey: `session-${id}`,
    live: { opening, opened: false, stream: "awaited", token: null, handOver: null },
  });

let clock: VirtualClock;
let ears: FakeEars;
let voices: FakeVoices;
let agent: FakeAgent;
let sent: StreamCommand[];
let reported: [string, OwnEvent][];
let known: Map<string, Call>;
let calls: LiveConversations;

beforeEach(() => {
  clock = virtualClock();
  ears = new FakeEars();
  voices = new FakeVoices();
  voices.quick = true;
  agent = fakeAgent();
  sent = [];
  reported = [];
  known = new Map();
  calls = conversations({
    ears,
    voices,
    agent,
    clock,
    send: (command) => void sent.push(command),
    report: (id, event) => void reported.push([id, event]),
    settings: () => ({ interruption: true, idlePromptMs: 10_000, fallback: true }),
    find: (id) => known.get(id) ?? null,
  });
});

const START = { type: "stream-started", token: "t", carrierCallId: "C1" } as const;

/** A call on its own stream, whose first words have been heard. */
async function talking(stream = 1, id = "vc_1", opening = GREETING): Promise<void> {
  known.set(id, call(id, opening));
  calls.event({ ...START, stream, callId: id });
  await clock.advance(0);
  if (opening !== "") await play(stream);
}

const pieces = (stream: number) => sent.filter((one) => one.type === "piece" && one.stream === stream);
const textOf = (piece: number, stream = 1): string =>
  sent
    .flatMap((one) =>
      one.type === "piece-audio" && one.stream === stream && one.piece === piece ? [one.bytes] : [],
    )
    .map((bytes) => new TextDecoder().decode(bytes))
    .join("");
const played = new Map<number, number>();

/** The media plane plays everything it has been given on this stream. */
async function play(stream = 1): Promise<string[]> {
  const all = pieces(stream).flatMap((one) => (one.type === "piece" ? [one.piece] : []));
  const fresh = all.filter((piece) => piece > (played.get(stream) ?? -1));
  for (const piece of fresh) {
    calls.event({
      type: "piece-started",
      stream,
      piece,
      at: clock.now(),
      readyAt: clock.now(),
      trimmedMs: 0,
    });
    calls.event({ type: "piece-played", stream, piece, at: clock.now() });
    played.set(stream, piece);
  }
  await clock.advance(0);
  return fresh.map((piece) => textOf(piece, stream));
}

beforeEach(() => played.clear());

/** The caller says that and falls silent; the turn is over. */
async function says(text: string, stream = 1, session = ears.last): Promise<Run | undefined> {
  calls.event({ type: "speech", stream, on: true, at: clock.now() });
  await clock.advance(600);
  calls.event({ type: "speech", stream, on: false, at: clock.now() });
  session.on.final(text);
  await clock.advance(1_500);
  await settled();
  return agent.runs.at(-1);
}

const said = (id = "vc_1") =>
  reported.flatMap(([of, event]) =>
    of === id && event.type === "said" ? [`${event.role}: ${event.text}`] : [],
  );
const events = (type: OwnEvent["type"]) => reported.filter(([, event]) => event.type === type);

describe("a conversation over live audio", () => {
  it("says its first words once the caller can be heard, and not before", async () => {
    ears.manners["first"] = ["never"];
    known.set("vc_1", call("vc_1"));
    calls.event({ ...START, stream: 1, callId: "vc_1" });
    await clock.advance(100);
    expect(events("stream-up")).toHaveLength(1);
    expect(pieces(1)).toEqual([]);
    ears.last.connected();
    await clock.advance(0);
    expect(await play()).toEqual([GREETING]);
    expect(said()).toEqual([`agent: ${GREETING}`]);
  });

  it("has its first words spoken while the phone still rings", async () => {
    calls.prepare(call("vc_1"));
    await settled();
    expect(voices.texts).toEqual([GREETING]);
  });

  it("answers the caller sentence by sentence while the model writes, and keeps what was heard", async () => {
    await talking();
    const run = await says("When do you open?");
    run?.request.onMessage();
    run?.request.onText("We open at nine in the morning. And we");
    await clock.advance(0);
    expect(await play()).toEqual(["We open at nine in the morning."]);
    run?.request.onText("We open at nine in the morning. And we close at noon.");
    run?.finish("We open at nine in the morning. And we close at noon.");
    await clock.advance(0);
    expect(await play()).toEqual(["And we close at noon."]);
    expect(said()).toEqual([
      `agent: ${GREETING}`,
      "caller: When do you open?",
      "agent: We open at nine in the morning.",
      "agent: And we close at noon.",
    ]);
  });

  it("ends its memory with the last word that was heard when it is interrupted, and tells the agent", async () => {
    await talking();
    const run = await says("Tell me a story.");
    run?.stream("Once upon a time there was a king who lived far away in a castle.");
    run?.finish("Once upon a time there was a king who lived far away in a castle.");
    await clock.advance(0);
    const piece = (played.get(1) ?? 0) + 1;
    const at = clock.now();
    calls.event({ type: "piece-started", stream: 1, piece, at, readyAt: at, trimmedMs: 0 });
    const cut = { piece, playedMs: 2_000, knownMs: 4_000, whole: true };
    calls.event({ type: "stopped", stream: 1, by: "speech", cut });
    const heard = said().at(-1)?.replace("agent: ", "") ?? "";
    expect("Once upon a time there was a king who lived far away in a castle.").toContain(heard);
    expect(heard.split(" ").length).toBeGreaterThan(4);
    expect(heard.split(" ").length).toBeLessThan(11);
    const next = await says("What was his name?");
    expect(next?.request.prompt).toContain(JSON.stringify(heard));
  });

  it("goes on over another stream after one was lost, without a second greeting", async () => {
    await talking();
    calls.event({ type: "stream-lost", stream: 1, reason: "closed" });
    expect(events("stream-lost")).toEqual([["vc_1", { type: "stream-lost", token: "t" }]]);
    calls.event({ ...START, stream: 2, callId: "vc_1", token: "t2" });
    await clock.advance(0);
    expect(pieces(2)).toEqual([]);
    const run = await says("Are you back?", 2);
    run?.stream("Yes, I am here again.");
    run?.finish("Yes, I am here again.");
    await clock.advance(0);
    expect(await play(2)).toEqual(["Yes, I am here again."]);
  });

  it("takes no notice of what an older stream still tells", async () => {
    await talking();
    calls.event({ ...START, stream: 2, callId: "vc_1", token: "t2" });
    calls.event({ type: "stream-lost", stream: 1, reason: "replaced" });
    calls.event({ type: "key", stream: 1, digit: "9" });
    const run = await says("Hello?", 2);
    expect(run?.request.prompt).toBe("Hello?");
  });

  it("gives the caller's words to the command that asked, and to nobody else", async () => {
    await talking();
    calls.request(call("vc_1"), { type: "ask", text: "What is your date of birth?", timeoutMs: 60_000 });
    await clock.advance(0);
    expect(await play()).toEqual(["What is your date of birth?"]);
    await says("The first of May.");
    expect(events("answer")).toEqual([["vc_1", { type: "answer", text: "The first of May." }]]);
    expect(agent.runs).toEqual([]);
  });

  it.each(["goodbye", "hand-over"] as const)("tells that all has been said before a %s", async (before) => {
    await talking();
    calls.request(call("vc_1"), { type: "speak", text: "One last word to you." });
    calls.request(call("vc_1"), { type: "close", before });
    await clock.advance(0);
    expect(events("talked-out")).toEqual([]);
    await play();
    await clock.advance(2_000);
    expect(events("talked-out")).toEqual([["vc_1", { type: "talked-out", reason: before }]]);
  });

  it("ends in a goodbye again after a hand-over that reached nobody", async () => {
    await talking();
    calls.request(call("vc_1"), { type: "speak", text: "I connect you now." });
    calls.request(call("vc_1"), { type: "close", before: "hand-over" });
    await clock.advance(0);
    await play();
    await clock.advance(2_000);
    calls.event({ type: "stream-lost", stream: 1, reason: "closed" });
    calls.event({ ...START, stream: 2, callId: "vc_1", token: "t2" });
    for (let silence = 0; silence < 4; silence++) {
      await clock.advance(15_000);
      await play(2);
    }
    await clock.advance(5_000);
    const reasons = events("talked-out").map(([, event]) =>
      event.type === "talked-out" ? event.reason : null,
    );
    expect(reasons).toEqual(["hand-over", "goodbye"]);
  });

  it("presses keys on the stream", async () => {
    await talking();
    calls.request(call("vc_1"), { type: "keys", digits: "12#" });
    expect(sent.at(-1)).toEqual({ type: "keys", stream: 1, digits: "12#" });
  });

  it("apologises aloud and ends when nobody can listen any more", async () => {
    ears.list = ["only"];
    await talking();
    ears.manners["only"] = ["refuses"];
    ears.last.on.failed(new Error("gone"));
    await clock.advance(30_000);
    expect(events("listening-lost")).toHaveLength(1);
    expect(await play()).toContain(words.giveUp);
    await clock.advance(5_000);
    expect(events("talked-out")).toHaveLength(1);
  });

  it("gives the call to the carrier's voice when no voice of ours can speak", async () => {
    await talking();
    for (const id of ["first", "second"]) voices.broken.add(id);
    calls.request(call("vc_1"), { type: "speak", text: "Can you hear this?" });
    await clock.advance(60_000);
    calls.request(call("vc_1"), { type: "speak", text: "And can you hear that?" });
    await clock.advance(60_000);
    expect(events("voice-lost").length).toBeGreaterThan(0);
  });

  it("tells what was heard of its last words before the carrier's voice takes over", async () => {
    await talking();
    calls.request(call("vc_1"), { type: "speak", text: "Now you can hear me speak." });
    await clock.advance(0);
    const piece = pieces(1).length;
    const at = clock.now();
    calls.event({ type: "piece-started", stream: 1, piece, at, readyAt: at, trimmedMs: 0 });
    for (const reason of ["empty", "format"] as const)
      calls.event({ type: "piece-failed", stream: 1, piece: piece + 1, reason });
    expect(events("voice-lost")).toEqual([]);
    const cut = { piece, playedMs: 1_000, knownMs: 2_000, whole: true };
    calls.event({ type: "stopped", stream: 1, by: "order", cut });
    await clock.advance(0);
    const heard = said().at(-1)?.replace("agent: ", "") ?? "";
    expect(heard).toMatch(/^Now you can/u);
    expect(reported.map(([, event]) => event.type).slice(-2)).toEqual(["said", "voice-lost"]);
    calls.request(call("vc_1"), { type: "speak", text: "Too late." });
    calls.event({ type: "speech", stream: 1, on: true, at: clock.now() });
    await clock.advance(60_000);
    expect(reported.at(-1)?.[1].type).toBe("voice-lost");
  });

  it("is over with the call: nothing is said, heard or reported any more", async () => {
    await talking();
    const run = await says("Tell me more.");
    void calls.end("vc_1");
    expect(sent.at(-1)).toEqual({ type: "stream-forget", callId: "vc_1" });
    expect(run?.signal.aborted).toBe(true);
    const [commands, told] = [sent.length, reported.length];
    run?.stream("Nobody hears this.");
    run?.finish("Nobody hears this.");
    calls.event({ type: "stream-lost", stream: 1, reason: "forgotten" });
    calls.event({ type: "key", stream: 1, digit: "1" });
    await calls.end("vc_1");
    await clock.advance(60_000);
    expect([sent.length, reported.length]).toEqual([commands, told]);
    expect(ears.last.closes).toBe(1);
  });
});

describe("several conversations at once", () => {
  it("tell the agent that nothing was heard of an answer to words that changed after it was written", async () => {
    await talking(1, "vc_1", "");
    calls.event({ type: "speech", stream: 1, on: true, at: clock.now() });
    ears.last.on.partial("Where is my order");
    await clock.advance(200);
    const [early] = agent.runs;
    early?.stream("It is here.");
    early?.request.onWritten?.();
    ears.last.on.partial("Where is my order of May");
    await clock.advance(200);
    const asked = agent.runs.at(-1)?.request.prompt ?? "";
    expect(asked).toContain("heard nothing of it");
    expect(asked.split("Where is my order")).toHaveLength(2);
    expect(early?.signal.aborted).toBe(true);
  });

  it("think about no interim words while four callers who are done speaking await their replies", async () => {
    for (const stream of [1, 2, 3, 4]) {
      await talking(stream, `vc_${stream}`, "");
      await says("What is the time?", stream);
    }
    await talking(5, "vc_5", "");
    calls.event({ type: "speech", stream: 5, on: true, at: clock.now() });
    ears.last.on.partial("And what is");
    await clock.advance(1_000);
    expect(agent.runs).toHaveLength(4);
    agent.runs[0]?.finish("It is ten.");
    await settled();
    ears.last.on.partial("And what is the day");
    await clock.advance(200);
    expect(agent.runs).toHaveLength(5);
    ears.last.on.partial("And what is the day today");
    await clock.advance(200);
    expect(agent.runs).toHaveLength(5);
    ears.last.on.final("And what is the day today?");
    calls.event({ type: "speech", stream: 5, on: false, at: clock.now() });
    await clock.advance(1_500);
    expect(agent.runs.at(-1)?.request.prompt).toContain("today");
  });

  it("share no word: each stream has its own ears, thoughts and pieces", async () => {
    await talking(1, "vc_1", "");
    const first = ears.last;
    await talking(2, "vc_2", "");
    const second = ears.last;
    const heard: StreamEvent = {
      type: "stream-audio",
      heard: [
        { stream: 1, bytes: Uint8Array.of(1, 1) },
        { stream: 2, bytes: Uint8Array.of(2) },
        { stream: 7, bytes: Uint8Array.of(7) },
      ],
    };
    calls.event(heard);
    expect([first.heard, second.heard].map((all) => all.map((one) => [...one]))).toEqual([[[1, 1]], [[2]]]);
    const one = await says("I am Ada.", 1, first);
    const other = await says("I am Ben.", 2, second);
    other?.stream("Hello Ben, how are you today?");
    one?.stream("Hello Ada, how are you today?");
    one?.finish("Hello Ada, how are you today?");
    other?.finish("Hello Ben, how are you today?");
    await clock.advance(0);
    expect([await play(1), await play(2)]).toEqual([
      ["Hello Ada, how are you today?"],
      ["Hello Ben, how are you today?"],
    ]);
    expect([one?.request.sessionKey, other?.request.sessionKey]).toEqual(["session-vc_1", "session-vc_2"]);
    expect(said("vc_2")).toEqual(["caller: I am Ben.", "agent: Hello Ben, how are you today?"]);
  });

  it("do not take in a stream whose call is over or unknown", () => {
    calls.event({ ...START, stream: 3, callId: "vc_gone" });
    known.set("vc_over", { ...call("vc_over"), state: "ended" });
    calls.event({ ...START, stream: 4, callId: "vc_over" });
    expect(sent).toEqual([
      { type: "stream-forget", callId: "vc_gone" },
      { type: "stream-forget", callId: "vc_over" },
    ]);
    expect(reported).toEqual([]);
  });

  it("are impossible without ears or without a voice, and that is said", async () => {
    const route = call("vc_1").route;
    expect(await calls.problem({ route })).toBeNull();
    voices.list = [];
    expect(await calls.problem({ route })).toMatchObject({ code: "VC_SPEECH_FAILED" });
    ears.list = [];
    expect(await calls.problem({ route })).toMatchObject({ code: "VC_LISTENING_FAILED" });
    ears.list = new Error("no such module");
    expect(await calls.problem({ route })).toMatchObject({ code: "VC_SPEECH_FAILED" });
  });
});
