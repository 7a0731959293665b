import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { folder, outside } from "./folder.ts";

const COMMITTER = fileURLToPath(new URL("committer.ts", import.meta.url));
/** 512-byte blocks a file may have; the signal that announces the limit is ignored, so that writing fails instead. */
const FULL_DISK = `trap "" 25; ulimit -f 2000; exec "$0" "$@"`;

/** Lets a process commit, kills it after `acks` acknowledgements, and gives the last version it acknowledged. */
async function killed(path: string, id: string, acks: number): Promise<number> {
  const child = spawn(process.execPath, [COMMITTER, path, id], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last === acks) child.kill("SIGKILL");
  }
  expect(await exit).toEqual([null, "SIGKILL"]);
  return last;
}

/** Lets a process commit until its files may not grow; gives all it printed. */
async function filled(path: string, id: string): Promise<string[]> {
  const args = ["-c", FULL_DISK, process.execPath, COMMITTER, path, id];
  const child = spawn("/bin/sh", args, { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  expect(await exit).toEqual([0, null]);
  return lines;
}

/** Checks that the file opens, is sound, and holds each version up to the last with all that belongs to it. */
async function lastWhole(path: string, id: string): Promise<number> {
  const store = await openSqliteStore({ path, now: () => 0 });
  const version = (await store.get(id))?.version ?? 0;
  const versions = Array.from({ length: version }, (_, index) => index + 1);
  const events = await store.events({ after: 0, limit: 100_000, callId: id });
  expect(events.map(({ event }) => (event as { turn: number }).turn)).toEqual(versions);
  const effects = (await store.pendingEffects()).filter(({ callId }) => callId === id);
  expect(effects.map(({ key }) => key)).toEqual(versions.map((n) => `${id}#${n}.0`));
  expect((await store.transcript(id)).map(({ at }) => at)).toEqual(versions);
  expect(await store.claimed(`${id}:${version}`)).toBe(true);
  expect(await store.claimed(`${id}:${version + 1}`)).toBe(false);
  await store.close();
  const check = outside(path, (db) => db.prepare("PRAGMA integrity_check").all());
  expect(check).toEqual([{ integrity_check: "ok" }]);
  return version;
}

describe("the SQLite file", () => {
  it("has every acknowledged commit, and none in part, after the process was killed", async () => {
    const path = join(folder(), "calls.sqlite");
    for (const [round, acks] of [1, 137, 700].entries()) {
      const id = `vc_${round}`;
      const acknowledged = await killed(path, id, acks);
      expect(acknowledged).toBeGreaterThanOrEqual(acks);
      // The commit in flight may have reached the file without its acknowledgement reaching us.
      expect([acknowledged, acknowledged + 1]).toContain(await lastWhole(path, id));
    }
  });

  it("has every acknowledged commit, and nothing of the one that failed, after the disk was full", async () => {
    const path = join(folder(), "calls.sqlite");
    const printed = await filled(path, "vc_full");
    expect(printed.pop()).toBe("VC_STORE_FAILED");
    expect(printed.length).toBeGreaterThan(10);
    expect(await lastWhole(path, "vc_full")).toBe(printed.length);
  });
});
