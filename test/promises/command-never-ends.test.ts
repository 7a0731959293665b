/**
 * A command that only looks (status, setup, a dry run) started a server of its own and then hung for ever. Here it
 * reads the records of the gateway that may be running, opens nothing that listens, and the process ends by itself.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { change, sampleCall } from "../store/samples.ts";

const SRC = new URL("../../src/", import.meta.url).href;
const HOST = new URL("../host/fake-host.ts", import.meta.url).href;

/** Looks at everything once, and says what it has open then. */
const COMMAND = `
  const { openRecords } = await import("${SRC}records.ts");
  const { fakeHost } = await import("${HOST}");
  const [folder] = process.argv.slice(-1);
  const config = { provider: "twilio", serve: { port: 1 }, store: folder };
  const host = fakeHost({ plugins: { entries: { "voice-call": { config } } } });
  const { service, stop } = await openRecords(host, {});
  const seen = [await service.list(10), await service.status("vc_one"), await service.latency(10),
    await service.pairings(), await service.events({ after: 0, limit: 10 }), await service.setup()];
  const servers = process.getActiveResourcesInfo().filter((kind) => /Server|Worker/.test(kind));
  await stop();
  process.stdout.write(JSON.stringify({ seen, servers }));
`;

it("a command that only reads starts no server and ends by itself, beside a gateway that has the records open", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "voice-call-read-"));
  const store = await openSqliteStore({ path: path.join(folder, "calls.sqlite"), now: Date.now });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await store.commit(change(sampleCall()));
  const args = ["--input-type=module", "--eval", COMMAND, "--", folder];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 18_000, env: {} });
  const { seen, servers } = JSON.parse(stdout) as { seen: readonly object[]; servers: readonly string[] };
  expect(servers).toEqual([]);
  expect(seen[0]).toMatchObject([{ callId: "vc_one" }]);
  expect(seen[1]).toMatchObject({ callId: "vc_one" });
  expect(seen.at(-1)).toMatchObject({ ok: false });
});
