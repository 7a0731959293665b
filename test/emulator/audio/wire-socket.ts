import { createHash, randomBytes } from "node:crypto";
import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { MessageReader, OPCODE, ProtocolError, writeFrame, type Opcode } from "./wire-frames.ts";

/** A WebSocket client (RFC 6455) that can also misbehave. It speaks to this machine only. */

export interface Dial {
  /** `http://127.0.0.1:…`, where it is really served. */
  readonly target: string;
  /** The public name. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocol?: string;
  /** Real milliseconds until the handshake is given up. */
  readonly timeoutMs: number;
  /** Longest message that is taken, bytes. */
  readonly longest: number;
}

/** `status`: HTTP status of an answer that is no handshake. */
export type Refused =
  | { readonly kind: "refused" }
  | { readonly kind: "timeout" }
  | { readonly kind: "status"; readonly status: number };

export class ConnectError extends Error {
  readonly refused: Refused;

  constructor(refused: Refused, message: string) {
    super(message);
    this.refused = refused;
  }
}

/** How a socket ended. `code`: of the close frame; 1006 when there was none, or what we say of a broken frame. */
export interface Closed {
  readonly by: "client" | "server";
  readonly code: number;
  readonly reason: string;
}

export interface SocketEvents {
  text(text: string): void;
  binary(bytes: Buffer): void;
  /** Once. */
  closed(how: Closed): void;
}

/** Real milliseconds that the other side has for its part of a close. */
const CLOSING_MS = 1000;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Rejects with a `ConnectError`; `signal` ends the attempt. */
export function openSocket(dial: Dial, events: SocketEvents, signal?: AbortSignal): Promise<WireSocket> {
  const key = randomBytes(16).toString("base64");
  return new Promise((resolve, reject) => {
    const fail = (refused: Refused, why: string): void => reject(new ConnectError(refused, why));
    if (!/^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/.test(dial.target)) {
      return fail({ kind: "refused" }, `${dial.target} is not on this machine`);
    }
    const asked = request(dial.target, {
      agent: false,
      headers: {
        host: dial.host,
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-version": "13",
        "sec-websocket-key": key,
        ...(dial.subprotocol === undefined ? {} : { "sec-websocket-protocol": dial.subprotocol }),
        ...dial.headers,
      },
    });
    const timer = setTimeout(() => {
      fail({ kind: "timeout" }, "no answer");
      asked.destroy();
    }, dial.timeoutMs);
    const giveUp = (): void => void asked.destroy();
    signal?.addEventListener("abort", giveUp, { once: true });
    const settled = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    };
    asked.on("close", settled);
    asked.on("error", (error) => fail({ kind: "refused" }, error.message));
    asked.on("response", (answer) => {
      answer.resume();
      fail({ kind: "status", status: answer.statusCode ?? 0 }, `HTTP ${answer.statusCode}`);
      asked.destroy();
    });
    asked.on("upgrade", (answer, socket, head) => {
      settled();
      const wrong = faultOf(answer, key, dial.subprotocol);
      if (wrong === null) return resolve(new WireSocket(socket, head, dial.longest, events));
      socket.destroy();
      fail({ kind: "status", status: answer.statusCode ?? 0 }, wrong);
    });
    asked.end();
  });
}

/** What is wrong with a handshake; null when nothing is. */
function faultOf({ headers }: IncomingMessage, key: string, offered: string | undefined): string | null {
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  if (headers["sec-websocket-accept"] !== accept) return "the key was not answered";
  if (headers["sec-websocket-extensions"] !== undefined) return "an extension that was not offered";
  const chosen = headers["sec-websocket-protocol"];
  return chosen !== undefined && chosen !== offered ? `subprotocol ${chosen} was not offered` : null;
}

export class WireSocket {
  readonly #socket: Socket;
  readonly #events: SocketEvents;
  readonly #reader: MessageReader;
  #closing: Closed | null = null;
  #isOver = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(socket: Socket, head: Buffer, longest: number, events: SocketEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#reader = new MessageReader(longest);
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#over());
    if (head.length > 0) socket.unshift(head);
  }

  /** Bytes that wait to be taken by the other side. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  send(text: string): void {
    this.frame(OPCODE.text, Buffer.from(text));
  }

  /** Any frame, be it allowed or not. */
  frame(opcode: Opcode, payload: Uint8Array, fin = true): void {
    if (this.#closing === null) this.#socket.write(writeFrame(opcode, payload, fin));
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says goodbye and waits a moment for the other side's. */
  close(code = 1000, reason = ""): void {
    this.#leave({ by: "client", code, reason });
  }

  /** Cuts the wire without a word. */
  cut(): void {
    this.#closing ??= { by: "client", code: 1006, reason: "" };
    this.#socket.resetAndDestroy();
  }

  /** Reads nothing until `listen`. */
  deafen(): void {
    this.#socket.pause();
  }

  listen(): void {
    this.#socket.resume();
  }

  #take(bytes: Buffer): void {
    try {
      for (const { opcode, payload } of this.#reader.push(bytes)) this.#on(opcode, payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#leave({ by: "client", code: error.code, reason: error.message });
    }
  }

  #on(opcode: Opcode, payload: Buffer): void {
    if (opcode === OPCODE.close) return this.#goodbye(payload);
    if (this.#closing !== null) return;
    if (opcode === OPCODE.text) this.#events.text(payload.toString("utf8"));
    else if (opcode === OPCODE.binary) this.#events.binary(payload);
    else if (opcode === OPCODE.ping) this.frame(OPCODE.pong, payload);
  }

  #goodbye(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    const reason = payload.subarray(2).toString("utf8");
    if (this.#closing === null) this.#leave({ by: "server", code, reason });
    // The server closes the connection (RFC 6455, 7.1.1).
  }

  #leave(how: Closed): void {
    if (this.#closing !== null) return;
    const status = Buffer.alloc(2);
    status.writeUInt16BE(how.code === 1005 ? 1000 : how.code);
    this.frame(OPCODE.close, Buffer.concat([status, Buffer.from(how.by === "client" ? how.reason : "")]));
    this.#closing = how;
    this.#patience = setTimeout(() => this.#socket.destroy(), CLOSING_MS);
  }

  #over(): void {
    clearTimeout(this.#patience);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.closed(this.#closing ?? { by: "server", code: 1006, reason: "" });
  }
}
