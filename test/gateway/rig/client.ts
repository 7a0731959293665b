/** Operator scopes a gateway method can ask for. */
export type Scope = "operator.read" | "operator.write" | "operator.admin";

export type GatewayEvent = { event: string; payload: unknown };

/** An RPC the gateway answered with an error. */
export class RpcError extends Error {
  readonly code: string;
  readonly details: unknown;

  constructor(method: string, error: { code: string; message: string; details?: unknown }) {
    super(`${method}: ${error.code}: ${error.message}`);
    this.name = "RpcError";
    this.code = error.code;
    this.details = error.details;
  }
}

type ResponseFrame = {
  type: "res";
  id: string;
  ok: boolean;
  payload?: unknown;
  error?: { code: string; message: string; details?: unknown };
};
type EventFrame = { type: "event"; event: string; payload?: unknown };
type Pending = { method: string; resolve: (payload: unknown) => void; reject: (error: Error) => void };

/**
 * An operator connection to a gateway on this machine: protocol 4 as the host's docs/gateway/protocol/handshake.md
 * describes it. The client id `gateway-client` in mode `backend` is the one loopback client that needs no paired
 * device and keeps the scopes it asks for (docs/gateway/protocol/auth.md).
 */
export class RpcClient {
  /** Every event frame since the connection opened, oldest first. */
  readonly events: GatewayEvent[] = [];
  readonly #socket: WebSocket;
  readonly #pending = new Map<string, Pending>();
  readonly #closed = Promise.withResolvers<void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("close", () => {
      for (const waiting of this.#pending.values()) {
        waiting.reject(new Error(`${waiting.method}: the connection closed before the answer`));
      }
      this.#pending.clear();
      this.#closed.resolve();
    });
  }

  static async connect(options: {
    port: number;
    token: string;
    scopes: readonly Scope[];
  }): Promise<RpcClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${options.port}`);
    const client = new RpcClient(socket);
    const ready = Promise.withResolvers<unknown>();
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as ResponseFrame | EventFrame;
      if (frame.type === "res") client.#settle(frame);
      else if (frame.event === "connect.challenge")
        client.#introduce(options).then(ready.resolve, ready.reject);
      else client.events.push({ event: frame.event, payload: frame.payload });
    });
    socket.addEventListener("close", ({ code, reason }) => {
      ready.reject(new Error(`the gateway closed the connection: ${code} ${reason}`));
    });
    await ready.promise;
    return client;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Calls a gateway method. Rejects with `RpcError` when the gateway says no, 60 s without an answer is an error too. */
  async request<T = unknown>(
    method: string,
    params: unknown = {},
    options: { timeoutMs?: number } = {},
  ): Promise<T> {
    const id = String(++this.#lastId);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timeoutMs = options.timeoutMs ?? 60_000;
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(new Error(`${method}: no answer after ${timeoutMs} ms`));
    }, timeoutMs);
    this.#pending.set(id, { method, resolve, reject });
    if (this.open) this.#socket.send(JSON.stringify({ type: "req", id, method, params }));
    else reject(new Error(`${method}: not connected`));
    try {
      return (await promise) as T;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#closed.promise;
  }

  #introduce(options: { token: string; scopes: readonly Scope[] }): Promise<unknown> {
    return this.request("connect", {
      minProtocol: 4,
      maxProtocol: 4,
      client: { id: "gateway-client", version: "1.0.0", platform: process.platform, mode: "backend" },
      role: "operator",
      scopes: options.scopes,
      caps: [],
      auth: { token: options.token },
    });
  }

  #settle(frame: ResponseFrame): void {
    const waiting = this.#pending.get(frame.id);
    if (waiting === undefined) return;
    if (frame.ok) waiting.resolve(frame.payload);
    else {
      const error = frame.error ?? { code: "UNKNOWN", message: "no reason given" };
      waiting.reject(new RpcError(waiting.method, error));
    }
  }
}
