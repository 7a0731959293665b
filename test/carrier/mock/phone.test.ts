import { describe, expect, it } from "vitest";
import { AGENT, hangup, inbound, instruction, listen, live, PERSON, rig, wait } from "./rig.ts";

const byPerson = { script: { [PERSON]: { pickUp: "person" } } } as const;

describe("a person's phone", () => {
  it("answers a ringing call, and answering twice changes nothing", async () => {
    const { dial, clock, carrier, types } = rig(byPerson);
    const ref = await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(10);
    await carrier.phone.answer(ref.carrierCallId ?? "");
    await carrier.phone.answer(ref.carrierCallId ?? "");
    await clock.advance(10);
    expect(types()).toEqual(["initiated", "ringing", "answered", "played"]);
  });

  it.each(["decline", "hangUp"] as const)("refuses a ringing call with %s", async (how) => {
    const { dial, clock, carrier, events } = rig(byPerson);
    const ref = await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(10);
    await carrier.phone[how](ref.carrierCallId ?? "");
    await clock.runAll();
    expect(events().at(-1)).toMatchObject({
      type: "ended",
      outcome: "rejected",
      evidence: { hungUpBy: "them", carrierCode: "declined" },
    });
    expect(clock.pending).toBe(0);
  });

  it("hangs up a call it talks on, and once more without effect", async () => {
    const { dial, clock, carrier, events } = rig();
    const ref = await dial(PERSON, instruction(1, "Hi.", listen("t1")));
    await clock.advance(10);
    await carrier.phone.hangUp(ref.carrierCallId ?? "");
    await carrier.phone.hangUp(ref.carrierCallId ?? "");
    await clock.runAll();
    expect(events().filter((event) => event.type === "ended")).toMatchObject([
      { outcome: "completed", evidence: { hungUpBy: "them" } },
    ]);
  });

  it("cannot answer or decline what does not ring for it", async () => {
    const { dial, clock, carrier } = rig({ ...byPerson, pace: { initiatedMs: 100 } });
    const { phone } = carrier;
    const own = await phone.call(PERSON, AGENT);
    await expect(phone.answer(own.carrierCallId)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
    await expect(phone.decline(own.carrierCallId)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
    await expect(phone.answer("mock-none")).rejects.toMatchObject({ code: "VC_CALL_NOT_FOUND" });
    const ref = await dial(PERSON, instruction(1, "Hi.", hangup()));
    const id = ref.carrierCallId ?? "";
    await expect(phone.answer(id)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
    await clock.advance(100);
    await phone.answer(id);
    await expect(phone.decline(id)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
    await clock.advance(10);
    await expect(phone.answer(id)).rejects.toMatchObject({ code: "VC_CALL_NOT_ACTIVE" });
  });

  it("says and presses nothing before the answer, after the end, or without words", async () => {
    const { clock, carrier } = rig();
    const { phone } = carrier;
    const { carrierCallId } = await phone.call(PERSON, AGENT);
    await expect(phone.say(carrierCallId, "Hello?")).rejects.toMatchObject({ code: "VC_CALL_NOT_ANSWERED" });
    await carrier.instruct(inbound(carrierCallId), instruction(1, "Hi.", listen("t1")), live);
    for (const words of ["", "   ", "x".repeat(4001)]) {
      await expect(phone.say(carrierCallId, words)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
    }
    for (const digits of ["", "12x", "1".repeat(33)]) {
      await expect(phone.press(carrierCallId, digits)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
    }
    await carrier.hangup(inbound(carrierCallId), live);
    await expect(phone.press(carrierCallId, "1")).rejects.toMatchObject({ code: "VC_CALL_NOT_ACTIVE" });
    await clock.runAll();
  });

  it("calls from and to numbers only; its own may be withheld", async () => {
    const { clock, carrier, facts } = rig();
    const { phone } = carrier;
    await expect(phone.call("12345", AGENT)).rejects.toMatchObject({ details: { field: "from" } });
    await expect(phone.call(PERSON, "agent")).rejects.toMatchObject({ details: { field: "to" } });
    await phone.call("", AGENT);
    await clock.advance(10);
    expect(facts[0]?.offer?.from).toBe("");
    await carrier.close();
  });
});

describe("the phone's screen", () => {
  it("shows what is new after a cursor", async () => {
    const { dial, clock, carrier } = rig();
    await dial(PERSON, instruction(1, "Hi.", hangup(1000)));
    await clock.advance(10);
    const first = await carrier.phone.screen(0);
    expect(first.lines.map((line) => line.kind)).toEqual(["ringing", "answered", "spoken"]);
    expect((await carrier.phone.screen(first.cursor)).lines).toEqual([]);
    await clock.runAll();
    const second = await carrier.phone.screen(first.cursor);
    expect(second.lines).toMatchObject([{ kind: "ended", text: "completed", cursor: second.cursor }]);
  });

  it("keeps the last two thousand lines", async () => {
    const { dial, clock, carrier } = rig();
    const ref = await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(10);
    for (let gen = 2; gen < 6000; gen++)
      await carrier.instruct(ref, instruction(gen, `word ${gen}`, wait), live);
    const { lines, cursor } = await carrier.phone.screen(0);
    expect(lines).toHaveLength(2000);
    expect(lines.at(-1)).toMatchObject({ cursor, text: "word 5999" });
    await carrier.close();
  });
});
