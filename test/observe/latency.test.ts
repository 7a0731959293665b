import { describe, expect, it } from "vitest";
import type { LatencySample, LatencyStage } from "../../src/call/ports.ts";
import { summarise } from "../../src/observe/latency.ts";

const sample = (stage: LatencyStage, ms: number): LatencySample => ({ callId: "vc_one", stage, ms, at: 0 });

describe("the latency summary", () => {
  it("is empty without samples", () => {
    expect(summarise([])).toEqual([]);
  });

  it("lists the stages in the order of a call, whatever the order of the samples, and leaves out empty ones", () => {
    const rows = summarise([sample("reply", 1), sample("think", 1), sample("dial", 1)]);
    expect(rows.map((row) => row.stage)).toEqual(["dial", "think", "reply"]);
  });

  it("takes percentiles by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => sample("ring", 100 - index));
    expect(summarise(hundred)).toEqual([{ stage: "ring", count: 100, p50: 50, p95: 95, max: 100 }]);
    const twenty = hundred.slice(80);
    expect(summarise(twenty)).toEqual([{ stage: "ring", count: 20, p50: 10, p95: 19, max: 20 }]);
    const three = [30, 10, 20].map((ms) => sample("reply", ms));
    expect(summarise(three)).toEqual([{ stage: "reply", count: 3, p50: 20, p95: 30, max: 30 }]);
    expect(summarise([sample("dial", 7)])).toEqual([{ stage: "dial", count: 1, p50: 7, p95: 7, max: 7 }]);
  });
});
