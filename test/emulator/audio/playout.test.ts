import { assert, constant, integer, oneof, property, array } from "fast-check";
import { describe, expect, it } from "vitest";
import { Playout } from "./playout.ts";

const audio = (ms: number, value = 1): Uint8Array => new Uint8Array(ms * 8).fill(value);

function newPlayout(capacityMs?: number): { playout: Playout; marks: string[] } {
  const marks: string[] = [];
  const played = (mark: string): void => void marks.push(mark);
  return { playout: new Playout(capacityMs === undefined ? { played } : { capacityMs, played }), marks };
}

describe("a carrier's buffer", () => {
  it("plays in order, 20 ms at a time, with silence after the end", () => {
    const { playout } = newPlayout();
    playout.push(audio(10, 1));
    playout.push(audio(15, 2));
    const first = playout.next();
    expect(first?.subarray(0, 80).every((byte) => byte === 1)).toBe(true);
    expect(first?.subarray(80).every((byte) => byte === 2)).toBe(true);
    const second = playout.next();
    expect(second).toHaveLength(160);
    expect(second?.subarray(40).every((byte) => byte === 0xff)).toBe(true);
    expect(playout.next()).toBeNull();
  });

  it("returns a mark when everything before it was played, and at once when nothing waits", () => {
    const { playout, marks } = newPlayout();
    playout.mark("now");
    expect(marks).toEqual(["now"]);
    playout.push(audio(40));
    playout.mark("a");
    playout.push(audio(20));
    playout.mark("b");
    playout.next();
    expect(marks).toEqual(["now"]);
    playout.next();
    expect(marks).toEqual(["now", "a"]);
    playout.next();
    expect(marks).toEqual(["now", "a", "b"]);
  });

  it("is emptied, and tells the marks that waited", () => {
    const { playout, marks } = newPlayout();
    playout.push(audio(40));
    playout.mark("a");
    playout.next();
    expect(playout.clear()).toEqual(["a"]);
    expect(playout.next()).toBeNull();
    expect(playout.waitingMs).toBe(0);
    playout.mark("b");
    expect(marks).toEqual(["b"]);
  });

  it("drops what does not fit", () => {
    const { playout } = newPlayout(100);
    playout.push(audio(80));
    playout.push(audio(50));
    expect([playout.waitingMs, playout.droppedMs, playout.longestMs]).toEqual([100, 30, 100]);
    playout.next();
    playout.push(audio(20));
    expect(playout.droppedMs).toBe(30);
  });

  it("loses no byte and no mark, whatever comes when", () => {
    const steps = array(oneof(integer({ min: 1, max: 900 }), constant("mark"), constant("next")));
    assert(
      property(steps, (steps) => {
        const { playout, marks } = newPlayout();
        let [pushed, sent, played] = [0, 0, 0];
        const next = (): void => {
          played += playout.next()?.filter((byte) => byte === 7).length ?? 0;
        };
        for (const step of steps) {
          if (typeof step === "number") {
            pushed += step;
            playout.push(new Uint8Array(step).fill(7));
          } else if (step === "mark") playout.mark(String(sent++));
          else next();
          expect(playout.waitingMs * 8).toBe(pushed - played);
        }
        while (playout.waitingMs > 0) next();
        expect(played).toBe(pushed);
        expect(marks).toEqual(Array.from({ length: sent }, (_, name) => String(name)));
      }),
    );
  });
});
