import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** A key and a certificate, PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A speech vendor's public side, on this machine. What is to go wrong is said beforehand, first come first served. */
export abstract class Vendor<Fault> {
  readonly server: Server;
  readonly #faults: Fault[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(identity?: Identity) {
    this.server =
      identity === undefined
        ? createServer((request, response) => void this.serve(request, response))
        : createTlsServer(identity, (request, response) => void this.serve(request, response));
    const opened = identity === undefined ? "connection" : "secureConnection";
    this.server.on(opened, (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.server.on("tlsClientError", () => undefined);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Lets the next `times` requests or sessions go wrong. */
  fail(fault: Fault, times = 1): void {
    for (let count = 0; count < times; count++) this.#faults.push(fault);
  }

  /** From now on nothing goes wrong any more. */
  recover(): void {
    this.#faults.length = 0;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  protected abstract serve(request: IncomingMessage, response: ServerResponse): void | Promise<void>;

  protected nextFault(): Fault | null {
    return this.#faults.shift() ?? null;
  }

  /** Real milliseconds; never after `close`. */
  protected later(ms: number, fn: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      fn();
    }, ms);
    this.#timers.add(timer);
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** An answer as these vendors' APIs give it. */
export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
