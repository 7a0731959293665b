import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/store/migrations.ts";
import { openSqliteReader } from "../../src/store/reader.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { folder, outside } from "./folder.ts";
import { change, next, sampleCall } from "./samples.ts";

const now = () => 0;
const V1 = readFileSync(new URL("fixtures/v1.sql", import.meta.url), "utf8");
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Opens a file that must be refused, and gives the refusal. */
async function refusal(
  opening: Promise<{ close(): Promise<void> }>,
): Promise<{ code: string; message: string }> {
  return opening.then(
    async (store) => {
      await store.close();
      throw new Error("it opened");
    },
    (error: { code: string; message: string }) => error,
  );
}

describe("opening the SQLite file", () => {
  it("creates it and the folders above it for their owner only", async () => {
    const root = folder();
    const path = join(root, "a", "b", "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    await store.commit(change(sampleCall()));
    expect(modeOf(join(root, "a"))).toBe("700");
    expect(modeOf(join(root, "a", "b"))).toBe("700");
    const files = readdirSync(join(root, "a", "b"));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(`${file} ${modeOf(join(root, "a", "b", file))}`).toBe(`${file} 600`);
    await store.close();
  });

  it("takes away others' access to a file that was restored with too much of it", async () => {
    const path = join(folder(), "calls.sqlite");
    writeFileSync(path, "", { mode: 0o644 });
    chmodSync(path, 0o644);
    await (await openSqliteStore({ path, now })).close();
    expect(modeOf(path)).toBe("600");
  });

  it("finds everything again after a restart", async () => {
    const path = join(folder(), "calls.sqlite");
    const call = sampleCall();
    const first = await openSqliteStore({ path, now });
    await first.commit(change(call, { effects: [{ kind: "look-up" }], claim: { key: "k", expiresAt: 10 } }));
    const cursor = await first.cursor();
    await first.close();
    const second = await openSqliteStore({ path, now });
    expect(await second.unfinished()).toEqual([call]);
    expect(await second.pendingEffects()).toHaveLength(1);
    expect(await second.cursor()).toBe(cursor);
    expect(await second.claimed("k")).toBe(true);
    await second.close();
    const later = await openSqliteStore({ path, now: () => 10 });
    expect(await later.claimed("k")).toBe(false);
    await later.close();
  });

  it("uses a write-ahead log", async () => {
    const path = join(folder(), "calls.sqlite");
    await (await openSqliteStore({ path, now })).close();
    expect(outside(path, (db) => db.prepare("PRAGMA journal_mode").get())).toEqual({ journal_mode: "wal" });
  });

  it("migrates a file of version 1 forward and keeps what it held", async () => {
    const path = join(folder(), "calls.sqlite");
    outside(path, (db) => db.exec(V1));
    const store = await openSqliteStore({ path, now });
    expect(await store.byCarrierId("twilio", "CA1")).toMatchObject({ id: "vc_old", state: "ended" });
    expect(await store.transcript("vc_old")).toEqual([{ role: "agent", text: "Hello.", at: 1_500 }]);
    expect(await store.events({ after: 1, limit: 9 })).toMatchObject([{ cursor: 2, type: "hang-up" }]);
    expect(await store.pendingEffects()).toMatchObject([{ effect: { kind: "report" } }]);
    expect(await store.claimed("twilio:abc")).toBe(true);
    expect(await store.pairings()).toMatchObject([{ code: "4711", approvedAt: 5 }]);
    const sample = { callId: "vc_old", stage: "dial", ms: 12, at: 3 } as const;
    await store.sample(sample);
    expect(await store.samples(1)).toEqual([sample]);
    await store.close();
    expect(outside(path, (db) => db.prepare("PRAGMA user_version").get())).toEqual({
      user_version: SCHEMA_VERSION,
    });
  });

  it("leads a migrated file to the schema of a fresh one", async () => {
    const root = folder();
    const schemas = [];
    for (const [name, sql] of [
      ["old", V1],
      ["fresh", ""],
    ] as const) {
      const path = join(root, name);
      outside(path, (db) => db.exec(sql));
      await (await openSqliteStore({ path, now })).close();
      schemas.push(
        outside(path, (db) =>
          db
            .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
            .all()
            .map(({ name, sql }) => [name, String(sql).replace(/--.*|\s+/g, "")]),
        ),
      );
    }
    expect(schemas[0]).toEqual(schemas[1]);
  });

  it("leaves a file as it was when a migration fails", async () => {
    const path = join(folder(), "calls.sqlite");
    outside(path, (db) => db.exec(`${V1}; CREATE TABLE samples_by_stage (x)`));
    expect(await refusal(openSqliteStore({ path, now }))).toMatchObject({ code: "VC_STORE_FAILED" });
    expect(outside(path, (db) => db.prepare("PRAGMA user_version").get())).toEqual({ user_version: 1 });
    expect(
      outside(path, (db) => db.prepare("SELECT name FROM sqlite_schema WHERE name = 'samples'").all()),
    ).toEqual([]);
    expect(MIGRATIONS).toHaveLength(SCHEMA_VERSION);
  });

  it("refuses a file of a newer version and leaves it alone", async () => {
    const path = join(folder(), "calls.sqlite");
    await (await openSqliteStore({ path, now })).close();
    outside(path, (db) => db.exec("PRAGMA user_version = 99"));
    for (const opening of [openSqliteStore({ path, now }), openSqliteReader(path)]) {
      expect(await refusal(opening)).toMatchObject({
        code: "VC_STORE_NEWER",
        details: { found: 99, known: SCHEMA_VERSION },
      });
    }
  });

  it("refuses the database of another program and leaves it alone", async () => {
    const path = join(folder(), "other.sqlite");
    outside(path, (db) => db.exec("CREATE TABLE notes (text); PRAGMA user_version = 7"));
    const before = readFileSync(path);
    for (const opening of [openSqliteStore({ path, now }), openSqliteReader(path)]) {
      expect(await refusal(opening)).toMatchObject({
        code: "VC_STORE_FAILED",
        message: expect.stringContaining("database of another program"),
      });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("says that a file is not a database", async () => {
    const path = join(folder(), "calls.sqlite");
    writeFileSync(path, "these are not the records you are looking for\n".repeat(200));
    for (const opening of [openSqliteStore({ path, now }), openSqliteReader(path)]) {
      const error = await refusal(opening);
      expect(error).toMatchObject({ code: "VC_STORE_FAILED" });
      expect(error.message).toContain("SQLite error 26: file is not a database.");
      expect(error.message).not.toContain(path);
    }
  });

  it("says that a file is damaged, and what to do", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    for (let index = 0; index < 200; index += 1)
      await store.commit(change(sampleCall({ id: `vc_${index}` })));
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4_096);
    writeFileSync(path, bytes);
    const damaged = await refusal(openSqliteStore({ path, now }));
    expect(damaged).toMatchObject({ code: "VC_STORE_FAILED" });
    expect(damaged.message).toContain(
      "SQLite error 11: database disk image is malformed. Move the file away",
    );
  });

  it("says what the system answered when the place cannot be used", async () => {
    const root = folder();
    writeFileSync(join(root, "file"), "");
    const inside = await refusal(openSqliteStore({ path: join(root, "file", "calls.sqlite"), now }));
    expect(inside.code).toBe("VC_STORE_FAILED");
    expect(inside.message).toMatch(/The system answered E(EXIST|NOTDIR)\./);
    mkdirSync(join(root, "dir"));
    const directory = await refusal(openSqliteStore({ path: join(root, "dir"), now }));
    expect(directory.code).toBe("VC_STORE_FAILED");
    expect(inside.message + directory.message).not.toContain(root);
  });

  it("prints no warning in a fresh process", async () => {
    const module = new URL("../../src/store/sqlite.ts", import.meta.url).href;
    const script = `const { openSqliteStore } = await import(${JSON.stringify(module)});
      const store = await openSqliteStore({ path: process.argv[1], now: () => 0 });
      await store.close();`;
    const path = join(folder(), "calls.sqlite");
    const options = ["--input-type=module", "--eval", script, path];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, options, { env: {} });
    expect(stdout + stderr).toBe("");
    expect(statSync(path).size).toBeGreaterThan(0);
  });
});

describe("reading the file of a running gateway", () => {
  it("shows events and samples as they are written, and writes nothing", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    const call = sampleCall();
    await store.commit(change(call));
    const reader = await openSqliteReader(path);
    expect(await reader.cursor()).toBe(1);
    await store.commit(change(next(call, { state: "ringing" })));
    await store.sample({ callId: call.id, stage: "ring", ms: 7, at: 1 });
    expect(await reader.events({ after: 1, limit: 5 })).toMatchObject([{ cursor: 2, state: "ringing" }]);
    expect(await reader.events({ after: 0, limit: 5, callId: "vc_two" })).toEqual([]);
    expect(await reader.samples(5)).toMatchObject([{ stage: "ring", ms: 7 }]);
    await reader.close();
    await expect(reader.cursor()).rejects.toMatchObject({ code: "VC_STORE_FAILED" });
    await store.close();
  });

  it("reads a file that no gateway has open", async () => {
    const path = join(folder(), "calls.sqlite");
    const store = await openSqliteStore({ path, now });
    await store.commit(change(sampleCall()));
    await store.close();
    const reader = await openSqliteReader(path);
    expect(await reader.events({ after: 0, limit: 5 })).toHaveLength(1);
    await reader.close();
  });

  it("reads an older file without migrating it", async () => {
    const path = join(folder(), "calls.sqlite");
    outside(path, (db) => db.exec(V1));
    const reader = await openSqliteReader(path);
    expect(await reader.events({ after: 0, limit: 5 })).toHaveLength(2);
    expect(await reader.samples(5)).toEqual([]);
    await reader.close();
    expect(outside(path, (db) => db.prepare("PRAGMA user_version").get())).toEqual({ user_version: 1 });
  });

  it("refuses what is not there, without creating it, and what is empty", async () => {
    const root = folder();
    const missing = await refusal(openSqliteReader(join(root, "none.sqlite")));
    expect(missing.message).toContain("The file does not exist.");
    expect(readdirSync(root)).toEqual([]);
    writeFileSync(join(root, "empty.sqlite"), "");
    const empty = await refusal(openSqliteReader(join(root, "empty.sqlite")));
    expect(empty.message).toContain("The file holds no call records.");
  });
});
