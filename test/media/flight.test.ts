import { describe, expect, it } from "vitest";
import { Flight, OVERDUE_MS } from "../../src/media/flight.ts";

/** A flight that counts what was heard of whom. */
function flight() {
  const heard: Record<string, number> = {};
  const ended: string[] = [];
  const it = new Flight<string>({
    heard: (owner) => (heard[owner] = (heard[owner] ?? 0) + 1),
    ended: (owner) => ended.push(owner),
  });
  const send = (owner: string, count: number, firstEndsAt: number): void => {
    for (let at = 0; at < count; at++) it.sent(owner, Uint8Array.of(at), firstEndsAt + at * 20);
  };
  return { it, heard, ended, send };
}

describe("frames on their way", () => {
  it("are heard in real time while no mark says more", () => {
    const { it: flying, heard, send } = flight();
    send("a", 5, 1_020);
    flying.advance(1_019);
    expect(heard).toEqual({});
    flying.advance(1_061);
    expect(heard).toEqual({ a: 3 });
    expect([flying.has("a"), flying.pending]).toEqual([true, true]);
    flying.advance(2_000);
    expect(heard).toEqual({ a: 5 });
    expect([flying.has("a"), flying.pending]).toEqual([false, false]);
  });

  it("are heard once a mark behind them returns, however early", () => {
    const { it: flying, heard, ended, send } = flight();
    send("a", 3, 1_020);
    const name = flying.mark(1_060);
    send("a", 2, 1_080);
    const end = flying.mark(1_100, "a");
    flying.returned(name, 1_001);
    expect([heard, ended]).toEqual([{ a: 3 }, []]);
    flying.returned(end, 1_002);
    expect([heard, ended, flying.pending]).toEqual([{ a: 5 }, ["a"], false]);
  });

  it("are heard later by what the carrier has been seen to lag", () => {
    const { it: flying, heard, send } = flight();
    send("a", 1, 1_020);
    flying.returned(flying.mark(1_020), 1_120);
    send("b", 3, 2_020);
    flying.advance(2_119);
    expect(heard["b"]).toBeUndefined();
    flying.advance(2_160);
    expect(heard["b"]).toBe(3);
  });

  it("are not heard later for the way to the carrier and back: a clear goes the same way", () => {
    const { it: flying, heard, send } = flight();
    flying.returned(flying.probe(500), 590);
    send("a", 1, 1_020);
    flying.returned(flying.mark(1_020), 1_120);
    send("b", 3, 2_020);
    flying.advance(2_029);
    expect(heard["b"]).toBeUndefined();
    flying.advance(2_030);
    expect(heard["b"]).toBe(1);
  });

  it("correct a way that was taken for too long", () => {
    const { it: flying, heard, send } = flight();
    flying.returned(flying.probe(500), 900);
    send("a", 1, 1_020);
    flying.returned(flying.mark(1_020), 1_070);
    // The way is 50 ms at most, so that another 80 are the carrier's.
    send("b", 1, 2_020);
    flying.returned(flying.mark(2_020), 2_150);
    send("c", 1, 3_020);
    flying.advance(3_099);
    expect(heard["c"]).toBeUndefined();
    flying.advance(3_100);
    expect(heard["c"]).toBe(1);
  });

  it("do not wait for ever on a carrier that seems to lag for minutes", () => {
    const { it: flying, heard, send } = flight();
    send("a", 1, 1_020);
    const name = flying.mark(1_020);
    flying.returned(name, 900_000);
    send("b", 1, 900_020);
    flying.advance(902_020);
    expect(heard["b"]).toBe(1);
  });

  it("settle a mark that never comes, with all before it", () => {
    const { it: flying, ended, send } = flight();
    send("a", 1, 1_020);
    flying.mark(1_020, "a");
    send("b", 1, 1_040);
    const second = flying.mark(1_040, "b");
    flying.advance(1_019 + OVERDUE_MS);
    expect(ended).toEqual([]);
    flying.advance(1_020 + OVERDUE_MS);
    expect(ended).toEqual(["a"]);
    flying.returned(second, 1_030 + OVERDUE_MS);
    expect([ended, flying.pending]).toEqual([["a", "b"], false]);
  });

  it("settle marks that were lost when a later one returns", () => {
    const { it: flying, heard, ended, send } = flight();
    send("a", 2, 1_020);
    flying.mark(1_040, "a");
    send("b", 1, 1_060);
    flying.returned(flying.mark(1_060, "b"), 1_060);
    expect([heard, ended]).toEqual([{ a: 2, b: 1 }, ["a", "b"]]);
  });

  it("take a mark once, and none that they do not know", () => {
    const { it: flying, ended, send } = flight();
    send("a", 1, 1_020);
    const name = flying.mark(1_020, "a");
    flying.returned("g1.99", 1_020);
    flying.returned("", 1_020);
    flying.returned(name, 1_020);
    flying.returned(name, 1_021);
    expect(ended).toEqual(["a"]);
  });

  it("come back unheard when they are cleared, and their marks say nothing any more", () => {
    const { it: flying, heard, ended, send } = flight();
    send("a", 4, 1_020);
    const name = flying.mark(1_080, "a");
    flying.advance(1_045);
    expect(flying.clear().map(({ owner, frame }) => `${owner}${frame[0]}`)).toEqual(["a2", "a3"]);
    expect([flying.pending, flying.has("a")]).toEqual([false, false]);
    flying.returned(name, 1_050);
    expect([heard, ended]).toEqual([{ a: 2 }, []]);
  });

  it("have marks that no other generation had, of characters that every carrier takes", () => {
    const { it: flying } = flight();
    const names = [flying.probe(1), flying.mark(1), flying.mark(1)];
    flying.clear();
    names.push(flying.mark(1));
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9.-]{1,32}$/);
  });
});
