import { describe, expect, it } from "vitest";
import { settled } from "../support/clock.ts";
import { contentOf, documentCarrier, paperFact } from "../support/document-carrier.ts";
import { world } from "../call/world.ts";

const THEM = "+15557770001";
const US = "+15550001111";
const requester = { surface: "tool" } as const;
const conversation = { to: THEM, message: "Hello.", mode: "conversation", requester } as const;

/** A store whose methods can be made to fail, for the next `times` uses of each. */
function failing() {
  const left = new Map<string, number>();
  return {
    failOn: (op: string): boolean => {
      const times = left.get(op) ?? 0;
      left.set(op, times - 1);
      return times > 0;
    },
    fail: (op: string, times: number) => void left.set(op, times),
  };
}

describe("a store that fails", () => {
  it("on the first record lets nothing be dialled and frees the slot", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn });
    const office = it.start();
    fail("commit", 1);
    await expect(office.switchboard.initiate(conversation)).rejects.toMatchObject({
      code: "VC_STORE_FAILED",
    });
    expect([it.commands, it.store.dump().calls, office.manager.active]).toEqual([[], [], []]);
    await office.switchboard.initiate(conversation);
    expect(it.count("dial")).toBe(1);
  });

  it("on a webhook has the carrier repeat it, and the repeat works", async () => {
    const { failOn, fail } = failing();
    const carrier = documentCarrier();
    const it = world({ failOn, carrier });
    const office = it.start();
    const call = await office.switchboard.initiate(conversation);
    await settled();
    const fact = paperFact(call, [{ type: "answered" }], { wants: "nothing" });
    fail("commit", 1);
    const before = it.store.dump();
    expect(await office.receive(fact)).toEqual({ status: 503 });
    expect(it.store.dump()).toEqual(before);
    expect(await office.receive(fact)).toEqual({ status: 204 });
    expect(it.call(call.id).state).toBe("answered");
  });

  it("between the facts of one webhook has all of them repeated", async () => {
    const { failOn, fail } = failing();
    const it = world({ carrier: documentCarrier(), failOn });
    const office = it.start();
    const call = await office.switchboard.initiate(conversation);
    await settled();
    const fact = paperFact(call, [
      { type: "detected", by: "human" },
      { type: "speech", token: "token-1", text: "Hi." },
    ]);
    const failSecond = office.manager.watch(
      call.id,
      () => fail("commit", 1),
      () => {},
    );
    expect(await office.receive(fact)).toEqual({ status: 503 });
    failSecond();
    fail("commit", 0);
    expect(contentOf(await office.receive(fact))).toMatchObject({
      kind: "instruction",
      instruction: { say: ["You said: Hi."] },
    });
    expect(it.asked).toEqual([`${call.id}/1`]);
    expect(it.call(call.id).answeredBy).toBe("human");
  });

  it("on an offered call has it offered again, once answered", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn, config: { inboundPolicy: "open" } });
    it.start();
    fail("commit", 1);
    await it.mock.phone.call(THEM, US);
    await it.clock.advance(300);
    expect(it.store.dump().calls.length).toBe(1);
    expect(it.count("instruct")).toBe(1);
  });

  it("on a deadline has it tried again until it holds", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn, script: { [THEM]: { pickUp: "person" } }, config: { ringTimeoutMs: 20_000 } });
    const office = it.start();
    const call = await office.switchboard.initiate(conversation);
    await it.clock.advance(0);
    fail("commit", 3);
    await it.clock.advance(20_000);
    expect(it.call(call.id).hangup).toBeNull();
    await it.clock.advance(3_000);
    expect(it.call(call.id)).toMatchObject({ state: "ended", outcome: "no-answer" });
    await it.finish();
    expect(it.clock.pending).toBe(0);
  });

  it("on a deadline forgets it when the call has moved on meanwhile", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn, script: { [THEM]: {} }, config: { transcriptTimeoutMs: 9_000 } });
    const office = it.start();
    const { id } = await office.switchboard.initiate(conversation);
    await it.clock.advance(0);
    const heard = office.switchboard.ask(id, "Are you there?");
    await it.clock.advance(8_999);
    fail("commit", 1);
    await it.clock.advance(501);
    await it.mock.phone.say(it.call(id).carrierCallId ?? "", "Yes.");
    await it.clock.advance(5_000);
    await expect(heard).resolves.toMatchObject({ text: "Yes." });
    expect(it.call(id).turn).toMatchObject({ no: 1, phase: "idle" });
  });

  it("after a create has its result saved later, and the carrier is not asked twice", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn });
    const office = it.start({
      carrier: (carrier) => ({
        ...carrier,
        dial: async (...order) => {
          const placed = await carrier.dial(...order);
          fail("commit", 2);
          return placed;
        },
      }),
    });
    const placing = office.switchboard.initiate(conversation);
    await it.clock.advance(5_000);
    await expect(placing).resolves.toMatchObject({ carrierCallId: expect.any(String) });
    expect(it.count("dial")).toBe(1);
    expect(it.store.dump().events.map(({ type }) => type)).not.toContain("dial-uncertain");
  });

  it("after an instruction or a hang-up does not have the carrier told again", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn, carrier: documentCarrier() });
    const office = it.start({
      carrier: (carrier) => ({
        ...carrier,
        instruct: async (...order) => {
          await carrier.instruct(...order);
          fail("commit", 2);
        },
        hangup: async (...order) => {
          await carrier.hangup(...order);
          fail("commit", 2);
        },
      }),
    });
    const { id } = await office.switchboard.initiate(conversation);
    await office.receive(paperFact(it.call(id), [{ type: "answered" }], { wants: "nothing" }));
    await office.switchboard.request(id, { type: "speak", text: "News." });
    await it.clock.advance(5_000);
    expect([it.count("instruct"), it.call(id).delivered]).toEqual([1, 2]);
    await office.switchboard.end(id);
    await it.clock.advance(5_000);
    expect([it.count("hangup"), it.call(id).state]).toEqual([1, "ended"]);
  });

  it("after a reply of the agent does not have the agent asked again, and no apology is spoken", async () => {
    const { failOn, fail } = failing();
    const it = world({
      failOn,
      script: { [THEM]: { turns: ["Hi."] } },
      reply: (turn) => {
        fail("commit", 2);
        return Promise.resolve(`You said: ${turn.words}`);
      },
    });
    const office = it.start();
    const { id } = await office.switchboard.initiate(conversation);
    await it.clock.advance(5_000);
    expect(it.asked).toEqual([`${id}/1`]);
    expect(it.words(id)).toEqual(["Hello.", "Hi.", "You said: Hi."]);
  });

  it("for good leaves what is unfinished to the next start", async () => {
    const { failOn, fail } = failing();
    const it = world({ failOn, script: { [THEM]: { turns: ["Hi."], hangsUp: { turns: 1 } } } });
    const office = it.start();
    const placing = office.switchboard.initiate(conversation).catch(() => {});
    await settled();
    fail("commit", Number.POSITIVE_INFINITY);
    await it.clock.advance(200_000);
    await office.stop();
    await placing;
    fail("commit", 0);
    await it.start().recover();
    await it.finish();
    expect(it.call("vc_1").state).toBe("ended");
    expect(it.count("dial")).toBe(1);
    expect(await it.store.pendingEffects()).toEqual([]);
  });
});
