import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Sent, Webhooks } from "../../../src/conformance/world.ts";
import { isFinalSpeech, type CallEvent } from "./events.ts";

/** One attempt to deliver a webhook, and what came back. */
export interface Delivery extends Sent {
  readonly event: CallEvent;
  readonly attempt: number;
  /** The bytes that were signed, together with the timestamp. */
  readonly body: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  /** Null: sent without. */
  readonly signature: string | null;
  readonly reply: string;
  /** A second copy, not a retry: made by `duplicate`, `replay` or `forge`. */
  readonly repeated: boolean;
}

interface DeliverySettings {
  /** Where a public URL is really served; the `Host` header keeps the public name. */
  readonly reach: (url: string) => string;
  /** Real milliseconds to wait for an answer. */
  readonly timeoutMs: number;
  /** Real milliseconds before each retry. */
  readonly retriesMs: readonly number[];
  problem(text: string): void;
}

/** A delivery under way. */
interface Underway {
  /** Settles with the answer to the first attempt. */
  readonly first: Promise<unknown>;
  /** Settles once it was taken, or given up. */
  readonly whole: Promise<unknown>;
}

/** Answered late, not at all, or with one of these: Telnyx tries again. Other failures are final. */
const isTransient = (status: number): boolean =>
  status === 0 || status === 408 || status === 429 || status >= 500;

/**
 * Sends webhooks as Telnyx does: JSON, signed with Ed25519 over `timestamp|body`, retried with a new timestamp, a new signature
 * and the next `meta.attempt`, but the same `data.id`.
 */
export class Deliveries implements Webhooks {
  readonly all: Delivery[] = [];
  duplicate = false;
  /** For `publicKey`: base64 of the raw 32 bytes, as the portal shows it. */
  readonly publicKey: string;
  readonly #settings: DeliverySettings;
  readonly #privateKey: KeyObject;
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    this.#privateKey = privateKey;
    this.publicKey = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
  }

  /** `retriesMs`: the call's own policy for this event, real milliseconds. */
  deliver(event: CallEvent, url: string, retriesMs = this.#settings.retriesMs): Underway {
    const first = this.#attempt(event, url, 1, false);
    const whole = this.track(this.#persist(event, url, retriesMs, first));
    if (this.duplicate) {
      void this.track(first.then(() => this.#attempt(event, url, 2, true)));
    }
    return { first, whole };
  }

  async replay(sent: Sent): Promise<{ readonly status: number; readonly body: string }> {
    const { event, url, attempt, body, timestamp, signature } = this.#known(sent);
    const copy = await this.#send(event, url, attempt, body, timestamp, signature, true);
    return { status: copy.status, body: copy.reply };
  }

  async forge(sent: Sent, signature: string | null): Promise<{ readonly status: number }> {
    const { event, url, attempt, body, timestamp } = this.#known(sent);
    return this.#send(event, url, attempt, body, timestamp, signature, true);
  }

  /** Sends any body under a genuine signature; `timestamp` in seconds since 1970. */
  async sendSigned(url: string, body: string, timestamp = now()): Promise<number> {
    const headers = headersOf(timestamp, this.#sign(timestamp, body));
    return (await this.#post(url, body, headers)).status;
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Gives up what is waiting to be tried again. */
  close(): void {
    this.#closing.abort();
  }

  #known(sent: Sent): Delivery {
    const found = this.all.find((delivery) => delivery === sent);
    if (found === undefined) throw new Error("this webhook was never sent");
    return found;
  }

  async #persist(
    event: CallEvent,
    url: string,
    retriesMs: readonly number[],
    first: Promise<Delivery>,
  ): Promise<void> {
    let { status } = await first;
    let attempt = 1;
    for (const wait of retriesMs) {
      if (!isTransient(status)) return;
      if (!(await this.pause(wait))) return;
      attempt++;
      ({ status } = await this.#attempt(event, url, attempt, false));
    }
  }

  async #attempt(event: CallEvent, url: string, attempt: number, repeated: boolean): Promise<Delivery> {
    const body = JSON.stringify({ data: event, meta: { attempt, delivered_to: url } });
    const timestamp = now();
    const sent = await this.#send(
      event,
      url,
      attempt,
      body,
      timestamp,
      this.#sign(timestamp, body),
      repeated,
    );
    const failed = sent.status < 200 || sent.status > 299;
    if (failed && !this.#closing.signal.aborted) {
      const what = sent.status === 0 ? "no answer in time" : `HTTP ${sent.status}`;
      this.#settings.problem(`webhook ${event.event_type}: ${what}`);
    }
    return sent;
  }

  #sign(timestamp: string, body: string): string {
    return sign(null, Buffer.from(`${timestamp}|${body}`), this.#privateKey).toString("base64");
  }

  #send(
    event: CallEvent,
    url: string,
    attempt: number,
    body: string,
    timestamp: string,
    signature: string | null,
    repeated: boolean,
  ): Promise<Delivery> {
    const sending = this.#post(url, body, headersOf(timestamp, signature)).then(({ status, reply }) => {
      const isSpeech = isFinalSpeech(event);
      const sent = { event, url, attempt, body, timestamp, signature, repeated, status, reply, isSpeech };
      this.all.push(sent);
      return sent;
    });
    return this.track(sending);
  }

  #post(url: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const { reach, timeoutMs } = this.#settings;
    return post(reach(url), { host: new URL(url).host, ...headers }, body, timeoutMs);
  }

  /** Waits real milliseconds; false when everything is over by then. */
  pause(ms: number): Promise<boolean> {
    return delay(ms, true, { signal: this.#closing.signal }).catch(() => false);
  }

  /** Counts something as on its way. */
  track<T>(sending: Promise<T>): Promise<T> {
    this.#running.add(sending);
    void sending.finally(() => this.#running.delete(sending));
    return sending;
  }
}

const now = (): string => String(Math.floor(Date.now() / 1000));

const headersOf = (timestamp: string, signature: string | null): Record<string, string> => ({
  "telnyx-timestamp": timestamp,
  ...(signature === null ? {} : { "telnyx-signature-ed25519": signature }),
});

interface Answer {
  /** 0 when nothing came back in time. */
  readonly status: number;
  readonly reply: string;
}

const LOST: Answer = { status: 0, reply: "" };

function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve) => {
    const sent = request(
      url,
      {
        method: "POST",
        agent: false,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "user-agent": "telnyx-webhooks",
          ...headers,
        },
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("error", () => resolve(LOST));
        reply.on("end", () => {
          resolve({ status: reply.statusCode ?? 0, reply: Buffer.concat(chunks).toString("utf8") });
        });
      },
    );
    const timer = setTimeout(() => sent.destroy(), timeoutMs);
    sent.on("error", () => resolve(LOST));
    sent.on("close", () => {
      clearTimeout(timer);
      resolve(LOST);
    });
    sent.end(body);
  });
}
