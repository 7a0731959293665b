import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, conformanceScripts, type Subject } from "../../src/conformance/index.ts";

/** Runs every script on one carrier. */
export function conforms(name: string, subject: Subject): void {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open(subject);
  });
  afterAll(() => bench.close());
  describe(`the carrier ${name}`, () => {
    it.each(conformanceScripts)("$name", async ({ run }) => {
      await expect(run(bench)).resolves.toBeUndefined();
    });
  });
}
