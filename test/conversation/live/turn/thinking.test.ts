import { describe, expect, it } from "vitest";
import { kinds, PHRASES, said, talk, type Talk, thoughts } from "./talk.ts";

/** The caller has asked; the agent thinks. */
const asked = (settings = {}): Talk => {
  const call = talk(settings);
  call.asks("Where is my order?");
  return call;
};

/** The caller speaks on; these are the interim words. */
const speaking = (words: string): Talk => {
  const call = talk();
  call.speech(true);
  call.partial(words);
  return call;
};

/** What each thought goes on from. */
const from = (call: Talk): number[] =>
  call.effects.flatMap((effect) => (effect.kind === "think" ? [effect.from] : []));

const written = (call: Talk) => call.fact({ type: "written", thought: call.thought });
const fails = (call: Talk) => call.fact({ type: "thought-failed", thought: call.thought });

describe("thinking ahead", () => {
  it("begins when interim words have stood for 200 ms, and counts when they were all", () => {
    const call = speaking("Where is my order");
    expect(call.wait(199)).toEqual([]);
    expect(call.wait(1)).toEqual([
      { kind: "think", thought: 1, words: "Where is my order", sure: false, mustAnswer: false, from: 0 },
    ]);
    call.speech(false);
    call.final("Where is my order?");
    expect(call.wait(300)).toEqual([
      { kind: "said", role: "caller", text: "Where is my order?" },
      { kind: "confirmed", thought: 1 },
    ]);
  });

  it("goes on from an earlier thought about the same turn, dropped ahead or when the caller went on, and from no other", () => {
    const call = speaking("Where is my order");
    call.wait(200);
    call.partial("Where is my order of today");
    call.wait(200);
    call.speech(false);
    call.final("Where is the order of today?");
    call.wait(300);
    expect(from(call)).toEqual([0, 1, 2]);
    call.final("The red one");
    call.wait(1_000);
    expect(from(call)).toEqual([0, 1, 2, 3]);
    call.replies("It is here.");
    call.plays();
    call.final("Thank you for that.");
    call.wait(1_000);
    expect(from(call)).toEqual([0, 1, 2, 3, 0]);
  });

  it("begins with final words at once", () => {
    const call = talk();
    call.final("Yes.");
    expect(thoughts(call.wait(0))).toEqual(["Yes.?"]);
  });

  it.each(["Where", "mhm okay", "I would like um"])("does not begin for %j", (words) => {
    const call = speaking(words);
    expect(call.wait(1_000)).toEqual([]);
  });

  it("keeps its sentences until it counts, and says them then, in order", () => {
    const call = speaking("Where is my order");
    call.wait(200);
    expect(call.replies("It is here.", "It came today.")).toEqual([]);
    call.speech(false);
    call.final("Where is my order?");
    expect(said(call.wait(300))).toEqual(["It is here.", "It came today."]);
    expect(said(call.plays())).toEqual([]);
    expect(call.turn.reply).toBeNull();
  });

  it("goes on saying sentences that come after it counts", () => {
    const call = speaking("Where is my order");
    call.wait(200);
    call.sentence("It is here.");
    call.speech(false);
    call.final("Where is my order?");
    call.wait(300);
    expect(said(call.sentence("It came today."))).toEqual(["It came today."]);
  });

  it("is dropped when the words change, with all that it said", () => {
    const call = speaking("Where is my order");
    call.wait(200);
    call.replies("It is here.");
    expect(call.partial("Where is my order from")).toEqual([{ kind: "drop", thought: 1 }]);
    call.wait(200);
    call.final("Where is my order from May?");
    expect(kinds(call.wait(0))).toEqual(["think"]);
    call.speech(false);
    expect(said(call.wait(2_000))).toEqual([]);
    expect(call.turn.reply).toMatchObject({ words: "Where is my order from May?", sure: true });
  });

  it("happens three times in a turn at most, then only when the turn is over", () => {
    const call = speaking("one two");
    for (const word of ["three", "four", "five", "six"]) {
      call.wait(300);
      call.partial(`one two ${word}`);
    }
    call.wait(1_000);
    expect(thoughts(call.effects)).toEqual(["one two?", "one two three?", "one two four?"]);
    call.final("one two six");
    call.speech(false);
    expect(thoughts(call.wait(300))).toEqual(["one two six"]);
    call.done();
    expect(thoughts(call.asks("And now?"))).toEqual(["And now??"]);
  });

  it("is left out where the agents are busy, until the words change or the turn is over", () => {
    const call = speaking("Where is my");
    call.fact({ type: "no-capacity" });
    call.now += 200;
    expect(call.fact({ type: "no-capacity" })).toEqual([]);
    expect(call.wait(1_000)).toEqual([]);
    call.partial("Where is my order");
    expect(thoughts(call.wait(200))).toEqual(["Where is my order?"]);
    call.partial("Where is my order of May");
    call.now += 200;
    call.fact({ type: "no-capacity" });
    call.speech(false);
    call.final("Where is my order of May?");
    expect(thoughts(call.wait(300))).toEqual(["Where is my order of May?"]);
  });

  it("is tried again for sure when it failed", () => {
    const call = speaking("Where is my order");
    call.wait(200);
    expect(call.fact({ type: "thought-failed", thought: 1 })).toEqual([]);
    expect(call.wait(1_000)).toEqual([]);
    call.speech(false);
    call.final("Where is my order?");
    expect(thoughts(call.wait(300))).toEqual(["Where is my order?"]);
    expect(said(call.effects)).toEqual([]);
  });

  it("does not happen while our words are on, for a command, or for a machine", () => {
    const playing = talk({ interruption: false });
    playing.fact({ type: "speak", text: "News for you." });
    playing.starts();
    playing.final("Wait a moment.");
    expect(thoughts(playing.wait(500))).toEqual([]);
    const command = talk();
    command.fact({ type: "ask", text: "", timeoutMs: 60_000 });
    command.partial("Tuesday at five");
    expect(thoughts(command.wait(1_000))).toEqual([]);
    const machine = talk();
    machine.fact({ type: "hush" });
    machine.partial("Leave a message");
    machine.final("Leave a message.");
    expect(machine.wait(60_000)).toEqual([]);
  });
});

describe("one thought at a time", () => {
  it("ignores what an older one still says", () => {
    const call = asked();
    call.asks("I mean the second one.");
    const old = { thought: 1 } as const;
    const { turn } = call;
    call.fact({ type: "sentence", ...old, text: "It is here." });
    call.fact({ type: "unfinished", ...old });
    call.fact({ type: "working", ...old });
    call.fact({ type: "thought", ...old });
    call.fact({ type: "thought-failed", ...old });
    expect(call.turn).toEqual(turn);
  });

  it("ignores what comes after the thought was complete", () => {
    const call = asked();
    call.replies("It is here.");
    expect(call.sentence("And there.")).toEqual([]);
    expect(call.fact({ type: "thought-failed", thought: call.thought })).toEqual([]);
  });

  it("begins anew with old and new words when the caller goes on before anything was heard", () => {
    const call = asked();
    call.wait(300);
    expect(call.partial("I mean")).toEqual([{ kind: "drop", thought: 1 }]);
    expect(call.turns(call.asks("I mean the second one."))).toEqual([
      "Where is my order? I mean the second one.",
    ]);
    expect(call.transcript).toEqual(["caller: Where is my order?", "caller: I mean the second one."]);
  });

  it("stops what was to be said of the old one, of which nothing was heard", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    expect(kinds(call.final("No, the second."))).toEqual(["stop", "drop"]);
    expect(call.stopped(null)).toEqual([]);
    expect(call.turns(call.wait(1_000))).toEqual(["Where is my order? No, the second."]);
  });

  it("tells the agent what was heard after all when the stop came too late", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    call.final("No, the second.");
    expect(call.stopped(1, "It is")).toEqual([
      { kind: "said", role: "agent", text: "It is" },
      { kind: "interrupted", heard: "It is" },
    ]);
  });

  it("is asked the same once more when the interim words that stopped it were nothing", () => {
    const call = asked();
    call.partial("I mean");
    call.final("");
    expect(call.turns(call.wait(2_000))).toEqual(["Where is my order?"]);
    expect(call.transcript).toEqual(["caller: Where is my order?"]);
  });

  it.each(["mhm", "Okay."])("is not disturbed by %j", (words) => {
    const call = asked();
    call.partial(words);
    expect(call.final(words)).toEqual([]);
    expect(said(call.replies("It is here."))).toEqual(["It is here."]);
    expect(call.turns(call.wait(900))).toEqual([]);
  });

  it("is a new turn when part of the reply was heard", () => {
    const call = asked();
    call.sentence("It is here.");
    call.plays();
    expect(call.partial("Thank you so much")).toEqual([
      { kind: "drop", thought: 1 },
      { kind: "interrupted", heard: "It is here." },
    ]);
    call.final("Thank you so much!");
    expect(call.turns(call.wait(1_000))).toEqual(["Thank you so much!"]);
  });
});

describe("a reply without a word", () => {
  it("leads back to listening, without a noise", () => {
    const call = asked();
    expect(call.done()).toEqual([]);
    expect(call.turn.reply).toBeNull();
    expect(said(call.wait(10_000))).toEqual([PHRASES.stillThere]);
  });

  it("is the same when it was thought ahead", () => {
    const call = speaking("Where is my order");
    call.wait(200);
    call.done();
    call.speech(false);
    call.final("Where is my order?");
    call.wait(300);
    expect(call.turn.reply).toBeNull();
  });

  it("is over, so that the next words are a new turn", () => {
    const call = asked();
    call.sentence("   ");
    call.done();
    expect(call.turns(call.asks("Are you there?"))).toEqual(["Are you there?"]);
  });
});

describe("a thought that is written", () => {
  it("is over once it was heard, though the run goes on: nobody is told to wait", () => {
    const call = asked({ idleMs: 60_000 });
    call.sentence("It is here.");
    written(call);
    call.plays();
    expect(call.wait(20_000)).toEqual([]);
    expect(call.turn.reply).toBeNull();
    expect(thoughts(call.asks("Thank you!"))).toEqual(["Thank you!?"]);
  });

  it("says what the run still writes while it is being heard", () => {
    const call = asked();
    call.sentence("Let me see.");
    written(call);
    expect(said(call.sentence("It is here."))).toEqual(["It is here."]);
    call.plays();
    expect(call.turn.reply).not.toBeNull();
    expect(said(call.wait(4_000))).toEqual([PHRASES.progress[0]]);
  });

  it("is no failure when the run fails after it", () => {
    const call = asked();
    call.sentence("It is here.");
    written(call);
    fails(call);
    call.plays();
    expect(said(call.effects)).toEqual(["It is here."]);
    expect(call.turn.failures).toBe(0);
  });

  it("is none while there is not a word of it, nor when it is an old one", () => {
    const call = asked();
    written(call);
    expect(call.turn.reply?.done).toBe(false);
    const old = call.thought;
    call.asks("No, the second.");
    call.sentence("It is here.");
    call.fact({ type: "written", thought: old });
    expect(call.turn.reply?.done).toBe(false);
  });
});

describe("an agent that takes long", () => {
  it("has the caller told so after a while, then again, three times at most", () => {
    const call = asked();
    const told: string[] = [];
    for (let second = 0; second < 29; second++) {
      told.push(...said(call.wait(1_000)).map((text) => `${second + 1} s: ${text}`));
      if (call.turn.pieces.length > 0) {
        call.starts();
        call.played();
      }
    }
    // The turn was over 0.75 s before.
    expect(told).toEqual(["4 s: One moment.", "12 s: Still looking.", "20 s: One moment."]);
    expect(call.transcript.slice(1)).toEqual([
      "agent: One moment.",
      "agent: Still looking.",
      "agent: One moment.",
    ]);
  });

  it("has the caller told so soon once a tool runs", () => {
    const call = asked();
    call.fact({ type: "working", thought: 1 });
    expect(said(call.wait(999))).toEqual([]);
    expect(said(call.wait(1))).toEqual([PHRASES.progress[0]]);
  });

  it("says nothing in between while it speaks, and waits again after that", () => {
    const call = asked();
    call.wait(3_000);
    call.sentence("Let me see.");
    call.fact({ type: "working", thought: 1 });
    call.starts();
    expect(said(call.wait(5_000))).toEqual([]);
    call.played();
    expect(said(call.wait(999))).toEqual([]);
    expect(said(call.wait(1))).toEqual([PHRASES.progress[0]]);
  });

  it("is not excused into the caller's voice", () => {
    const call = asked();
    call.wait(3_000);
    call.speech(true);
    expect(said(call.wait(2_000))).toEqual([]);
    call.speech(false);
    expect(said(call.wait(0))).toEqual([PHRASES.progress[0]]);
  });

  it("is not excused without phrases for it, nor while the line is down", () => {
    const mute = asked({ phrases: { ...PHRASES, progress: [] } });
    expect(said(mute.wait(29_000))).toEqual([]);
    const down = asked();
    down.fact({ type: "line-lost" });
    expect(said(down.wait(20_000))).toEqual([]);
  });

  it("is given up with an apology, and listened on", () => {
    const call = asked();
    const done = call.wait(30_000);
    expect(done).toContainEqual({ kind: "drop", thought: 1 });
    expect(said(done).at(-1)).toBe(PHRASES.sorry);
    call.plays();
    expect(call.turns(call.asks("Where is my order?"))).toEqual(["Where is my order?"]);
  });

  it("is given up too when it falls silent after some words", () => {
    const call = asked({ phrases: { ...PHRASES, progress: [] } });
    call.wait(20_000);
    call.sentence("Let me see.");
    call.wait(9_000);
    call.plays();
    expect(said(call.wait(29_000))).toEqual([]);
    expect(said(call.wait(1_000))).toEqual([PHRASES.sorry]);
  });
});

describe("an agent that fails", () => {
  it("is excused once; the second time in a row the call ends, after the caller was told", () => {
    const call = asked();
    expect(said(fails(call))).toEqual([PHRASES.sorry]);
    call.plays();
    call.asks("Where is my order?");
    expect(fails(call)).toEqual([{ kind: "say", piece: 2, text: PHRASES.giveUp, yields: "never" }]);
    expect(call.wait(5_000)).toEqual([]);
    call.starts();
    call.played();
    expect(call.wait(299)).toEqual([]);
    expect(call.wait(1)).toEqual([{ kind: "hang-up", reason: "failed" }]);
  });

  it("is excused again when a reply in between succeeded", () => {
    const call = asked();
    fails(call);
    call.plays();
    call.asks("Where is my order?");
    call.replies("It is here.");
    call.plays();
    call.asks("And the other one?");
    expect(said(fails(call))).toEqual([PHRASES.sorry]);
  });

  it("is excused after what it had said, and its words are a turn of their own", () => {
    const call = asked();
    call.sentence("Let me see.");
    call.starts();
    expect(said(fails(call))).toEqual([PHRASES.sorry]);
    call.plays();
    expect(call.transcript.slice(1)).toEqual(["agent: Let me see.", `agent: ${PHRASES.sorry}`]);
  });

  it("is excused again after a reply that was thought ahead succeeded", () => {
    const call = asked();
    fails(call);
    call.plays();
    call.says("Where is it?");
    call.wait(0);
    call.replies("It is here.");
    call.wait(1_000);
    call.plays();
    call.asks("And the other one?");
    expect(said(fails(call))).toEqual([PHRASES.sorry]);
  });
});

describe("a talkative model", () => {
  it("is cut off after as many sentences as nobody listens to", () => {
    const call = asked();
    for (let sentence = 0; sentence < 300; sentence++) call.sentence(`This is number ${sentence}.`);
    expect(call.turn.pieces).toHaveLength(200);
    const ahead = speaking("Where is my order");
    ahead.wait(200);
    for (let sentence = 0; sentence < 300; sentence++) ahead.sentence(`This is number ${sentence}.`);
    expect(ahead.turn.reply?.held).toHaveLength(100);
  });
});
