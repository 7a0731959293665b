import { randomUUID } from "node:crypto";
import { transcode, type Law } from "../audio/g711.ts";
import {
  CarrierStream,
  fromBase64,
  isObject,
  offsetMs,
  toBase64,
  type Json,
  type StreamSetup,
} from "../audio/socket-client.ts";

/** What `streaming_start`, or `stream_*` of dial and answer, ask for. */
export interface StreamPlan {
  readonly url: string;
  readonly track: string;
  /** The law that frames of the caller are wanted in; null: the call's own. */
  readonly wanted: Law | null;
  /** `mp3` unless asked otherwise: then what we send has to be whole files. */
  readonly isRtp: boolean;
  /** The law of our frames. */
  readonly ours: Law;
  /** Our audio goes to the other leg of a bridge, and to nobody when there is none. */
  readonly isForOther: boolean;
  readonly authToken: string | null;
  readonly parameters: readonly Json[];
}

/** What `start` says of the call. */
export interface StreamCall {
  readonly callControlId: string;
  readonly sessionId: string;
  readonly from: string;
  readonly to: string;
  clientState(): string | null;
}

export interface TelnyxSetup extends StreamSetup {
  readonly call: StreamCall;
  /** The law in which the caller's frames are sent. */
  readonly law: Law;
  /** A key was pressed: the webhook beside the frame. */
  pressed(digit: string): void;
}

/** Shortest and longest piece of audio in `rtp` mode, bytes. */
const SHORTEST = 160;
const LONGEST = 30_000 * 8;

const ERRORS: Readonly<Record<number, { readonly title: string; readonly detail: string }>> = {
  100003: { title: "malformed_frame", detail: "Received frame was not formed correctly" },
  100004: { title: "invalid_media", detail: "Media provided was not base64 encoded" },
};

/**
 * Telnyx's end of a media stream
 * (https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket).
 */
export class TelnyxStream extends CarrierStream {
  readonly id = randomUUID();
  readonly #plan: StreamPlan;
  readonly #setup: TelnyxSetup;
  #sequence = 0;

  constructor(setup: TelnyxSetup, plan: StreamPlan) {
    super(setup);
    this.#setup = setup;
    this.#plan = plan;
  }

  protected override begin(): void {
    const { call, law } = this.#setup;
    this.send({ event: "connected", version: "1.0.0" });
    this.send(
      this.#numbered("start", {
        start: {
          user_id: "3e6f995f-85f7-4705-9741-53b116d28237",
          call_control_id: call.callControlId,
          call_session_id: call.sessionId,
          from: call.from,
          to: call.to,
          tags: [],
          client_state: call.clientState(),
          // Where they stand is assumed.
          ...(this.#plan.parameters.length === 0 ? {} : { custom_parameters: this.#plan.parameters }),
          media_format: { encoding: law === "pcmu" ? "PCMU" : "PCMA", sample_rate: 8000, channels: 1 },
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
        payload: toBase64(transcode("pcmu", this.#setup.law, pcmu)),
      },
    });
  }

  protected override press(digit: string): void {
    const occurred_at = new Date().toISOString().replace("Z", "000Z");
    this.send(this.#numbered("dtmf", { occurred_at, dtmf: { digit } }));
    this.#setup.pressed(digit);
  }

  protected override goodbye(): void {
    this.send(
      this.#numbered("stop", {
        stop: {
          user_id: "3e6f995f-85f7-4705-9741-53b116d28237",
          call_control_id: this.#setup.call.callControlId,
        },
      }),
    );
  }

  protected override returnMark(name: string): void {
    this.send(this.#numbered("mark", { mark: { name } }));
  }

  protected override take(event: string, frame: Json): void {
    const inner = isObject(frame[event]) ? frame[event] : null;
    if (event === "clear") {
      for (const name of this.playout.clear()) this.returnMark(name);
    } else if (event === "mark" && typeof inner?.["name"] === "string") this.playout.mark(inner["name"]);
    else if (event === "media" && typeof inner?.["payload"] === "string") this.#media(inner["payload"]);
    else this.#complain(100_003, event);
  }

  protected override takeNonsense(text: string): void {
    this.#complain(100_003, text.slice(0, 40));
  }

  protected override takeBinary(): void {
    this.#complain(100_003, "a binary message");
  }

  #media(payload: string): void {
    const audio = fromBase64(payload);
    if (audio === null) return this.#complain(100_004, "media");
    const { isRtp, isForOther, ours } = this.#plan;
    // A file would begin with a tag or a frame's sync word; nothing is played here either way.
    if (!isRtp) return this.setup.problem("media: stream_bidirectional_mode is mp3, nothing is heard");
    if (isForOther) return this.setup.problem("media: goes to the opposite leg, nobody is there");
    if (audio.length < SHORTEST || audio.length > LONGEST) {
      this.setup.problem(`media: ${audio.length / 8} ms, not 20 ms to 30 s`);
    }
    this.play(transcode(ours, "pcmu", audio));
  }

  #complain(code: number, what: string): void {
    this.setup.problem(`${code}: ${what}`);
    this.send({ event: "error", payload: { code, ...ERRORS[code] }, stream_id: this.id });
  }

  #numbered(event: string, more: Json): Json {
    this.#sequence += 1;
    return { event, sequence_number: String(this.#sequence), ...more, stream_id: this.id };
  }
}
