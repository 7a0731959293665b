import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CallStore } from "../../src/call/ports.ts";
import { readConfig } from "../../src/config/index.ts";
import type { Ears, Voices } from "../../src/conversation/live/speech.ts";
import type { PhoneAgent } from "../../src/conversation/agent.ts";
import { Thinker } from "../../src/conversation/live/thinker.ts";
import { startPlant, type Plant } from "../../src/service/plant.ts";
import { randomIds, systemClock } from "../../src/service/tools.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { FarCarrier } from "../emulator/far/carrier.ts";
import type { FarPerson } from "../emulator/far/person.ts";
import { marked } from "./live-agent.ts";
import { ACCOUNT, OURS, WEBHOOK } from "./office.ts";
import { eventually } from "../support/eventually.ts";

const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";

export interface LiveOfficeParts {
  readonly ears: Ears;
  readonly voices: Voices;
  readonly agent: PhoneAgent;
  /** Of the configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A whole plant with live audio in real time: SQLite on disk, the edge worker, real sockets to a carrier elsewhere. */
export interface LiveOffice {
  readonly carrier: FarCarrier;
  readonly plant: Plant;
  readonly store: CallStore;
  /** Warnings and errors in the log. */
  readonly complaints: readonly string[];
  /** Places a conversation; resolves once the callee has heard the greeting. */
  converse(to: string, greeting: string): Promise<{ readonly id: string; readonly person: FarPerson }>;
  /** Resolves once no call is up and nothing of one is left to do. */
  atRest(): Promise<void>;
  close(): Promise<void>;
}

export async function openLiveOffice(parts: LiveOfficeParts): Promise<LiveOffice> {
  const folder = mkdtempSync(path.join(tmpdir(), "voice-call-live-"));
  const complaints: string[] = [];
  const complain = (message: string, about?: object): void =>
    void complaints.push(`${message} ${JSON.stringify(about ?? {})}`);
  const carrier = await FarCarrier.start({
    accountSid: ACCOUNT,
    authToken: TOKEN,
    publicUrl: new URL(WEBHOOK).origin,
  });
  const reading = readConfig(
    {
      provider: "twilio",
      fromNumber: OURS,
      publicUrl: WEBHOOK,
      maxConcurrentCalls: 200,
      // The emulator's clock runs faster than audio does.
      maxDurationSeconds: 86_400,
      ...parts.settings,
      streaming: { enabled: true, maxConnections: 200, idlePromptMs: 0 },
      twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiBaseUrl: carrier.url },
    },
    {},
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  const config = { ...reading.config, serve: { ...reading.config.serve, port: 0 } };
  const store = await openSqliteStore({ path: path.join(folder, "calls.sqlite"), now: Date.now });
  const thinker = new Thinker({
    agent: parts.agent,
    settings: () => config,
    wrap: async (words) => marked(words),
  });
  const plant = await startPlant(config, {
    store,
    clock: systemClock,
    ids: randomIds,
    log: { debug: () => {}, info: () => {}, warn: complain, error: complain },
    responder: { warm: () => {}, reply: async () => "", close: async () => {} },
    reporter: { report: async () => {} },
    config: () => config,
    identify: async ({ party }) => ({ agentId: "main", sessionKey: `phone:${party}` }),
    code: () => "123456",
    live: { ears: parts.ears, voices: parts.voices, thinker, tell: async () => {} },
  });
  if (plant.port === null) throw new Error("the plant has no listener");
  carrier.reach(plant.port);
  return {
    carrier,
    plant,
    store,
    complaints,
    async converse(to, greeting) {
      const requester = { surface: "rpc" } as const;
      const { id } = await plant.switchboard.initiate({
        to,
        message: greeting,
        mode: "conversation",
        requester,
      });
      const person = carrier.person(to);
      await person.hears(greeting);
      return { id, person };
    },
    async atRest() {
      await eventually(() => plant.manager.active.length === 0);
      await eventually(async () => (await store.pendingEffects()).length === 0);
    },
    async close() {
      await plant.close();
      await carrier.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
