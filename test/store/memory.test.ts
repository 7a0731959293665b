import { describe, expect, it } from "vitest";
import { storeContract } from "./contract.ts";
import { memoryStore } from "./memory.ts";
import { change, sampleCall } from "./samples.ts";

storeContract("the in-memory store", async () => memoryStore());

describe("the in-memory store for tests", () => {
  it("fails the operations it is told to, before they do anything", async () => {
    const asked: string[] = [];
    const store = memoryStore({
      failOn: (op) => {
        asked.push(op);
        return op === "commit";
      },
    });
    await expect(store.commit(change(sampleCall()))).rejects.toMatchObject({ code: "VC_STORE_FAILED" });
    expect(await store.get("vc_one")).toBeNull();
    expect(asked).toEqual(["commit", "get"]);
  });

  it("shows all it holds", async () => {
    const store = memoryStore();
    const call = sampleCall();
    const claim = { key: "c", expiresAt: 9_000 };
    const turns = [{ role: "agent", text: "hi", at: 1 }] as const;
    await store.commit(change(call, { effects: [{ kind: "look-up" }, { kind: "report" }], turns, claim }));
    await store.settle("vc_one#1.0", "failed", 2);
    await store.close();
    expect(store.dump()).toMatchObject({
      calls: [call],
      events: [{ cursor: 1, type: "created" }],
      turns: { vc_one: turns },
      effects: [{ result: "failed" }, { result: null }],
      claims: { c: 9_000 },
    });
  });
});
