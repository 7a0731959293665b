/**
 * A carrier that this package does not list brings its webhook part as a module of its own, and runs the same scripts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, conformanceScripts, type Subject } from "../../src/conformance/index.ts";
import { SUBJECTS } from "./subjects.ts";

const { startWorld, connect } = SUBJECTS["Telnyx"];
const outside: Subject = {
  startWorld,
  async connect(world, context) {
    const connected = await connect(world, context);
    if (connected.webhook === null) throw new Error("this carrier has webhooks");
    const module = new URL("./fixtures/outside-webhook.ts", import.meta.url).href;
    return { ...connected, webhook: { ...connected.webhook, module } };
  },
};

const SOME = [
  /goes on for several turns/,
  /not on the list/,
  /forged or missing/,
  /greeted and talked with over live/,
];

describe("a carrier from outside the package", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open(outside);
  });
  afterAll(() => bench.close());

  const scripts = conformanceScripts.filter(({ name }) => SOME.some((one) => one.test(name)));
  it.each(scripts)("is held to it that $name", async ({ run }) => {
    await expect(run(bench)).resolves.toBeUndefined();
  });
});
