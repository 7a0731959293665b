import type { Ids } from "../../src/call/ports.ts";

export { settled, virtualClock, type VirtualClock } from "../../src/conformance/clock.ts";

/** Ids that count: `vc_1`, `vc_2`, …, `token-1`, … Repeatable, unique per instance, not unguessable. */
export function sequentialIds(): Ids {
  let calls = 0;
  let tokens = 0;
  return { call: () => `vc_${++calls}`, token: () => `token-${++tokens}` };
}
