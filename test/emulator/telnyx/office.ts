import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Telnyx, { APIError } from "telnyx";
import { startTelnyxEmulator, type TelnyxEmulator, type TelnyxEmulatorOptions } from "./index.ts";

export const OURS = "+15550100001";
export const THEIRS = "+15550100002";
export const THIRD = "+15550100003";
export const CONNECTION = "1494404757140276705";

const KEY = "KEY_test";

/** An event as it arrived. */
export interface Seen {
  readonly type: string;
  readonly id: string;
  readonly attempt: number;
  readonly occurredAt: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A customer of the emulated Telnyx: the official client, and a listener whose webhooks that client has to verify. */
export class Office {
  readonly telnyx: Telnyx;
  readonly emulator: TelnyxEmulator;
  readonly seen: Seen[] = [];
  /** What the official client said about webhooks it did not take. Closing fails while there is any left. */
  readonly refused: string[] = [];
  /** HTTP status of the answer; 0 gives none. */
  answer: (event: Seen) => number = () => 200;
  readonly #server: Server;
  readonly #watchers = new Set<() => void>();
  #commands = 0;

  private constructor(emulator: TelnyxEmulator, key: string) {
    this.emulator = emulator;
    this.telnyx = new Telnyx({
      apiKey: key,
      baseURL: `${emulator.url}/v2`,
      maxRetries: 0,
      publicKey: emulator.publicKey,
    });
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        void this.#receive(Buffer.concat(chunks).toString("utf8"), request.headers, response);
      });
    });
  }

  static async open(options: Partial<TelnyxEmulatorOptions> = {}, key = KEY): Promise<Office> {
    const emulator = await startTelnyxEmulator({
      apiKey: KEY,
      connectionId: CONNECTION,
      ours: OURS,
      ...options,
    });
    const office = new Office(emulator, key);
    await new Promise<void>((resolve) => office.#server.listen(0, "127.0.0.1", resolve));
    emulator.webhookUrl = office.url;
    return office;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  get types(): readonly string[] {
    return this.seen.map((event) => event.type);
  }

  /** A `command_id` that was never used. */
  once(): { command_id: string } {
    this.#commands++;
    return { command_id: `c${this.#commands}` };
  }

  async dial(more: Partial<Telnyx.CallDialParams> = {}): Promise<string> {
    const order = { connection_id: CONNECTION, to: THEIRS, from: OURS, ...this.once(), ...more };
    const { data } = await this.telnyx.calls.dial(order);
    return data?.call_control_id ?? "";
  }

  /** Dials and waits for the answer. */
  async reach(more: Partial<Telnyx.CallDialParams> = {}): Promise<string> {
    const id = await this.dial(more);
    await this.sees("call.answered", id);
    return id;
  }

  say(id: string, payload: string, more: { stop?: string } = {}): Promise<unknown> {
    return this.telnyx.calls.actions.speak(id, {
      payload,
      voice: "AWS.Polly.Joanna",
      ...this.once(),
      ...more,
    });
  }

  listen(id: string, more: Telnyx.Calls.ActionStartTranscriptionParams = {}): Promise<unknown> {
    return this.telnyx.calls.actions.startTranscription(id, { ...this.once(), ...more });
  }

  hangUp(id: string): Promise<unknown> {
    return this.telnyx.calls.actions.hangup(id, this.once());
  }

  /** Resolves once an event of that type, of that call if one is named, is there for the `count`-th time. */
  async sees(type: string, id?: string, count = 1): Promise<Seen> {
    for (;;) {
      const found = this.seen.filter(
        (event) => event.type === type && (id === undefined || event.payload["call_control_id"] === id),
      )[count - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Transcripts, interim ones with three dots. */
  transcripts(): readonly unknown[] {
    return this.seen
      .filter((event) => event.type === "call.transcription")
      .map((event) => event.payload["transcription_data"] as { transcript: string; is_final: boolean })
      .map(({ transcript, is_final }) => (is_final ? transcript : `${transcript}...`));
  }

  async close(): Promise<void> {
    await this.emulator.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.refused.length > 0) throw new Error(`webhooks were not verified: ${this.refused.join()}`);
  }

  async #receive(body: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
    try {
      await this.telnyx.webhooks.unwrap(body, { headers: headers as Record<string, string> });
    } catch (error) {
      this.refused.push(error instanceof Error ? error.message : "?");
      response.writeHead(403).end();
      return;
    }
    const { data, meta } = JSON.parse(body) as {
      data: { event_type: string; id: string; occurred_at: string; payload: Seen["payload"] };
      meta: { attempt: number };
    };
    const event = {
      type: data.event_type,
      id: data.id,
      attempt: meta.attempt,
      occurredAt: data.occurred_at,
      payload: data.payload,
    };
    this.seen.push(event);
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
    const status = this.answer(event);
    if (status !== 0) response.writeHead(status).end();
  }
}

/** What the official client throws: HTTP status and Telnyx's code. */
export async function refusal(request: Promise<unknown>): Promise<unknown> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const { errors } = error.error as { errors?: readonly { code: string }[] };
    return [error.status, errors?.[0]?.code];
  }
  throw new Error("not refused");
}
