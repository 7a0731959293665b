import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, conformanceScripts, type Subject } from "../../src/conformance/index.ts";
import { SUBJECTS } from "./subjects.ts";

/** Each listed carrier has live audio; this is the mock as if it had none. */
const { startWorld, connect } = SUBJECTS["The mock carrier"];
const plain: Subject = {
  startWorld,
  async connect(world, context) {
    const { carrier, ...others } = await connect(world, context);
    const capabilities = { ...carrier.capabilities, liveAudio: false };
    return { ...others, carrier: { ...carrier, capabilities } };
  },
};

describe("a carrier without live audio", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open(plain);
  });
  afterAll(() => bench.close());

  const scripts = conformanceScripts.filter(({ name }) => /live audio|several turns/.test(name));
  it.each(scripts)("is held to it that $name", async ({ run }) => {
    await expect(run(bench)).resolves.toBeUndefined();
  });
});
