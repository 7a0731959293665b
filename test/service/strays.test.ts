import { describe, expect, it } from "vitest";
import { Strays } from "../../src/service/strays.ts";
import { virtualClock } from "../support/clock.ts";

function rig() {
  const clock = virtualClock();
  const up = new Set(["a", "b"]);
  const asked: string[] = [];
  const strays = new Strays({
    clock,
    isUp: (callId) => up.has(callId),
    lookUp: (callId) => void asked.push(`${callId} ${clock.now() - start}`),
  });
  const start = clock.now();
  return { clock, up, asked, strays };
}

describe("calls whose end is reported to an address of the past", () => {
  it("are looked up every ten seconds until they are over", async () => {
    const { clock, up, asked, strays } = rig();
    strays.add(up);
    await clock.advance(10_000);
    up.delete("a");
    await clock.advance(10_000);
    expect(asked).toEqual(["a 10000", "b 10000", "b 20000"]);
    up.delete("b");
    await clock.advance(60_000);
    expect(asked).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it("are looked up once each, however often the address changes", async () => {
    const { clock, asked, strays } = rig();
    strays.add(["a"]);
    await clock.advance(5_000);
    strays.add(["a", "b"]);
    await clock.advance(5_000);
    expect(asked).toEqual(["a 10000", "b 10000"]);
    strays.stop();
  });

  it("are none of our business once we stop", async () => {
    const { clock, asked, strays } = rig();
    strays.add(["a"]);
    strays.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(asked).toEqual([]);
  });

  it("need no timer when there are none", () => {
    const { clock, strays } = rig();
    strays.add([]);
    expect(clock.pending).toBe(0);
    strays.stop();
  });
});
