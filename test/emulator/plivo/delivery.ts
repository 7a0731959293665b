import { randomInt } from "node:crypto";
import { request } from "node:http";
import type { Sent, Webhooks } from "../../../src/conformance/world.ts";
import { signV2, signV3, type Method, type Params } from "./signature.ts";

/** What a webhook is for. Documents are wanted in answer to `answer` … `transfer`; the others are told only. */
export type DeliveryKind =
  | "answer"
  | "fallback"
  | "action"
  | "redirect"
  | "transfer"
  | "ring"
  | "hangup"
  | "machine"
  | "callback";

/** A URL of ours and how to call it. */
export interface Hook {
  readonly url: string;
  readonly method: Method;
}

export interface Reply {
  /** 0 when nothing came back. */
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One attempt of a webhook, and what came back. */
export interface Delivery extends Sent {
  readonly kind: DeliveryKind;
  readonly method: Method;
  /** What Plivo says, in the body or, with GET, in the query of `url`. */
  readonly params: Params;
  readonly body: string;
  readonly signatures: Params;
  readonly reply: Reply;
  /** A repeat made by `duplicate`, `replay` or `forge`. */
  readonly repeated: boolean;
}

export interface DeliverySettings {
  /** Tokens that sign `X-Plivo-Signature-V3`: the account's own one, and older ones while they are being changed. */
  readonly tokens: readonly string[];
  /** Token of the main account, for `X-Plivo-Signature-Ma-V3`. */
  readonly mainToken: string;
  /** Where a public URL is really served; the `Host` header keeps the public name. */
  readonly reach: (url: string) => string;
  /** Real milliseconds until an answer is given up. */
  readonly timeoutMs: number;
  readonly problem: (text: string) => void;
}

const DOCUMENTS: ReadonlySet<DeliveryKind> = new Set([
  "answer",
  "fallback",
  "action",
  "redirect",
  "transfer",
]);
const V3 = "x-plivo-signature-v3";
const MAIN_V3 = "x-plivo-signature-ma-v3";
const V3_NONCE = "x-plivo-signature-v3-nonce";

const LOST: Reply = { status: 0, contentType: "", body: "" };

const withoutFragment = (url: string): string => url.split("#", 1)[0] ?? url;

/** Sends webhooks as Plivo does: form POST or GET, V2 and V3 signatures, a fresh nonce for every attempt. */
export class Deliveries implements Webhooks {
  readonly all: Delivery[] = [];
  duplicate = false;
  readonly #settings: DeliverySettings;
  readonly #running = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  /**
   * Sends until something usable came back, at most as often as Plivo tries: an answer URL three times (also after a
   * 5xx), any other URL twice (after a lost connection or a late answer). A fragment `#rc=` sets another number; once `unwanted`, no try follows.
   */
  async deliver(kind: DeliveryKind, hook: Hook, params: Params, unwanted?: AbortSignal): Promise<Reply> {
    const tries = 1 + Number(/#(?:.*&)?rc=([0-5])/.exec(hook.url)?.[1] ?? (kind === "answer" ? 2 : 1));
    if (!URL.canParse(hook.url)) {
      this.#settings.problem(`${kind}: ${hook.url} is no URL`);
      return LOST;
    }
    let reply = await this.#attempt(kind, hook, params, false);
    for (let count = 1; count < tries && worthAnother(kind, reply); count++) {
      if (unwanted?.aborted || this.#stopping.signal.aborted) return reply;
      reply = await this.#attempt(kind, hook, params, false);
    }
    const wanted = DOCUMENTS.has(kind) ? reply.status === 200 : reply.status >= 200 && reply.status < 300;
    if (!wanted)
      this.#settings.problem(`${kind}: ${reply.status === 0 ? "no answer" : `HTTP ${reply.status}`}`);
    if (this.duplicate) this.#track(this.#attempt(kind, hook, params, true));
    return reply;
  }

  /** Where a public URL is really served. */
  get reach(): (url: string) => string {
    return this.#settings.reach;
  }

  /** Headers of the request that opens a socket: signed as a GET of the URL with `http` for `ws` and `wss`. */
  signUpgrade(url: string): Params {
    const {
      [V3]: own = "",
      [MAIN_V3]: main = "",
      [V3_NONCE]: nonce = "",
    } = this.#sign("GET", url.replace(/^wss?:/, "http:"), {});
    return { [V3]: own, [MAIN_V3]: main, [V3_NONCE]: nonce };
  }

  replay(sent: Sent): Promise<Reply> {
    const delivery = this.#find(sent);
    return this.#send({ ...delivery, repeated: true });
  }

  /** The V2 signature, which covers neither query nor body, stays genuine. */
  forge(sent: Sent, signature: string | null): Promise<Reply> {
    const { [V3]: _own, [MAIN_V3]: _main, ...others } = this.#find(sent).signatures;
    const signatures = signature === null ? others : { ...others, [V3]: signature, [MAIN_V3]: signature };
    return this.#send({ ...this.#find(sent), signatures, repeated: true });
  }

  /** Takes back what is on its way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #find(sent: Sent): Delivery {
    const found = this.all.find((delivery) => delivery === sent);
    if (found === undefined) throw new Error("that webhook was not sent here");
    return found;
  }

  #track(sending: Promise<unknown>): void {
    this.#running.add(sending);
    void sending.finally(() => this.#running.delete(sending));
  }

  #attempt(kind: DeliveryKind, hook: Hook, params: Params, repeated: boolean): Promise<Reply> {
    const { method } = hook;
    const form = new URLSearchParams(params).toString();
    const plain = withoutFragment(hook.url);
    const url = method === "GET" ? `${plain}${plain.includes("?") ? "&" : "?"}${form}` : plain;
    const isSpeech = kind === "action" && "InputType" in params;
    const signatures = this.#sign(method, url, params);
    const body = method === "POST" ? form : "";
    return this.#send({ kind, method, url, params, body, signatures, isSpeech, repeated });
  }

  #sign(method: Method, url: string, params: Params): Params {
    const nonce = String(randomInt(2 ** 47)).padStart(20, "0");
    const { tokens, mainToken } = this.#settings;
    const v3 = (token: string): string => signV3(token, method, url, params, nonce);
    return {
      [V3]: tokens.map(v3).join(","),
      [MAIN_V3]: v3(mainToken),
      [V3_NONCE]: nonce,
      "x-plivo-signature-v2": signV2(tokens[0] ?? "", url, nonce),
      "x-plivo-signature-v2-nonce": nonce,
    };
  }

  #send(delivery: Omit<Delivery, "reply" | "status">): Promise<Reply> {
    const sending = this.#post(delivery).then((reply) => {
      this.all.push({ ...delivery, reply, status: reply.status });
      return reply;
    });
    this.#track(sending);
    return sending;
  }

  #post({ kind, url, method, body, signatures }: Omit<Delivery, "reply" | "status">): Promise<Reply> {
    const { reach, timeoutMs, problem } = this.#settings;
    return new Promise((resolve) => {
      const lost = (): void => resolve(LOST);
      const headers: Record<string, string> = {
        host: new URL(url).host,
        "user-agent": "Plivo",
        accept: "*/*",
        ...signatures,
      };
      if (method === "POST") {
        headers["content-type"] = "application/x-www-form-urlencoded";
        headers["content-length"] = String(Buffer.byteLength(body));
      }
      const target = reach(url);
      if (!target.startsWith("http://")) {
        problem(`${kind}: ${target} is not on this machine`);
        return lost();
      }
      const sent = request(
        target,
        { method, headers, agent: false, signal: this.#stopping.signal },
        (reply) => {
          const chunks: Buffer[] = [];
          reply.on("data", (chunk: Buffer) => chunks.push(chunk));
          reply.on("error", lost);
          reply.on("end", () => {
            clearTimeout(timer);
            const contentType = reply.headers["content-type"] ?? "";
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: reply.statusCode ?? 0, contentType, body: text });
          });
        },
      );
      const timer = setTimeout(() => {
        problem(`${kind}: the answer came too late`);
        sent.destroy();
      }, timeoutMs);
      sent.on("error", lost);
      sent.on("close", () => clearTimeout(timer));
      sent.end(body);
    });
  }
}

function worthAnother(kind: DeliveryKind, { status }: Reply): boolean {
  return status === 0 || (kind === "answer" && status >= 500);
}
