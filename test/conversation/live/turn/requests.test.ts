import { describe, expect, it } from "vitest";
import type { LiveEffect } from "../../../../src/conversation/live/turn/facts.ts";
import { kinds, OPENING, PHRASES, said, talk, Talk } from "./talk.ts";

const HANG_UP = { kind: "hang-up", reason: "goodbye" } as const;

const speak = (call: Talk, text: string) => call.fact({ type: "speak", text });
const ask = (call: Talk, text = "Which day?", timeoutMs = 60_000) =>
  call.fact({ type: "ask", text, timeoutMs });
const close = (call: Talk) => call.fact({ type: "close" });

/** A command has asked, and its question was heard. */
const asking = (): Talk => {
  const call = talk();
  ask(call);
  call.plays();
  return call;
};

describe("speak", () => {
  it("is said, and its answer is a turn for the agent", () => {
    const call = talk();
    expect(speak(call, "News for you.")).toEqual([
      { kind: "say", piece: 1, text: "News for you.", yields: "to-speech" },
    ]);
    call.plays();
    expect(call.turns(call.asks("What news?"))).toEqual(["What news?"]);
  });

  it("takes the place of what is being said, of which the agent remembers what was heard", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence("It is here.");
    call.sentence("It came today.");
    call.starts(1);
    expect(kinds(speak(call, "News for you."))).toEqual(["stop", "drop", "say"]);
    expect(call.stopped(1, "It is")).toEqual([
      { kind: "said", role: "agent", text: "It is" },
      { kind: "interrupted", heard: "It is" },
    ]);
    expect(said(call.plays())).toEqual([]);
    expect(call.transcript.at(-1)).toBe("agent: News for you.");
  });

  it("is followed by a reply in preparation, whether it has begun to be handed over or not", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence("It is here.");
    expect(said(speak(call, "News for you."))).toEqual(["News for you.", "It is here."]);
    expect(call.stopped(null)).toEqual([]);
    expect(said(call.sentence("It came today."))).toEqual(["It came today."]);
    call.done();
    call.plays();
    expect(call.transcript.slice(1)).toEqual([
      "agent: News for you.",
      "agent: It is here.",
      "agent: It came today.",
    ]);
  });

  it("does not end such a reply when a bit of it was heard before the stop", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.replies("It is here.");
    speak(call, "News for you.");
    expect(call.stopped(1, "It")).toEqual([{ kind: "said", role: "agent", text: "It" }]);
  });

  it("goes before the answer to what the caller has just said", () => {
    const call = talk();
    call.says("Where is my order?");
    speak(call, "News for you.");
    expect(call.turns(call.wait(900))).toEqual(["Where is my order?"]);
    expect(said(call.replies("It is here."))).toEqual(["It is here."]);
  });

  it("with nothing to say says nothing", () => {
    const call = talk();
    speak(call, "One.");
    const { turn } = call;
    speak(call, "  ");
    expect(call.turn).toEqual(turn);
  });

  it("replaces what waits after a voice has stopped us", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.replies("It is here.");
    call.starts();
    call.stopped(1, "It");
    expect(speak(call, "News for you.")).toEqual([
      { kind: "interrupted", heard: "It" },
      { kind: "say", piece: 2, text: "News for you.", yields: "to-speech" },
    ]);
  });
});

describe("ask", () => {
  it("gives the caller's next words to the command, and not to the agent", () => {
    const call = asking();
    expect(call.asks("On Tuesday.")).toEqual([
      { kind: "said", role: "caller", text: "On Tuesday." },
      { kind: "answer", text: "On Tuesday." },
    ]);
    expect(kinds(call.effects)).not.toContain("think");
  });

  it("is answered over the question, too", () => {
    const call = talk();
    ask(call);
    call.starts();
    expect(kinds(call.final("On Tuesday."))).toEqual(["stop"]);
    call.stopped(1, "Which");
    expect(call.wait(300)).toContainEqual({ kind: "answer", text: "On Tuesday." });
  });

  it("is not answered by what was said before the question was heard", () => {
    const call = talk();
    call.final("Where is my order?");
    call.partial("And another");
    expect(ask(call)).toContainEqual({ kind: "said", role: "caller", text: "Where is my order?" });
    expect(call.partial("And another thing")).toEqual([]);
    expect(call.final("And another thing.")).toEqual([
      { kind: "said", role: "caller", text: "And another thing." },
    ]);
    call.plays();
    expect(call.wait(5_000)).toEqual([]);
    expect(call.asks("On Tuesday.")).toContainEqual({ kind: "answer", text: "On Tuesday." });
  });

  it("is answered from the start when there is no question, or no voice for it", () => {
    const wordless = talk();
    expect(ask(wordless, " ")).toEqual([]);
    expect(wordless.asks("On Tuesday.")).toContainEqual({ kind: "answer", text: "On Tuesday." });
    const mute = talk();
    ask(mute);
    mute.fact({ type: "piece-failed", piece: 1 });
    expect(mute.asks("On Tuesday.")).toContainEqual({ kind: "answer", text: "On Tuesday." });
  });

  it("drops a thought in preparation, of which nothing is said", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence("It is here.");
    expect(kinds(ask(call))).toEqual(["stop", "drop", "say"]);
    expect(call.fact({ type: "sentence", thought: 1, text: "It came today." })).toEqual([]);
  });

  it("waits for one answer at a time", () => {
    const call = asking();
    expect(ask(call, "And when?")).toEqual([]);
    expect(call.asks("On Tuesday.")).toContainEqual({ kind: "answer", text: "On Tuesday." });
  });

  it("gets no answer when none comes in time; then the agent listens again", () => {
    const call = talk();
    ask(call, "Which day?", 5_000);
    call.plays();
    expect(call.wait(3_999)).toEqual([]);
    expect(call.wait(1)).toEqual([{ kind: "answer", text: null }]);
    expect(call.turns(call.asks("On Tuesday."))).toEqual(["On Tuesday."]);
  });

  it("listens on for the agent when the command says nothing more", () => {
    const call = asking();
    call.asks("On Tuesday.");
    call.final("Or on Friday.");
    call.keys("1#");
    expect(call.wait(14_000)).toEqual([]);
    expect(call.turns(call.wait(1_000))).toEqual(["Or on Friday. [digits 1]"]);
  });

  it("asks for the caller again once that is over", () => {
    const call = asking();
    call.asks("On Tuesday.");
    const done = call.wait(26_000);
    expect(said(done)).toEqual([PHRASES.stillThere]);
  });

  it("is not answered by what was said while the command thought", () => {
    const call = asking();
    call.asks("On Tuesday.");
    call.final("Or on Friday.");
    expect(ask(call, "At what time?")).toContainEqual({
      kind: "said",
      role: "caller",
      text: "Or on Friday.",
    });
    call.plays();
    expect(call.asks("At five.")).toContainEqual({ kind: "answer", text: "At five." });
  });

  it("is over with words of the command's own", () => {
    const call = asking();
    call.asks("On Tuesday.");
    speak(call, "Thank you.");
    call.plays();
    expect(call.turns(call.asks("Goodbye then."))).toEqual(["Goodbye then."]);
  });

  it("takes back a goodbye", () => {
    const call = talk();
    close(call);
    expect(said(ask(call))).toEqual(["Which day?"]);
    expect(call.wait(5_000)).not.toContainEqual(HANG_UP);
  });
});

describe("close", () => {
  it("hangs up a silent line after a moment", () => {
    const call = talk();
    expect(close(call)).toEqual([]);
    expect(call.wait(299)).toEqual([]);
    expect(call.wait(1)).toEqual([HANG_UP]);
  });

  it("hangs up once everything was heard", () => {
    const call = talk();
    call.asks("Thank you very much.");
    call.replies("You are welcome.", "Goodbye to you.");
    call.starts(1);
    close(call);
    call.wait(2_000);
    call.played(1);
    call.starts(2);
    call.wait(2_000);
    expect(call.played(2)).toEqual([{ kind: "said", role: "agent", text: "Goodbye to you." }]);
    expect(call.wait(299)).toEqual([]);
    expect(call.wait(1)).toEqual([HANG_UP]);
  });

  it("waits for a reply in preparation, which nothing interrupts", () => {
    const call = talk();
    call.asks("Thank you very much.");
    close(call);
    close(call);
    expect(call.wait(3_000)).toEqual([]);
    expect(call.sentence("Goodbye to you.")).toEqual([
      { kind: "say", piece: 1, text: "Goodbye to you.", yields: "never" },
    ]);
    call.starts();
    call.partial("Oh and one more thing");
    call.done();
    expect(kinds(call.effects)).not.toContain("stop");
    call.played();
    expect(call.wait(300)).toEqual([HANG_UP]);
  });

  it("does not wait for a thought ahead", () => {
    const call = talk();
    call.partial("Thank you very much");
    call.wait(200);
    expect(kinds(close(call))).toEqual(["drop"]);
    expect(call.wait(300)).toEqual([HANG_UP]);
  });

  it("puts on record what the caller still says, and answers nothing", () => {
    const call = talk();
    call.final("Thank you.");
    expect(close(call)).toEqual([{ kind: "said", role: "caller", text: "Thank you." }]);
    expect(call.final("Bye bye.")).toEqual([{ kind: "said", role: "caller", text: "Bye bye." }]);
    expect(call.wait(300)).toEqual([HANG_UP]);
  });

  it("ends when the agent fails, without an apology, and when it takes too long", () => {
    const failed = talk();
    failed.asks("Thank you.");
    close(failed);
    failed.fact({ type: "thought-failed", thought: 1 });
    expect(failed.wait(300)).toEqual([HANG_UP]);
    const late = talk({ phrases: { ...PHRASES, progress: [] } });
    late.asks("Thank you.");
    close(late);
    expect(kinds(late.wait(31_000))).toEqual(["drop", "hang-up"]);
  });

  it("ends when no report comes of what was said", () => {
    const call = talk();
    call.asks("Thank you.");
    call.replies("Goodbye to you.");
    close(call);
    call.starts();
    expect(call.wait(13_000)).toContainEqual(HANG_UP);
  });

  it("lets a command that waits for an answer go", () => {
    const call = asking();
    expect(close(call)).toEqual([{ kind: "answer", text: null }]);
  });

  it("says the rest of a goodbye that a voice has stopped, but not what was cut", () => {
    const call = talk();
    call.asks("Thank you.");
    call.replies("You are welcome.", "Goodbye to you.");
    call.starts(1);
    close(call);
    const done = call.stopped(1, "You are");
    expect(done).toContainEqual({ kind: "say", piece: 3, text: "Goodbye to you.", yields: "never" });
    call.stopped(null);
    call.starts();
    call.played();
    expect(call.wait(300)).toEqual([HANG_UP]);
    const whole = talk();
    whole.asks("Thank you.");
    whole.replies("Goodbye to you.");
    whole.starts(1);
    close(whole);
    whole.stopped(1, "Goodbye to you.");
    expect(whole.wait(300)).toEqual([HANG_UP]);
  });

  it("says what a voice had stopped before", () => {
    const call = talk();
    call.asks("Thank you.");
    call.replies("Goodbye to you.");
    call.starts(1);
    call.stopped(1, "Good");
    expect(said(close(call))).toEqual(["Goodbye to you."]);
  });

  it("may be preceded by further words", () => {
    const call = talk();
    close(call);
    expect(speak(call, "Goodbye to you.")).toEqual([
      { kind: "say", piece: 1, text: "Goodbye to you.", yields: "never" },
    ]);
    call.plays();
    expect(call.wait(300)).toEqual([HANG_UP]);
  });

  it("is the end: nothing that comes later does anything", () => {
    const call = talk();
    close(call);
    call.wait(300);
    const { turn } = call;
    expect([...call.asks("Hello?"), ...speak(call, "News."), ...close(call), ...call.ready()]).toEqual([]);
    expect(call.wait(60_000)).toEqual([]);
    expect(call.turn).toBe(turn);
  });
});

describe("hush", () => {
  it("stops everything, and nothing is said or asked until the next words are wanted", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence("It is here.");
    call.starts();
    expect(kinds(call.fact({ type: "hush" }))).toEqual(["stop", "drop"]);
    expect(call.stopped(1, "It")).toContainEqual({ kind: "said", role: "agent", text: "It" });
    call.speech(true);
    call.partial("You have reached");
    expect(call.final("You have reached the doctor.")).toEqual([
      { kind: "said", role: "caller", text: "You have reached the doctor." },
    ]);
    call.speech(false);
    expect(call.wait(60_000)).toEqual([]);
    expect(said(speak(call, "Please call back."))).toEqual(["Please call back."]);
    close(call);
    call.plays();
    expect(call.wait(300)).toEqual([HANG_UP]);
  });

  it("puts on record what was heard before it", () => {
    const call = talk();
    call.final("You have reached");
    expect(call.fact({ type: "hush" })).toEqual([{ kind: "said", role: "caller", text: "You have reached" }]);
  });

  it("ends with a hang-up", () => {
    const call = talk();
    call.fact({ type: "hush" });
    close(call);
    expect(call.wait(300)).toEqual([HANG_UP]);
  });

  it("ends with a question", () => {
    const call = new Talk({ opening: OPENING });
    call.fact({ type: "hush" });
    call.ready();
    expect(said(ask(call))).toEqual(["Which day?"]);
  });
});

const over = (call: Talk): LiveEffect[] => call.fact({ type: "call-over" });

describe("a call that is over", () => {
  it("has what plays stopped, what is thought dropped, and tells then what was heard", () => {
    const call = talk();
    call.asks("Where is my order?");
    call.sentence("It is here since noon.");
    call.starts();
    expect(over(call)).toEqual([{ kind: "stop" }, { kind: "drop", thought: 1 }]);
    expect(call.stopped(call.piece, "It is")).toEqual([
      { kind: "said", role: "agent", text: "It is" },
      { kind: "interrupted", heard: "It is" },
    ]);
    expect([over(call), call.stopped(call.piece, "It is")]).toEqual([[], []]);
    expect(call.wait(3_600_000)).toEqual([]);
  });

  it("leaves the caller's last words on record, the interim ones as far as they are known", () => {
    const call = talk();
    call.final("My number is 5");
    call.partial("and 7");
    expect(over(call)).toEqual([{ kind: "said", role: "caller", text: "My number is 5 and 7" }]);
    expect(over(call)).toEqual([]);
  });

  it("leaves neither signs of listening nor our own echo on record", () => {
    for (const words of ["mhm", "It is here"]) {
      const call = talk();
      call.asks("Where is my order?");
      call.replies("It is here since noon.");
      call.starts();
      call.partial(words);
      over(call);
      call.played();
      expect(call.transcript).toEqual(["caller: Where is my order?", "agent: It is here since noon."]);
    }
  });

  it("does not have the caller's words thought about", () => {
    const call = talk();
    call.partial("Where is my order");
    call.wait(300);
    expect(call.thought).toBe(1);
    expect(kinds(over(call))).toEqual(["drop", "said"]);
    expect(call.wait(60_000)).toEqual([]);
  });
});

describe("deadlines that are not due", () => {
  it("change nothing", () => {
    const call = talk();
    call.says("Where is my order?");
    const { turn } = call;
    const names = [
      "turn-end",
      "keys",
      "idle",
      "progress",
      "give-up",
      "ask",
      "unfinished",
      "recover",
      "follow-up",
      "hang-up",
      "watchdog",
    ] as const;
    for (const name of names) expect(call.fact({ type: "deadline", name })).toEqual([]);
    expect(call.turn).toEqual(turn);
  });
});
