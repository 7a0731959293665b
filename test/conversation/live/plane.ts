import type { Voices } from "../../../src/conversation/live/speech.ts";
import type { StreamCommand, StreamEvent } from "../../../src/media/commands.ts";
import { SILENCE } from "../../../src/media/g711.ts";
import { MediaStream } from "../../../src/media/stream.ts";
import type { VirtualClock } from "../../support/clock.ts";
import { PLAIN, STRAIGHT, VirtualCarrier } from "../../media/virtual-carrier.ts";

/** How long a character is spoken. */
export const CHARACTER_MS = 60;

/** A voice that speaks every character for 60 ms, at once. */
export const steadyVoices: Voices = {
  providers: () => Promise.resolve(["steady"]),
  speak: ({ text }) => {
    const audio = new Uint8Array(text.length * CHARACTER_MS * 8).fill(0x30);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield audio;
    }
    return Promise.resolve({ format: { encoding: "pcmu" }, chunks: chunks() });
  },
};

/**
 * The media plane of one call as its worker thread has it: a real stream in virtual time, `wireMs` from the main thread, and
 * a carrier that plays what it is sent and returns every mark.
 */
export class Plane {
  readonly events: StreamEvent[] = [];
  readonly #clock: VirtualClock;
  readonly #wireMs: number;
  readonly #tell: (event: StreamEvent) => void;
  readonly #carrier: VirtualCarrier;
  readonly #stream: MediaStream;
  #socket: "open" | "closed" = "open";

  constructor(
    clock: VirtualClock,
    of: { readonly callId: string; readonly token: string; readonly wireMs: number },
    tell: (event: StreamEvent) => void,
  ) {
    this.#clock = clock;
    this.#wireMs = of.wireMs;
    this.#tell = tell;
    const now = clock.now();
    const agenda = {
      get now() {
        return clock.now();
      },
      at: (at: number, fn: () => void) => void clock.at(at, fn),
    };
    this.#carrier = new VirtualCarrier(STRAIGHT, agenda, (name) =>
      this.#stream.frame({ type: "mark", name }),
    );
    this.#stream = new MediaStream({
      stream: 1,
      expected: {
        token: of.token,
        callId: of.callId,
        carrierCallId: null,
        expiresAt: now + 60_000,
        bargeIn: { pauseMs: 120, commitMs: 500, resumeMs: 2_000 },
      },
      start: { type: "start", streamId: "S1", carrierCallId: "C1", encoding: "pcmu" },
      protocol: PLAIN,
      send: (frame) => this.#carrier.send(frame),
      emit: (event) => this.#emit(event),
      now: () => clock.now(),
    });
    this.#tick();
  }

  /** From the main thread. */
  command(command: StreamCommand): void {
    this.#later(this.#wireMs, () => {
      if (command.type === "stream-forget") this.#close("forgotten");
      else if ("stream" in command) this.#stream.command(command);
    });
  }

  /** The carrier says that the stream is over, and closes its socket. */
  stop(): void {
    this.#stream.frame({ type: "stop" });
    this.#close("closed");
  }

  /** The worker thread died: whoever watches it tells that its streams are gone. */
  die(): void {
    if (this.#socket === "closed") return;
    this.#socket = "closed";
    this.#later(0, () => this.#tell({ type: "stream-lost", stream: 1, reason: "closed" }));
  }

  /** As the worker does, but for what was heard of a piece that a closed socket has cut. */
  #close(reason: "closed" | "forgotten"): void {
    if (this.#socket === "closed") return;
    this.#emit({ type: "stream-lost", stream: 1, reason });
  }

  #emit(event: StreamEvent): void {
    if (this.#socket === "closed") return;
    if (event.type === "stream-lost") this.#socket = "closed";
    this.events.push(event);
    this.#later(this.#wireMs, () => this.#tell(event));
  }

  #tick(): void {
    if (this.#socket === "closed") return;
    this.#stream.frame({
      type: "media",
      chunk: null,
      timestampMs: null,
      payload: Buffer.alloc(160, SILENCE.pcmu),
    });
    this.#stream.tick(this.#clock.now());
    this.#later(20, () => this.#tick());
  }

  #later(ms: number, fn: () => void): void {
    this.#clock.at(this.#clock.now() + ms, fn);
  }
}
