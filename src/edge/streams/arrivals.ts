import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { OpenSocket } from "../../host/sockets.ts";
import type { Expected } from "../../media/commands.ts";
import type { MediaFact, MediaProtocol } from "../../media/protocol.ts";
import type { Refusal } from "../guards.ts";
import type { EdgeLimits } from "../limits.ts";
import type { Admitted } from "./gate.ts";
import type { Place, Places } from "./places.ts";
import { CLOSE, StreamSocket, type Closing, type SocketClose } from "./socket.ts";
import type { Tokens } from "./tokens.ts";

export type StartFact = Extract<MediaFact, { type: "start" }>;

/** A socket that has proved whose it is. Its token is used. */
export interface Started {
  readonly socket: StreamSocket;
  readonly place: Place;
  readonly expected: Expected;
  readonly start: StartFact;
}

export interface ArrivalParts {
  readonly tokens: Tokens;
  readonly places: Places;
  readonly protocol: MediaProtocol;
  readonly open: OpenSocket;
  readonly limits: EdgeLimits;
  readonly closing: Closing;
  readonly preStartTimeoutMs: number;
  readonly started: (started: Started) => void;
  readonly refused: (reason: string) => void;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

interface Arrival {
  readonly token: string;
  readonly callId: string;
  readonly place: Place;
  readonly socket: StreamSocket;
  readonly timer: NodeJS.Timeout;
  early: number;
}

/** The sockets between their upgrade and a valid `start`. A token is used by that `start`, not by connecting. */
export class Arrivals {
  readonly #parts: ArrivalParts;
  readonly #all = new Set<Arrival>();
  /** Every connection that was ever taken and is not gone. */
  readonly #connections = new Set<Socket>();

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** Completes the upgrade. `taken` is called first: from then on the socket speaks no HTTP. */
  take(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    { expected, address }: Admitted,
    taken: () => void,
  ): Refusal | null {
    const { places, open, limits, refused } = this.#parts;
    const { token, callId } = expected;
    let arrival: Arrival | null = null;
    const place = places.take({ callId, address }, () => {
      refused("stream-evicted");
      if (arrival !== null) this.#close(arrival, CLOSE.tryAgainLater);
    });
    if (place === null) return { status: 503, reason: "stream-full" };
    taken();
    this.#connections.add(socket);
    socket.once("close", () => {
      this.#connections.delete(socket);
      place.leave();
    });
    open(request, socket, head, (opened) => {
      const audio = new StreamSocket(opened, this.#parts, {
        frame: (text) => {
          if (arrival !== null) this.#frame(arrival, text);
        },
        over: (_, fault) => {
          if (arrival !== null) this.#drop(arrival);
          refused(fault ?? "stream-left");
        },
      });
      const timer = setTimeout(() => {
        if (arrival !== null) this.#refuse(arrival, "stream-start-timeout");
      }, this.#parts.preStartTimeoutMs);
      arrival = { token, callId, place, socket: audio, timer, early: 0 };
      this.#all.add(arrival);
    });
    if (arrival === null) {
      refused("stream-handshake");
      place.leave();
      setTimeout(() => socket.destroy(), limits.lingerMs).unref();
    }
    return null;
  }

  /** Closes those of a call whose token is good for nothing any more. */
  sweep(callId: string): void {
    for (const arrival of this.#all) {
      if (arrival.callId !== callId || this.#parts.tokens.peek(arrival.token) !== null) continue;
      this.#refuse(arrival, "stream-token");
    }
  }

  closeAll(): void {
    for (const arrival of this.#all) this.#close(arrival, CLOSE.goingAway);
  }

  /** Cuts every connection, also those of sockets that have started. */
  cutAll(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  #frame(arrival: Arrival, text: string): void {
    const { protocol, limits } = this.#parts;
    const fact = readFrame(protocol, text);
    if (fact?.type === "start") return this.#start(arrival, fact);
    if (fact?.type === "stop") {
      this.#parts.refused("stream-left");
      return this.#close(arrival, CLOSE.done);
    }
    arrival.early += 1;
    if (arrival.early > limits.streamEarlyFrames) this.#refuse(arrival, "stream-no-start");
    return undefined;
  }

  #start(arrival: Arrival, start: StartFact): void {
    const { tokens, started } = this.#parts;
    const { token, socket, place } = arrival;
    const expected = tokens.peek(token);
    if (expected === null) return this.#refuse(arrival, "stream-token");
    if (expected.carrierCallId !== null && expected.carrierCallId !== start.carrierCallId) {
      return this.#refuse(arrival, "stream-call");
    }
    tokens.use(token);
    this.#forget(arrival);
    place.live();
    started({ socket, place, expected, start });
    return this.sweep(expected.callId);
  }

  #refuse(arrival: Arrival, reason: string): void {
    this.#parts.refused(reason);
    this.#close(arrival, CLOSE.notAllowed);
  }

  #close(arrival: Arrival, code: SocketClose): void {
    this.#drop(arrival);
    arrival.socket.close(code);
  }

  #drop(arrival: Arrival): void {
    this.#forget(arrival);
    arrival.place.leave();
  }

  #forget(arrival: Arrival): void {
    clearTimeout(arrival.timer);
    this.#all.delete(arrival);
  }
}

/** A frame as its carrier's part reads it; one that it fails on is none. */
export function readFrame(protocol: MediaProtocol, text: string): MediaFact | null {
  try {
    return protocol.read(text);
  } catch {
    return null;
  }
}
