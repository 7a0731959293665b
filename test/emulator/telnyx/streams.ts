import type { Law } from "../audio/g711.ts";
import type { Phone } from "../audio/phone-audio.ts";
import { servedAt, type StreamFaults } from "../audio/socket-client.ts";
import type { Ticker } from "../audio/ticker.ts";
import { ConnectError } from "../audio/wire-socket.ts";
import { TelnyxStream, type StreamCall, type StreamPlan } from "./stream.ts";

/** Live audio of all calls of the emulator. */
export interface StreamSettings {
  readonly ticker: Ticker;
  readonly faults: StreamFaults;
  /** Real milliseconds until a handshake is given up. */
  readonly connectMs: number;
  /** The law of the call. */
  readonly callLaw: Law;
  /** `stream_codec` is obeyed; false: frames come in the call's law whatever was asked. */
  readonly transcodes: boolean;
  readonly reach: (url: string) => string;
}

/** What streams need of their call. */
export interface StreamWorld extends StreamSettings {
  readonly phone: Phone;
  readonly call: StreamCall;
  readonly pressed: (digit: string) => void;
  readonly emit: (type: string, more: Readonly<Record<string, unknown>>) => void;
  /** A stream has begun, or is over. */
  readonly changed: () => void;
  readonly problem: (text: string) => void;
}

/** Longest message that is taken, bytes; Telnyx documents 30 s of audio. */
const LONGEST_MESSAGE = 1024 * 1024;

/** The one stream that a call may have at a time. */
export class Streams {
  /** Every stream that was opened, in order. */
  readonly all: TelnyxStream[] = [];
  readonly #world: StreamWorld;
  #ending: AbortController | null = null;
  readonly #running = new Set<Promise<void>>();

  constructor(world: StreamWorld) {
    this.#world = world;
  }

  get current(): TelnyxStream | null {
    const last = this.all.at(-1);
    return last?.isOpen === true ? last : null;
  }

  /** One is open, or being opened. */
  get isBusy(): boolean {
    return this.#ending !== null;
  }

  start(plan: StreamPlan): void {
    const ending = new AbortController();
    this.#ending = ending;
    const running = this.#run(plan, ending);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  /** Ends the stream; another one may begin at once. */
  stop(): void {
    const ending = this.#ending;
    this.#ending = null;
    ending?.abort();
  }

  /** Every socket is closed. */
  async over(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(plan: StreamPlan, ending: AbortController): Promise<void> {
    const { signal } = ending;
    const stream = this.#create(plan);
    const failed = (reason: string): void => this.#failed(plan, stream, reason);
    try {
      await stream.open(this.#dial(plan), signal);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      this.#over(ending);
      if (!signal.aborted) failed(error.message);
      return;
    }
    this.all.push(stream);
    this.#world.emit("streaming.started", { stream_id: stream.id, stream_url: plan.url });
    this.#world.changed();
    const stop = (): void => {
      // Before the call's own end is told.
      this.#world.emit("streaming.stopped", { stream_id: stream.id, stream_url: plan.url });
      stream.stop();
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const { code, by } = await stream.ended;
    signal.removeEventListener("abort", stop);
    this.#over(ending);
    // What Telnyx tells when our side is gone is assumed; that the call stays up is not.
    if (by === "server" && code === 1006) failed("connection lost");
    else if (!signal.aborted) {
      this.#world.emit("streaming.stopped", { stream_id: stream.id, stream_url: plan.url });
    }
  }

  #over(ending: AbortController): void {
    if (this.#ending === ending) this.#ending = null;
    this.#world.changed();
  }

  #failed(plan: StreamPlan, stream: TelnyxStream, reason: string): void {
    this.#world.problem(`streaming failed: ${reason}`);
    this.#world.emit("streaming.failed", {
      failure_reason: reason,
      stream_id: stream.id,
      stream_params: { stream_url: plan.url, track: plan.track },
      stream_type: "websocket",
    });
  }

  #create(plan: StreamPlan): TelnyxStream {
    const { callLaw, transcodes, ticker, phone, faults, call, pressed, problem } = this.#world;
    const law = (transcodes ? plan.wanted : null) ?? callLaw;
    return new TelnyxStream({ ticker, phone, faults, call, pressed, problem, law }, plan);
  }

  /** In which header the token goes is not documented: assumed. */
  #dial({ url, authToken }: StreamPlan): Parameters<TelnyxStream["open"]>[0] {
    return {
      target: servedAt(url, this.#world.reach),
      host: new URL(url).host,
      headers: {
        "user-agent": "telnyx-media-streaming",
        ...(authToken === null ? {} : { authorization: `Bearer ${authToken}` }),
      },
      timeoutMs: this.#world.connectMs,
      longest: LONGEST_MESSAGE,
    };
  }
}
