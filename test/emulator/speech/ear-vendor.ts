import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Duplex } from "node:stream";
import { answerJson, Vendor, type Identity } from "./vendor.ts";

/** It is a dependency of the host, not ours. */
const SOCKET_LIBRARY = "ws";

export interface VendorSocket {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number): void;
  terminate(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): void;
  on(event: "close" | "error", listener: () => void): void;
}

type SocketServer = new (options: { readonly noServer: true }) => {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (socket: VendorSocket) => void,
  ): void;
};

/** What goes wrong with one session. `afterMs`: of audio. */
export type EarFault =
  | { readonly kind: "status"; readonly status: number }
  /** The connection is made, and then nothing. */
  | { readonly kind: "never" }
  | { readonly kind: "disconnect" | "error" | "malformed"; readonly afterMs: number }
  /** Listens and never says a word. */
  | { readonly kind: "mute" };

/** How a transcription works. Milliseconds. */
export interface EarManner {
  /** Real time until a session is ready. */
  connectMs: number;
  /** Real time from the end of an utterance to its final words. */
  tailMs: number;
  /** Audio between two partials; 0 = none before the end. */
  partialEveryMs: number;
}

export interface EarNote {
  readonly url: URL;
  /** What the client asked for. */
  settings: Readonly<Record<string, unknown>>;
  audioMs: number;
  /** Final words, in order. */
  readonly finals: string[];
  isOpen: boolean;
}

/** A vendor that hears what `speak` says. */
export abstract class EarVendor extends Vendor<EarFault> {
  readonly sessions: EarNote[] = [];
  manner: EarManner = { connectMs: 0, tailMs: 0, partialEveryMs: 100 };
  readonly #sockets: InstanceType<SocketServer>;

  constructor(identity?: Identity) {
    super(identity);
    const library = createRequire(import.meta.url)(SOCKET_LIBRARY) as { WebSocketServer: SocketServer };
    this.#sockets = new library.WebSocketServer({ noServer: true });
    this.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  /** Sessions whose connection is open. */
  get open(): readonly EarNote[] {
    return this.sessions.filter(({ isOpen }) => isOpen);
  }

  /** Everything that was heard by any session. */
  get finals(): readonly string[] {
    return this.sessions.flatMap(({ finals }) => finals);
  }

  /** The status with which a request for a session is refused; null when it is fine. */
  protected abstract refuse(url: URL, headers: IncomingMessage["headers"]): number | null;

  protected abstract run(socket: VendorSocket, note: EarNote, fault: EarFault | null): void;

  protected override serve(_request: IncomingMessage, response: ServerResponse): void {
    answerJson(response, 404, { error: { message: "not found" } });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => undefined);
    const url = new URL(request.url ?? "/", this.url);
    const fault = this.nextFault();
    const status = fault?.kind === "status" ? fault.status : this.refuse(url, request.headers);
    if (status !== null) return void socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      const note: EarNote = { url, settings: {}, audioMs: 0, finals: [], isOpen: true };
      this.sessions.push(note);
      opened.on("error", () => undefined);
      opened.on("close", () => {
        note.isOpen = false;
      });
      this.run(opened, note, fault);
    });
  }

  /** Counts audio, and lets happen what is to go wrong then. True: it has. */
  protected goesWrong(socket: VendorSocket, note: EarNote, fault: EarFault | null, error: object): boolean {
    if (fault === null || !("afterMs" in fault) || note.audioMs < fault.afterMs) return false;
    if (fault.kind === "disconnect") socket.terminate();
    else if (fault.kind === "error") socket.send(JSON.stringify(error));
    else socket.send('{"type":"Results", and then');
    return true;
  }
}

export const say = (socket: VendorSocket, message: object): void => {
  if (socket.readyState === 1) socket.send(JSON.stringify(message));
};
