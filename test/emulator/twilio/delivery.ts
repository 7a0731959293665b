import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";

export type Params = Readonly<Record<string, string>>;

/** One webhook as it was sent, and what came back. */
export interface Delivery {
  readonly kind: "status" | "document";
  readonly url: string;
  readonly params: Params;
  readonly signature: string;
  readonly reply: Reply;
  /** A repeat made by a fault or by `replay`. */
  readonly repeated: boolean;
}

export interface Reply {
  /** 0 when nothing came back. */
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface DeliverySettings {
  readonly authToken: string;
  /** Where a public URL is really served; the `Host` header keeps the public name. */
  readonly reach: (url: string) => string;
}

/** Sends webhooks as Twilio does: form-encoded, signed with the account's token over the URL as configured. */
export class Deliveries {
  readonly all: Delivery[] = [];
  /** Send every webhook twice. */
  duplicate = false;
  readonly #settings: DeliverySettings;
  readonly #running = new Set<Promise<unknown>>();

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  /** Where a public URL is really served. */
  get reach(): (url: string) => string {
    return this.#settings.reach;
  }

  sign(url: string, params: Params): string {
    return getExpectedTwilioSignature(this.#settings.authToken, withoutFragment(url), { ...params });
  }

  async deliver(kind: Delivery["kind"], url: string, params: Params): Promise<Reply> {
    const signature = this.sign(url, params);
    const token = randomUUID();
    const reply = await this.#send(kind, url, params, signature, token, false);
    if (this.duplicate) this.#track(this.#send(kind, url, params, signature, token, true));
    return reply;
  }

  /** Sends a webhook again, byte for byte; `signature` forges it, null leaves it out. */
  async replay(delivery: Delivery, signature: string | null = delivery.signature): Promise<Reply> {
    return this.#send(delivery.kind, delivery.url, delivery.params, signature, randomUUID(), true);
  }

  /** Waits until nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #track(sending: Promise<unknown>): void {
    this.#running.add(sending);
    void sending.finally(() => this.#running.delete(sending));
  }

  #send(
    kind: Delivery["kind"],
    url: string,
    params: Params,
    signature: string | null,
    token: string,
    repeated: boolean,
  ): Promise<Reply> {
    const sending = this.#post(url, params, {
      ...(signature === null ? {} : { "x-twilio-signature": signature }),
      "i-twilio-idempotency-token": token,
    }).then((reply) => {
      this.all.push({ kind, url, params, signature: signature ?? "", reply, repeated });
      return reply;
    });
    this.#track(sending);
    return sending;
  }

  /** Where nobody is to be found at all, the webhook is lost like on any other way. */
  async #post(url: string, params: Params, headers: Record<string, string>): Promise<Reply> {
    try {
      return await post(this.#settings.reach(url), new URL(url).host, params, headers);
    } catch {
      return LOST;
    }
  }
}

const LOST: Reply = { status: 0, contentType: "", body: "" };

function post(url: string, host: string, params: Params, headers: Record<string, string>): Promise<Reply> {
  const body = new URLSearchParams(params).toString();
  return new Promise((resolve) => {
    const sent = request(
      withoutFragment(url),
      {
        method: "POST",
        agent: false,
        timeout: 15_000,
        headers: {
          host,
          "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
          "content-length": Buffer.byteLength(body),
          "user-agent": "TwilioProxy/1.1",
          accept: "*/*",
          ...headers,
        },
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("error", () => resolve(LOST));
        reply.on("end", () => {
          resolve({
            status: reply.statusCode ?? 0,
            contentType: reply.headers["content-type"] ?? "",
            body: Buffer.concat(chunks).toString("utf8"),
          });
        });
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(LOST));
    sent.end(body);
  });
}

const withoutFragment = (url: string): string => url.split("#", 1)[0] ?? url;
