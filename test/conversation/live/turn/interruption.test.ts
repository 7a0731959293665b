import { describe, expect, it } from "vitest";
import type { LiveEffect } from "../../../../src/conversation/live/turn/facts.ts";
import { kinds, said, talk, type Talk, thoughts } from "./talk.ts";

const FIRST = "It left our house on Monday.";
const SECOND = "It should be with you today.";

/** The caller has asked and hears the first of two sentences. */
const replying = (settings = {}): Talk => {
  const call = talk(settings);
  call.asks("Where is my order?");
  call.replies(FIRST, SECOND);
  call.starts(1);
  call.wait(500);
  return call;
};

/** A voice has paused what plays. */
const paused = (settings = {}): Talk => {
  const call = replying(settings);
  call.speech(true);
  call.pauses(1);
  return call;
};

/** A voice has stopped what plays, after two words of it. */
const stopped = (): Talk => {
  const call = paused();
  call.stopped(1, "It left");
  return call;
};

const yields = (effects: readonly LiveEffect[]) =>
  effects.flatMap((effect) => (effect.kind === "say" ? [effect.yields] : []));

describe("words over our words", () => {
  it("stop them from two interim words on", () => {
    const call = paused();
    expect(call.partial("Stop")).toEqual([]);
    expect(call.partial("Stop it")).toEqual([{ kind: "stop" }]);
  });

  it("stop them when the gate has not heard the voice", () => {
    expect(kinds(replying().partial("I know that"))).toEqual(["stop"]);
  });

  it("stop them with a single word once it is final", () => {
    expect(kinds(paused().final("Stop!"))).toEqual(["stop"]);
  });

  it("stop them with a single word that the provider never makes final", () => {
    const call = paused();
    call.partial("Stop");
    call.speech(false);
    expect(call.wait(1_800)).toContainEqual({ kind: "stop" });
    call.stopped(1, "It left");
    expect(call.turns(call.wait(0))).toEqual(["Stop"]);
    expect(call.final("Stop!")).toEqual([]);
  });

  it("end what the agent remembers where the caller heard it end, then are a turn of their own", () => {
    const call = paused();
    call.partial("I know that");
    call.wait(20);
    expect(call.stopped(1, "It left our")).toEqual([
      { kind: "said", role: "agent", text: "It left our" },
      { kind: "interrupted", heard: "It left our" },
    ]);
    call.speech(false);
    call.final("I know that.");
    expect(call.turns(call.wait(500))).toEqual(["I know that."]);
    expect(call.transcript).toEqual([
      "caller: Where is my order?",
      "agent: It left our",
      "caller: I know that.",
    ]);
  });

  it("end it after earlier sentences too", () => {
    const call = replying();
    call.played(1);
    call.starts(2);
    call.partial("I know that");
    expect(call.stopped(2, "It should")).toContainEqual({ kind: "interrupted", heard: `${FIRST} It should` });
  });

  it("count a sentence that had reached its end before the stop, and one whose report was lost", () => {
    const call = replying();
    call.starts(2);
    call.partial("I know that");
    expect(call.played(1)).toEqual([{ kind: "said", role: "agent", text: FIRST }]);
    expect(call.stopped(2, "It")).toContainEqual({ kind: "interrupted", heard: `${FIRST} It` });
    const lost = replying();
    lost.starts(2);
    lost.partial("I know that");
    expect(lost.stopped(2, "It")).toContainEqual({ kind: "interrupted", heard: `${FIRST} It` });
    expect(lost.transcript.slice(1)).toEqual([`agent: ${FIRST}`, "agent: It"]);
  });

  it("drop the rest of a thought that is still under way", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence(FIRST);
    call.starts(1);
    expect(call.partial("I know that")).toEqual([{ kind: "stop" }, { kind: "drop", thought: 1 }]);
    expect(call.fact({ type: "sentence", thought: 1, text: SECOND })).toEqual([]);
  });

  it("are thought about only when the agent knows what was heard", () => {
    const call = replying();
    call.final("I know that.");
    expect(call.wait(500)).toEqual([]);
    call.stopped(1, "It left");
    expect(call.turns(call.wait(0))).toEqual(["I know that."]);
  });

  it("are thought about all the same when nobody reports what was heard", () => {
    const call = replying();
    call.final("I know that.");
    expect(call.wait(999)).toEqual([]);
    expect(kinds(call.wait(1))).toEqual(["said", "interrupted", "think"]);
    expect(call.stopped(1, "It left")).toEqual([]);
  });

  it("are nothing when nobody is answered: what follows is a turn", () => {
    const call = talk();
    call.fact({ type: "speak", text: "News for you." });
    call.starts();
    call.partial("I know that");
    expect(call.stopped(1, "News")).toEqual([{ kind: "said", role: "agent", text: "News" }]);
  });
});

describe("a sign of listening", () => {
  it("does not stop our words, and lets paused ones go on when the voice is over", () => {
    const call = paused();
    expect(call.partial("mhm")).toEqual([]);
    expect(call.speech(false)).toEqual([{ kind: "resume" }]);
    call.fact({ type: "resumed", piece: 1 });
    expect(call.final("mhm")).toEqual([]);
    expect(call.turns(call.wait(900))).toEqual(["Where is my order?"].slice(1));
  });

  it("lets them go on at once when it is final, or no voice is heard", () => {
    expect(paused().final("mhm okay")).toEqual([{ kind: "resume" }]);
    const quiet = replying();
    quiet.pauses(1);
    expect(quiet.partial("mhm")).toEqual([{ kind: "resume" }]);
  });

  it("is no turn, even if it never becomes final", () => {
    const call = replying();
    call.partial("mhm");
    call.wait(2_000);
    call.played(1);
    call.starts(2);
    call.played(2);
    expect(call.turns(call.wait(9_000))).toEqual([]);
    expect(call.transcript).toHaveLength(3);
  });

  it("is an answer once our words are over", () => {
    const call = replying();
    call.played(1);
    call.starts(2);
    call.speech(true);
    call.partial("Yes");
    call.played(2);
    call.speech(false);
    call.final("Yes.");
    expect(call.turns(call.wait(900))).toEqual(["Yes."]);
  });

  it("may become an interruption", () => {
    const call = paused();
    call.partial("okay");
    expect(kinds(call.partial("okay but wait"))).toEqual(["stop"]);
  });

  it("shows that the caller is there", () => {
    const call = talk();
    call.wait(10_000);
    call.starts();
    expect(call.turn.prompts).toBe(1);
    call.final("Yes.");
    expect(call.turn.prompts).toBe(0);
  });
});

describe("our own voice over the line", () => {
  it("does not stop it, and is no turn", () => {
    const call = paused();
    expect(call.partial("left our house on")).toEqual([]);
    expect(call.speech(false)).toEqual([{ kind: "resume" }]);
    expect(call.final("left our house on Monday")).toEqual([]);
    call.plays();
    expect(call.turns(call.wait(9_000))).toEqual([]);
  });

  it("is no turn either when its words come after ours have ended", () => {
    const call = replying();
    call.played(1);
    call.starts(2);
    call.speech(true);
    call.played(2);
    call.speech(false);
    call.partial("with you today");
    expect(call.final("with you today")).toEqual([]);
    expect(call.turns(call.wait(9_000))).toEqual([]);
    expect(thoughts(call.effects).filter((words) => words.includes("today"))).toEqual([]);
  });

  it("is no turn when its words come after ours have ended and never become final", () => {
    const call = replying();
    call.played(1);
    call.starts(2);
    call.speech(true);
    call.played(2);
    call.speech(false);
    call.partial("with you today");
    expect(thoughts(call.wait(3_000))).toEqual([]);
    expect(call.final("with you today.")).toEqual([]);
    expect(call.turns(call.wait(3_000))).toEqual([]);
  });

  it("is not what the caller repeats afterwards", () => {
    const call = replying();
    call.plays();
    call.says("With you today?");
    expect(call.turns(call.wait(900))).toEqual(["With you today?"]);
  });

  it("is no turn when it never becomes final", () => {
    const call = replying();
    call.speech(true);
    call.partial("left our house on");
    call.speech(false);
    call.wait(3_000);
    call.plays();
    expect(call.turns(call.wait(9_000))).toEqual([]);
  });
});

describe("a voice that stops us by itself", () => {
  it("puts on record what was heard, and lets the reply wait for words", () => {
    const call = paused();
    // The second sentence may have set out for the media plane when that stopped.
    expect(call.stopped(1, "It left")).toEqual([
      { kind: "said", role: "agent", text: "It left" },
      { kind: "stop" },
    ]);
    expect(call.stopped(null)).toEqual([]);
    expect(call.sentence("And more.")).toEqual([]);
  });

  it("has interrupted us once a single word of it is known", () => {
    const call = stopped();
    expect(call.partial("Stop")).toEqual([{ kind: "interrupted", heard: "It left" }]);
    call.speech(false);
    call.final("Stop!");
    expect(call.turns(call.wait(900))).toEqual(["Stop!"]);
    expect(said(call.wait(3_100))).toEqual([]);
  });

  it("has interrupted us at once when words of it are known", () => {
    const call = paused();
    call.partial("Stop");
    expect(call.stopped(1, "It left")).toContainEqual({ kind: "interrupted", heard: "It left" });
  });

  it("drops a thought that is under way only when words are known", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence(FIRST);
    call.starts(1);
    call.speech(true);
    expect(kinds(call.stopped(1, "It left"))).toEqual(["said"]);
    call.sentence(SECOND);
    expect(call.final("Stop!")).toEqual([
      { kind: "drop", thought: 1 },
      { kind: "interrupted", heard: "It left" },
    ]);
  });

  it("was a noise when no word follows for a while: what was cut is said again, and only words stop it", () => {
    const call = stopped();
    call.wait(1_000);
    call.speech(false);
    expect(said(call.wait(2_999))).toEqual([]);
    expect(call.wait(1)).toEqual([
      { kind: "say", piece: 3, text: FIRST, yields: "to-words" },
      { kind: "say", piece: 4, text: SECOND, yields: "to-words" },
    ]);
    call.plays();
    expect(call.effects.filter(({ kind }) => kind === "interrupted" || kind === "drop")).toEqual([]);
    expect(call.transcript.slice(1)).toEqual(["agent: It left", `agent: ${FIRST}`, `agent: ${SECOND}`]);
    expect(call.turn.reply).toBeNull();
  });

  it("is not heeded any more on a line on which it was a noise twice, but words are", () => {
    const call = stopped();
    call.speech(false);
    call.wait(3_000);
    call.asks("Hello there?");
    expect(yields(call.replies("It is here."))).toEqual(["to-speech"]);
    call.starts();
    call.speech(true);
    call.stopped(call.piece, "It is");
    call.speech(false);
    call.wait(3_000);
    call.plays();
    call.asks("And the other one?");
    expect(yields(call.replies("It is here."))).toEqual(["never"]);
    call.starts();
    expect(kinds(call.partial("I know that"))).toEqual(["stop"]);
  });

  it("was a noise when it is our own voice", () => {
    const call = stopped();
    expect(said(call.final("It left our house"))).toEqual([FIRST, SECOND]);
  });

  it("was a sign of listening when more was to follow", () => {
    const call = stopped();
    expect(said(call.final("mhm"))).toEqual([FIRST, SECOND]);
    const open = talk();
    open.asks("Where is my order?");
    open.sentence(FIRST);
    open.starts(1);
    open.speech(true);
    open.stopped(1, "It left");
    expect(said(open.final("mhm"))).toEqual([FIRST]);
  });

  it("was an answer when nothing was to follow", () => {
    const call = replying();
    call.played(1);
    call.starts(2);
    call.speech(true);
    call.stopped(2, "It should be with");
    expect(call.final("Yes.")).toEqual([{ kind: "interrupted", heard: `${FIRST} It should be with` }]);
    call.speech(false);
    expect(call.turns(call.wait(900))).toEqual(["Yes."]);
    const never = replying();
    never.played(1);
    never.starts(2);
    never.speech(true);
    never.stopped(2, "It should be with");
    never.partial("Yes");
    never.speech(false);
    expect(never.turns(never.wait(1_800))).toEqual(["Yes"]);
  });

  it("has not interrupted what was heard to its end", () => {
    const call = replying();
    call.played(1);
    call.starts(2);
    expect(call.stopped(2, SECOND)).toEqual([{ kind: "said", role: "agent", text: SECOND }]);
    expect(call.turn.reply).toBeNull();
    const open = talk();
    open.asks("Where is my order?");
    open.sentence(FIRST);
    open.starts(1);
    open.stopped(1, FIRST);
    expect(said(open.sentence(SECOND))).toEqual([]);
    expect(said(open.wait(3_000))).toEqual([SECOND]);
  });

  it("lets the caller's turn go on when nothing of the reply was heard", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.replies(FIRST);
    call.starts(1);
    call.speech(true);
    call.stopped(1, "");
    call.speech(false);
    call.final("The second one.");
    expect(call.turns(call.wait(900))).toEqual(["Where is my order? The second one."]);
  });

  it("counts the sentences before the cut one as heard", () => {
    const call = replying();
    call.starts(2);
    expect(call.stopped(2, "It should")).toEqual([
      { kind: "said", role: "agent", text: FIRST },
      { kind: "said", role: "agent", text: "It should" },
    ]);
  });

  it("is over with keys as with words", () => {
    const call = stopped();
    expect(call.keys("1")).toEqual([{ kind: "interrupted", heard: "It left" }]);
  });
});

describe("stops that are reported twice, late or for others", () => {
  it("change nothing", () => {
    const call = replying();
    expect(call.stopped(null)).toEqual([]);
    expect(call.stopped(99, "It left")).toEqual([]);
    call.stopped(1, "It left");
    call.stopped(null);
    const { turn } = call;
    call.stopped(1, "It left");
    call.stopped(null);
    expect(call.turn).toEqual(turn);
  });

  it("settle older stops whose reports were lost", () => {
    const call = talk();
    call.fact({ type: "speak", text: "News for you." });
    call.starts();
    call.fact({ type: "speak", text: "More news for you." });
    call.starts();
    call.fact({ type: "speak", text: "Even more." });
    expect(call.turn.cuts).toHaveLength(2);
    expect(call.stopped(2, "More")).toEqual([{ kind: "said", role: "agent", text: "More" }]);
    expect(call.turn.cuts).toEqual([]);
  });

  it("count nothing that could not be spoken", () => {
    const call = replying();
    call.partial("I know that");
    call.fact({ type: "piece-failed", piece: 1 });
    expect(call.stopped(2, "It")).toEqual([
      { kind: "said", role: "agent", text: "It" },
      { kind: "interrupted", heard: "It" },
    ]);
  });
});

describe("a reply that nothing interrupts", () => {
  const UNINTERRUPTED = { interruption: false };

  it("never yields", () => {
    const call = talk(UNINTERRUPTED);
    call.asks("Where is my order?");
    expect(yields(call.replies(FIRST))).toEqual(["never"]);
  });

  it("is heard out, and the caller's words are answered after it", () => {
    const call = replying(UNINTERRUPTED);
    call.partial("I know that");
    expect(kinds(call.final("I know that."))).toEqual([]);
    expect(call.turns(call.wait(3_000))).toEqual([]);
    call.played(1);
    call.starts(2);
    call.played(2);
    expect(call.turns(call.wait(0))).toEqual(["I know that."]);
    expect(call.transcript).toEqual([
      "caller: Where is my order?",
      `agent: ${FIRST}`,
      `agent: ${SECOND}`,
      "caller: I know that.",
    ]);
  });

  it("does not leave out interim words either", () => {
    const call = replying(UNINTERRUPTED);
    call.partial("I know that");
    call.wait(3_000);
    call.played(1);
    call.starts(2);
    call.played(2);
    expect(call.turns(call.wait(0))).toEqual(["I know that"]);
  });

  it("counts interim words once when they are kept, in their longer final form", () => {
    const call = replying(UNINTERRUPTED);
    call.final("Yes but");
    call.partial("I know that");
    call.wait(2_000);
    call.final("I know that it left.");
    call.played(1);
    call.starts(2);
    call.played(2);
    expect(call.turns(call.wait(300))).toEqual(["Yes but I know that it left."]);
  });

  it("does not keep signs of listening or its own voice", () => {
    const call = replying(UNINTERRUPTED);
    call.speech(true);
    call.final("mhm");
    call.partial("left our house");
    call.final("left our house");
    call.speech(false);
    call.plays();
    expect(call.turns(call.wait(9_000))).toEqual([]);
  });

  it("gives way while nothing of it was heard", () => {
    const call = talk(UNINTERRUPTED);
    call.asks("Where is my order?");
    call.replies(FIRST);
    expect(kinds(call.final("The second one."))).toEqual(["stop", "drop"]);
    call.stopped(null);
    expect(call.turns(call.wait(900))).toEqual(["Where is my order? The second one."]);
  });

  it("keeps what was said over a message for after the reply that follows it", () => {
    const call = talk(UNINTERRUPTED);
    call.asks("Where is my order?");
    call.fact({ type: "speak", text: "News for you." });
    call.starts();
    call.final("What news?");
    call.played();
    call.replies(FIRST);
    expect(call.turns(call.wait(3_000))).toEqual([]);
    call.plays();
    expect(call.turns(call.wait(0))).toEqual(["What news?"]);
  });
});

describe("a pause", () => {
  it("without words is over after a while, for the gate may hear a noise that does not end", () => {
    const call = paused();
    expect(call.wait(4_999)).toEqual([]);
    expect(call.wait(1)).toEqual([{ kind: "resume" }]);
  });

  it("that is nothing twice has us speak on through whatever the gate hears", () => {
    const call = paused();
    call.wait(5_000);
    call.pauses(1);
    call.wait(5_000);
    call.plays();
    call.asks("And the other one?");
    expect(yields(call.replies("It is here."))).toEqual(["never"]);
  });

  it("of a piece that is not there is none", () => {
    const call = talk();
    const { turn } = call;
    call.pauses(7);
    call.fact({ type: "resumed", piece: 7 });
    expect(call.turn).toEqual(turn);
  });

  it("is told to go on once", () => {
    const call = paused();
    expect(call.final("mhm")).toEqual([{ kind: "resume" }]);
    expect(call.final("mhm")).toEqual([]);
  });
});
