/**
 * A gateway that stopped closed its audio sockets and was gone; the carrier asked what to do, found nobody and ended the calls.
 * Here it is told to keep the line until the gateway is there again.
 */
import { describe, expect, it } from "vitest";
import type { LiveCalls } from "../../src/call/ports.ts";
import { settled } from "../support/clock.ts";
import { contentOf, documentCarrier, paperFact } from "../support/document-carrier.ts";
import { THEIRS } from "./bench.ts";
import { world } from "./world.ts";

const live: LiveCalls = {
  problem: async () => null,
  prepare: () => {},
  request: () => {},
  end: async () => {},
};

async function onTheLine(message: string, streaming: boolean) {
  const it = world({
    carrier: documentCarrier({ liveAudio: true }),
    config: { streaming: { enabled: streaming }, maxConcurrentCalls: 5 },
    live,
  });
  const office = it.start();
  const call = await office.switchboard.initiate({
    to: THEIRS,
    message,
    mode: "conversation",
    requester: { surface: "tool" },
  });
  await office.receive(paperFact(call, [{ type: "answered" }], { wants: "nothing" }));
  await settled();
  const { instruction } = it.call(call.id);
  if (instruction?.next.kind === "stream")
    await office.manager.apply(call.id, { type: "stream-up", token: instruction.next.token });
  return { it, office, call };
}

const fetched = { type: "fetched" } as const;

describe("a plugin that stops", () => {
  it("has whoever asks what to do without a socket wait for a minute, and knows when all have asked", async () => {
    const { office, call } = await onTheLine("Hello.", true);
    let isOver = false;
    const left = office.reception.leave([call.id]).then(() => (isOver = true));
    await settled();
    expect(isOver).toBe(false);
    const reply = await office.receive(paperFact(call, [fetched]));
    expect(contentOf(reply)).toEqual({ kind: "wait", ms: 60_000 });
    await left;
    // Who asks again is told the same.
    expect(contentOf(await office.receive(paperFact(call, [fetched])))).toEqual({ kind: "wait", ms: 60_000 });
  });

  it("asks no carrier to open a socket, and gives the call another one at the next start", async () => {
    const { it, office, call } = await onTheLine("Hello.", true);
    const { instruction } = it.call(call.id);
    void office.reception.leave([call.id]);
    await office.receive(paperFact(call, [fetched]));
    const next = it.call(call.id);
    expect(next.delivered).toBe(instruction?.gen);
    expect(next.instruction?.gen).toBeGreaterThan(next.delivered);
  });

  it("waits for nobody where no call has a socket, and answers other calls as ever", async () => {
    const { office, call } = await onTheLine("Hello.", false);
    await expect(office.reception.leave([])).resolves.toBeUndefined();
    expect(contentOf(await office.receive(paperFact(call, [fetched])))).toMatchObject({
      kind: "instruction",
    });
  });
});
