import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteQueue } from "../../src/media/byte-queue.ts";

/** Does the same to a queue and to one long row of bytes; what was read of both. */
function both(steps: readonly Step[]): { read: unknown[]; expected: unknown[] } {
  const queue = new ByteQueue();
  let row: number[] = [];
  const read: unknown[] = [];
  const expected: unknown[] = [];
  for (const step of steps) {
    if ("push" in step) {
      queue.push(step.push);
      row.push(...step.push);
    } else if ("drop" in step) {
      queue.drop(step.drop);
      row = row.slice(step.drop);
    } else {
      const target = new Uint8Array(step.size);
      const count = queue.peek(step.from, target);
      read.push([...target.subarray(0, count)]);
      expected.push(row.slice(step.from, step.from + step.size));
    }
    read.push(queue.length);
    expected.push(row.length);
  }
  return { read, expected };
}

type Step =
  | { readonly push: Uint8Array }
  | { readonly drop: number }
  | { readonly from: number; readonly size: number };

describe("a byte queue", () => {
  it("is the same as one long row of bytes", () => {
    const push = fc.record({ push: fc.uint8Array({ maxLength: 12 }) });
    const drop = fc.record({ drop: fc.nat(20) });
    const peek = fc.record({ from: fc.nat(25), size: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(fc.oneof(push, drop, peek), { maxLength: 40 }), (steps) => {
        const { read, expected } = both(steps);
        expect(read).toEqual(expected);
      }),
    );
  });
});
