import { describe, expect, it } from "vitest";
import { sequentialIds, virtualClock } from "./clock.ts";

describe("the virtual clock", () => {
  it("runs timers in the order of their times, then of their setting, and only when told", async () => {
    const clock = virtualClock(1000);
    const ran: string[] = [];
    clock.at(1020, () => ran.push(`b@${clock.now()}`));
    clock.at(1010, () => ran.push(`a@${clock.now()}`));
    clock.at(1020, () => ran.push(`c@${clock.now()}`));
    expect(ran).toEqual([]);
    await clock.advance(15);
    expect([ran, clock.now(), clock.pending]).toEqual([["a@1010"], 1015, 2]);
    await clock.advance(5);
    expect(ran).toEqual(["a@1010", "b@1020", "c@1020"]);
  });

  it("lets promises that a timer resolves run before the next timer", async () => {
    const clock = virtualClock(0);
    const ran: string[] = [];
    const tick = (name: string): void => {
      ran.push(name);
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => ran.push(`after ${name}`));
    };
    clock.at(1, () => tick("first"));
    clock.at(1, () => tick("second"));
    await clock.advance(1);
    expect(ran).toEqual(["first", "after first", "second", "after second"]);
  });

  it("runs what is overdue at the present moment and forgets what is cancelled", async () => {
    const clock = virtualClock(1000);
    const ran: number[] = [];
    clock.at(5, () => ran.push(clock.now()));
    clock.at(1001, () => ran.push(0))();
    await clock.runAll();
    expect([ran, clock.pending, clock.now()]).toEqual([[1000], 0, 1000]);
  });

  it("fails on an endless loop of timers", async () => {
    const clock = virtualClock(0);
    const again = (): void => void clock.at(clock.now() + 1, again);
    again();
    await expect(clock.runAll(50)).rejects.toThrow("50 timers");
  });
});

describe("sequential ids", () => {
  it("never repeat and start over with every instance", () => {
    const ids = sequentialIds();
    expect([ids.call(), ids.call(), ids.token(), ids.token()]).toEqual([
      "vc_1",
      "vc_2",
      "token-1",
      "token-2",
    ]);
    expect(sequentialIds().call()).toBe("vc_1");
  });
});
