import { describe, expect, it } from "vitest";
import { LINES, playPerson } from "../../demo/person.ts";
import { TurnTimer } from "../../demo/turn-timer.ts";
import { plain } from "../../demo/view.ts";
import { FakePhone } from "./phone.ts";

async function play(phone: FakePhone) {
  let now = 0;
  const timer = new TurnTimer(() => now);
  const printed: string[] = [];
  let looksAtAnswer = 0;
  const heard = await playPerson({
    phone: timer.watch(phone),
    timer,
    carrierCallId: "mock-1",
    placedAt: 0,
    print: (line) => printed.push(line),
    paint: plain,
    sleep: async (ms) => {
      if (!phone.done.includes("answer")) looksAtAnswer = phone.looks;
      now += ms;
    },
  });
  return { heard, printed, looksAtAnswer };
}

describe("the person of an automatic demo", () => {
  it("picks up, says their lines one at a time, and leaves the hanging up to the agent", async () => {
    const phone = new FakePhone(["Hello?", "one", "two", "three"]);
    const { heard } = await play(phone);
    expect(phone.said).toEqual(LINES);
    expect(phone.done).toEqual(["answer"]);
    expect(heard).toEqual(["Hello?", "one", "two", "three"]);
  });

  it("hangs up when the agent goes on listening after the goodbye", async () => {
    const phone = new FakePhone(["Hello?", "one", "two", "three", "Still here."]);
    await play(phone);
    expect(phone.done).toEqual(["answer", "hangUp"]);
  });

  it("keeps looking at the phone while it rings, so that the call does not answer itself", async () => {
    const { looksAtAnswer } = await play(new FakePhone(["Hello?"]));
    expect(looksAtAnswer).toBeGreaterThan(3);
  });

  it("shows who speaks, and the wait after the agent's answers only", async () => {
    const { printed } = await play(new FakePhone(["Hello?", "one"]));
    const spoken = printed.filter((line) => /^ +(Agent|Ada)  /.test(line));
    expect(spoken).toEqual([
      "     Agent  Hello?",
      `       Ada  ${LINES[0]}`,
      expect.stringMatching(/^ +Agent {2}one {2}\(after \d+ ms\)$/),
      `       Ada  ${LINES[1]}`,
    ]);
    expect(printed.at(-1)).toContain("the call is over");
  });

  it("minds its own call only", async () => {
    const phone = new FakePhone(["Hello?", "one", "two", "three"]);
    phone.show("ended", "completed", "mock-another");
    const { heard } = await play(phone);
    expect(heard).toHaveLength(4);
  });

  it("stops when the demo is over", async () => {
    const phone = new FakePhone([]);
    const timer = new TurnTimer(() => 0);
    const playing = playPerson({
      phone,
      timer,
      carrierCallId: "mock-1",
      placedAt: 0,
      print: () => {},
      paint: plain,
      sleep: () => Promise.reject(new Error("over")),
    });
    await expect(playing).rejects.toThrow("over");
    expect(phone.done).toEqual([]);
  });
});
