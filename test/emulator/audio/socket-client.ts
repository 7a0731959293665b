import { isAudible } from "./earpiece.ts";
import { Playout } from "./playout.ts";
import type { Phone } from "./phone-audio.ts";
import { FRAME_MS, type Ticker } from "./ticker.ts";
import { openSocket, type Closed, type Dial, type WireSocket } from "./wire-socket.ts";

/** What goes wrong with the caller's frames on their way to us. */
export interface StreamFaults {
  /** Frames that never arrive, by their number from 1 on. */
  lose: (chunk: number) => boolean;
  /** Frames that are sent after the next one. */
  late: (chunk: number) => boolean;
}

export const noFaults = (): StreamFaults => ({ lose: () => false, late: () => false });

/** Audio of ours as it arrived at the carrier, on the ticker's clock. */
export interface Arrival {
  readonly at: number;
  readonly ms: number;
  readonly audible: boolean;
  /** What waited to be played then, this included. */
  readonly waitingMs: number;
}

export interface StreamSetup {
  readonly ticker: Ticker;
  readonly phone: Phone;
  readonly faults: StreamFaults;
  /** What fits into the carrier's buffer, milliseconds. Default: everything. */
  readonly capacityMs?: number;
  /** What the carrier's console would show. */
  readonly problem: (text: string) => void;
}

/** Why a stream is over: our side closed its socket, or the carrier stopped it. */
export type StreamEnd = Closed;

export type Json = Readonly<Record<string, unknown>>;

/** Arrivals that are kept. */
const MOST_ARRIVALS = 30_000;

/**
 * A carrier's end of an audio socket: sends what the person says every 20 ms, plays what it is sent in real time, returns
 * marks when they were played. Carriers differ in their frames.
 */
export abstract class CarrierStream {
  readonly ended: Promise<StreamEnd>;
  /** Every piece of audio that was sent to the carrier. */
  readonly arrivals: Arrival[] = [];
  /** Frames that came from our side, by event. */
  readonly received: Record<string, number> = {};
  protected readonly setup: StreamSetup;
  protected readonly playout: Playout;
  #socket: WireSocket | null = null;
  #resolve: (end: StreamEnd) => void = () => undefined;
  #stopTicking: () => void = () => undefined;
  /** Frames of the caller so far, sent or not. */
  #chunk = 0;
  #late: string | null = null;
  /** The carrier has said goodbye. */
  #isStopped = false;
  #isReleased = false;
  #isOver = false;

  constructor(setup: StreamSetup) {
    this.setup = setup;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    this.playout = new Playout({
      ...(setup.capacityMs === undefined ? {} : { capacityMs: setup.capacityMs }),
      played: (mark) => this.returnMark(mark),
    });
  }

  /** The socket itself, for what no carrier would do. Null before it is open. */
  get socket(): WireSocket | null {
    return this.#socket;
  }

  get isOpen(): boolean {
    return this.#socket !== null && !this.#isOver && !this.#isStopped;
  }

  /** The most audio that ever waited to be played, milliseconds. */
  get longestWaitingMs(): number {
    return this.playout.longestMs;
  }

  /** Milliseconds that wait to be played. */
  get waitingMs(): number {
    return this.playout.waitingMs;
  }

  /** Audio that did not fit into the carrier's buffer, milliseconds. */
  get droppedMs(): number {
    return this.playout.droppedMs;
  }

  /** Opens the socket and lets audio flow. Rejects with a `ConnectError`. */
  async open(dial: Dial, signal?: AbortSignal): Promise<void> {
    this.#socket = await openSocket(
      dial,
      {
        text: (text) => this.#take(text),
        binary: (bytes) => this.takeBinary(bytes),
        closed: (how) => this.#over(how),
      },
      signal,
    );
    this.begin();
    this.setup.phone.connect((digit) => this.press(digit));
    this.#stopTicking = this.setup.ticker.every(() => this.#beat());
  }

  /** The carrier ends the stream: says so, and closes. */
  stop(): void {
    if (this.#isStopped || this.#isOver) return;
    this.goodbye();
    this.#isStopped = true;
    this.#release();
    this.#socket?.close(1000);
  }

  /** The connection is lost, without a word to anybody. */
  drop(): void {
    this.#socket?.cut();
  }

  protected send(frame: Json): void {
    if (!this.#isOver) this.#socket?.send(JSON.stringify(frame));
  }

  /** A frame's number as the carrier counts: the caller's audio from 1 on. */
  protected get chunk(): number {
    return this.#chunk;
  }

  /** What the carrier sends first. */
  protected abstract begin(): void;
  /** 20 ms of the caller, PCMU. */
  protected abstract media(pcmu: Uint8Array): Json;
  protected abstract press(digit: string): void;
  /** What the carrier sends last. */
  protected abstract goodbye(): void;
  protected abstract returnMark(name: string): void;
  /** Takes a frame of ours; the text is a JSON object. */
  protected abstract take(event: string, frame: Json): void;
  /** Takes what is no JSON object. */
  protected abstract takeNonsense(text: string): void;
  protected abstract takeBinary(bytes: Buffer): void;

  /** Queues audio of ours, PCMU. */
  protected play(pcmu: Uint8Array): void {
    this.playout.push(pcmu);
    if (this.arrivals.length === MOST_ARRIVALS) this.arrivals.shift();
    this.arrivals.push({
      at: this.setup.ticker.now(),
      ms: pcmu.length / 8,
      audible: isAudible(pcmu),
      waitingMs: this.playout.waitingMs,
    });
  }

  #beat(): void {
    if (this.#isOver) return;
    const said = this.setup.phone.exchange(this.playout.next());
    this.#chunk += 1;
    const { lose, late } = this.setup.faults;
    if (said === null || lose(this.#chunk)) return;
    const frame = JSON.stringify(this.media(said));
    if (this.#late === null && late(this.#chunk)) {
      this.#late = frame;
      return;
    }
    this.#socket?.send(frame);
    if (this.#late !== null) this.#socket?.send(this.#late);
    this.#late = null;
  }

  #take(text: string): void {
    const frame = parse(text);
    const event = frame?.["event"];
    if (frame === null || typeof event !== "string") return this.takeNonsense(text);
    this.received[event] = (this.received[event] ?? 0) + 1;
    this.take(event, frame);
  }

  /** The phone belongs to the call again, or to its next stream. */
  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#stopTicking();
    this.setup.phone.disconnect();
  }

  #over(how: Closed): void {
    this.#isOver = true;
    this.#release();
    this.#resolve(this.#isStopped ? { ...how, by: "client" } : how);
  }
}

/** Milliseconds since the first frame of the caller. */
export const offsetMs = (chunk: number): number => (chunk - 1) * FRAME_MS;

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Base64 as it is written without mistakes; null otherwise. */
export function fromBase64(value: unknown): Buffer | null {
  if (typeof value !== "string" || value.length % 4 !== 0) return null;
  return /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? Buffer.from(value, "base64") : null;
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Where a public `ws(s)://` URL is really served, as `http://`. */
export const servedAt = (url: string, reach: (url: string) => string): string =>
  reach(url.replace(/^ws/, "http")).replace(/^ws/, "http");
