import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "openclaw/plugin-sdk/websocket-runtime";

/** The host's WebSockets, for the edge worker: the SDK ships them without type declarations. */

/** One open socket. */
export interface AudioSocket {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(text: string): void;
  pong(data: Buffer): void;
  /** Begins the closing handshake. */
  close(code: number): void;
  /** Cuts the connection. */
  terminate(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
  on(event: "ping", listener: (data: Buffer) => void): this;
  on(event: "close", listener: () => void): this;
  /** `code` is `WS_ERR_…` when the peer broke the protocol or a limit; the socket closes itself then. */
  on(event: "error", listener: (error: Error & { readonly code?: string }) => void): this;
}

export interface AudioSocketOptions {
  /** Of one message; more closes with 1009 before anything of it is looked at. Bytes. */
  readonly maxPayload: number;
  /** Frames of one message; more closes with 1008. */
  readonly maxFragments: number;
  /** Pieces in which an unfinished frame may arrive; more closes with 1008. */
  readonly maxBufferedChunks: number;
  /** How long a peer may take to answer a close. Milliseconds. */
  readonly closeTimeout: number;
  /** Spoken when the client offers it. */
  readonly subprotocol: string | null;
}

/**
 * Completes the handshake of a request that is one, and calls `opened` before it returns. When it does not, because the client
 * has left or offers nonsense, the socket ends by itself.
 */
export type OpenSocket = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  opened: (socket: AudioSocket) => void,
) => void;

interface SocketServer {
  readonly handleUpgrade: OpenSocket;
}

/** Text is checked to be UTF-8, nothing is compressed, and pings are answered by whoever owns the socket. */
export function socketOpener({ subprotocol, ...limits }: AudioSocketOptions): OpenSocket {
  const Server = WebSocketServer as unknown as new (options: object) => SocketServer;
  const server = new Server({
    ...limits,
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    skipUTF8Validation: false,
    autoPong: false,
    handleProtocols: (offered: ReadonlySet<string>) =>
      subprotocol !== null && offered.has(subprotocol) ? subprotocol : false,
  });
  return (request, socket, head, opened) => server.handleUpgrade(request, socket, head, opened);
}
