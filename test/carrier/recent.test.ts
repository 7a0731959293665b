import { expect, it } from "vitest";
import { Recent } from "../../src/carrier/recent.ts";

it("what is remembered is kept by last use, and never without end", () => {
  const recent = new Recent<number>();
  for (let n = 0; n < 500; n++) recent.put(`call-${n}`, n);
  recent.put("call-0", 1_000);
  recent.put("one more", 1);
  expect(recent.get("call-0")).toBe(1_000);
  expect(recent.has("call-1")).toBe(false);
  expect(recent.has("call-2")).toBe(true);
  recent.delete("call-2");
  expect(recent.has("call-2")).toBe(false);
});
