import assert from "node:assert/strict";
import { isVoiceCallError, type ErrorCode } from "../call/errors.ts";
import type { Bench } from "./bench.ts";
import type { Script } from "./scripts.ts";
import type { CreateFault } from "./world.ts";

/** What a refusal of the carrier may be called. */
const FINAL: readonly ErrorCode[] = [
  "VC_CARRIER_REFUSED",
  "VC_CARRIER_TO_INVALID",
  "VC_CARRIER_GEO",
  "VC_CARRIER_BLOCKED",
];

/** What comes twice, late, forged or never. */
export const FAULTS: readonly Script[] = [
  {
    name: "webhooks that all come twice change nothing: one agent turn, one reply, one report",
    run: async (bench) => {
      bench.world.webhooks.duplicate = true;
      try {
        const { id, far } = await bench.converse(bench.somebody());
        const heard = bench.agent.heard.length;
        await bench.tell(far, "Say it once.");
        await bench.hears(far, "You said: Say it once.");
        await bench.listening(far);
        await bench.passing("no webhook is on its way", bench.world.webhooks.settled());
        assert.equal(bench.agent.heard.length, heard + 1);
        await far.hangUp();
        await bench.over(id);
        await bench.until("the outcome is reported", () => bench.reports.includes(id));
        await bench.atRest();
        assert.equal(bench.reports.filter((one) => one === id).length, 1);
        assert.equal(far.heard().filter((text) => text === "You said: Say it once.").length, 1);
      } finally {
        bench.world.webhooks.duplicate = false;
      }
    },
  },
  {
    name: "speech that is replayed answers no newer turn",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      const sentBefore = bench.world.webhooks.all.length;
      await bench.tell(far, "Yes, do it.");
      await bench.hears(far, "You said: Yes, do it.");
      await bench.listening(far);
      await bench.passing("no webhook is on its way", bench.world.webhooks.settled());
      const heard = bench.agent.heard.length;
      const speech = bench.world.webhooks.all.slice(sentBefore).filter(({ isSpeech }) => isSpeech);
      if (bench.capabilities.needsWebhook) assert.ok(speech.length > 0, "no speech webhook was sent");
      for (const sent of speech) {
        const { status } = await bench.passing("the replay is answered", bench.world.webhooks.replay(sent));
        assert.ok(status >= 200 && status < 300, `a replay is acknowledged, not ${status}`);
      }
      assert.equal(bench.agent.heard.length, heard);
      assert.equal((await bench.record(id)).turn.phase, "listening");
      await far.hangUp();
      await bench.over(id);
      await bench.atRest();
    },
  },
  {
    name: "webhooks that are replayed after a restart change nothing",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      await bench.tell(far, "Remember this.");
      await bench.hears(far, "You said: Remember this.");
      await far.hangUp();
      const record = await bench.over(id);
      await bench.atRest();
      await bench.restart();
      const heard = bench.agent.heard.length;
      for (const sent of bench.world.webhooks.all.slice(-12))
        await bench.passing("the replay is answered", bench.world.webhooks.replay(sent));
      assert.deepEqual(await bench.record(id), record);
      assert.equal(bench.agent.heard.length, heard);
      assert.equal(bench.plant.manager.active.length, 0);
    },
  },
  {
    name: "a webhook whose signature is forged or missing is refused and changes nothing",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      await bench.tell(far, "Is this safe?");
      await bench.hears(far, "You said: Is this safe?");
      await bench.listening(far);
      await bench.passing("no webhook is on its way", bench.world.webhooks.settled());
      const before = await bench.record(id);
      for (const sent of bench.world.webhooks.all.slice(-6)) {
        for (const signature of ["AAAA", "", null]) {
          const { status } = await bench.passing(
            "the forgery is answered",
            bench.world.webhooks.forge(sent, signature),
          );
          assert.ok(status === 401 || status === 403, `a forgery is answered ${status}`);
        }
      }
      assert.equal((await bench.record(id)).version, before.version);
      await far.hangUp();
      await bench.over(id);
      await bench.atRest();
    },
  },
  ...uncertain(),
  {
    name: "a call that is up goes on after a restart, and nobody is called by it",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      if (!bench.capabilities.needsWebhook) return endedByUs(bench, id);
      const before = bench.world.creates();
      await bench.restart();
      await bench.listening(far);
      await bench.tell(far, "Are you back?");
      await bench.hears(far, "You said: Are you back?");
      assert.equal(bench.world.creates(), before);
      await far.hangUp();
      await bench.over(id);
      return bench.atRest();
    },
  },
  {
    name: "a call that ended while the plugin was away is closed after its restart",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      if (!bench.capabilities.needsWebhook) return endedByUs(bench, id);
      await bench.restart(() => far.hangUp());
      const record = await bench.over(id);
      assert.ok(record.outcome === "completed" || record.outcome === "lost", `outcome ${record.outcome}`);
      // That nobody was there to take its webhook is the carrier's right to complain of.
      return bench.atRest({ complaints: true });
    },
  },
];

function uncertain(): Script[] {
  const faults: readonly (readonly [CreateFault, string, readonly ErrorCode[]])[] = [
    ["refused", "is refused", FINAL],
    ["busy", "comes too fast", ["VC_CARRIER_RATE"]],
  ];
  const final = faults.map(([fault, what, codes]) => ({
    name: `a create request that ${what} says so by code, and nobody is called`,
    run: async (bench: Bench) => {
      const to = bench.somebody();
      bench.world.failCreate(fault);
      const order = { to, message: "Hello.", requester: { surface: "rpc" } as const };
      const error = await bench.passing("the call is refused", bench.plant.switchboard.initiate(order)).then(
        () => assert.fail("the call was placed"),
        (thrown: unknown) => thrown,
      );
      assert.ok(isVoiceCallError(error) && codes.includes(error.code), String(error));
      await bench.atRest();
    },
  }));
  return [
    ...final,
    {
      name: "a create request whose answer is lost rings once, and the call goes on",
      run: async (bench: Bench) => {
        const to = bench.somebody();
        bench.world.callee(to).answers();
        bench.world.failCreate("lost");
        const { id, far } = await bench.place({ to, message: "Dinner is ready." });
        await bench.passing("the call ends", far.ended);
        assert.equal((await bench.over(id)).outcome, "completed");
        assert.deepEqual(far.heard(), ["Dinner is ready."]);
        await bench.atRest();
      },
    },
  ];
}

async function endedByUs(bench: Bench, id: string): Promise<void> {
  await bench.plant.switchboard.end(id);
  await bench.over(id);
  await bench.atRest();
}
