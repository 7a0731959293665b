import { describe, expect, it } from "vitest";
import { MAGIC_NUMBERS, NATURAL, type PartyScript } from "../../../src/carrier/mock/carrier.ts";
import { countWords } from "../../../src/carrier/mock/script.ts";
import { AGENT, hangup, inbound, instruction, listen, live, PERSON, rig, wait } from "./rig.ts";

describe("a scripted party", () => {
  it.each([
    ["busy", "busy", ["initiated", "ended"]],
    ["fail", "failed", ["initiated", "ended"]],
    ["no-answer", "no-answer", ["initiated", "ringing", "ended"]],
  ] as const)("that is set to %s ends the call as %s", async (pickUp, outcome, types) => {
    const test = rig({ script: { [PERSON]: { pickUp } } });
    await test.dial(PERSON, instruction(1, "Hi.", wait));
    await test.clock.runAll();
    expect(test.types()).toEqual(types);
    expect(test.events().at(-1)).toMatchObject({ outcome });
    expect(test.clock.pending).toBe(0);
  });

  it("answers after its own time", async () => {
    const { dial, clock, types } = rig({ script: { [PERSON]: { afterMs: 7000 } } });
    await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(6999);
    expect(types()).not.toContain("answered");
    await clock.advance(1);
    expect(types()).toContain("answered");
  });

  it("that is a machine is detected as one after the answer", async () => {
    const { dial, clock, events } = rig({ script: { [PERSON]: { detected: "machine" } } });
    await dial(PERSON, instruction(1, [], wait));
    await clock.advance(10);
    expect(events().slice(2)).toEqual([
      { type: "answered" },
      { type: "detected", by: "machine" },
      { type: "detected", by: "machine", over: true },
    ]);
  });

  it("that is a machine greets for as long as it wants, and nobody is told that it is over before", async () => {
    const { dial, clock, events } = rig({
      script: { [PERSON]: { detected: "machine", greetingMs: 4_000 } },
      pace: { detectMs: 300 },
    });
    await dial(PERSON, instruction(1, [], wait));
    await clock.advance(4_299);
    expect(events().at(-1)).toEqual({ type: "detected", by: "machine" });
    await clock.advance(1);
    expect(events().at(-1)).toEqual({ type: "detected", by: "machine", over: true });
  });

  it("that declines lets it ring and ends the call as rejected, by their own doing", async () => {
    const { dial, clock, types, events } = rig({ script: { [PERSON]: { pickUp: "decline" } } });
    await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.runAll();
    expect(types()).toEqual(["initiated", "ringing", "ended"]);
    expect(events().at(-1)).toMatchObject({ outcome: "rejected", evidence: { hungUpBy: "them" } });
  });

  it("may be cast anew for every call, with the magic numbers behind", async () => {
    const parts = new Map<string, PartyScript>();
    const { dial, clock, events } = rig({ script: (number) => parts.get(number) ?? null });
    for (const pickUp of ["busy", "fail"] as const) {
      parts.set(PERSON, { pickUp });
      await dial(PERSON, instruction(1, "Hi.", wait), `vc_${pickUp}`);
      await clock.runAll();
    }
    await dial("+15005550002", instruction(1, "Hi.", wait), "vc_magic");
    await clock.runAll();
    const outcomes = events().flatMap((event) => (event.type === "ended" ? [event.outcome] : []));
    expect(outcomes).toEqual(["busy", "failed", "no-answer"]);
  });

  it("says its lines one listen at a time, presses digits and can keep silent", async () => {
    const turns = ["First.", { press: "7" }, null, "Last."];
    const { dial, clock, carrier, events } = rig({ script: { [PERSON]: { turns } } });
    const ref = await dial(PERSON, instruction(1, "Go on.", listen("t1", 1000)));
    await clock.advance(1000);
    for (const gen of [2, 3, 4, 5]) {
      await carrier.instruct(ref, instruction(gen, "Go on.", listen(`t${gen}`, 1000)), live);
      await clock.advance(1000);
    }
    expect(events().filter((event) => "token" in event)).toMatchObject([
      { type: "speech", token: "t1", text: "First." },
      { type: "digits", token: "t2", digits: "7" },
      { type: "silence", token: "t3" },
      { type: "speech", token: "t4", text: "Last." },
      { type: "silence", token: "t5" },
    ]);
  });

  it("keeps a line that nobody heard for the next listen", async () => {
    const { dial, clock, carrier, events } = rig({
      script: { [PERSON]: { turns: ["Me!"] } },
      pace: { replyMs: 500 },
    });
    const ref = await dial(PERSON, instruction(1, [], listen("t1")));
    await clock.advance(100);
    await carrier.instruct(ref, instruction(2, [], wait), live);
    await clock.advance(1000);
    expect(events().filter((event) => event.type === "speech")).toEqual([]);
    await carrier.instruct(ref, instruction(3, [], listen("t3")), live);
    await clock.advance(1000);
    expect(events().at(-1)).toMatchObject({ type: "speech", token: "t3", text: "Me!" });
  });

  it("that interrupts speaks into the words", async () => {
    const { dial, clock, types } = rig({
      script: { [PERSON]: { turns: ["Stop."], interrupts: true } },
      pace: { wordMs: 100 },
    });
    await dial(PERSON, instruction(1, "one two three four", listen("t1")));
    await clock.advance(60_000);
    expect(types().slice(3)).toEqual(["speech"]);
  });

  it("hangs up after so many words, after so many turns, or after a time", async () => {
    const pace = { wordMs: 100 };
    const words = rig({ script: { [PERSON]: { hangsUp: { words: 5 } } }, pace });
    await words.dial(PERSON, instruction(1, ["one two three", "four five six"], listen("t1")));
    await words.clock.advance(499);
    expect(words.types()).not.toContain("ended");
    await words.clock.advance(1);
    expect(words.events().at(-1)).toMatchObject({ outcome: "completed", evidence: { hungUpBy: "them" } });
    expect(words.types()).not.toContain("played");

    const turns = rig({ script: { [PERSON]: { turns: ["One."], hangsUp: { turns: 1 } } } });
    const ref = await turns.dial(PERSON, instruction(1, "A?", listen("t1")));
    await turns.clock.advance(10);
    await turns.carrier.instruct(ref, instruction(2, "B?", listen("t2")), live);
    await turns.clock.advance(10);
    expect(turns.types().slice(3)).toEqual(["played", "speech", "played", "ended"]);

    const time = rig({ script: { [PERSON]: { hangsUp: { ms: 2000 } } } });
    await time.dial(PERSON, instruction(1, "A?", wait));
    await time.clock.advance(2000);
    expect(time.types().at(-1)).toBe("ended");
  });

  it("behaves the same on a call that it places itself", async () => {
    const { clock, carrier, facts, events } = rig({
      script: { [PERSON]: { turns: ["It's me."], attestation: "A" } },
    });
    const { carrierCallId } = await carrier.phone.call(PERSON, AGENT);
    await clock.advance(10);
    expect(facts[0]?.offer?.attestation).toBe("A");
    await carrier.instruct(inbound(carrierCallId), instruction(1, "Hello.", listen("t1")), live);
    await clock.advance(10);
    expect(events().at(-1)).toMatchObject({ type: "speech", text: "It's me." });
  });

  it("is found by its number first, then as a magic number, then under the star", async () => {
    const { dial, clock, events } = rig({
      script: { "*": { pickUp: "fail" }, "+15005550002": { pickUp: "busy" } },
    });
    for (const number of ["+15005550001", "+15005550002", PERSON]) {
      await dial(number, instruction(1, "Hi.", hangup()), `vc_${number}`);
      await clock.runAll();
    }
    const outcomes = events().flatMap((event) => (event.type === "ended" ? [event.outcome] : []));
    expect(outcomes).toEqual(["busy", "busy", "failed"]);
  });
});

describe("the magic numbers", () => {
  it.each([
    ["+15005550001", "busy"],
    ["+15005550002", "no-answer"],
    ["+15005550003", "failed"],
    ["+15005550006", "completed"],
  ])("%s ends as %s", async (number, outcome) => {
    const { dial, clock, events } = rig({ pace: NATURAL });
    await dial(number, instruction(1, "Good morning, this is your assistant.", wait));
    await clock.runAll();
    expect(events().at(-1)).toMatchObject({ type: "ended", outcome });
  });

  it("+15005550004 is an answering machine and +15005550007 not a number", async () => {
    const { dial, clock, events } = rig();
    await dial("+15005550004", instruction(1, [], wait));
    await clock.advance(10);
    expect(events().at(-1)).toEqual({ type: "detected", by: "machine", over: true });
    await expect(dial("+15005550007", instruction(1, [], wait), "vc_2")).rejects.toMatchObject({
      certainty: "refused",
    });
  });

  it("+15005550005 talks three times and then hangs up", async () => {
    const { dial, clock, carrier, types, events } = rig();
    const ref = await dial("+15005550005", instruction(1, "Hello.", listen("t1")));
    await clock.advance(10);
    for (const gen of [2, 3, 4]) {
      await carrier.instruct(ref, instruction(gen, "I see.", listen(`t${gen}`)), live);
      await clock.advance(10);
    }
    expect(types().filter((type) => type === "speech")).toHaveLength(3);
    expect(events().at(-1)).toMatchObject({ type: "ended", evidence: { hungUpBy: "them" } });
  });

  it("are numbers that can be dialled", () => {
    for (const number of Object.keys(MAGIC_NUMBERS)) expect(number).toMatch(/^\+[1-9]\d{7,14}$/);
  });
});

describe("an ordinary number", () => {
  it("answers by itself after a moment when no terminal phone is attached", async () => {
    const { dial, clock, types } = rig({ pace: { answerMs: 1200 } });
    await dial(PERSON, instruction(1, "Hi.", wait));
    await clock.advance(1199);
    expect(types()).not.toContain("answered");
    await clock.advance(1);
    expect(types()).toContain("answered");
  });

  it("is left to its person as long as a terminal phone looks at the screen, and answers by itself after", async () => {
    const { dial, clock, types, carrier } = rig({ pace: { answerMs: 1200 } });
    await dial(PERSON, instruction(1, "Hi.", wait));
    for (let look = 0; look < 5; look++) {
      await carrier.phone.screen(0);
      await clock.advance(2000);
    }
    expect(types()).not.toContain("answered");
    await clock.advance(1000);
    expect(types()).toContain("answered");
  });
});

describe("the length of a text", () => {
  it("is its words, and grows with its characters where words are not spaced", () => {
    expect(countWords("one two  three")).toBe(3);
    expect(countWords("")).toBe(0);
    expect(countWords("お".repeat(36))).toBe(3);
  });
});
