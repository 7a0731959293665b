import assert from "node:assert/strict";
import type { Bench } from "./bench.ts";
import type { Script } from "./scripts.ts";

/** Calls that come in. */
export const INBOUND: readonly Script[] = [
  {
    name: "a caller who may call is greeted, talks with the agent, and the end is on record",
    run: async (bench) => {
      const from = bench.somebody();
      bench.configure({ inboundPolicy: "allowlist", allowFrom: [from], inboundGreeting: "Good morning." });
      const far = bench.world.ring(from);
      await bench.hears(far, "Good morning.");
      await bench.listening(far);
      await bench.tell(far, "Good morning to you.");
      await bench.hears(far, "You said: Good morning to you.");
      const { id, direction, to } = await bench.recordOf(far);
      assert.equal(direction, "inbound");
      assert.equal(to, bench.world.ours);
      await bench.listening(far);
      await far.hangUp();
      await endOrLookUp(bench, id);
      await bench.atRest();
    },
  },
  ...refused(),
  {
    name: "several callers are talked with at the same time, each about their own",
    run: async (bench) => {
      const callers = [bench.somebody(), bench.somebody(), bench.somebody()];
      bench.configure({ inboundPolicy: "open" });
      const lines = callers.map((from) => bench.world.ring(from));
      await Promise.all(lines.map((far) => bench.listening(far)));
      await Promise.all(lines.map((far, at) => bench.tell(far, `I am number ${at}.`)));
      await Promise.all(lines.map((far, at) => bench.hears(far, `You said: I am number ${at}.`)));
      for (const [at, far] of lines.entries()) {
        const other = lines.map((_, n) => n).filter((n) => n !== at);
        for (const n of other) assert.ok(!far.heard().join(" ").includes(`number ${n}`));
        const { id } = await bench.recordOf(far);
        await bench.plant.switchboard.end(id);
        await bench.passing("the call ends", far.ended);
        await bench.over(id);
      }
      await bench.atRest();
    },
  },
];

function refused(): Script[] {
  const callers: readonly (readonly [string, (bench: Bench) => readonly [string, boolean]])[] = [
    ["is not on the list", (bench) => [bench.somebody(), false]],
    ["withholds the number", (bench) => [bench.somebody(), true]],
  ];
  return callers.map(([who, caller]) => ({
    name: `a caller who ${who} is never answered, wakes nobody, and is refused at the carrier`,
    run: async (bench) => {
      const heard = bench.agent.heard.length;
      bench.configure({ inboundPolicy: "allowlist", allowFrom: [bench.somebody()] });
      const [from, withheld] = caller(bench);
      const far = bench.world.ring(from, { withheld });
      await bench.passing("the call ends", far.ended);
      const record = await bench.recordOf(far);
      assert.deepEqual([record.state, record.outcome], ["refused", "rejected"]);
      assert.equal(record.answeredAt, null);
      assert.deepEqual(far.heard(), []);
      assert.equal(bench.agent.heard.length, heard);
      await bench.atRest();
    },
  }));
}

/** A carrier may leave the end of an inbound call to a setting of the number; then a look-up tells. */
async function endOrLookUp(bench: Bench, id: string): Promise<void> {
  const record = await bench.over(id);
  assert.equal(record.outcome, "completed");
}
