import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CallStore } from "../src/call/ports.ts";
import { readConfig } from "../src/config/index.ts";
import { startPlant, type Plant } from "../src/service/plant.ts";
import { randomIds, systemClock } from "../src/service/tools.ts";
import { openSqliteStore } from "../src/store/sqlite.ts";

export const ACCOUNT = `AC${"0a".repeat(16)}`;
export const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
export const WEBHOOK = "https://voice.example.test/voice/webhook";
export const OURS = "+15550001111";
export const THEIRS = "+15550002222";

const quiet = () => {};

/** Plant, store and edge worker as in production, for the Twilio API at `apiBaseUrl`. */
export interface BenchPlant {
  readonly plant: Plant;
  readonly store: CallStore;
  readonly close: () => Promise<void>;
}

export async function startBenchPlant(apiBaseUrl: string): Promise<BenchPlant> {
  const folder = mkdtempSync(path.join(tmpdir(), "voice-call-bench-"));
  const store = await openSqliteStore({ path: path.join(folder, "calls.sqlite"), now: Date.now });
  const reading = readConfig(
    {
      provider: "twilio",
      fromNumber: OURS,
      publicUrl: WEBHOOK,
      maxConcurrentCalls: 1_000,
      ringTimeoutMs: 600_000,
      twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiBaseUrl },
    },
    {},
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  const config = { ...reading.config, serve: { ...reading.config.serve, port: 0 } };
  const plant = await startPlant(config, {
    store,
    clock: systemClock,
    ids: randomIds,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    responder: { warm: quiet, reply: async () => "Yes.", close: async () => {} },
    reporter: { report: async () => {} },
    config: () => config,
    identify: async ({ party }) => ({ agentId: "main", sessionKey: `phone:${party}` }),
    code: () => "123456",
  });
  return {
    plant,
    store,
    async close() {
      await plant.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
