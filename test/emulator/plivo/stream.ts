import { randomUUID } from "node:crypto";
import { decode, encode } from "../audio/g711.ts";
import {
  CarrierStream,
  fromBase64,
  isObject,
  toBase64,
  type Json,
  type StreamSetup,
} from "../audio/socket-client.ts";

/** What a `<Stream>` asks for. */
export interface StreamPlan {
  readonly url: string;
  readonly isTwoWay: boolean;
  /** `audio/x-mulaw` or `audio/x-l16`, at 8 kHz. */
  readonly contentType: ContentType;
  readonly extraHeaders: string;
}

export type ContentType = "audio/x-mulaw" | "audio/x-l16";

/** What the status callback tells of a running stream. */
export type StreamNews =
  | { readonly event: "PlayedStream"; readonly name: string }
  | { readonly event: "ClearedAudio" }
  /** Our side reads too slowly. */
  | { readonly event: "DegradedStream" }
  | { readonly event: "DroppedStream" };

export interface PlivoSetup extends StreamSetup {
  readonly ids: { readonly callId: string; readonly accountId: string };
  /** `clearAudio` is answered by the checkpoints that waited too; documents say of neither. */
  readonly returnsCleared: boolean;
  news(news: StreamNews): void;
}

/** Longest `payload`, characters of base64. */
const LONGEST_PAYLOAD = 16 * 1024;
/** Milliseconds of the caller that wait for us at most, and the shares of it at which Plivo warns. */
const PATIENCE_MS = 40_000;
const WARNINGS = [0.3, 0.6, 0.9];

/**
 * Plivo's end of an audio stream (https://plivo.com/docs/voice-agents/audio-streaming/concepts/audio-streaming-reference and the
 * types of its Node and Java SDKs).
 */
export class PlivoStream extends CarrierStream {
  readonly id = randomUUID();
  readonly #plan: StreamPlan;
  readonly #setup: PlivoSetup;
  #sequence = 0;
  #warnings = 0;

  constructor(setup: PlivoSetup, plan: StreamPlan) {
    super(setup);
    this.#setup = setup;
    this.#plan = plan;
  }

  protected override begin(): void {
    this.#sequence += 1;
    this.send({
      event: "start",
      sequenceNumber: this.#sequence,
      start: {
        ...this.#setup.ids,
        streamId: this.id,
        tracks: ["inbound"],
        mediaFormat: { encoding: this.#plan.contentType, sampleRate: 8000 },
      },
      extra_headers: this.#plan.extraHeaders,
    });
  }

  protected override media(pcmu: Uint8Array): Json {
    const payload = this.#plan.contentType === "audio/x-mulaw" ? pcmu : littleEndian(decode("pcmu", pcmu));
    const frame = this.#numbered("media", {
      media: {
        track: "inbound",
        timestamp: String(Date.now()),
        chunk: this.chunk,
        payload: toBase64(payload),
      },
      extra_headers: this.#plan.extraHeaders,
    });
    this.#watchBacklog(JSON.stringify(frame).length);
    return frame;
  }

  protected override press(digit: string): void {
    const dtmf = { track: "inbound", digit, timestamp: String(Date.now()) };
    this.send(this.#numbered("dtmf", { dtmf, extra_headers: this.#plan.extraHeaders }));
  }

  /** Plivo just closes. */
  protected override goodbye(): void {}

  protected override returnMark(name: string): void {
    this.send(this.#numbered("playedStream", { name }));
    this.#setup.news({ event: "PlayedStream", name });
  }

  protected override take(event: string, frame: Json): void {
    if (!this.#plan.isTwoWay) return this.setup.problem(`${event}: the stream is not bidirectional`);
    switch (event) {
      case "playAudio":
        return this.#playAudio(isObject(frame["media"]) ? frame["media"] : {});
      case "checkpoint":
        this.#checkStream(event, frame);
        if (typeof frame["name"] === "string") return this.playout.mark(frame["name"]);
        return this.setup.problem("checkpoint: name");
      case "clearAudio":
        this.#checkStream(event, frame);
        return this.#clear();
      case "sendDTMF":
        return this.#sendKeys(frame["dtmf"]);
      default:
        return this.setup.problem(`unknown event ${event}`);
    }
  }

  protected override takeNonsense(text: string): void {
    this.setup.problem(`no message: ${text.slice(0, 40)}`);
  }

  protected override takeBinary(): void {
    this.setup.problem("a binary message");
  }

  /** The content type has no rate here, and is the stream's own (troubleshooting page; FAQ on codecs). */
  #playAudio(media: Json): void {
    const { contentType, sampleRate, payload } = media;
    const { contentType: agreed } = this.#plan;
    if (contentType !== agreed || sampleRate !== 8000) {
      return this.setup.problem(`playAudio: ${String(contentType)} at ${String(sampleRate)}`);
    }
    const audio = fromBase64(payload);
    if (audio === null) return this.setup.problem("playAudio: payload");
    if (String(payload).length > LONGEST_PAYLOAD) return this.setup.problem("playAudio: payload over 16 KB");
    const before = this.droppedMs;
    this.play(agreed === "audio/x-mulaw" ? audio : encode("pcmu", samplesOf(audio)));
    if (this.droppedMs > before) this.setup.problem("playAudio: the buffer is full");
  }

  #clear(): void {
    const waiting = this.playout.clear();
    this.send(this.#numbered("clearedAudio", {}));
    this.#setup.news({ event: "ClearedAudio" });
    if (this.#setup.returnsCleared) for (const name of waiting) this.returnMark(name);
  }

  #sendKeys(dtmf: unknown): void {
    if (typeof dtmf !== "string" || !/^[0-9A-D*#wW]+$/.test(dtmf))
      return this.setup.problem("sendDTMF: dtmf");
    this.onKeys(dtmf);
  }

  /** Keys for the person's phone; set by whoever has it. */
  onKeys: (digits: string) => void = () => undefined;

  #checkStream(event: string, frame: Json): void {
    if (frame["streamId"] !== this.id) this.setup.problem(`${event}: streamId`);
  }

  /** `frameBytes` carry 20 ms. */
  #watchBacklog(frameBytes: number): void {
    const share = ((this.socket?.waiting ?? 0) / frameBytes) * (20 / PATIENCE_MS);
    if (share >= 1) {
      this.#setup.news({ event: "DroppedStream" });
      this.drop();
    } else if (share >= (WARNINGS[this.#warnings] ?? Infinity)) {
      this.#warnings += 1;
      this.#setup.news({ event: "DegradedStream" });
    }
  }

  #numbered(event: string, more: Json): Json {
    this.#sequence += 1;
    return { event, sequenceNumber: this.#sequence, streamId: this.id, ...more };
  }
}

function littleEndian(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [at, sample] of samples.entries()) bytes.writeInt16LE(sample, at * 2);
  return bytes;
}

function samplesOf(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: Math.floor(bytes.length / 2) }, (_, at) => bytes.readInt16LE(at * 2));
}
