import type { Phone } from "../audio/phone-audio.ts";
import { servedAt, type StreamFaults } from "../audio/socket-client.ts";
import type { Ticker } from "../audio/ticker.ts";
import { ConnectError } from "../audio/wire-socket.ts";
import type { CallTime } from "../call-time.ts";
import type { Deliveries, Hook } from "./delivery.ts";
import { PlivoStream, type ContentType, type StreamPlan } from "./stream.ts";
import type { Params } from "./signature.ts";
import { textOf, type Element } from "./xml.ts";

/** What streams need of their call and its world. */
export interface StreamWorld {
  readonly ticker: Ticker;
  readonly phone: Phone;
  readonly clock: CallTime;
  readonly deliveries: Deliveries;
  readonly streamFaults: StreamFaults;
  /** Real milliseconds until a handshake is given up. */
  readonly connectMs: number;
  readonly returnsCleared: boolean;
  readonly ids: { readonly callId: string; readonly accountId: string };
  /** A stream has begun, or is over. */
  readonly changed: () => void;
  /** Keys that we press by a frame. */
  readonly tones: (digits: string) => void;
  readonly tell: (hook: Hook, fields: Params) => void;
  readonly problem: (text: string) => void;
}

/** Tries of a connection, call time between them. */
const TRIES = 3;
const BETWEEN_MS = 1000;
/** Longest message that is taken, bytes. */
const LONGEST_MESSAGE = 64 * 1024;
const LONGEST_URL = 2048;
/** The audio that waits to be played at most; documents say 40 s and 60 s. */
const CAPACITY_MS = 40_000;

/** Runs the `<Stream>`s of one call. */
export class Streams {
  /** Every stream that was opened, in order. */
  readonly all: PlivoStream[] = [];
  /** The element that runs. */
  element: Element | null = null;
  readonly #world: StreamWorld;

  constructor(world: StreamWorld) {
    this.#world = world;
  }

  get current(): PlivoStream | null {
    const last = this.all.at(-1);
    return last?.isOpen === true ? last : null;
  }

  /** Resolves once the stream is over, or could not be opened (false). */
  async run(element: Element, signal: AbortSignal): Promise<boolean> {
    const plan = this.#read(element);
    if (plan === null) return false;
    if (this.current !== null) {
      this.#world.problem("Stream: another one runs on this call");
      return false;
    }
    const stream = this.#create(element, plan);
    if (!(await this.#open(stream, plan, signal))) {
      // Nobody is told of what ended with the call.
      if (!signal.aborted) this.#tell(element, stream, plan, { Event: "DroppedStream" });
      return false;
    }
    this.all.push(stream);
    this.element = element;
    this.#tell(element, stream, plan, { Event: "StartStream" });
    this.#world.changed();
    const stop = (): void => stream.stop();
    signal.addEventListener("abort", stop, { once: true });
    const seconds = Number(element.attributes["streamTimeout"] ?? 86_400);
    const timeout = new AbortController();
    void this.#world.clock.sleep(seconds * 1000, timeout.signal).then((whole) => whole && stream.stop());
    if (signal.aborted) stop();
    const { code } = await stream.ended;
    timeout.abort();
    signal.removeEventListener("abort", stop);
    this.element = null;
    this.#world.changed();
    if (!signal.aborted) {
      this.#tell(element, stream, plan, { Event: code === 1006 ? "DroppedStream" : "StopStream" });
    }
    return true;
  }

  /** Every socket is closed. */
  async over(): Promise<void> {
    await Promise.all(this.all.map(({ ended }) => ended));
  }

  #create(element: Element, plan: StreamPlan): PlivoStream {
    const { phone, ticker, streamFaults, ids, returnsCleared, problem, tones } = this.#world;
    const stream: PlivoStream = new PlivoStream(
      {
        ticker,
        phone,
        ids,
        returnsCleared,
        faults: streamFaults,
        capacityMs: CAPACITY_MS,
        problem,
        news: ({ event, ...more }) => this.#tell(element, stream, plan, { Event: event, ...more }),
      },
      plan,
    );
    stream.onKeys = tones;
    return stream;
  }

  /** False when it cannot be opened. */
  async #open(stream: PlivoStream, plan: StreamPlan, signal: AbortSignal): Promise<boolean> {
    const { deliveries, connectMs, clock, problem } = this.#world;
    for (let count = 0; count < TRIES; count++) {
      if (count > 0 && !(await clock.sleep(BETWEEN_MS, signal))) return false;
      try {
        await stream.open(
          {
            target: servedAt(plan.url, deliveries.reach),
            host: new URL(plan.url).host,
            headers: { ...deliveries.signUpgrade(plan.url), "user-agent": "Plivo" },
            subprotocol: "audio.plivo.com",
            timeoutMs: connectMs,
            longest: LONGEST_MESSAGE,
          },
          signal,
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        if (signal.aborted) return false;
        problem(`Stream: ${error.message}`);
      }
    }
    return false;
  }

  #read(element: Element): StreamPlan | null {
    const { attributes } = element;
    const { problem } = this.#world;
    const url = textOf(element).trim();
    const no = (why: string): null => {
      problem(`Stream: ${why}`);
      return null;
    };
    if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) return no(`${url} is no socket's URL`);
    if (url.length > LONGEST_URL) return no("the URL is too long");
    const isTwoWay = attributes["bidirectional"] === "true";
    if (isTwoWay && (attributes["audioTrack"] ?? "inbound") !== "inbound") {
      return no("bidirectional takes the inbound track alone");
    }
    // One page says that 16-bit samples are the default, another µ-law.
    const { contentType = "" } = attributes;
    if (contentType === "") problem("Stream: contentType is left to a default that pages disagree about");
    const [type = "", rate = ""] = (contentType === "" ? "audio/x-l16;rate=8000" : contentType).split(
      ";rate=",
    );
    if (rate !== "8000") return no(`${contentType} is not run here`);
    const { extraHeaders = "" } = attributes;
    if (extraHeaders.length > 512) problem("Stream: extraHeaders are too long");
    return { url, isTwoWay, contentType: type as ContentType, extraHeaders };
  }

  /** Names of the fields beside `Event`: docs.plivo.com/docs/voice/xml/audiostream; values of some are assumed. */
  #tell({ attributes }: Element, stream: PlivoStream, plan: StreamPlan, more: Params): void {
    const { statusCallbackUrl: url, statusCallbackMethod: method } = attributes;
    if (url === undefined) return;
    const { name, ...others } = more;
    this.#world.tell(
      { url, method: method === "GET" ? "GET" : "POST" },
      {
        StreamID: stream.id,
        ServiceURL: plan.url,
        Timestamp: new Date().toISOString(),
        ...(name === undefined ? {} : { Name: name }),
        ...others,
      },
    );
  }
}
