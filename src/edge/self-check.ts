import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isHandshake } from "./guards.ts";

/**
 * A question that the plugin sends itself from outside, to see whether a public URL leads to this very process: nobody
 * else knows the nonce, and only this listener knows the proof that answers it.
 */
export interface SelfCheck {
  /** URL-safe, unguessable. */
  readonly nonce: string;
  readonly proof: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Checks that may be under way at once; more push the oldest out. */
const MOST = 8;
/** RFC 6455, 1.3. */
const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A close frame of a server with status 1000. */
const CLOSE_FRAME = Buffer.from([0x88, 0x02, 0x03, 0xe8]);

/** The checks that this listener expects. */
export class SelfChecks {
  readonly #now: () => number;
  readonly #expected = new Map<string, SelfCheck>();

  constructor(now: () => number) {
    this.#now = now;
  }

  expect(check: SelfCheck): void {
    this.#expected.set(check.nonce, check);
    const [oldest] = this.#expected.keys();
    if (this.#expected.size > MOST && oldest !== undefined) this.#expected.delete(oldest);
  }

  /** The proof for a request target `<path>?check=<nonce>`; null for anything else. */
  proofFor(target: string, path: string): string | null {
    if (this.#expected.size === 0 || !target.startsWith(`${path}?check=`)) return null;
    const check = this.#expected.get(target.slice(path.length + "?check=".length));
    return check !== undefined && check.expiresAt > this.#now() ? check.proof : null;
  }
}

/** Completes a WebSocket handshake that carries the proof, and closes at once. False when it is no handshake. */
export function answerUpgrade(request: IncomingMessage, socket: Duplex, proof: string): boolean {
  if (!isHandshake(request)) return false;
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1")
    .update(key + WEBSOCKET_GUID)
    .digest("base64");
  const head = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    `X-Voice-Call-Proof: ${proof}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.end(CLOSE_FRAME);
  return true;
}
