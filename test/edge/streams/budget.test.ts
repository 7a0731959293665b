import { expect, it } from "vitest";
import { Budget } from "../../../src/edge/streams/budget.ts";

it("a budget is full at first, takes nothing that is too much, and fills up with time but no further", () => {
  const budget = new Budget({ perSecond: 1_000, most: 100 }, 5_000);
  expect([budget.spend(60, 5_000), budget.spend(60, 5_000), budget.spend(40, 5_000)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(budget.spend(10, 5_009)).toBe(false);
  expect(budget.spend(10, 5_010)).toBe(true);
  expect([budget.spend(101, 9_000), budget.spend(100, 9_000), budget.spend(1, 9_000)]).toEqual([
    false,
    true,
    false,
  ]);
});
