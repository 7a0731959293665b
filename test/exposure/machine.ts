import { onTestFinished } from "vitest";
import type { Clock } from "../../src/call/ports.ts";
import { Machine, type Program, PROGRAMS, realClock } from "./world.ts";

/** A machine for one test; it is gone with it. */
export async function machine(
  options: { readonly clock?: Clock; readonly installed?: readonly Program[] } = {},
): Promise<Machine> {
  const made = new Machine(options.clock ?? realClock, options.installed ?? PROGRAMS);
  onTestFinished(() => made.close());
  await made.start();
  return made;
}
