import { statSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { Checkpoints } from "../../src/store/checkpoints.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { folder, outside } from "./folder.ts";
import { change, next, sampleCall } from "./samples.ts";

it("copies the log into the file from another thread, after so many writes", async () => {
  const file = path.join(folder(), "calls.sqlite");
  const store = await openSqliteStore({ path: file, now: () => 0 });
  let call = sampleCall();
  await store.commit(change(call));
  const checkpoints = new Checkpoints(file, 3);
  const before = statSync(file).size;
  for (let at = 0; at < 2; at++) checkpoints.wrote();
  await checkpoints.idle();
  expect(statSync(file).size).toBe(before);

  checkpoints.wrote();
  // Writing goes on meanwhile.
  call = next(call);
  await store.commit(change(call));
  await checkpoints.idle();
  expect(statSync(file).size).toBeGreaterThan(before);
  expect(await store.get(call.id)).toEqual(call);
  await store.close();
  expect(outside(file, (db) => db.prepare("SELECT count(*) AS calls FROM calls").get())).toEqual({
    calls: 1,
  });
});

it("does without a copy when the file cannot be opened", async () => {
  const checkpoints = new Checkpoints(path.join(folder(), "no such folder", "calls.sqlite"), 1);
  checkpoints.wrote();
  await expect(checkpoints.idle()).resolves.toBeUndefined();
});

it("starts by itself while calls are saved, and closing waits for it", async () => {
  const file = path.join(folder(), "calls.sqlite");
  const store = await openSqliteStore({ path: file, now: () => 0 });
  const before = statSync(file).size;
  for (let at = 0; at < 1_100; at++) await store.sample({ callId: "vc_1", stage: "dial", ms: 1, at });
  await store.close();
  expect(statSync(file).size).toBeGreaterThan(before);
  expect(await openSqliteStore({ path: file, now: () => 0 }).then((again) => again.close())).toBeUndefined();
});
