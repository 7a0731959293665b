import { servedAt, type StreamFaults } from "../audio/socket-client.ts";
import type { Phone } from "../audio/phone-audio.ts";
import type { Ticker } from "../audio/ticker.ts";
import { ConnectError, type Refused } from "../audio/wire-socket.ts";
import type { Deliveries, Params } from "./delivery.ts";
import { TwilioStream, type StreamPlan } from "./stream.ts";
import type { Verb } from "./twiml.ts";

/** What streams need of their call and its world. */
export interface StreamWorld {
  readonly ticker: Ticker;
  readonly phone: Phone;
  readonly deliveries: Deliveries;
  readonly faults: StreamFaults;
  /** Real milliseconds until a handshake is given up. */
  readonly connectMs: number;
  ids(): { readonly accountSid: string; readonly callSid: string };
  /** A stream has begun, or is over. */
  changed(): void;
  problem(text: string): void;
}

/** How a `<Connect>` ends: the document goes on, something else is already going on, or the call is over. */
export type Connected = "next" | "elsewhere" | "over";

/** Longest message that is taken; Twilio documents none. */
const LONGEST_MESSAGE = 1024 * 1024;

/** Runs `<Connect><Stream>` on one call. */
export class Streams {
  /** Every stream of the call, in order. */
  readonly all: TwilioStream[] = [];
  /** The `<Stream>` that runs. */
  verb: Verb | null = null;
  readonly #world: StreamWorld;

  constructor(world: StreamWorld) {
    this.#world = world;
  }

  get current(): TwilioStream | null {
    const last = this.all.at(-1);
    return last?.isOpen === true ? last : null;
  }

  /** An empty `<Connect>` connects nothing. */
  async connect(connect: Verb, signal: AbortSignal): Promise<Connected> {
    const verb = connect.children.find(({ name }) => name === "Stream");
    const plan = verb === undefined ? null : this.#read(verb);
    if (verb === undefined || plan === null) return "next";
    const stream = new TwilioStream({ ...this.#world }, plan, this.#world.ids());
    const report = (event: string, more: Params = {}): void =>
      this.#report(verb, plan, stream.sid, event, more);
    try {
      await stream.open(this.#dial(plan.url), signal);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      if (signal.aborted) return "elsewhere";
      const { code, text } = errorOf(error.refused);
      this.#world.problem(`${code}: ${text}`);
      report("stream-error", { StreamError: `${code}: ${text}` });
      return "next";
    }
    this.all.push(stream);
    this.verb = verb;
    report("stream-started");
    this.#world.changed();
    const stop = (): void => stream.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const end = await stream.ended;
    signal.removeEventListener("abort", stop);
    this.verb = null;
    this.#world.changed();
    report("stream-stopped");
    if (signal.aborted) return "elsewhere";
    if (end.code !== 1006) return "next";
    this.#world.problem("31921: the connection was lost");
    return "over";
  }

  /** Every socket is closed. */
  async over(): Promise<void> {
    await Promise.all(this.all.map(({ ended }) => ended));
  }

  #read(verb: Verb): StreamPlan | null {
    const { url = "", name = null } = verb.attributes;
    if (!URL.canParse(url)) {
      this.#world.problem(`31923: ${url} is no URL`);
      return null;
    }
    const { protocol, search } = new URL(url);
    if (protocol !== "wss:") {
      this.#world.problem(`31922: ${protocol} is not supported`);
      return null;
    }
    if (search !== "") this.#world.problem("the URL of a Stream takes no query: it is left out");
    const parameters = verb.children
      .filter((child) => child.name === "Parameter")
      .map(({ attributes }) => [attributes["name"] ?? "", attributes["value"] ?? ""]);
    return { url: url.replace(/[?#].*$/s, ""), name, parameters: Object.fromEntries(parameters) };
  }

  #dial(url: string): Parameters<TwilioStream["open"]>[0] {
    const { deliveries, connectMs } = this.#world;
    return {
      target: servedAt(url, deliveries.reach),
      host: new URL(url).host,
      headers: { "x-twilio-signature": deliveries.sign(url, {}), "user-agent": "Twilio.TmeWs/1.0" },
      timeoutMs: connectMs,
      longest: LONGEST_MESSAGE,
    };
  }

  #report({ attributes }: Verb, { name }: StreamPlan, sid: string, event: string, more: Params): void {
    const { statusCallback } = attributes;
    if (statusCallback === undefined) return;
    const { accountSid, callSid } = this.#world.ids();
    void this.#world.deliveries.deliver("status", statusCallback, {
      AccountSid: accountSid,
      CallSid: callSid,
      StreamSid: sid,
      StreamName: name ?? sid,
      StreamEvent: event,
      Timestamp: new Date().toISOString(),
      ...more,
    });
  }
}

/** Twilio's codes (https://www.twilio.com/docs/api/errors/31901, /31902, /31920). */
function errorOf(refused: Refused): { code: number; text: string } {
  switch (refused.kind) {
    case "refused":
      return { code: 31902, text: "Connection refused" };
    case "timeout":
      return { code: 31901, text: "Connection timeout" };
    case "status":
      return { code: 31920, text: `Handshake error: HTTP ${refused.status}` };
  }
}
