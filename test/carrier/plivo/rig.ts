import { afterEach, beforeEach } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { CallRef, CarrierFact } from "../../../src/call/ports.ts";
import { inspectAccount } from "../../../src/carrier/plivo/account.ts";
import { createPlivoApi } from "../../../src/carrier/plivo/api.ts";
import { PlivoCarrier } from "../../../src/carrier/plivo/carrier.ts";
import { plivoWebhook } from "../../../src/carrier/plivo/webhook.ts";
import {
  startPlivoEmulator,
  type LiveCall,
  type PlivoEmulator,
  type PlivoEmulatorOptions,
} from "../../emulator/plivo/index.ts";
import { openDesk, type Desk } from "../desk.ts";
import { sockets, type Sockets } from "../samples.ts";
import { AUTH_ID, OUTBOUND, SETTINGS, TOKEN } from "./fixtures.ts";

export { BYE, failureOf } from "../samples.ts";

export const LISTEN: Instruction = {
  gen: 1,
  say: ["Hi."],
  next: { kind: "listen", token: "t1", timeoutMs: 5000 },
};
/** A call about to be dialled. */
export const NEW: CallRef = { ...OUTBOUND, carrierCallId: null, state: "dialing" };

interface Change {
  readonly authToken?: string;
  readonly apiBaseUrl?: string;
  readonly webhookUrl?: string | null;
  readonly fetch?: typeof globalThis.fetch;
}

const ACCOUNT = { authId: AUTH_ID, authToken: TOKEN };

/** Plivo, our desk and a carrier between them, anew for every test of a file. */
class Rig {
  emulator!: PlivoEmulator;
  desk!: Desk;
  carrier!: PlivoCarrier;
  readonly signal = new AbortController().signal;
  /** How long the carrier would have slept, ms. */
  readonly naps: number[] = [];
  sockets: Sockets = sockets();
  #nonces = 0;

  async open(options: Partial<PlivoEmulatorOptions> = {}): Promise<void> {
    this.emulator = await startPlivoEmulator({ ...ACCOUNT, ...options });
    this.desk = await openDesk(plivoWebhook(SETTINGS));
    this.naps.splice(0);
    this.sockets = sockets();
    this.carrier = this.connect();
  }

  async close(): Promise<void> {
    await this.carrier.close();
    await this.emulator.close();
    await this.desk.close();
  }

  /** Another Plivo in the place of this one. */
  async restart(options: Partial<PlivoEmulatorOptions>): Promise<void> {
    await this.close();
    await this.open(options);
  }

  connect(change: Change = {}): PlivoCarrier {
    const { authToken = TOKEN, apiBaseUrl = this.emulator.url, fetch = globalThis.fetch } = change;
    const settings = { authId: AUTH_ID, authToken, apiBaseUrl };
    const url = change.webhookUrl === undefined ? this.desk.url : change.webhookUrl;
    return new PlivoCarrier(
      createPlivoApi(settings, fetch),
      { webhookUrl: () => url, openStream: this.sockets.open },
      {
        nonce: () => `n${++this.#nonces}`,
        sleep: async (ms) => void this.naps.push(ms),
        inspect: (number, signal) => inspectAccount(settings, fetch, number, signal),
      },
    );
  }

  /** Every document that is asked for from now on is the instruction. */
  says(instruction: Instruction, call: CallRef = OUTBOUND): void {
    this.desk.answer = ({ carrierCallId }: CarrierFact) =>
      this.carrier.document({ ...call, carrierCallId }, { kind: "instruction", instruction });
  }

  /** A call that has been answered and listens. */
  async talking(): Promise<{ readonly call: CallRef; readonly far: LiveCall }> {
    this.says(LISTEN);
    const { carrierCallId } = await this.carrier.dial(NEW, LISTEN, this.signal);
    const far = this.emulator.call(carrierCallId);
    await far.listening();
    return { call: { ...OUTBOUND, carrierCallId }, far };
  }
}

export function rig(): Rig {
  const opened = new Rig();
  beforeEach(() => opened.open());
  afterEach(() => opened.close());
  return opened;
}
