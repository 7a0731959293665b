import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Json } from "./socket-client.ts";

/** Our side of audio sockets in tests of the emulators: a server of somebody else's making. */

/** It is a dependency of the host, not ours. */
const SOCKET_LIBRARY = "ws";

interface ServerSocket {
  readonly readyState: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): void;
  on(event: "close", listener: (code: number) => void): void;
}

interface Library {
  readonly WebSocketServer: new (options: {
    readonly noServer: true;
    readonly perMessageDeflate: boolean;
    readonly handleProtocols?: (offered: Set<string>) => string | false;
  }) => {
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (socket: ServerSocket) => void,
    ): void;
  };
}

/** A socket that a carrier has opened. */
export class DeskSocket {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** Frames in order. */
  readonly frames: Json[] = [];
  /** The code of the close frame; 1006 when there was none. */
  readonly closed: Promise<number>;
  readonly #socket: ServerSocket;
  readonly #watchers = new Set<() => void>();
  /** Set by a test: answers frames. */
  onFrame: (frame: Json) => void = () => undefined;

  constructor(request: IncomingMessage, socket: ServerSocket) {
    this.url = request.url ?? "";
    this.headers = request.headers;
    this.#socket = socket;
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString("utf8")) as Json;
      this.frames.push(frame);
      this.onFrame(frame);
      this.#tell();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code) => {
        resolve(code);
        this.#tell();
      });
    });
  }

  send(...frames: readonly Json[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  close(code = 1000): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  of(event: string): readonly Json[] {
    return this.frames.filter((frame) => frame["event"] === event);
  }

  /** Resolves with the first frames of that kind, once there are `count`. */
  async sees(event: string, count = 1): Promise<readonly Json[]> {
    await this.until(`${count} × ${event}`, () => this.of(event).length >= count);
    return this.of(event).slice(0, count);
  }

  /** Resolves once `test` holds, which is looked at with every frame. */
  async until(what: string, test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.#socket.readyState > 1) throw new Error(`closed before: ${what}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #tell(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}

/** A webhook. */
export interface Posted {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export class SocketDesk {
  readonly posts: Posted[] = [];
  /** What webhooks are answered with. */
  document: (posted: Posted) => string = () => "<Response/>";
  readonly sockets: DeskSocket[] = [];
  /** Upgrades that were asked for. */
  readonly asked: { readonly url: string; readonly headers: IncomingMessage["headers"] }[] = [];
  /** HTTP status that refuses the next upgrades; 101 lets them in, 0 leaves them without an answer. */
  answer: (count: number) => number = () => 101;
  /** Called when a socket is there, before its first frame. */
  onSocket: (socket: DeskSocket) => void = () => undefined;
  readonly #server: Server;
  readonly #waiting: ((socket: DeskSocket) => void)[] = [];
  readonly #untaken: DeskSocket[] = [];
  readonly #wires = new Set<Duplex>();

  constructor(subprotocol: string | null = null) {
    const require = createRequire(createRequire(import.meta.url).resolve("openclaw"));
    const { WebSocketServer } = require(SOCKET_LIBRARY) as Library;
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: true,
      handleProtocols: (offered) => (subprotocol !== null && offered.has(subprotocol) ? subprotocol : false),
    });
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("connection", (wire) => {
      this.#wires.add(wire);
      wire.on("close", () => this.#wires.delete(wire));
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.asked.push({ url: request.url ?? "", headers: request.headers });
      const status = this.answer(this.asked.length);
      if (status === 0) return;
      if (status !== 101) return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      sockets.handleUpgrade(request, socket, head, (opened) => this.#add(new DeskSocket(request, opened)));
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next socket, or the first that nobody has taken. */
  next(): Promise<DeskSocket> {
    const untaken = this.#untaken.shift();
    if (untaken !== undefined) return Promise.resolve(untaken);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    for (const wire of this.#wires) wire.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const posted: Posted = {
      url: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    this.posts.push(posted);
    const body = this.document(posted);
    response.writeHead(200, { "content-type": "application/xml" }).end(body);
  }

  #add(socket: DeskSocket): void {
    this.sockets.push(socket);
    this.onSocket(socket);
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#untaken.push(socket);
    else taker(socket);
  }
}
