import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { CarrierFact, WebhookReply } from "../call/ports.ts";
import type { CarrierWebhook, RawWebhook, WebhookVerdict } from "../carrier/carrier.ts";
import { isLoopback } from "./address.ts";
import { readBody } from "./body.ts";
import { Connections, type Connection } from "./connections.ts";
import { refuseHead, type Refusal } from "./guards.ts";
import { BodySlots } from "./in-flight.ts";
import type { EdgeLimits } from "./limits.ts";
import type { ListenerSettings } from "./protocol.ts";
import { publicUrlRule } from "./public-url.ts";
import { answerUpgrade, SelfChecks, type SelfCheck } from "./self-check.ts";
import type { Streams } from "./streams/streams.ts";

// Imported as a module, `node:http` also loads Node's fetch and WebSocket client for its named exports: 5 MB in a worker.
const { createServer } = process.getBuiltinModule("node:http");

type Verdict = WebhookVerdict | null;

interface Received {
  readonly webhook: CarrierWebhook;
  readonly peer: string | undefined;
  readonly body: Buffer;
  /** Set for a check of our own. */
  readonly proof: string | null;
}

export interface ListenerParts {
  readonly settings: Omit<ListenerSettings, "webhook" | "media">;
  /** Null: there are no webhooks. */
  readonly webhook: CarrierWebhook | null;
  /** Reads a loopback request whose signature was refused without verifying it. Null unless that is configured. */
  readonly unverified: CarrierWebhook | null;
  /** Null: there is no live audio. */
  readonly streams: Streams | null;
  readonly limits: EdgeLimits;
  /** Decides on a verified fact; calls `done` once and in bounded time. */
  readonly ask: (fact: CarrierFact, done: (reply: WebhookReply) => void) => void;
  readonly refused: (reason: string) => void;
  readonly bypassed: () => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The public HTTP server: guards, then body, then signature, then the decision. */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #slots: BodySlots;
  readonly #checks: SelfChecks;
  #urlOf: ReturnType<typeof publicUrlRule>;
  #awaitsUrl: boolean;
  #draining = false;

  constructor(parts: ListenerParts) {
    const { limits, settings } = parts;
    this.#parts = parts;
    this.#urlOf = publicUrlRule(settings);
    this.#awaitsUrl = settings.awaitsPublicUrl && settings.publicUrl === null;
    this.#checks = new SelfChecks(parts.now);
    this.#slots = new BodySlots({ slots: limits.bodySlots, bytes: limits.bodyBufferBytes });
    this.#server = createServer({
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headerTimeoutMs,
      // The body's own timer comes first; this is the backstop.
      requestTimeout: limits.headerTimeoutMs + limits.bodyTimeoutMs + limits.checkEveryMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      keepAliveTimeout: limits.keepAliveMs,
      requireHostHeader: false,
      noDelay: true,
    });
    this.#server.timeout = limits.stuckMs;
    this.#connections = new Connections(limits, parts.refused);
    this.#connections.attach(this.#server);
    this.#server.on("request", (request, response) => this.#serve(request, response, false));
    this.#server.on("checkContinue", (request, response) => this.#serve(request, response, true));
    this.#server.on("checkExpectation", (request, response) => {
      this.#begin(request, response, { status: 417, reason: "expectation" });
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#server.on("connect", (_, socket) => {
      this.#connections.refuse(socket as Socket, { status: 405, reason: "method" });
    });
  }

  /** From now on, webhooks and audio sockets are verified against these URLs; null: there is none at the moment. */
  setPublicUrl(publicUrl: string | null, streamUrl: string | null): void {
    const settings = { ...this.#parts.settings, publicUrl, streamUrl };
    this.#urlOf = publicUrlRule(settings);
    this.#parts.streams?.setUrls(settings);
    this.#awaitsUrl = settings.awaitsPublicUrl && publicUrl === null;
  }

  /** Answers this check of our own when it comes in. */
  expect(check: SelfCheck): void {
    this.#checks.expect(check);
  }

  /** Resolves with the port. Rejects with Node's error, and then nothing is left open. */
  async listen(): Promise<number> {
    const { bind, port } = this.#parts.settings;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: bind, port, exclusive: true }, () => {
        this.#server.off("error", reject).on("error", () => this.#parts.refused("accept-error"));
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no new requests, finishes those and the streams under way for at most `graceMs`, then cuts what is left. */
  async close(graceMs: number): Promise<void> {
    if (!this.#server.listening) return;
    this.#draining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#connections.drain();
    this.#parts.streams?.drain();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
      this.#parts.streams?.close();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  /** Counts the request in. Null when it is refused, or comes after the last one that is served. */
  #begin(request: IncomingMessage, response: ServerResponse, refusal: Refusal | null): Connection | null {
    const connection = this.#connections.get(request.socket);
    request.on("error", ignore);
    if (connection === undefined || connection.closing) {
      request.pause();
      return null;
    }
    connection.open += 1;
    response.on("error", ignore);
    response.once("close", () => this.#connections.answered(request.socket));
    if (refusal === null) return connection;
    // Once the bytes that came with the headers are through the parser, it is known whether a body is still to come.
    setImmediate(() => this.#refuse(response, connection, refusal, request.complete));
    return null;
  }

  #serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { settings, webhook, limits } = this.#parts;
    const proof = this.#checks.proofFor(request.url ?? "", settings.path);
    const asked = request.method === "GET" ? proof : null;
    const refusal = asked === null ? this.#refusalOf(request) : null;
    const connection = this.#begin(request, response, refusal);
    if (connection === null) return;
    if (asked !== null)
      return this.#answer(response, { status: 200, contentType: "text/plain", body: asked });
    // Without webhooks everything else was refused.
    if (webhook === null) return;
    if (expectsContinue) response.writeContinue();
    // The address is gone once the client has left.
    const peer = request.socket.remoteAddress;
    const refuse = readBody(request, this.#slots, limits, (outcome) => {
      if (connection.reading?.request === request) connection.reading = null;
      if (outcome.type === "refused") this.#refuse(response, connection, outcome.refusal, false);
      if (outcome.type === "read") {
        const received = { webhook, peer, body: outcome.body, proof };
        this.#receive(request, response, connection, received).catch(ignore);
      }
    });
    connection.reading = { request, refuse };
  }

  #refusalOf(request: IncomingMessage): Refusal | null {
    const { settings, webhook, limits } = this.#parts;
    if (this.#draining) return this.#unavailable();
    if (webhook === null) return { status: 404, reason: "path" };
    const { signatureHeaders } = webhook;
    const refusal = refuseHead(request, {
      path: settings.path,
      signatureHeaders,
      bodyBytes: limits.bodyBytes,
    });
    return refusal ?? this.#unavailable();
  }

  /** Never rejects. Decides within the same tick unless the carrier's signature takes longer. */
  async #receive(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    { webhook, peer, body, proof }: Received,
  ): Promise<void> {
    const headers = request.headers as RawWebhook["headers"];
    const raw: RawWebhook = { method: request.method ?? "", target: request.url ?? "", headers, body };
    const pending = this.#verdict(webhook, raw, peer);
    const verdict = pending instanceof Promise ? await pending : pending;
    if (verdict === null) return this.#answer(response, { status: 500 });
    if (proof !== null) return this.#answer(response, signatureReport(verdict, proof));
    if (!verdict.ok) {
      this.#parts.refused(verdict.reason);
      return this.#answer(response, { status: verdict.status });
    }
    connection.waiting += 1;
    return this.#parts.ask(verdict.fact, (reply) => {
      connection.waiting -= 1;
      this.#answer(response, reply);
    });
  }

  /** Null when the carrier's part failed: a fault of ours, so that the carrier may try again. */
  #verdict(webhook: CarrierWebhook, raw: RawWebhook, peer: string | undefined): Verdict | Promise<Verdict> {
    const { now } = this.#parts;
    try {
      const url = this.#urlOf({ target: raw.target, headers: raw.headers, peer });
      const verdict = webhook.receive(raw, url, now());
      if (verdict instanceof Promise) {
        return verdict
          .then((settled) => this.#secondLook(settled, raw, url, peer))
          .catch(() => this.#failed());
      }
      return this.#secondLook(verdict, raw, url, peer);
    } catch {
      return this.#failed();
    }
  }

  #failed(): null {
    this.#parts.refused("webhook-fault");
    return null;
  }

  /** The ngrok development switch: a forged request from loopback is read without its signature. */
  #secondLook(
    verdict: WebhookVerdict,
    raw: RawWebhook,
    url: string,
    peer: string | undefined,
  ): Verdict | Promise<Verdict> {
    const { unverified, now } = this.#parts;
    const isForged = !verdict.ok && (verdict.status === 401 || verdict.status === 403);
    if (!isForged || unverified === null || !isLoopback(peer)) return verdict;
    const note = (accepted: WebhookVerdict): WebhookVerdict => {
      if (accepted.ok) this.#parts.bypassed();
      return accepted;
    };
    const accepted = unverified.receive(raw, url, now());
    return accepted instanceof Promise ? accepted.then(note) : note(accepted);
  }

  /** A socket is for a check of our own, or for a stream that is expected; and either comes alone. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { settings, limits, streams } = this.#parts;
    const isAlone = this.#connections.get(socket)?.open === 0;
    const proof = isAlone ? this.#checks.proofFor(request.url ?? "", settings.streamPath) : null;
    if (proof !== null && answerUpgrade(request, socket, proof)) {
      const timer = setTimeout(() => socket.destroy(), limits.lingerMs).unref();
      socket.once("close", () => clearTimeout(timer));
      return;
    }
    const taken = (): void => this.#connections.release(socket);
    const refusal =
      isAlone && streams !== null
        ? streams.upgrade(request, socket, head, this.#unavailable(), taken)
        : { status: 404, reason: "upgrade" };
    if (refusal !== null) this.#connections.refuse(socket, refusal);
  }

  #unavailable(): Refusal | null {
    if (this.#draining) return { status: 503, reason: "closing" };
    return this.#awaitsUrl ? { status: 503, reason: "no-public-url" } : null;
  }

  /** Refuses without a look at the body. Unless all of it was received, the connection ends too. */
  #refuse(response: ServerResponse, connection: Connection, refusal: Refusal, received: boolean): void {
    this.#parts.refused(refusal.reason);
    if (!received) {
      connection.closing = true;
      response.setHeader("Connection", "close");
    }
    if (refusal.status === 405) response.setHeader("Allow", "POST");
    this.#answer(response, { status: refusal.status });
  }

  #answer(response: ServerResponse, reply: WebhookReply): void {
    if (response.destroyed || response.headersSent) return;
    if (this.#draining) response.setHeader("Connection", "close");
    if (reply.status === 503) response.setHeader("Retry-After", "1");
    try {
      send(response, reply);
    } catch {
      this.#parts.refused("reply-fault");
      send(response, { status: 500 });
    }
  }
}

/** Throws when the reply is none that HTTP can carry; then nothing has been sent. */
function send(response: ServerResponse, { status, contentType, body = "" }: WebhookReply): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...(contentType === undefined ? {} : { "Content-Type": contentType }),
    // RFC 9110, 8.6: a 204 has no length.
    ...(status === 204 ? {} : { "Content-Length": bytes.length }),
  });
  response.end(bytes);
}

/** What a check of our own learns about the signature that came with it. Nothing else happens. */
function signatureReport(verdict: WebhookVerdict, proof: string): WebhookReply {
  const isGenuine = verdict.ok || !verdict.reason.startsWith("signature");
  const body = JSON.stringify({ proof, signature: isGenuine ? "valid" : "invalid" });
  return { status: 200, contentType: "application/json", body };
}

/** A client that leaves is no event of its own: the close that follows is handled. */
function ignore(): void {}
