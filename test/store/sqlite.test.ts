import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { Row } from "../../src/store/database.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { SQL } from "../../src/store/statements.ts";
import { folder, outside } from "./folder.ts";
import { change, next, sampleCall } from "./samples.ts";

const failed = { code: "VC_STORE_FAILED" };
const now = () => 0;

describe("a change in the SQLite file", () => {
  it.each(["events", "outbox", "turns"])("is undone as a whole when writing its %s fails", async (table) => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    const first = sampleCall();
    const second = next(first, { state: "ringing" });
    await store.commit(change(first));
    const moved = change(second, {
      claim: { key: "k", expiresAt: 9_000 },
      effects: [{ kind: "look-up" }],
      turns: [{ role: "agent", text: "hi", at: 1 }],
    });
    outside(path, (db) =>
      db.exec(`CREATE TRIGGER deny BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'no'); END`),
    );
    await expect(store.commit(moved)).rejects.toMatchObject(failed);
    expect(await store.get(first.id)).toEqual(first);
    expect(await store.claimed("k")).toBe(false);
    outside(path, (db) => db.exec("DROP TRIGGER deny"));
    expect(await store.commit(moved)).toBe("committed");
    expect(await store.get(first.id)).toEqual(second);
    await store.close();
  });

  it("fails with a code and no path while another process holds the file, and can be repeated", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now, busyTimeoutMs: 1 });
    const creation = change(sampleCall());
    const error: unknown = await outside(path, (db) => {
      db.exec("BEGIN IMMEDIATE");
      return store.commit(creation).catch((reason: unknown) => reason);
    });
    expect(error).toMatchObject({
      ...failed,
      retryable: true,
      message: expect.stringContaining("SQLite error 5: database is locked."),
    });
    expect(String(error)).not.toContain(path);
    expect(await store.commit(creation)).toBe("committed");
    await store.close();
  });

  it("is refused to the second of two gateways on one file", async () => {
    const path = join(folder(), "calls.sqlite");
    const one = await openSqliteStore({ path, now });
    const two = await openSqliteStore({ path, now });
    const call = sampleCall();
    await one.commit(change(call));
    await two.commit(change(next(call, { state: "ringing" })));
    await expect(one.commit(change(next(call, { state: "answered" })))).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining("Version 2 of the call cannot follow version 2 on record"),
    });
    await one.close();
    await two.close();
  });

  it("reports a damaged record without quoting it", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    await store.commit(change(sampleCall()));
    outside(path, (db) => db.exec(`UPDATE calls SET json = 'secret words'`));
    const error = await store.get("vc_one").catch((reason: unknown) => reason);
    expect(error).toMatchObject(failed);
    expect(inspect(error)).not.toContain("secret");
    await store.close();
  });
});

const whats = (writes: Row[]) => writes.map(({ what }) => what);

describe("the cost of an event", () => {
  const TABLES = ["calls", "events", "turns", "outbox", "claims"];

  /** Counts the rows that each commit inserts, updates or deletes. */
  function countWrites(db: DatabaseSync): void {
    db.exec("CREATE TABLE writes (what TEXT)");
    for (const table of TABLES) {
      for (const verb of ["INSERT", "UPDATE", "DELETE"]) {
        db.exec(`CREATE TRIGGER ${table}_${verb} AFTER ${verb} ON ${table}
          BEGIN INSERT INTO writes VALUES ('${verb} ${table}'); END`);
      }
    }
  }

  it("is the same at the first and at the five-thousandth of a call", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    let call = sampleCall();
    await store.commit(change(call));
    outside(path, countWrites);
    const writesOfOne = async (): Promise<Row[]> => {
      outside(path, (db) => db.exec("DELETE FROM writes"));
      call = next(call);
      await store.commit(
        change(call, { effects: [{ kind: "look-up" }], turns: [{ role: "agent", text: "hi", at: 1 }] }),
      );
      return outside(path, (db) => db.prepare("SELECT what, length(json) AS size FROM writes, calls").all());
    };
    const early = await writesOfOne();
    while (call.version < 1_000) await store.commit(change((call = next(call))));
    const middle = await writesOfOne();
    while (call.version < 5_000) await store.commit(change((call = next(call))));
    expect(early).toHaveLength(4);
    // The call's record grows by the digits of its version and nothing else.
    expect(whats(middle)).toEqual(whats(early));
    expect(await writesOfOne()).toEqual(middle);
    await store.close();
  });

  // Few, and all of them are wanted.
  const { pairings: _, ...indexed } = SQL;
  it.each(Object.entries(indexed))(
    "does not grow with the history: %s finds its rows by an index",
    async (_, sql) => {
      const path = join(folder(), "calls.sqlite");
      await (await openSqliteStore({ path, now })).close();
      const plan = outside(path, (db) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
      const steps = plan.map((step) => String(step["detail"]));
      // A scan along an index stops at the limit, or walks a partial index that holds only the wanted rows.
      const searches =
        /^(SEARCH|SCAN calls USING INDEX|SCAN outbox USING INDEX outbox_pending|LIST SUBQUERY|SCAN sqlite_sequence)/;
      expect(steps.filter((step) => !searches.test(step))).toEqual([]);
    },
  );
});

describe("forgetting", () => {
  it("goes through any number of calls and leaves nothing of them", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    for (let index = 0; index < 50; index += 1) {
      const call = sampleCall({ id: `vc_${index}`, state: "ended", endedAt: index });
      await store.commit(
        change(call, { effects: [{ kind: "report" }], turns: [{ role: "agent", text: "hi", at: 1 }] }),
      );
    }
    await store.prune(45, 0);
    expect(await store.recent(100)).toHaveLength(5);
    for (const table of ["calls", "events", "turns", "outbox"]) {
      const left = outside(path, (db) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get());
      expect(left).toEqual({ n: 5 });
    }
    await store.close();
  });

  it("stops quietly when the store is closed meanwhile", async () => {
    const store = await openSqliteStore({ path: join(folder(), "calls.sqlite"), now });
    for (let index = 0; index < 50; index += 1) {
      await store.commit(change(sampleCall({ id: `vc_${index}`, state: "ended", endedAt: 1 })));
    }
    const pruned = store.prune(100, 0);
    await store.close();
    await expect(pruned).resolves.toBeUndefined();
  });
});
