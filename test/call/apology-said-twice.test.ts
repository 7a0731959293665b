/**
 * A caller heard the beginning of the apology, and then all of it: we had closed the socket, so that the carrier asked what to do,
 * while it was being told. Here it is told first, and takes the socket with the line.
 */
import { expect, it } from "vitest";
import type { LiveCalls } from "../../src/call/ports.ts";
import { settled } from "../support/clock.ts";
import { documentCarrier, paperFact } from "../support/document-carrier.ts";
import { THEIRS } from "./bench.ts";
import { world } from "./world.ts";

it("the carrier is told to apologise before our side of the audio is closed", async () => {
  const order: string[] = [];
  const live: LiveCalls = {
    problem: async () => null,
    prepare: () => {},
    request: () => {},
    end: async () => void order.push("closed"),
  };
  const told = Promise.withResolvers<void>();
  const carrier = documentCarrier({ liveAudio: true });
  const slow = {
    ...carrier,
    instruct: async () => {
      order.push("is being told");
      await told.promise;
      order.push("told");
    },
  };
  const there = world({ carrier: slow, config: { streaming: { enabled: true } }, live });
  const office = there.start();
  const { switchboard, manager } = office;
  const requester = { surface: "tool" } as const;
  const call = await switchboard.initiate({ to: THEIRS, message: "Hello.", mode: "conversation", requester });
  await office.receive(paperFact(call, [{ type: "answered" }], { wants: "nothing" }));
  await settled();
  const next = there.call(call.id).instruction?.next;
  await manager.apply(call.id, { type: "stream-up", token: next?.kind === "stream" ? next.token : "" });
  order.length = 0;
  await manager.apply(call.id, { type: "voice-lost" });
  await settled();
  expect(order).toEqual(["is being told"]);
  told.resolve();
  await settled();
  expect(order.slice(0, 3)).toEqual(["is being told", "told", "closed"]);
});
