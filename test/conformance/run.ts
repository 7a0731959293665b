import { afterAll, beforeAll, describe, it } from "vitest";
import { Bench, conformanceScripts, type Subject } from "../../src/conformance/index.ts";

/** Runs every script on one carrier. */
export function conforms(name: string, subject: Subject): void {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open(subject);
  });
  afterAll(() => bench.close());
  describe(`the carrier ${name}`, () => {
    it.each(conformanceScripts)("$name", ({ run }) => run(bench));
  });
}
