import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteQueue } from "../../src/media/byte-queue.ts";

describe("a byte queue", () => {
  it("is the same as one long row of bytes", () => {
    const push = fc.record({ push: fc.uint8Array({ maxLength: 12 }) });
    const drop = fc.record({ drop: fc.nat(20) });
    const peek = fc.record({ from: fc.nat(25), size: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(fc.oneof(push, drop, peek), { maxLength: 40 }), (steps) => {
        const queue = new ByteQueue();
        let row: number[] = [];
        for (const step of steps) {
          if ("push" in step) {
            queue.push(step.push);
            row.push(...step.push);
          } else if ("drop" in step) {
            queue.drop(step.drop);
            row = row.slice(step.drop);
          } else {
            const target = new Uint8Array(step.size);
            const expected = row.slice(step.from, step.from + step.size);
            expect(queue.peek(step.from, target)).toBe(expected.length);
            expect([...target.subarray(0, expected.length)]).toEqual(expected);
          }
          expect(queue.length).toBe(row.length);
        }
      }),
    );
  });
});
