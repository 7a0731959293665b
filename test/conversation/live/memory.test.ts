import { describe, expect, it } from "vitest";
import { Memory, type Asking } from "../../../src/conversation/live/memory.ts";

const ask = (change: Partial<Asking> = {}): Asking => ({
  thought: 1,
  words: "I want to",
  from: 0,
  isAll: false,
  ...change,
});

/** A memory that has put this to the agent, which has not answered yet. */
function asked(memory: Memory, change: Partial<Asking> = {}, prompt = `<${change.words ?? "I want to"}>`) {
  memory.tell(ask(change));
  memory.put(ask(change), prompt);
}

describe("what the agent does not know of a call", () => {
  it("is told with the next turn, once", () => {
    const memory = new Memory();
    memory.add("The taxi is here.");
    memory.cut("It is ten");
    const { words, notes } = memory.tell(ask());
    expect(words).toBe("I want to");
    expect(notes).toEqual({ said: ["The taxi is here."], heard: "It is ten", isAll: false, dropped: null });
    memory.put(ask(), "<I want to>");
    memory.told();
    const later = memory.tell(ask({ thought: 2, isAll: true }));
    expect(later.notes).toEqual({ said: [], heard: null, isAll: true, dropped: null });
  });

  it("is told again with the turn after one that was dropped before it was put to the agent", () => {
    const memory = new Memory();
    memory.cut("");
    memory.tell(ask());
    expect(memory.tell(ask({ thought: 2, from: 1 })).notes).toMatchObject({ heard: "", dropped: null });
  });

  it("keeps what was said, and cut, while a turn was under way", () => {
    const memory = new Memory();
    memory.add("One.");
    memory.cut("First");
    asked(memory);
    memory.add("Two.");
    memory.add("One.");
    memory.cut("First");
    memory.told();
    const { notes } = memory.tell(ask({ thought: 2 }));
    expect(notes).toMatchObject({ said: ["Two.", "One."], heard: "First" });
  });

  it("does not grow without end", () => {
    const memory = new Memory();
    for (let n = 0; n < 100; n += 1) memory.add(`Line ${n}.`);
    memory.add("");
    const { said } = memory.tell(ask()).notes;
    expect([said.length, said.at(-1)]).toEqual([20, "Line 99."]);
  });
});

describe("a message whose turn was dropped", () => {
  it("is gone on from when it has told the beginning of the caller's words, so that each is told once", () => {
    const memory = new Memory();
    memory.cut("It is");
    asked(memory);
    memory.add("A taxi came.");
    expect(memory.tell(ask({ thought: 2, from: 1, words: "I want to book a table." }))).toEqual({
      words: "book a table.",
      notes: {
        said: ["A taxi came."],
        heard: null,
        isAll: false,
        dropped: { prompt: "<I want to>", is: "beginning" },
      },
    });
  });

  it("is put right when the words turned out to be others", () => {
    const memory = new Memory();
    asked(memory, { words: "I want to cook" });
    const { words, notes } = memory.tell(ask({ thought: 2, from: 1, words: "I want to book." }));
    expect([words, notes.dropped?.is]).toEqual(["I want to book.", "draft"]);
  });

  it("has told all when the caller says no more", () => {
    const memory = new Memory();
    asked(memory);
    expect(memory.tell(ask({ thought: 2, from: 1, words: "I want to." })).words).toBe("");
  });

  it("is a turn before when it was about other words, and what was heard of its answer is told", () => {
    const memory = new Memory();
    asked(memory);
    expect(memory.tell(ask({ thought: 2, words: "Stop." })).notes).toMatchObject({
      heard: null,
      dropped: { is: "turn" },
    });
    memory.cut("Once upon");
    expect(memory.tell(ask({ thought: 2, words: "I want to stop." }))).toMatchObject({
      words: "I want to stop.",
      notes: { heard: "Once upon", dropped: { is: "turn" } },
    });
  });

  it("is not repeated once it stands in the agent's conversation, or is very long", () => {
    const memory = new Memory();
    asked(memory);
    memory.told();
    memory.told();
    expect(memory.tell(ask({ thought: 2, from: 1 })).notes.dropped).toBeNull();
    memory.add("News.");
    asked(memory, {}, "x".repeat(20_000));
    expect(memory.tell(ask({ thought: 2, from: 1 }))).toMatchObject({
      words: "I want to",
      notes: { said: [], dropped: null },
    });
  });
});

describe("what the agent does not know when the call is over", () => {
  it("is nothing, unless its words were cut", () => {
    const memory = new Memory();
    memory.add("News.");
    asked(memory);
    expect(memory.late).toBeNull();
  });

  it("is what was heard of a reply that stands in its conversation, or of one that does not", () => {
    const memory = new Memory();
    memory.cut("We open");
    expect(memory.late).toEqual({ heard: "We open", stands: true });
    asked(memory);
    expect(memory.late).toEqual({ heard: "We open", stands: true });
    memory.cut("At nine");
    expect(memory.late).toEqual({ heard: "At nine", stands: false });
    memory.told();
    expect(memory.late).toEqual({ heard: "At nine", stands: true });
  });
});
