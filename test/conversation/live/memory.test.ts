import { describe, expect, it } from "vitest";
import { Memory } from "../../../src/conversation/live/memory.ts";

describe("what the agent does not know of a call", () => {
  it("is told with the next turn, once", () => {
    const memory = new Memory();
    memory.add("The taxi is here.");
    memory.cut("It is ten");
    const notes = memory.notes(false);
    expect(notes).toEqual({ said: ["The taxi is here."], heard: "It is ten", isAll: false });
    memory.told(notes);
    expect(memory.notes(true)).toEqual({ said: [], heard: null, isAll: true });
  });

  it("is told again with the turn after one that was dropped", () => {
    const memory = new Memory();
    memory.cut("");
    memory.notes(false);
    expect(memory.notes(false).heard).toBe("");
  });

  it("keeps what was said, and cut, while a turn was under way", () => {
    const memory = new Memory();
    memory.add("One.");
    memory.cut("First");
    const notes = memory.notes(false);
    memory.add("Two.");
    memory.cut("Second");
    memory.told(notes);
    expect(memory.notes(false)).toMatchObject({ said: ["Two."], heard: "Second" });
  });

  it("does not grow without end", () => {
    const memory = new Memory();
    for (let n = 0; n < 100; n += 1) memory.add(`Line ${n}.`);
    memory.add("");
    expect(memory.notes(false).said).toHaveLength(20);
    expect(memory.notes(false).said.at(-1)).toBe("Line 99.");
  });
});
