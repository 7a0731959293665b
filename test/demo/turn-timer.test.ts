import { beforeEach, describe, expect, it } from "vitest";
import { TurnTimer } from "../../demo/turn-timer.ts";
import { VoiceCallError } from "../../src/call/errors.ts";
import { FakePhone } from "./phone.ts";

describe("the wait for an answer", () => {
  let now = 0;
  let timer = new TurnTimer(() => now);
  beforeEach(() => {
    now = 1_000;
    timer = new TurnTimer(() => now);
  });
  const phoneWith = (...replies: string[]) => new FakePhone(replies, () => now);

  it("runs from the person's words to the agent's next words", async () => {
    const phone = phoneWith();
    const watched = timer.watch(phone);
    await watched.say("mock-1", "Hello?");
    now += 300;
    phone.show("spoken", "Hi.");
    now += 5_000;
    await watched.screen(0);
    expect(timer.takeWait()).toBe(300);
  });

  it("is given out once", async () => {
    const watched = timer.watch(phoneWith("Hi."));
    await watched.press("mock-1", "1");
    await watched.screen(0);
    expect(timer.takeWait()).toBe(0);
    expect(timer.takeWait()).toBeNull();
  });

  it("is unknown for words that answer nothing", async () => {
    const watched = timer.watch(phoneWith("Hi."));
    await watched.answer("mock-1");
    await watched.screen(0);
    expect(timer.takeWait()).toBeNull();
  });

  it("ends with the first of several sentences", async () => {
    const phone = phoneWith("One.");
    const watched = timer.watch(phone);
    await watched.say("mock-1", "Tell me.");
    now += 700;
    phone.show("spoken", "Two.");
    await watched.screen(0);
    expect(timer.takeWait()).toBe(0);
  });

  it("does not count words that nobody heard", async () => {
    const phone = phoneWith();
    phone.say = () => Promise.reject(new VoiceCallError("VC_NOBODY_LISTENS"));
    const watched = timer.watch(phone);
    await expect(watched.say("mock-1", "Hello?")).rejects.toThrow(VoiceCallError);
    phone.show("spoken", "Anyway.");
    await watched.screen(0);
    expect(timer.takeWait()).toBeNull();
  });
});
