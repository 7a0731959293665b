import { afterEach, beforeEach } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { CallRef, Carrier } from "../../../src/call/ports.ts";
import { createTelnyxApi } from "../../../src/carrier/telnyx/api.ts";
import { TelnyxCarrier } from "../../../src/carrier/telnyx/carrier.ts";
import type { CarrierWebhook } from "../../../src/carrier/carrier.ts";
import { telnyxWebhook } from "../../../src/carrier/telnyx/webhook.ts";
import {
  startTelnyxEmulator,
  type LiveCall,
  type Operation,
  type TelnyxEmulator,
  type TelnyxEmulatorOptions,
} from "../../emulator/telnyx/index.ts";
import { openDesk, type Desk } from "../desk.ts";
import { BYE, sockets, type Sockets } from "../samples.ts";
import { API_KEY, CONNECTION, INBOUND, OUTBOUND, OURS, SETTINGS, THEIRS } from "./fixtures.ts";

export { BYE };
export { failureOf } from "../samples.ts";

export const LISTEN: Instruction = {
  gen: 1,
  say: ["Hi."],
  next: { kind: "listen", token: "tok-1", timeoutMs: 5000 },
};
export const NEW: CallRef = { ...OUTBOUND, carrierCallId: null, state: "dialing" };
export const SCREENED: CallRef = {
  ...NEW,
  screening: { policy: "leave-message", verdict: "pending", words: [], said: false },
};

export let emulator: TelnyxEmulator;
export let desk: Desk;
export let carrier: Carrier;
export let signal: AbortSignal;
export let naps: number[];
export let expecting: Sockets;

/** Another emulator for the carrier of this test. */
export async function start(options: Partial<TelnyxEmulatorOptions> = {}): Promise<void> {
  emulator = await startTelnyxEmulator({
    apiKey: API_KEY,
    connectionId: CONNECTION,
    ours: OURS,
    webhookUrl: desk.url,
    ...options,
  });
  carrier = connect();
}

/** With the key of the emulator at that moment; under which URL a webhook comes does not matter to Telnyx. */
const receive: CarrierWebhook["receive"] = (raw, _publicUrl, now) =>
  telnyxWebhook({ ...SETTINGS, secrets: { publicKey: emulator.publicKey } }).receive(
    raw,
    "https://elsewhere.example.test/",
    now,
  );

/** Telnyx, a desk for its webhooks and a carrier, anew for every test of the file. */
export function useTelnyx(): void {
  beforeEach(async () => {
    desk = await openDesk({ receive });
    naps = [];
    expecting = sockets();
    signal = new AbortController().signal;
    await start();
  });

  afterEach(async () => {
    await carrier.close();
    await emulator.close();
    await desk.close();
  });
}

export const connect = (change: { apiKey?: string; apiBaseUrl?: string; webhookUrl?: string | null } = {}) =>
  new TelnyxCarrier({
    api: createTelnyxApi({ apiKey: API_KEY, apiBaseUrl: emulator.url, ...change }, fetch),
    connectionId: CONNECTION,
    webhookUrl: () => (change.webhookUrl === undefined ? desk.url : change.webhookUrl),
    openStream: expecting.open,
    inspect: () => Promise.reject(new Error("not here")),
    sleep: async (ms) => void naps.push(ms),
  });

/** Another emulator than the one that every test gets. */
export async function restart(options: Partial<TelnyxEmulatorOptions>): Promise<void> {
  await emulator.close();
  await start(options);
}

export async function dialed(
  call: CallRef = NEW,
): Promise<{ readonly call: CallRef; readonly live: LiveCall }> {
  const { carrierCallId } = await carrier.dial(call, BYE, signal);
  return { call: { ...call, carrierCallId, state: "answered" }, live: emulator.call(carrierCallId) };
}

/** A call that somebody has picked up. */
export async function answered(call: CallRef = NEW) {
  const placed = await dialed(call);
  await desk.event("answered");
  return placed;
}

/** Somebody rings; nobody has answered yet. */
export const ringing = async () => {
  const live = emulator.ring(THEIRS);
  const { offer } = await desk.fact((fact) => fact.offer !== null);
  const call: CallRef = { ...INBOUND, id: "vc_in", carrierCallId: live.id, state: "ringing" };
  return { call, live, offer };
};

export const bodies = (operation: Operation) => emulator.requestsOf(operation).map(({ body }) => body);
export const ids = (operation: Operation) => bodies(operation).map((body) => body["command_id"]);
