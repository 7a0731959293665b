import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Call } from "../../src/call/call.ts";
import type { CallStore, LatencySample, Pairing } from "../../src/call/ports.ts";
import { change, next, sampleCall } from "./samples.ts";

/** What every `CallStore` does. `open` gives an empty store of its own for each test; `close` is called after it. */
export function storeContract(name: string, open: () => Promise<CallStore>): void {
  describe(`${name} keeps the store contract`, () => {
    let store: CallStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });

    const failed = { code: "VC_STORE_FAILED" };

    describe("commit", () => {
      it("saves a call so that it reads back as it was", async () => {
        const call = sampleCall({ from: "", evidence: { source: "us", hungUpBy: "unknown" } });
        expect(await store.commit(change(call))).toBe("committed");
        expect(await store.get(call.id)).toEqual(call);
      });

      it("keeps nothing in common with what it was given or gave out", async () => {
        const call = sampleCall();
        const given = structuredClone(call);
        await store.commit(change(given));
        Object.assign(given, { to: "changed" });
        Object.assign((await store.get(call.id)) ?? {}, { to: "changed too" });
        expect(await store.get(call.id)).toEqual(call);
      });

      it("replaces the call by its next version and appends the event", async () => {
        const first = sampleCall();
        const second = next(first, { state: "ringing", carrierCallId: "CA1", ringingAt: 2_000 });
        await store.commit(change(first, { at: 1_000 }));
        await store.commit(change(second, { at: 2_000, event: { type: "ringing" } }));
        expect(await store.get(first.id)).toEqual(second);
        expect(await store.events({ after: 0, limit: 10 })).toEqual([
          {
            cursor: expect.any(Number),
            callId: first.id,
            at: 1_000,
            state: "dialing",
            type: "created",
            event: { type: "created" },
          },
          {
            cursor: expect.any(Number),
            callId: first.id,
            at: 2_000,
            state: "ringing",
            type: "ringing",
            event: { type: "ringing" },
          },
        ]);
      });

      it("writes a change with a claim once and answers `duplicate` from then on", async () => {
        const first = sampleCall();
        await store.commit(change(first));
        const claim = { key: "twilio:abc", expiresAt: 90_000 };
        const second = next(first, { state: "ringing" });
        const fact = change(second, {
          claim,
          effects: [{ kind: "look-up" }],
          turns: [{ role: "caller", text: "hi", at: 5 }],
        });
        expect(await store.commit(fact)).toBe("committed");
        const third = next(second, { state: "answered" });
        const replay = change(third, {
          claim,
          effects: [{ kind: "report" }],
          turns: [{ role: "caller", text: "hi", at: 5 }],
        });
        expect(await store.commit(replay)).toBe("duplicate");
        expect(await store.get(first.id)).toEqual(second);
        expect(await store.events({ after: 0, limit: 10 })).toHaveLength(2);
        expect(await store.pendingEffects()).toHaveLength(1);
        expect(await store.transcript(first.id)).toHaveLength(1);
      });

      it("answers `duplicate` to a replay that would create a second call", async () => {
        const claim = { key: "twilio:offer", expiresAt: 90_000 };
        await store.commit(change(sampleCall(), { claim }));
        expect(await store.commit(change(sampleCall({ id: "vc_two" }), { claim }))).toBe("duplicate");
        expect(await store.get("vc_two")).toBeNull();
      });

      it.each([
        ["the version it already has", 2],
        ["an older version", 1],
        ["a version too far ahead", 4],
      ])("fails when the call comes with %s, and writes nothing", async (_, version) => {
        const first = sampleCall();
        const second = next(first);
        await store.commit(change(first));
        await store.commit(change(second));
        const claim = { key: "k", expiresAt: 90_000 };
        const stray = change(sampleCall({ version, to: "+15550009999" }), {
          claim,
          effects: [{ kind: "report" }],
          turns: [{ role: "agent", text: "lost", at: 1 }],
        });
        await expect(store.commit(stray)).rejects.toMatchObject(failed);
        expect(await store.get(first.id)).toEqual(second);
        expect(await store.events({ after: 0, limit: 10 })).toHaveLength(2);
        expect(await store.pendingEffects()).toEqual([]);
        expect(await store.transcript(first.id)).toEqual([]);
        expect(await store.claim("k", 90_000, 10)).toBe(true);
      });

      it("fails when a call that is not on record does not start at version 1", async () => {
        await expect(store.commit(change(sampleCall({ version: 2 })))).rejects.toMatchObject(failed);
        await expect(store.commit(change(sampleCall({ version: 0 })))).rejects.toMatchObject(failed);
        expect(await store.get("vc_one")).toBeNull();
      });

      it("lets one of two owners of the same version win", async () => {
        const first = sampleCall();
        await store.commit(change(first));
        const results = await Promise.allSettled([
          store.commit(change(next(first, { state: "ringing" }))),
          store.commit(change(next(first, { state: "answered" }))),
        ]);
        expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(await store.events({ after: 0, limit: 10 })).toHaveLength(2);
      });
    });

    describe("claims", () => {
      it("gives a claim once", async () => {
        expect(await store.claim("a", 1_000, 0)).toBe(true);
        expect(await store.claim("a", 2_000, 10)).toBe(false);
        expect(await store.claim("b", 1_000, 10)).toBe(true);
      });

      it("knows which are held, by a change or alone", async () => {
        await store.claim("alone", 9_000, 0);
        await store.commit(
          change(sampleCall(), { at: 1, claim: { key: "with a change", expiresAt: 9_000 } }),
        );
        expect(await store.claimed("alone")).toBe(true);
        expect(await store.claimed("with a change")).toBe(true);
        expect(await store.claimed("never")).toBe(false);
      });

      it("lets a change not take a claim that was given before", async () => {
        await store.claim("a", 10_000, 0);
        const taken = change(sampleCall(), { at: 5, claim: { key: "a", expiresAt: 20_000 } });
        expect(await store.commit(taken)).toBe("duplicate");
        expect(await store.get("vc_one")).toBeNull();
      });

      it("frees a claim that has expired", async () => {
        await store.claim("a", 1_000, 0);
        expect(await store.claim("a", 5_000, 1_001)).toBe(true);
        const late = change(sampleCall(), { at: 5_001, claim: { key: "a", expiresAt: 9_000 } });
        expect(await store.commit(late)).toBe("committed");
        expect(await store.claim("a", 9_999, 8_999)).toBe(false);
      });
    });

    describe("finding calls", () => {
      it("knows nothing of a call that was never saved", async () => {
        expect(await store.get("vc_none")).toBeNull();
        expect(await store.byCarrierId("twilio", "CA1")).toBeNull();
        expect(await store.transcript("vc_none")).toEqual([]);
      });

      it("finds a call by its carrier's id, also after its end, at that carrier only", async () => {
        const first = sampleCall();
        const second = next(first, { carrierCallId: "CA1" });
        const ended = next(second, { state: "ended", endedAt: 9_000, outcome: "completed" });
        await store.commit(change(first));
        expect(await store.byCarrierId("twilio", "CA1")).toBeNull();
        await store.commit(change(second));
        await store.commit(change(ended));
        expect(await store.byCarrierId("twilio", "CA1")).toEqual(ended);
        expect(await store.byCarrierId("plivo", "CA1")).toBeNull();
      });

      it("prefers the newest call when a carrier has used an id again", async () => {
        await store.commit(change(sampleCall({ id: "vc_new", carrierCallId: "1", createdAt: 2_000 })));
        await store.commit(change(sampleCall({ id: "vc_old", carrierCallId: "1", createdAt: 1_000 })));
        expect(await store.byCarrierId("twilio", "1")).toMatchObject({ id: "vc_new" });
      });

      it("lists the unfinished, oldest first", async () => {
        for (const [index, state] of (
          ["live", "ended", "dialing", "refused", "ringing"] as const
        ).entries()) {
          await store.commit(change(sampleCall({ id: `vc_${state}`, state, createdAt: 1_000 - index })));
        }
        const ids = (await store.unfinished()).map((call) => call.id);
        expect(ids).toEqual(["vc_ringing", "vc_dialing", "vc_live"]);
      });

      it("lists recent calls newest first, within the limit", async () => {
        for (const [id, createdAt] of [
          ["vc_b", 2_000],
          ["vc_d", 3_000],
          ["vc_a", 1_000],
          ["vc_c", 2_000],
        ] as const) {
          await store.commit(change(sampleCall({ id, createdAt })));
        }
        const ids = (await store.recent(3)).map((call) => call.id);
        expect(ids).toEqual(["vc_d", "vc_c", "vc_b"]);
        expect(await store.recent(0)).toEqual([]);
      });
    });

    describe("transcript", () => {
      it("keeps the turns of each call in the order they were saved, character for character", async () => {
        const one = sampleCall();
        const two = sampleCall({ id: "vc_two" });
        const odd = { role: "caller", text: "ünï 🤙🏽 \"'; \\ \u0000 \n 你好 [digits 12#]", at: 30 } as const;
        await store.commit(
          change(one, {
            turns: [
              { role: "agent", text: "b", at: 20 },
              { role: "caller", text: "a", at: 10 },
            ],
          }),
        );
        await store.commit(change(two, { turns: [{ role: "agent", text: "other", at: 1 }] }));
        await store.commit(change(next(one), { turns: [odd] }));
        expect(await store.transcript(one.id)).toEqual([
          { role: "agent", text: "b", at: 20 },
          { role: "caller", text: "a", at: 10 },
          odd,
        ]);
        expect(await store.transcript(two.id)).toHaveLength(1);
      });
    });

    describe("events", () => {
      it("starts at cursor 0", async () => {
        expect(await store.cursor()).toBe(0);
        expect(await store.events({ after: 0, limit: 10 })).toEqual([]);
      });

      it("pages over all calls or one, oldest first, with a growing cursor", async () => {
        const one = sampleCall();
        const two = sampleCall({ id: "vc_two" });
        await store.commit(change(one));
        await store.commit(change(two));
        await store.commit(change(next(one)));
        const all = await store.events({ after: 0, limit: 10 });
        const cursors = all.map((event) => event.cursor);
        expect(all.map((event) => event.callId)).toEqual([one.id, two.id, one.id]);
        expect(cursors).toEqual(cursors.toSorted((a, b) => a - b));
        expect(new Set(cursors).size).toBe(3);
        expect(await store.cursor()).toBe(cursors[2]);
        expect(await store.events({ after: cursors[0] ?? 0, limit: 1 })).toEqual([all[1]]);
        expect(await store.events({ after: 0, limit: 10, callId: one.id })).toEqual([all[0], all[2]]);
        expect(await store.events({ after: cursors[2] ?? 0, limit: 10 })).toEqual([]);
      });

      it("saves the whole event", async () => {
        const event = { type: "speech", token: "t", text: "hello", confidence: 0.9 } as const;
        await store.commit(change(sampleCall(), { event }));
        expect(await store.events({ after: 0, limit: 1 })).toMatchObject([{ type: "speech", event }]);
      });
    });

    describe("effects", () => {
      const dial = {
        kind: "dial",
        instruction: { gen: 1, say: ["Hello."], next: { kind: "listen", token: "t", timeoutMs: 5_000 } },
      } as const;

      it("hands out what was saved, in order, until it is settled", async () => {
        const one = sampleCall();
        await store.commit(change(one, { effects: [dial, { kind: "look-up" }] }));
        await store.commit(change(next(one), { effects: [{ kind: "hangup", reason: "requested" }] }));
        expect(await store.pendingEffects()).toEqual([
          { key: "vc_one#1.0", callId: "vc_one", effect: dial },
          { key: "vc_one#1.1", callId: "vc_one", effect: { kind: "look-up" } },
          { key: "vc_one#2.0", callId: "vc_one", effect: { kind: "hangup", reason: "requested" } },
        ]);
        await store.settle("vc_one#1.0", "done", 1);
        await store.settle("vc_one#2.0", "failed", 2);
        expect((await store.pendingEffects()).map((effect) => effect.key)).toEqual(["vc_one#1.1"]);
      });

      it("settles twice, or what it does not know, without a word", async () => {
        await store.commit(change(sampleCall(), { effects: [dial] }));
        await store.settle("vc_one#1.0", "done", 1);
        await store.settle("vc_one#1.0", "failed", 2);
        await store.settle("vc_none#1.0", "done", 3);
        expect(await store.pendingEffects()).toEqual([]);
      });
    });

    describe("latency samples", () => {
      it("gives the newest of each stage, newest first", async () => {
        const all: LatencySample[] = [
          { callId: "vc_one", stage: "reply", ms: 10, at: 1 },
          { callId: "vc_one", stage: "reply", ms: 20.5, at: 2 },
          { callId: "vc_two", stage: "dial", ms: 30, at: 3 },
          { callId: "vc_two", stage: "reply", ms: 40, at: 4 },
        ];
        expect(await store.samples(5)).toEqual([]);
        const [first, ...others] = all;
        if (first !== undefined) await store.sample(first);
        await store.sample(...others);
        await store.sample();
        expect(await store.samples(2)).toEqual([all[3], all[2], all[1]]);
        expect(await store.samples(5)).toEqual(all.toReversed());
      });
    });

    describe("pairings", () => {
      const ann: Pairing = {
        number: "+15550003333",
        code: "4711",
        createdAt: 2,
        expiresAt: 9,
        approvedAt: null,
      };
      const bob: Pairing = {
        number: "+15550004444",
        code: "0815",
        createdAt: 1,
        expiresAt: 9,
        approvedAt: null,
      };

      it("keeps one per number, oldest first, and forgets on request", async () => {
        await store.savePairing(ann);
        await store.savePairing(bob);
        await store.savePairing({ ...ann, approvedAt: 5 });
        expect(await store.pairings()).toEqual([bob, { ...ann, approvedAt: 5 }]);
        expect(await store.removePairing(ann.number)).toBe(true);
        expect(await store.removePairing(ann.number)).toBe(false);
        expect(await store.pairings()).toEqual([bob]);
      });
    });

    describe("what outbound calls came to", () => {
      it("is nothing while there are none", async () => {
        await save(store, "vc_in", {
          direction: "inbound",
          createdAt: 50_000,
          answeredAt: 50_000,
          state: "live",
        });
        expect(await store.outboundSince(0, 100_000, [])).toEqual({ calls: 0, talkMs: 0 });
      });

      it("counts every outbound call made since then, the moment included, whatever became of it", async () => {
        await save(store, "vc_before", { createdAt: 9_999, state: "ended", endedAt: 9_999 });
        await save(store, "vc_at", { createdAt: 10_000, state: "dialing" });
        await save(store, "vc_failed", {
          createdAt: 20_000,
          state: "ended",
          endedAt: 20_001,
          outcome: "failed",
        });
        await save(store, "vc_other", {
          createdAt: 20_000,
          state: "ended",
          endedAt: 20_001,
          carrier: "plivo",
        });
        expect(await store.outboundSince(10_000, 100_000, [])).toEqual({ calls: 3, talkMs: 0 });
      });

      it("leaves out calls that are counted elsewhere, known or not", async () => {
        await save(store, "vc_a", { createdAt: 10_000 });
        await save(store, "vc_b", { createdAt: 10_000 });
        expect(await store.outboundSince(0, 100_000, ["vc_b", "vc_not_yet"])).toMatchObject({ calls: 1 });
      });

      it("adds up the talk from answer to end, and to now while a call runs", async () => {
        await save(store, "vc_over", {
          createdAt: 1_000,
          answeredAt: 5_000,
          endedAt: 25_000,
          state: "ended",
        });
        await save(store, "vc_live", { createdAt: 1_000, answeredAt: 90_000, state: "live" });
        await save(store, "vc_rings", { createdAt: 1_000, state: "ringing", ringingAt: 2_000 });
        expect(await store.outboundSince(0, 100_000, [])).toMatchObject({ talkMs: 20_000 + 10_000 });
      });

      it("counts only the talk after the moment, also of calls made before it", async () => {
        await save(store, "vc_over", {
          createdAt: 1_000,
          answeredAt: 5_000,
          endedAt: 25_000,
          state: "ended",
        });
        await save(store, "vc_old", { createdAt: 1_000, answeredAt: 2_000, endedAt: 20_000, state: "ended" });
        await save(store, "vc_live", { createdAt: 1_000, answeredAt: 2_000, state: "live" });
        expect(await store.outboundSince(20_000, 100_000, [])).toEqual({ calls: 0, talkMs: 5_000 + 80_000 });
      });

      it("follows a call from version to version without counting it twice", async () => {
        const first = sampleCall({ createdAt: 1_000 });
        const second = next(first, { state: "live", answeredAt: 4_000 });
        await store.commit(change(first));
        await store.commit(change(second));
        expect(await store.outboundSince(0, 10_000, [])).toEqual({ calls: 1, talkMs: 6_000 });
        await store.commit(change(next(second, { state: "ended", endedAt: 8_000 })));
        expect(await store.outboundSince(0, 10_000, [])).toEqual({ calls: 1, talkMs: 4_000 });
      });
    });

    describe("prune", () => {
      it("forgets all of a call that ended before the limit, and only that", async () => {
        const old = sampleCall({ id: "vc_old", state: "ended", endedAt: 999, carrierCallId: "old" });
        const refused = sampleCall({ id: "vc_refused", state: "refused", endedAt: null, createdAt: 900 });
        const fresh = sampleCall({ id: "vc_fresh", state: "ended", endedAt: 1_000 });
        const live = sampleCall({ id: "vc_live", state: "live", createdAt: 1 });
        for (const call of [old, refused, fresh, live]) {
          await store.commit(
            change(call, { effects: [{ kind: "report" }], turns: [{ role: "agent", text: "x", at: 1 }] }),
          );
        }
        const cursor = await store.cursor();
        await store.prune(1_000, 0);
        expect(await store.get(old.id)).toBeNull();
        expect(await store.byCarrierId("twilio", "old")).toBeNull();
        expect(await store.transcript(old.id)).toEqual([]);
        expect((await store.recent(10)).map((call) => call.id)).toEqual(["vc_fresh", "vc_live"]);
        const left = await store.events({ after: 0, limit: 10 });
        expect(left.map((event) => event.callId)).toEqual(["vc_fresh", "vc_live"]);
        expect((await store.pendingEffects()).map((effect) => effect.callId)).toEqual([
          "vc_fresh",
          "vc_live",
        ]);
        expect(await store.transcript(live.id)).toHaveLength(1);
        expect(await store.cursor()).toBe(cursor);
      });

      it("never gives a cursor twice", async () => {
        await store.commit(change(sampleCall({ state: "ended", endedAt: 1 })));
        const before = await store.cursor();
        await store.prune(1_000, 0);
        expect(await store.cursor()).toBe(before);
        await store.commit(change(sampleCall({ id: "vc_two" })));
        expect(await store.cursor()).toBeGreaterThan(before);
      });

      it("forgets expired claims and old samples, and keeps pairings", async () => {
        await store.claim("old", 100, 0);
        await store.claim("new", 300, 0);
        await store.sample({ callId: "vc_one", stage: "dial", ms: 1, at: 99 });
        await store.sample({ callId: "vc_one", stage: "dial", ms: 2, at: 100 });
        await store.savePairing({
          number: "+15550003333",
          code: "1",
          createdAt: 1,
          expiresAt: 2,
          approvedAt: 1,
        });
        await store.prune(100, 200);
        expect(await store.claim("old", 300, 0)).toBe(true);
        expect(await store.claim("new", 300, 0)).toBe(false);
        expect((await store.samples(9)).map((sample) => sample.ms)).toEqual([2]);
        expect(await store.pairings()).toHaveLength(1);
      });
    });

    describe("close", () => {
      it("may be called twice, and whatever is asked afterwards fails", async () => {
        await store.close();
        await store.close();
        await expect(store.get("vc_one")).rejects.toMatchObject(failed);
        await expect(store.commit(change(sampleCall()))).rejects.toMatchObject(failed);
      });
    });
  });
}

async function save(store: CallStore, id: string, changes: Partial<Call>): Promise<void> {
  await store.commit(change(sampleCall({ id, ...changes })));
}
