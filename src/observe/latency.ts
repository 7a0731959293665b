import { LATENCY_STAGES, type LatencySample } from "../call/ports.ts";
import type { LatencyRow } from "../call/service.ts";

/** One row per stage that has samples; milliseconds, percentiles by nearest rank, so each is a measured value. */
export function summarise(samples: readonly LatencySample[]): LatencyRow[] {
  return LATENCY_STAGES.flatMap((stage) => {
    const sorted = samples
      .filter((sample) => sample.stage === stage)
      .map((sample) => sample.ms)
      .toSorted((a, b) => a - b);
    if (sorted.length === 0) return [];
    const [p50, p95, max] = [rank(sorted, 50), rank(sorted, 95), rank(sorted, 100)];
    return [{ stage, count: sorted.length, p50, p95, max }];
  });
}

/** The smallest value that at least `percent` per cent of the values do not exceed. */
function rank(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
}
