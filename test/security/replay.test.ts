/** S11, S12, S25: what a whole plugin does with webhooks that come again, on every carrier. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, type FarEnd, type Sent } from "../../src/conformance/index.ts";
import { SIGNING, SUBJECTS } from "../conformance/subjects.ts";

const ORIGIN = "https://voice.example.test/";

describe.each(SIGNING)("on %s, a webhook that is replayed", (name) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open(SUBJECTS[name]);
  });
  afterAll(() => bench.close());

  /** A call with one turn behind it that listens again, and every webhook that it sent. */
  async function talking(direction: "inbound" | "outbound") {
    const from = bench.somebody();
    bench.configure({ inboundPolicy: "open", inboundGreeting: "Hello?" });
    const before = bench.world.webhooks.all.length;
    let far: FarEnd;
    if (direction === "outbound") far = (await bench.converse(from)).far;
    else {
      far = bench.world.ring(from);
      await bench.listening(far);
    }
    await bench.tell(far, "One.");
    await bench.hears(far, "You said: One.");
    await bench.listening(far);
    await bench.passing("no webhook is on its way", bench.world.webhooks.settled());
    const sent = bench.world.webhooks.all.slice(before);
    expect(sent.length).toBeGreaterThan(1);
    return { id: (await bench.recordOf(far)).id, far, sent };
  }

  /** What is on record, its version aside, which counts what was seen. */
  async function everything(id: string): Promise<unknown> {
    const { version: _, ...call } = await bench.record(id);
    return { call, said: await bench.said(id), asked: bench.agent.heard.length };
  }

  async function replay(sent: readonly Sent[]): Promise<void> {
    for (const one of sent) {
      const answer = await bench.passing("the replay is answered", bench.world.webhooks.replay(one));
      expect(answer.status).toBeOneOf([200, 204]);
      expect(answer.body).not.toMatch(/turn=|silence=|<Say|<Speak|<Gather|<GetInput/);
    }
  }

  it.each(["inbound", "outbound"] as const)(
    "S12: gets no token and changes nothing, in an %s call that is up or over",
    async (direction) => {
      const { id, far, sent } = await talking(direction);
      const before = await everything(id);
      await replay(sent);
      expect(await everything(id)).toEqual(before);
      await bench.tell(far, "Two.");
      await bench.hears(far, "You said: Two.");
      await far.hangUp();
      await bench.over(id);
      await bench.atRest();
      const after = await everything(id);
      await replay(sent);
      expect(await everything(id)).toEqual(after);
      expect(bench.plant.manager.active).toEqual([]);
    },
  );

  it("S11: moves no callback: every one of them stays on the public URL", async () => {
    const { id, far, sent } = await talking("outbound");
    await replay(sent);
    await bench.tell(far, "Three.");
    await bench.hears(far, "You said: Three.");
    await far.hangUp();
    await bench.over(id);
    await bench.atRest();
    for (const { url } of bench.world.webhooks.all) expect(url.startsWith(ORIGIN)).toBe(true);
  });
});
