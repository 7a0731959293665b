import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exited, run, until } from "./rig/process.ts";
import { NODE, REPO, rigRoom } from "./rig/room.ts";

const DEMO = path.join(REPO, "scripts/demo.mjs");
const room = path.join(rigRoom(), "demo");

beforeEach(() => mkdirSync(room));
afterEach(() => rmSync(room, { recursive: true }));

/** As a shell would start it, with temporary files where they can be counted. */
function environment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(VOICE_CALL_|VITEST|NODE_)/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), TMPDIR: room };
}

/** Processes that were started with something of this folder in their environment (Linux). */
function processesOf(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder);
    } catch {
      return false;
    }
  });
}

describe("npm run demo", () => {
  it("holds a conversation, shows the record and leaves nothing behind", { timeout: 300_000 }, async () => {
    const args = [DEMO, "--auto", "--timeout", "270"];
    const demo = await run(NODE, args, { cwd: REPO, env: environment(), timeoutMs: 290_000 });
    expect(demo).toMatchObject({ code: 0, stderr: "" });
    expect(demo.stdout).toContain("no model is configured: a small built-in stand-in answers");
    expect(demo.stdout).toMatch(/it rings[^]*Ada picks up[^]*Ada {2}My name is Ada\./);
    expect(demo.stdout).toMatch(/Agent {2}You told me your name is Ada\. {2}\(after [\d.]+ m?s\)/);
    expect(demo.stdout).toMatch(/State +ended: completed/);
    expect(demo.stdout).toMatch(/Hung up by +us/);
    expect(demo.stdout).toMatch(/^ {2}think +4 /m);
    expect(demo.stdout).toContain("nothing is left behind");
    expect(readdirSync(room)).toEqual([]);
    expect(processesOf(room)).toEqual([]);
  });

  it(
    "leaves nothing behind when it is told to end while the gateway starts",
    { timeout: 120_000 },
    async () => {
      const demo = spawn(NODE, [DEMO, "--auto"], { cwd: REPO, env: environment(), stdio: "ignore" });
      const end = exited(demo);
      await until(
        () => "a gateway is started",
        60_000,
        () => readdirSync(room).find((name) => noted(path.join(room, name, "pids"))),
      );
      demo.kill("SIGTERM");
      expect(await end).toBe(143);
      expect(readdirSync(room)).toEqual([]);
      expect(processesOf(room)).toEqual([]);
    },
  );
});

const noted = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;
