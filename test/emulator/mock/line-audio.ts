import type { FarEndAudio } from "../../../src/carrier/mock/carrier.ts";
import type { LiveAudio } from "../../../src/conformance/world.ts";

const FRAME = 160;

interface Saying {
  readonly audio: Uint8Array;
  at: number;
  readonly done: () => void;
}

/** The telephone of one of the mock's people on a line with live audio: ear, mouth, and the sockets there were. */
export class LineAudio implements FarEndAudio, LiveAudio {
  readonly #sockets: WebSocket[] = [];
  readonly #heard: Uint8Array[] = [];
  readonly #sayings: Saying[] = [];
  #opened = 0;
  #isOver = false;

  // ------------------------------------------------------------- the mock's side

  heard(): Uint8Array;
  heard(payload: Uint8Array): void;
  heard(payload?: Uint8Array): Uint8Array | undefined {
    if (payload === undefined) return Buffer.concat(this.#heard);
    this.#heard.push(payload.slice());
    return undefined;
  }

  speaks(): Uint8Array | null {
    const [saying] = this.#sayings;
    if (saying === undefined) return null;
    const frame = new Uint8Array(FRAME).fill(0xff);
    frame.set(saying.audio.subarray(saying.at, saying.at + FRAME));
    saying.at += FRAME;
    if (saying.at >= saying.audio.length) this.#sayings.shift()?.done();
    return frame;
  }

  /** The phone's next socket, at that URL. */
  open(url: string): WebSocket {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => (this.#opened += 1));
    this.#sockets.push(socket);
    return socket;
  }

  /** The call is over: nobody waits any more. */
  end(): void {
    this.#isOver = true;
    for (const { done } of this.#sayings.splice(0)) done();
  }

  // ------------------------------------------------------------- the test's side

  get sockets(): number {
    return this.#opened;
  }

  get isOpen(): boolean {
    return this.#sockets.some(({ readyState }) => readyState === WebSocket.OPEN);
  }

  say(audio: Uint8Array): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((done) => this.#sayings.push({ audio, at: 0, done }));
  }

  drop(): void {
    this.#sockets.at(-1)?.close();
  }
}
