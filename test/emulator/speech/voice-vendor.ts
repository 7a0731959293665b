import type { IncomingMessage, ServerResponse } from "node:http";
import { speakPcm } from "../audio/words.ts";
import { encode } from "../audio/g711.ts";
import { answerJson, bodyOf, Vendor } from "./vendor.ts";

/** How a voice speaks. Real milliseconds. */
export interface Delivery {
  /** Until the first byte. */
  firstByteMs: number;
  /** Times real time; Infinity = all at once. */
  speed: number;
  leadingSilenceMs: number;
  msPerChar: number;
}

/** What goes wrong with one request. `afterMs`: of audio that is sent before it does. */
export type VoiceFault =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "reset" }
  | { readonly kind: "never" }
  | { readonly kind: "empty" }
  /** Another container than was asked for, under the right name. */
  | { readonly kind: "mp3" | "ogg" | "wav" }
  | { readonly kind: "cut" | "stall"; readonly afterMs: number };

export interface VoiceRequest {
  readonly path: string;
  readonly text: string;
  readonly voice: string;
  readonly model: string;
  /** Format that was asked for, in the vendor's words. */
  readonly format: string;
  /** Epoch ms. */
  readonly at: number;
  /** The client went before all was sent. */
  abandoned: boolean;
}

export interface Wanted {
  readonly text: string;
  readonly voice: string;
  readonly model: string;
  readonly format: string;
  readonly audio: { readonly encoding: "pcm16"; readonly rate: number } | { readonly encoding: "pcmu" };
  readonly contentType: string;
}

const CHUNK_MS = 50;
/** Two frames of MPEG 1 layer III, 128 kbit/s, 44.1 kHz. */
const MP3 = Buffer.concat([mp3Frame(), mp3Frame(), mp3Frame()]);

/** A vendor that speaks what it is sent, so that `Hearing` can read it. */
export abstract class VoiceVendor extends Vendor<VoiceFault> {
  readonly requests: VoiceRequest[] = [];
  delivery: Delivery = { firstByteMs: 0, speed: Infinity, leadingSilenceMs: 0, msPerChar: 30 };

  /** The request in the vendor's form; a number is the status of a refusal. */
  protected abstract understand(
    url: URL,
    headers: IncomingMessage["headers"],
    body: unknown,
  ): Wanted | number;

  protected override async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const body = await bodyOf(request);
    const wanted = this.understand(url, request.headers, parsed(body));
    if (typeof wanted === "number") return answerJson(response, wanted, { error: { message: "refused" } });
    const { text, voice, model, format } = wanted;
    const noted: VoiceRequest = {
      path: url.pathname,
      text,
      voice,
      model,
      format,
      at: Date.now(),
      abandoned: false,
    };
    this.requests.push(noted);
    response.on("close", () => {
      noted.abandoned = !response.writableFinished;
    });
    const fault = this.nextFault();
    this.later(this.delivery.firstByteMs, () => this.#answer(response, wanted, fault));
  }

  #answer(response: ServerResponse, wanted: Wanted, fault: VoiceFault | null): void {
    if (fault?.kind === "never") return;
    if (fault?.kind === "reset") return void response.socket?.resetAndDestroy();
    if (fault?.kind === "status") {
      const error = { message: "try again later", type: "server_error" };
      return answerJson(response, fault.status, { error });
    }
    response.writeHead(200, { "content-type": wanted.contentType });
    if (fault?.kind === "empty") return void response.end();
    const audio = this.#audio(wanted, fault?.kind ?? null);
    const bytesPerMs = wanted.audio.encoding === "pcm16" ? (wanted.audio.rate * 2) / 1000 : 8;
    const length =
      fault?.kind === "cut" || fault?.kind === "stall"
        ? Math.round(fault.afterMs * bytesPerMs)
        : audio.length;
    this.#send(response, audio.subarray(0, length), bytesPerMs, () => {
      if (fault?.kind === "cut") response.socket?.resetAndDestroy();
      else if (fault?.kind !== "stall") response.end();
    });
  }

  #send(response: ServerResponse, audio: Buffer, bytesPerMs: number, done: () => void): void {
    if (response.destroyed) return;
    const { speed } = this.delivery;
    if (audio.length === 0) return done();
    const chunk = speed === Infinity ? audio.length : Math.ceil(CHUNK_MS * bytesPerMs);
    response.write(audio.subarray(0, chunk));
    this.later(speed === Infinity ? 0 : CHUNK_MS / speed, () =>
      this.#send(response, audio.subarray(chunk), bytesPerMs, done),
    );
  }

  #audio(wanted: Wanted, container: string | null): Buffer {
    if (container === "mp3") return MP3;
    if (container === "ogg") return Buffer.from("OggS\u0000\u0002 and so on, for a while");
    const samples = this.#samples(wanted);
    const bytes =
      wanted.audio.encoding === "pcm16"
        ? Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
        : Buffer.from(encode("pcmu", samples));
    if (container !== "wav") return bytes;
    return Buffer.concat([wavHead(wanted.audio, bytes.length), bytes]);
  }

  #samples({ text, audio }: Wanted): Int16Array {
    const rate = audio.encoding === "pcm16" ? audio.rate : 8000;
    const { leadingSilenceMs, msPerChar } = this.delivery;
    const silence = Math.round((rate * leadingSilenceMs) / 1000);
    const words = speakPcm(text, rate, { msPerChar });
    const samples = new Int16Array(silence + words.length);
    samples.set(words, silence);
    return samples;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function mp3Frame(): Buffer {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  return frame;
}

/** RIFF/WAVE, one channel. */
export function wavHead(audio: Wanted["audio"], bytes: number): Buffer {
  const pcm = audio.encoding === "pcm16";
  const rate = pcm ? audio.rate : 8000;
  const width = pcm ? 2 : 1;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(pcm ? 1 : 7, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * width, 28);
  head.writeUInt16LE(width, 32);
  head.writeUInt16LE(width * 8, 34);
  head.write("data", 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}
