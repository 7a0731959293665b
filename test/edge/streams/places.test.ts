import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Places, type Place } from "../../../src/edge/streams/places.ts";

/** Places whose evictions are noted. */
function places(caps: Partial<ConstructorParameters<typeof Places>[0]> = {}) {
  const all = new Places({
    maxPendingConnections: 32,
    maxPendingConnectionsPerIp: 4,
    maxConnections: 128,
    ...caps,
  });
  const evicted: string[] = [];
  const take = (name: string, callId = name, address = "192.0.2.1"): Place | null =>
    all.take({ callId, address }, () => void evicted.push(name));
  return { all, evicted, take };
}

describe("a socket of a call", () => {
  it("has its place whatever pends of other calls, from one address or from all", () => {
    const { take, evicted } = places({ maxPendingConnections: 2, maxPendingConnectionsPerIp: 1 });
    for (let n = 0; n < 100; n += 1) expect(take(`call-${n}`)).not.toBeNull();
    expect(evicted).toEqual([]);
  });

  it("that shares the call with others leaves when there are too many of them, the oldest first", () => {
    const { take, evicted } = places({ maxPendingConnections: 3, maxPendingConnectionsPerIp: 9 });
    for (let n = 1; n <= 6; n += 1) expect(take(`shared-${n}`, "a")).not.toBeNull();
    expect(evicted).toEqual(["shared-1", "shared-2"]);
    expect(take("genuine", "b")).not.toBeNull();
    expect(evicted).toHaveLength(2);
  });

  it("that shares it leaves too when too many come from its address, whoever came from others", () => {
    const { take, evicted } = places({ maxPendingConnectionsPerIp: 1 });
    take("carrier", "a", "198.51.100.1");
    take("leak-1", "a");
    take("leak-2", "a");
    expect(evicted).toEqual([]);
    take("leak-3", "a");
    expect(evicted).toEqual(["leak-1"]);
  });

  it("with caps of 0 is alone: the newest one stays", () => {
    const { take, evicted } = places({ maxPendingConnections: 0, maxPendingConnectionsPerIp: 0 });
    take("first", "a");
    take("second", "a");
    take("other", "b");
    expect(evicted).toEqual(["first"]);
  });
});

describe("all sockets together", () => {
  it("are bounded, and one more is refused", () => {
    const { take, evicted } = places({ maxConnections: 2 });
    take("a")?.live();
    const pending = take("b");
    expect(take("c")).toBeNull();
    pending?.leave();
    pending?.leave();
    expect(take("c")).not.toBeNull();
    expect(evicted).toEqual([]);
  });

  it("make room of what shares a call before one is refused", () => {
    const { take, evicted } = places({ maxConnections: 2 });
    take("a-1", "a");
    take("a-2", "a");
    expect(take("b")).not.toBeNull();
    expect(evicted).toEqual(["a-1"]);
    expect(take("c")).toBeNull();
  });

  it("with a bound of 0 are none", () => {
    expect(places({ maxConnections: 0 }).take("a")).toBeNull();
  });

  it("leave a live call the place that its next socket takes over", () => {
    const { take, evicted } = places({ maxConnections: 1 });
    const old = take("old", "a");
    old?.live();
    const next = take("next", "a");
    expect(next).not.toBeNull();
    // A second one would be one too many: it takes the place of the first, which is no longer by right.
    expect(take("another", "a")).not.toBeNull();
    expect(evicted).toEqual(["next"]);
    expect(take("stranger", "b")).toBeNull();
    old?.leave();
    expect(take("stranger", "b")).toBeNull();
  });
});

it("whoever comes and goes, a call's newest socket is never evicted and the bounds hold", () => {
  const caps = { maxPendingConnections: 3, maxPendingConnectionsPerIp: 2, maxConnections: 6 };
  const step = fc.record({
    act: fc.constantFrom("take", "take", "take", "live", "leave"),
    call: fc.constantFrom("a", "b", "c", "d"),
    address: fc.constantFrom("1", "2"),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const all = new Places(caps);
      interface Held {
        readonly call: string;
        readonly address: string;
        readonly place: Place;
        state: "pending" | "live";
      }
      const held: Held[] = [];
      const drop = (one: Held): void => void held.splice(held.indexOf(one), 1);
      for (const { act, call, address, which } of steps) {
        const pending = held.filter(({ state }) => state === "pending");
        if (act === "take") {
          const box: { held: Held | null } = { held: null };
          const place = all.take({ callId: call, address }, () => {
            const one = box.held;
            if (one === null) throw new Error("a newcomer was evicted");
            // A newer one of its call is there, or has just come.
            const newer = held
              .slice(held.indexOf(one) + 1)
              .some((other) => other.call === one.call && other.state === "pending");
            if (!newer && one.call !== call) throw new Error("a call's newest socket was evicted");
            drop(one);
          });
          if (place === null) {
            if (held.length < caps.maxConnections) throw new Error("refused while there was room");
            if (held.some((one) => one.call === call)) throw new Error("refused though its call has a place");
          } else {
            box.held = { call, address, place, state: "pending" };
            held.push(box.held);
          }
        } else {
          const one =
            act === "live"
              ? pending[which % Math.max(1, pending.length)]
              : held[which % Math.max(1, held.length)];
          if (one === undefined) continue;
          if (act === "live") {
            // A call's next stream takes the place of the one before.
            for (const other of held.filter(({ state }) => state === "live")) {
              if (other.call !== one.call) continue;
              other.place.leave();
              drop(other);
            }
            one.place.live();
            one.state = "live";
          } else {
            one.place.leave();
            drop(one);
          }
        }
        const waiting = held.filter(({ state }) => state === "pending");
        const surplus = waiting.filter((one, at) =>
          waiting.slice(at + 1).some((other) => other.call === one.call),
        );
        expect(surplus.length).toBeLessThanOrEqual(caps.maxPendingConnections);
        for (const from of ["1", "2"]) {
          const ofAddress = surplus.filter((one) => one.address === from);
          expect(ofAddress.length).toBeLessThanOrEqual(caps.maxPendingConnectionsPerIp);
        }
        const calls = new Set(held.map((one) => one.call));
        expect(held.length).toBeLessThanOrEqual(caps.maxConnections + calls.size);
      }
    }),
  );
});
