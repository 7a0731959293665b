import { setImmediate as round } from "node:timers/promises";
import { expect, it } from "vitest";
import { systemClock } from "../../src/service/tools.ts";

it("what is due when it is asked for waits for what has arrived, and for no timer", async () => {
  const order: string[] = [];
  systemClock.at(systemClock.now() - 1, () => void order.push("due"));
  queueMicrotask(() => void order.push("arrived"));
  await round();
  expect(order).toEqual(["arrived", "due"]);
});

it("what is due already can still be cancelled", async () => {
  let called = false;
  systemClock.at(0, () => {
    called = true;
  })();
  await round();
  await round();
  expect(called).toBe(false);
});
