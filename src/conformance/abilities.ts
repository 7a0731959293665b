import assert from "node:assert/strict";
import { isVoiceCallError, type ErrorCode } from "../call/errors.ts";
import type { Bench } from "./bench.ts";
import type { Script } from "./scripts.ts";
import type { FarEnd } from "./world.ts";

/** What a carrier declares to be able to do works; what it does not declare is refused by code, before anybody is called. */
export const ABILITIES: readonly Script[] = [
  {
    name: "keys pressed by the person are an answer",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody(), "Press your number, then hash.");
      await bench.passing("the keys are taken", far.press("123#"));
      await bench.hears(far, "You said: [digits 123]");
      await bench.plant.switchboard.end(id);
      await bench.over(id);
      await bench.atRest();
    },
  },
  {
    name: "keys pressed by us reach the person, on a running call and right after the answer",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      if (bench.capabilities.dtmfOut) {
        await bench.plant.switchboard.press(id, "42#");
        await bench.until("the keys arrive", () => far.pressed().join("").endsWith("42#"));
        await bench.listening(far);
      } else await refusedAs(bench.plant.switchboard.press(id, "42#"), "VC_UNSUPPORTED");
      await bench.plant.switchboard.end(id);
      await bench.over(id);

      const to = bench.somebody();
      if (bench.capabilities.preConnectDigits) {
        const placed = await bench.place({ to, digits: "9w1", mode: "conversation", message: "Hello?" });
        await bench.hears(placed.far, "Hello?");
        assert.equal(placed.far.pressed().join("").replaceAll(/w/gi, ""), "91");
        await bench.plant.switchboard.end(placed.id);
        await bench.over(placed.id);
      } else await nobodyIsCalled(bench, { to, digits: "9w1" });
      await bench.atRest();
    },
  },
  {
    name: "a machine is hung up on where the policy says so, and the outcome is voicemail",
    run: (bench) =>
      withMachines(bench, "hangup", async (to) => {
        bench.world.callee(to).machine({ greetingMs: 4_000 });
        const { id, far } = await bench.place({ to });
        await bench.passing("the call ends", far.ended);
        const record = await bench.over(id);
        assert.equal(record.outcome, "voicemail");
        assert.equal(record.answeredBy, "machine");
      }),
  },
  {
    name: "a message is left after the beep, whole and from its beginning",
    run: (bench) =>
      withMachines(bench, "leave-message", async (to) => {
        bench.world.callee(to).machine({ greetingMs: 4_000 });
        const { id, far } = await bench.place({ to, message: "Please call back." });
        await bench.passing("the call ends", far.ended);
        const record = await bench.over(id);
        assert.equal(record.outcome, "voicemail");
        assert.equal(far.heard().at(-1), "Please call back.");
        assert.ok(far.heard().filter((text) => text === "Please call back.").length <= 2);
      }),
  },
  {
    name: "a person hears the message once although machines are looked for",
    run: (bench) =>
      withMachines(bench, "hangup", async (to) => {
        bench.world.callee(to).answers();
        const { id, far } = await bench.place({ to, message: "Dinner is ready." });
        await bench.passing("the call ends", far.ended);
        assert.equal((await bench.over(id)).outcome, "completed");
        assert.deepEqual(far.heard(), ["Dinner is ready."]);
      }),
  },
  {
    name: "a caller is handed over to another number, and the call ends when the two are done",
    run: (bench) =>
      withTransfer(bench, async (id, far, to) => {
        bench.world.callee(to).answers().hangsUpAfter(3_000);
        await handOver(bench, id, far, to);
        await bench.until("the call is handed over", () => far.transferredTo() === to);
        await bench.passing("the call ends", far.ended);
        assert.equal((await bench.over(id)).outcome, "completed");
      }),
  },
  {
    name: "a caller who cannot be handed over is told so and is listened to again",
    run: (bench) =>
      withTransfer(bench, async (id, far, to) => {
        bench.world.callee(to).busy();
        await handOver(bench, id, far, to);
        await bench.hears(far, /couldn't reach anybody/);
        await bench.listening(far);
        await bench.tell(far, "Never mind.");
        await bench.hears(far, "You said: Never mind.");
        await bench.plant.switchboard.end(id);
        await bench.over(id);
      }),
  },
  {
    name: "a language that the carrier does not know is refused before anybody is called",
    run: async (bench) => {
      if (!bench.capabilities.needsWebhook) return;
      bench.configure({ language: "tlh" });
      const before = bench.world.creates();
      const order = { to: bench.somebody(), message: "Qapla'", requester: { surface: "rpc" } as const };
      await refusedAs(
        bench.passing("the call is refused", bench.plant.switchboard.initiate(order)),
        "VC_LANGUAGE_UNSUPPORTED",
      );
      assert.equal(bench.world.creates(), before);
      bench.configure({});
      await bench.atRest();
    },
  },
];

async function withMachines(
  bench: Bench,
  policy: "hangup" | "leave-message",
  run: (to: string) => Promise<void>,
): Promise<void> {
  const to = bench.somebody();
  const { answeringMachine } = bench.capabilities;
  bench.configure({ outbound: { answeringMachine: policy } });
  const able = policy === "hangup" ? answeringMachine !== "none" : answeringMachine === "over";
  if (able) await run(to);
  else await nobodyIsCalled(bench, { to });
  bench.configure({});
  await bench.atRest();
}

async function withTransfer(
  bench: Bench,
  run: (id: string, far: FarEnd, to: string) => Promise<void>,
): Promise<void> {
  const { id, far } = await bench.converse(bench.somebody());
  const to = bench.somebody();
  if (bench.capabilities.transfer) await run(id, far, to);
  else {
    await refusedAs(bench.plant.switchboard.transfer(id, to, ""), "VC_UNSUPPORTED");
    await bench.plant.switchboard.end(id);
    await bench.over(id);
  }
  await bench.atRest();
}

async function handOver(bench: Bench, id: string, far: FarEnd, to: string): Promise<void> {
  await bench.plant.switchboard.transfer(id, to, "I connect you now.");
  await bench.hears(far, "I connect you now.");
}

export async function nobodyIsCalled(
  bench: Bench,
  order: { readonly to: string; readonly digits?: string },
): Promise<void> {
  const before = bench.world.creates();
  const request = { message: "Hello.", ...order, requester: { surface: "rpc" } as const };
  await refusedAs(bench.plant.switchboard.initiate(request), "VC_UNSUPPORTED");
  assert.equal(bench.world.creates(), before);
}

async function refusedAs(request: Promise<unknown>, code: ErrorCode): Promise<void> {
  await request.then(
    () => assert.fail(`it was not refused with ${code}`),
    (error: unknown) => assert.equal(isVoiceCallError(error) ? error.code : error, code),
  );
}
