import { describe, expect, it } from "vitest";
import { kinds, PHRASES, said, talk, Talk } from "./talk.ts";

/** The caller has asked; the agent thinks. */
const asked = (): Talk => {
  const call = talk();
  call.asks("Where is my order?");
  return call;
};

describe("a reply", () => {
  it("is handed over sentence by sentence, at once and in order", () => {
    const call = asked();
    expect(call.sentence("It is here.")).toEqual([
      { kind: "say", piece: 1, text: "It is here.", yields: "to-speech" },
    ]);
    expect(call.sentence(" It came today. ")).toEqual([
      { kind: "say", piece: 2, text: "It came today.", yields: "to-speech" },
    ]);
  });

  it("is on record piece by piece once each was heard, and in between nobody is asked for", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    call.starts(1);
    call.wait(9_000);
    expect(call.played(1)).toEqual([{ kind: "said", role: "agent", text: "It is here." }]);
    call.starts(2);
    call.wait(9_000);
    expect(call.played(2)).toEqual([{ kind: "said", role: "agent", text: "It came today." }]);
    expect(call.wait(9_999)).toEqual([]);
    expect(said(call.wait(1))).toEqual([PHRASES.stillThere]);
  });

  it("is on record once, however often it is reported", () => {
    const call = asked();
    call.replies("It is here.");
    call.starts();
    call.starts();
    call.played();
    expect(call.played()).toEqual([]);
    expect(call.starts()).toEqual([]);
    expect(call.transcript).toEqual(["caller: Where is my order?", "agent: It is here."]);
  });

  it("has been heard when what follows it has", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    call.starts(2);
    expect(call.played(2)).toEqual([
      { kind: "said", role: "agent", text: "It is here." },
      { kind: "said", role: "agent", text: "It came today." },
    ]);
    expect(call.turn.reply).toBeNull();
  });

  it("goes on after a sentence that no voice could speak", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    expect(call.fact({ type: "piece-failed", piece: 1 })).toEqual([]);
    call.fact({ type: "piece-failed", piece: 1 });
    expect(call.starts(2)).toEqual([]);
    call.played(2);
    expect(call.transcript.slice(1)).toEqual(["agent: It came today."]);
  });

  it("without a voice leads back to listening", () => {
    const call = asked();
    call.replies("It is here.");
    call.fact({ type: "piece-failed", piece: 1 });
    expect(call.turn.reply).toBeNull();
    expect(call.turns(call.asks("Are you there?"))).toEqual(["Are you there?"]);
  });
});

describe("reports that are lost", () => {
  const limit = "It is here.".length * 100 + 10_000;

  it("count as heard when the piece had begun", () => {
    const call = asked();
    call.replies("It is here.");
    call.wait(500);
    call.starts();
    expect(call.wait(limit - 1)).toEqual([]);
    expect(call.wait(1)).toEqual([{ kind: "said", role: "agent", text: "It is here." }]);
    expect(call.turn.reply).toBeNull();
  });

  it("count as not heard when it never began, so that the call is not mute", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    expect(call.wait(limit)).toEqual([]);
    call.starts(2);
    call.played(2);
    expect(call.transcript.slice(1)).toEqual(["agent: It came today."]);
  });

  it("are waited for from when the piece before was heard, and through pauses", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    call.starts(1);
    call.wait(9_000);
    call.pauses(1);
    call.wait(4_000);
    call.fact({ type: "resumed", piece: 1 });
    call.wait(9_000);
    call.played(1);
    expect(call.wait(9_000)).toEqual([]);
    call.starts(2);
    call.played(2);
    expect(call.transcript).toHaveLength(3);
  });

  it("of stops are not waited for without end", () => {
    const call = talk();
    call.fact({ type: "speak", text: "News for you." });
    call.fact({ type: "hush" });
    expect(call.turn.cuts).toHaveLength(1);
    call.wait(10_000);
    expect(call.turn.cuts).toEqual([]);
  });
});

describe("a line that is lost", () => {
  it("is not spoken into; what was under way is said once it is back", () => {
    const call = asked();
    call.sentence("It is here.");
    call.sentence("It came today.");
    call.starts(1);
    call.wait(100);
    expect(call.fact({ type: "line-lost" })).toEqual([]);
    expect(call.fact({ type: "line-lost" })).toEqual([]);
    expect(call.sentence("Look at the door.")).toEqual([]);
    expect(said(call.ready())).toEqual(["It is here.", "It came today.", "Look at the door."]);
    expect(call.piece).toBe(5);
  });

  it("has carried what was heard of it for the most part", () => {
    const call = asked();
    call.replies("It is here.", "It came today.");
    call.starts(1);
    call.starts(2);
    call.wait(100);
    expect(call.fact({ type: "line-lost" })).toEqual([{ kind: "said", role: "agent", text: "It is here." }]);
    expect(said(call.ready())).toEqual(["It came today."]);
  });

  it("has carried what the media plane says, which is on record at once and said again when the line is back", () => {
    const call = asked();
    call.replies("It is here.", "It came today at noon.");
    call.starts(1);
    call.starts(2);
    call.wait(100);
    const cut = { piece: 2, heard: "It came" };
    expect(call.fact({ type: "line-lost", cut })).toEqual([
      { kind: "said", role: "agent", text: "It is here." },
      { kind: "said", role: "agent", text: "It came" },
    ]);
    expect(call.fact({ type: "line-lost", cut })).toEqual([]);
    expect(said(call.ready())).toEqual(["It came today at noon."]);
    expect(call.plays()).toEqual([{ kind: "said", role: "agent", text: "It came today at noon." }]);
    expect(call.turn.reply).toBeNull();
  });

  it("has carried a piece to its end, and then that is not said again", () => {
    const call = asked();
    call.replies("It is here.");
    call.starts();
    const cut = { piece: call.piece, heard: "It is here" };
    expect(call.fact({ type: "line-lost", cut })).toEqual([
      { kind: "said", role: "agent", text: "It is here." },
    ]);
    expect([call.ready(), call.turn.reply]).toEqual([[], null]);
  });

  it("has carried nothing of a reply: then the caller's turn just goes on", () => {
    const call = asked();
    call.replies("It is here.");
    call.starts();
    expect(call.fact({ type: "line-lost", cut: { piece: call.piece, heard: "" } })).toEqual([]);
    call.final("the red one");
    expect(call.turns(call.wait(1_000))).toEqual(["Where is my order? the red one"]);
  });

  it("tells what was heard of a piece that was being stopped", () => {
    const call = asked();
    call.replies("It is here since noon.");
    call.starts();
    call.partial("I know that");
    expect(call.fact({ type: "line-lost", cut: { piece: call.piece, heard: "It is" } })).toEqual([
      { kind: "said", role: "agent", text: "It is" },
      { kind: "interrupted", heard: "It is" },
    ]);
  });

  it("leaves the agent with what was heard when the caller speaks on, or the call ends, before it is back", () => {
    for (const end of [{ type: "final", text: "Never mind." }, { type: "call-over" }] as const) {
      const call = asked();
      call.replies("It is here.", "It came today at noon.");
      call.starts(1);
      call.starts(2);
      call.fact({ type: "line-lost", cut: { piece: 2, heard: "It came" } });
      expect(call.fact(end)).toContainEqual({ kind: "interrupted", heard: "It is here. It came" });
    }
  });

  it("did not carry on what was paused", () => {
    const call = asked();
    call.replies("It is here.");
    call.starts();
    call.wait(100);
    call.pauses();
    call.wait(3_000);
    expect(call.fact({ type: "line-lost" })).toEqual([]);
    expect(said(call.ready())).toEqual(["It is here."]);
  });

  it("has the caller's last words answered once it is back", () => {
    const call = talk();
    call.speech(true);
    call.partial("Where is my order");
    call.fact({ type: "line-lost" });
    call.final("Where is my order?");
    expect(call.turns(call.wait(1_000))).toEqual(["Where is my order?"]);
    expect(call.replies("It is here.")).toEqual([]);
    expect(said(call.ready())).toEqual(["It is here."]);
  });

  it("leaves what the caller has said on record, and in the turn", () => {
    const call = talk();
    call.final("My number is 5");
    expect(call.fact({ type: "line-lost" })).toEqual([
      { kind: "said", role: "caller", text: "My number is 5" },
    ]);
    call.ready();
    call.final("and 7.");
    expect(call.turns(call.wait(2_000))).toEqual(["My number is 5 and 7."]);
    expect(call.transcript).toEqual(["caller: My number is 5", "caller: and 7."]);
  });

  it("settles stops, which nobody will report any more", () => {
    const call = asked();
    call.replies("It is here.");
    call.starts();
    call.partial("I know that");
    expect(kinds(call.fact({ type: "line-lost" }))).toEqual(["interrupted"]);
    expect(call.turn.cuts).toEqual([]);
  });

  it("is nothing before it was there", () => {
    const call = new Talk();
    const { turn } = call;
    call.fact({ type: "line-lost" });
    expect(call.turn).toEqual(turn);
  });

  it("is not hung up on while it may come back, but not waited for without end either", () => {
    const call = asked();
    call.replies("Goodbye to you.");
    call.fact({ type: "close" });
    call.starts();
    call.fact({ type: "line-lost" });
    expect(call.wait(9_999)).toEqual([]);
    expect(call.wait(1)).toEqual([{ kind: "hang-up", reason: "goodbye" }]);
  });
});
