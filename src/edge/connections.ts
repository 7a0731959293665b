import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Refusal } from "./guards.ts";
import type { EdgeLimits } from "./limits.ts";

/** One client connection. */
export interface Connection {
  /** Requests that have begun and whose answer is not finished. */
  open: number;
  /** Of those, verified ones that wait for a decision. */
  waiting: number;
  /** No further request is served; the connection ends after the answers under way. */
  closing: boolean;
  /** The request whose body was last being read, and how to refuse it. */
  reading: { readonly request: IncomingMessage; readonly refuse: (refusal: Refusal) => void } | null;
}

type ConnectionLimits = Pick<EdgeLimits, "connections" | "lingerMs" | "lingerBytes">;

/**
 * The open connections of the listener. A newcomer over the limit takes the place of the oldest connection that has
 * no verified request under way. A connection is never cut while its last answer is on the way: it is half-closed,
 * and what the client still sends is thrown away unread for a moment, since closing a socket with unread data makes
 * the system send a reset that can overtake the answer.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #refused: (reason: string) => void;
  /** In order of age. */
  readonly #all = new Map<Socket, Connection>();
  #draining = false;

  constructor(limits: ConnectionLimits, refused: (reason: string) => void) {
    this.#limits = limits;
    this.#refused = refused;
  }

  attach(server: Server): void {
    server.on("connection", (socket) => this.#accept(socket));
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      this.#onClientError(error, socket as Socket);
    });
  }

  get(socket: Socket): Connection | undefined {
    return this.#all.get(socket);
  }

  /** The socket speaks another protocol from now on, and counts no longer here. */
  release(socket: Socket): void {
    this.#all.delete(socket);
    Reflect.deleteProperty(socket, "destroySoon");
  }

  /** Ends what is idle now, and everything else as soon as it is. */
  drain(): void {
    this.#draining = true;
    for (const [socket, connection] of this.#all) {
      if (connection.open === 0 && !connection.closing) socket.destroy();
    }
  }

  /** Called when an answer is finished or its client left. */
  answered(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.open -= 1;
    if (connection.open === 0 && (connection.closing || this.#draining)) this.#linger(socket, connection);
  }

  /**
   * Refuses what is no request that could be answered as one, and ends the connection. Earlier requests of a pipeline
   * are answered first; then nothing is said here, since it would be taken for the answer to one of them.
   */
  refuse(socket: Socket, { status, reason }: Refusal): void {
    const connection = this.#all.get(socket);
    if (connection === undefined || connection.closing) return;
    connection.closing = true;
    this.#refused(reason);
    if (connection.open > 0) return;
    const lines = [
      `HTTP/1.1 ${status} ${REASON_PHRASES[status] ?? "Bad Request"}`,
      ...(status === 405 ? ["Allow: POST"] : []),
      "Connection: close",
      "Content-Length: 0",
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    this.#linger(socket, connection);
  }

  #accept(socket: Socket): void {
    if (this.#all.size >= this.#limits.connections) this.#evict();
    const connection: Connection = { open: 0, waiting: 0, closing: false, reading: null };
    this.#all.set(socket, connection);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#all.delete(socket));
    // Node's HTTP server ends a connection with `destroySoon` after its last answer.
    socket.destroySoon = () => this.#linger(socket, connection);
  }

  #evict(): void {
    for (const [socket, connection] of this.#all) {
      if (connection.waiting > 0) continue;
      this.#refused("connection-evicted");
      this.#all.delete(socket);
      socket.destroy();
      return;
    }
  }

  /** A request that is not HTTP, is too large or too slow in its headers, or broken in its body. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection === undefined || error.code === "ECONNRESET" || !socket.writable) {
      if (connection?.closing !== true) socket.destroy();
      return;
    }
    if (connection.closing) return;
    const refusal = REFUSALS[error.code ?? ""] ?? { status: 400, reason: "not-http" };
    const { reading } = connection;
    if (reading !== null && !reading.request.complete) return reading.refuse(refusal);
    return this.refuse(socket, refusal);
  }

  #linger(socket: Socket, connection: Connection): void {
    if (socket.destroyed || socket.writableEnded) return;
    connection.closing = true;
    socket.end();
    // A paused socket has to run again before the parser lets go of it, or it would stay paused for good.
    if (socket.isPaused()) socket.once("resume", () => this.#discard(socket)).resume();
    else this.#discard(socket);
    const timer = setTimeout(() => socket.destroy(), this.#limits.lingerMs).unref();
    socket.once("close", () => clearTimeout(timer));
  }

  /** Takes the socket away from the HTTP parser: nothing that still arrives is looked at. */
  #discard(socket: Socket): void {
    let discarded = 0;
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > this.#limits.lingerBytes) socket.pause();
    });
  }
}

const REASON_PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, reason: "header-too-large" },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, reason: "too-large" },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: "header-timeout" },
};
