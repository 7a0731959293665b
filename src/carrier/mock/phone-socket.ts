import type { Clock } from "../../call/ports.ts";
import { audioIn, base64, keyIn, markIn, readFrame } from "../frame.ts";

/** The ear and the mouth of a person on a line with live audio: µ-law, 8 kHz, in real time. */
export interface FarEndAudio {
  /** What is heard, at most 20 ms at a time. Nothing is said about silence. */
  heard(payload: Uint8Array): void;
  /** The next 20 ms of what is said, 160 bytes; null = silence. */
  speaks(): Uint8Array | null;
}

/** What of a WebSocket is used. */
export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

export interface PhoneSocketOptions {
  readonly url: string;
  /** The carrier's id of the call. */
  readonly callId: string;
  readonly streamId: string;
  readonly clock: Clock;
  /** Null: somebody who hears nothing and says nothing, such as one with a terminal. */
  readonly person: FarEndAudio | null;
  readonly opened: () => void;
  /** A key that the agent presses. */
  readonly pressed: (digit: string) => void;
  /** The other side has closed it, or never let it in. Not called after `close`. */
  readonly lost: (wasOpen: boolean) => void;
  /** By default Node's own WebSocket. */
  readonly connect?: ((url: string) => Socket) | undefined;
}

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const SILENCE = Buffer.alloc(FRAME_BYTES, 0xff);
/** Frames sent at once after a pause of the process; a longer one is passed over. */
const MAX_BEHIND_MS = 1_000;
/** A minute of audio, as other carriers hold; what exceeds it is dropped. */
const MAX_QUEUED = 480_000;
const MAX_MARKS = 1_000;

type Queued = { readonly bytes: Buffer } | { readonly mark: string };

/** The phone's end of an audio socket: `docs/carriers/mock.md`. */
export class PhoneSocket {
  readonly #options: PhoneSocketOptions;
  readonly #socket: Socket;
  #state: "connecting" | "open" | "closed" = "connecting";
  /** What the agent said and the person has not heard yet. */
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #marks = 0;
  #chunk = 0;
  #due = 0;
  #cancelTick: () => void = () => {};

  constructor(options: PhoneSocketOptions) {
    this.#options = options;
    this.#socket = (options.connect ?? nodeSocket)(options.url);
    this.#socket.addEventListener("open", () => this.#open());
    this.#socket.addEventListener("message", ({ data }) => this.#take(data));
    this.#socket.addEventListener("close", () => this.#lost());
    this.#socket.addEventListener("error", () => this.#lost());
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** The person presses keys. */
  press(digits: string): void {
    for (const digit of digits) this.#send({ event: "key", digit });
  }

  /** The call goes on without it, or is over. */
  close(): void {
    if (this.#state === "closed") return;
    this.#send({ event: "stop" });
    this.#end();
    this.#socket.close();
  }

  #open(): void {
    // Closed while it was being opened.
    if (this.#state === "closed") this.#socket.close();
    if (this.#state !== "connecting") return;
    const { callId: call, streamId: stream, clock, opened } = this.#options;
    this.#state = "open";
    this.#send({ event: "start", call, stream, encoding: "pcmu" });
    this.#due = clock.now();
    this.#tick();
    opened();
  }

  #lost(): void {
    if (this.#state === "closed") return;
    const wasOpen = this.isOpen;
    this.#end();
    this.#options.lost(wasOpen);
  }

  #end(): void {
    this.#state = "closed";
    this.#cancelTick();
    this.#queue = [];
  }

  /** Sends and plays what is due, 20 ms a time, at the same pace however late it is called. */
  #tick(): void {
    const { clock } = this.#options;
    const now = clock.now();
    if (now - this.#due > MAX_BEHIND_MS) this.#due = now;
    for (; this.#due <= now && this.#state === "open"; this.#due += FRAME_MS) {
      this.#speak();
      this.#play();
    }
    if (this.#state === "open") this.#cancelTick = clock.at(this.#due, () => this.#tick());
  }

  #speak(): void {
    this.#chunk += 1;
    const payload = base64(this.#options.person?.speaks() ?? SILENCE);
    this.#send({ event: "media", chunk: this.#chunk, payload });
  }

  #play(): void {
    let wanted = FRAME_BYTES;
    for (let [next] = this.#queue; next !== undefined && wanted > 0; [next] = this.#queue) {
      this.#queue.shift();
      if ("mark" in next) {
        this.#answer(next.mark);
        continue;
      }
      const played = next.bytes.subarray(0, wanted);
      const rest = next.bytes.subarray(wanted);
      if (rest.length > 0) this.#queue.unshift({ bytes: rest });
      wanted -= played.length;
      this.#queuedBytes -= played.length;
      this.#options.person?.heard(played);
    }
    this.#answerFirst();
  }

  /** A mark with nothing before it has been reached. */
  #answerFirst(): void {
    for (let [next] = this.#queue; next !== undefined && "mark" in next; [next] = this.#queue) {
      this.#queue.shift();
      this.#answer(next.mark);
    }
  }

  #answer(name: string): void {
    this.#marks -= 1;
    this.#send({ event: "mark", name });
  }

  #take(data: unknown): void {
    const frame = typeof data === "string" && this.#state === "open" ? readFrame(data) : null;
    if (frame === null) return;
    const { event, body } = frame;
    if (event === "media") this.#enqueue(audioIn(body, "payload"));
    if (event === "mark") this.#mark(markIn(body, "name"));
    if (event === "clear") this.#clear();
    const digit = event === "key" ? keyIn(body, "digit") : null;
    if (digit !== null) this.#options.pressed(digit);
  }

  #enqueue(bytes: Buffer | null): void {
    if (bytes === null || bytes.length === 0 || this.#queuedBytes + bytes.length > MAX_QUEUED) return;
    this.#queue.push({ bytes });
    this.#queuedBytes += bytes.length;
  }

  #mark(mark: string | null): void {
    if (mark === null || this.#marks >= MAX_MARKS) return;
    this.#queue.push({ mark });
    this.#marks += 1;
    this.#answerFirst();
  }

  #clear(): void {
    const dropped = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#send({ event: "cleared" });
    for (const one of dropped) if ("mark" in one) this.#answer(one.mark);
  }

  #send(frame: object): void {
    if (this.#state === "open") this.#socket.send(JSON.stringify(frame));
  }
}

const nodeSocket = (url: string): Socket => new WebSocket(url);
