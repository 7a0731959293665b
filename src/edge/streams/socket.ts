import type { AudioSocket } from "../../host/sockets.ts";
import type { LostReason } from "../../media/commands.ts";
import type { EdgeLimits } from "../limits.ts";
import { Budget } from "./budget.ts";

type SocketLimits = Pick<EdgeLimits, "streamBytesPerSecond" | "streamFrameCost" | "streamBacklogBytes">;

/** What all sockets have in common. */
export interface SocketParts {
  readonly limits: SocketLimits;
  readonly closing: Closing;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

export interface SocketOwner {
  frame(text: string): void;
  /**
   * The socket is of no use any more, and not because its owner closed it. Called at most once, and then no frame follows.
   * `fault`: what the peer did wrong, in fixed words.
   */
  over(reason: LostReason, fault: string | null): void;
}

/** Why a socket is closed: RFC 6455, 7.4.1. */
export const CLOSE = {
  done: 1000,
  goingAway: 1001,
  unsupported: 1003,
  notAllowed: 1008,
  failed: 1011,
  tryAgainLater: 1013,
} as const;
export type SocketClose = (typeof CLOSE)[keyof typeof CLOSE];

const MINUTE_SECONDS = 60;

/** An audio socket within its bounds: text frames in, at the pace of a call, and frames out as far as they are taken. */
export class StreamSocket {
  readonly #socket: AudioSocket;
  readonly #parts: SocketParts;
  readonly #budget: Budget;
  #owner: SocketOwner;
  #open = true;

  constructor(socket: AudioSocket, parts: SocketParts, owner: SocketOwner) {
    this.#socket = socket;
    this.#parts = parts;
    this.#owner = owner;
    const perSecond = parts.limits.streamBytesPerSecond;
    this.#budget = new Budget({ perSecond, most: perSecond * MINUTE_SECONDS }, parts.monotonic());
    socket.on("message", (data, isBinary) => this.#message(data, isBinary));
    socket.on("ping", (data) => this.#ping(data));
    socket.on("error", ({ code }) => {
      if (code?.startsWith("WS_ERR") === true) this.#end("protocol", FAULTS[code] ?? "stream-frame");
    });
    socket.on("close", () => {
      parts.closing.delete(this);
      this.#end("closed", null);
    });
  }

  /** Somebody else hears what comes from now on. */
  passTo(owner: SocketOwner): void {
    this.#owner = owner;
  }

  /** Sends a frame; does nothing once the socket is over. */
  send(text: string): void {
    if (!this.#open) return;
    this.#socket.send(text);
    if (this.#socket.bufferedAmount > this.#parts.limits.streamBacklogBytes) this.#congested();
  }

  /** Closes it in order. What still arrives is not looked at. */
  close(code: SocketClose): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close(code);
    this.#parts.closing.add(this);
  }

  /** Cuts the connection, whatever is still on its way. */
  cut(): void {
    this.#open = false;
    this.#parts.closing.delete(this);
    this.#socket.terminate();
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (!this.#open) return undefined;
    if (isBinary) return this.#refuse(CLOSE.unsupported, "stream-binary");
    if (!this.#afford(data)) return this.#refuse(CLOSE.notAllowed, "stream-flood");
    return this.#owner.frame(data.toString());
  }

  /** Answered here, since a peer that sends nothing else and reads nothing would have the answers pile up. */
  #ping(data: Buffer): void {
    if (!this.#open) return undefined;
    if (!this.#afford(data)) return this.#refuse(CLOSE.notAllowed, "stream-flood");
    this.#socket.pong(data);
    if (this.#socket.bufferedAmount > this.#parts.limits.streamBacklogBytes) this.#congested();
    return undefined;
  }

  #afford({ length }: Buffer): boolean {
    return this.#budget.spend(length + this.#parts.limits.streamFrameCost, this.#parts.monotonic());
  }

  #refuse(code: SocketClose, fault: string): void {
    this.close(code);
    this.#owner.over("protocol", fault);
  }

  /** A closing handshake would wait behind everything else that is not taken. */
  #congested(): void {
    this.cut();
    this.#owner.over("congested", "stream-congested");
  }

  #end(reason: LostReason, fault: string | null): void {
    if (!this.#open) return;
    this.#open = false;
    this.#owner.over(reason, fault);
  }
}

/** Sockets that are closed and whose peers have not said so yet: so many, and the oldest is cut. */
export class Closing {
  readonly #most: number;
  /** In order of age. */
  readonly #all = new Set<StreamSocket>();

  constructor(most: number) {
    this.#most = most;
  }

  add(socket: StreamSocket): void {
    this.#all.add(socket);
    const [oldest] = this.#all;
    if (this.#all.size > this.#most) oldest?.cut();
  }

  delete(socket: StreamSocket): void {
    this.#all.delete(socket);
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: "stream-frame-size",
  WS_ERR_TOO_MANY_BUFFERED_PARTS: "stream-fragments",
};
