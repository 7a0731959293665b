import { randomBytes } from "node:crypto";
import {
  CarrierStream,
  fromBase64,
  isObject,
  offsetMs,
  toBase64,
  type Json,
  type StreamSetup,
} from "../audio/socket-client.ts";

/** What `<Connect><Stream>` says of a stream. */
export interface StreamPlan {
  /** As it stands in the document. */
  readonly url: string;
  readonly name: string | null;
  /** `<Parameter>`s. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Fields of the frames that Twilio takes (https://www.twilio.com/docs/voice/media-streams/websocket-messages). */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  media: ["event", "streamSid", "media"],
  mark: ["event", "streamSid", "mark"],
  clear: ["event", "streamSid"],
};
const INNER: Readonly<Record<string, readonly string[]>> = { media: ["payload"], mark: ["name"] };

/** Twilio's end of a two-way Media Stream. */
export class TwilioStream extends CarrierStream {
  readonly sid = `MZ${randomBytes(16).toString("hex")}`;
  readonly #plan: StreamPlan;
  readonly #ids: { readonly accountSid: string; readonly callSid: string };
  readonly #warned = new Set<number>();
  #sequence = 0;

  constructor(setup: StreamSetup, plan: StreamPlan, ids: { accountSid: string; callSid: string }) {
    super(setup);
    this.#plan = plan;
    this.#ids = ids;
  }

  protected override begin(): void {
    this.send({ event: "connected", protocol: "Call", version: "1.0.0" });
    this.send(
      this.#numbered("start", {
        start: {
          accountSid: this.#ids.accountSid,
          streamSid: this.sid,
          callSid: this.#ids.callSid,
          tracks: ["inbound"],
          mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
          customParameters: this.#plan.parameters,
        },
      }),
    );
  }

  protected override media(pcmu: Uint8Array): Json {
    return this.#numbered("media", {
      media: {
        track: "inbound",
        chunk: String(this.chunk),
        timestamp: String(offsetMs(this.chunk)),
        payload: toBase64(pcmu),
      },
    });
  }

  protected override press(digit: string): void {
    this.send(this.#numbered("dtmf", { dtmf: { track: "inbound_track", digit } }));
  }

  protected override goodbye(): void {
    this.send(this.#numbered("stop", { stop: this.#ids }));
  }

  protected override returnMark(name: string): void {
    this.send(this.#numbered("mark", { mark: { name } }));
  }

  protected override take(event: string, frame: Json): void {
    const known = FIELDS[event];
    if (known === undefined) return this.#warn(31951, `unknown event ${event}`);
    if (frame["streamSid"] !== this.sid) return this.#warn(31951, `${event}: streamSid`);
    const inner = frame[event];
    const more = isObject(inner) ? Object.keys(inner) : [];
    const unknown = [
      ...Object.keys(frame).filter((name) => !known.includes(name)),
      ...more.filter((name) => INNER[event]?.includes(name) !== true).map((name) => `${event}.${name}`),
    ];
    if (unknown.length > 0) this.#warn(31951, `${event}: unknown ${unknown.join(", ")}`);
    this.#perform(event, isObject(inner) ? inner : {});
  }

  protected override takeNonsense(text: string): void {
    this.#warn(31951, `no message: ${text.slice(0, 40)}`);
  }

  protected override takeBinary(): void {
    this.#warn(31950, "a binary message");
  }

  #perform(event: string, inner: Json): void {
    if (event === "media") {
      const audio = fromBase64(inner["payload"]);
      if (audio === null) this.#warn(31951, "media: payload");
      else this.play(audio);
    } else if (event === "mark") {
      const { name } = inner;
      if (typeof name === "string") this.playout.mark(name);
      else this.#warn(31951, "mark: name");
    } else for (const name of this.playout.clear()) this.returnMark(name);
  }

  /** `connected` alone has neither a number nor the stream's id. */
  #numbered(event: string, more: Json): Json {
    this.#sequence += 1;
    return { event, sequenceNumber: String(this.#sequence), ...more, streamSid: this.sid };
  }

  /** Each is told once per stream (https://www.twilio.com/docs/api/errors/31950, /31951). */
  #warn(code: number, what: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.setup.problem(`${code}: ${what}`);
  }
}
