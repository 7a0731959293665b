import { describe, expect, it } from "vitest";
import { settled } from "../support/clock.ts";
import { documentCarrier, paperFact } from "../support/document-carrier.ts";
import { THEIRS } from "./bench.ts";
import { world } from "./world.ts";

const EVENTS = 5_000;
const SAMPLE = 100;

describe("a call with thousands of events", () => {
  it("costs as much at the last event as at the first: the same store work, on as little data", async () => {
    const ops: string[] = [];
    const it = world({
      carrier: documentCarrier(),
      failOn: (op) => {
        ops.push(op);
        return false;
      },
    });
    const office = it.start();
    const requester = { surface: "tool" } as const;
    const call = await office.switchboard.initiate({
      to: THEIRS,
      message: "Hello.",
      mode: "conversation",
      requester,
    });
    await office.receive(paperFact(call, [{ type: "answered" }]));
    await settled();

    /** Store operations and bytes of the record for each of the next turns. */
    const measure = async (): Promise<{ ops: string[]; bytes: number }> => {
      ops.length = 0;
      const [live] = office.manager.active;
      const token = live?.turn.token ?? "";
      await office.receive(paperFact(call, [{ type: "speech", token, text: "Hi." }]));
      await settled();
      return { ops: [...ops], bytes: JSON.stringify(office.manager.active[0]).length };
    };
    const first = await measure();
    for (let event = 0; event < EVENTS; event++)
      await office.receive(paperFact(call, [{ type: "fetched" }], { wants: "nothing" }));
    for (let turn = 0; turn < SAMPLE; turn++) await measure();
    const last = await measure();
    expect(first.ops).toContain("commit");
    expect(last.ops).toEqual(first.ops);
    expect(last.bytes - first.bytes).toBeLessThan(40);
    expect(it.call(call.id).version).toBeGreaterThan(EVENTS);
  });
});
