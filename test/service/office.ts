import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Call } from "../../src/call/call.ts";
import type { CallStore, Log } from "../../src/call/ports.ts";
import { readConfig, type VoiceCallConfig } from "../../src/config/index.ts";
import { startPlant, type Plant } from "../../src/service/plant.ts";
import { randomIds } from "../../src/service/tools.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { startTwilioEmulator, type LiveCall, type TwilioEmulator } from "../emulator/twilio/index.ts";
import { virtualClock, type VirtualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { FakeAgent } from "./agent.ts";

export const ACCOUNT = `AC${"0a".repeat(16)}`;
const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
export const WEBHOOK = "https://voice.example.test/voice/webhook";
export const OURS = "+15550001111";

/** A whole plant over real HTTP: SQLite on disk, the edge worker, Twilio's emulator, an agent that obeys. */
export interface Office {
  readonly twilio: TwilioEmulator;
  readonly agent: FakeAgent;
  /** Deadlines and the hold of a document run on it; it stands still unless told. */
  readonly clock: VirtualClock;
  readonly store: CallStore;
  /** Outcomes as they were reported to whoever asked. */
  readonly reports: readonly { readonly call: Call }[];
  /** Warnings and errors in the log. */
  readonly complaints: readonly string[];
  config: VoiceCallConfig;
  plant: Plant;
  /** Places a call; both ends of it. */
  place(
    order: Partial<Parameters<Plant["switchboard"]["initiate"]>[0]>,
  ): Promise<{ call: Call; live: LiveCall }>;
  /** Places a conversation that is answered and listens. */
  converse(to: string, message?: string): Promise<{ id: string; live: LiveCall }>;
  /** Somebody calls us. */
  ring(from: string, fields?: Readonly<Record<string, string>>): LiveCall;
  /** The record, from the store. */
  record(id: string): Promise<Call>;
  said(id: string): Promise<readonly string[]>;
  /** Resolves with the record once it is over. */
  over(id: string): Promise<Call>;
  /** The one call that we have with this caller. */
  callOf(live: LiveCall): Promise<Call>;
  /** Stops the plant as a shutdown would and starts another on the same records, `after` later. */
  restart(options?: { after?: number; meanwhile?: () => Promise<unknown> }): Promise<void>;
  /** Resolves once no call is up and no effect is left; throws when Twilio's debugger would show anything. */
  atRest(): Promise<void>;
  close(): Promise<void>;
}

export async function openOffice(
  settings: Record<string, unknown> = {},
  { port = 0, pace = 0.01 }: { readonly port?: number; readonly pace?: number } = {},
): Promise<Office> {
  const folder = mkdtempSync(path.join(tmpdir(), "voice-call-office-"));
  const clock = virtualClock(Date.now());
  const agent = new FakeAgent();
  const reports: { call: Call }[] = [];
  const complaints: string[] = [];
  const twilio = await startTwilioEmulator({
    accountSid: ACCOUNT,
    authToken: TOKEN,
    pace,
    reach: (url) => url.replace("https://voice.example.test", `http://127.0.0.1:${office.plant.port}`),
  });
  const config = configOf(twilio, settings, port);
  const open = () => openSqliteStore({ path: path.join(folder, "calls.sqlite"), now: () => clock.now() });
  const start = (store: CallStore) =>
    startPlant(office.config, {
      store,
      clock,
      ids: randomIds,
      log: logInto(complaints),
      responder: agent,
      reporter: { report: async (call) => void reports.push({ call }) },
      config: () => office.config,
      identify: async ({ party }) => ({ agentId: "main", sessionKey: `phone:${party}` }),
      code: () => "123456",
    });

  let store = await open();
  const office: Office = {
    twilio,
    agent,
    clock,
    reports,
    complaints,
    config,
    plant: undefined as unknown as Plant,
    get store() {
      return store;
    },
    async place(order) {
      const taken = twilio.nextCall();
      const call = await office.plant.switchboard.initiate({
        message: "Dinner is ready.",
        requester: { surface: "rpc" },
        ...order,
      });
      return { call, live: await taken };
    },
    async converse(to, message = "Hello?") {
      const { call, live } = await office.place({ to, message, mode: "conversation" });
      await live.listening();
      await eventually(async () => (await office.record(call.id)).answeredAt !== null);
      return { id: call.id, live };
    },
    ring: (from, fields = {}) => twilio.inbound({ from, to: OURS, voiceUrl: WEBHOOK, fields }),
    async record(id) {
      const call = await store.get(id);
      if (call === null) throw new Error(`no record of ${id}`);
      return call;
    },
    said: async (id) => (await store.transcript(id)).map(({ role, text }) => `${role}: ${text}`),
    async over(id) {
      await eventually(async () => (await office.record(id)).endedAt !== null);
      return office.record(id);
    },
    async callOf({ sid }) {
      const find = () => store.byCarrierId("twilio", sid);
      await eventually(async () => (await find()) !== null);
      return (await find()) as Call;
    },
    async restart({ after = 0, meanwhile } = {}) {
      await office.plant.close();
      await store.close();
      await meanwhile?.();
      await clock.advance(after);
      store = await open();
      office.plant = await start(store);
    },
    async atRest() {
      await eventually(() => office.plant.manager.active.length === 0);
      await eventually(async () => (await store.pendingEffects()).length === 0);
      if (twilio.problems.length > 0) throw new Error(`at Twilio: ${twilio.problems.join("; ")}`);
    },
    async close() {
      await office.plant.close();
      await twilio.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    office.plant = await start(store);
  } catch (error) {
    await twilio.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return office;
}

function configOf(twilio: TwilioEmulator, settings: Record<string, unknown>, port: number): VoiceCallConfig {
  const reading = readConfig(
    {
      provider: "twilio",
      fromNumber: OURS,
      toNumber: "+15550002222",
      publicUrl: WEBHOOK,
      maxConcurrentCalls: 100,
      twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiBaseUrl: twilio.url },
      ...settings,
    },
    {},
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  // 0, any free port, is no setting for a user: the carrier must know it.
  return { ...reading.config, serve: { ...reading.config.serve, port } };
}

function logInto(complaints: string[]): Log {
  return {
    debug: () => {},
    info: () => {},
    warn: (message) => void complaints.push(message),
    error: (message) => void complaints.push(message),
  };
}
