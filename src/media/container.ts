import type { AudioFormat } from "./commands.ts";
import { isRate } from "./filter.ts";
import { G711_RATE } from "./g711.ts";

/**
 * Some speech providers wrap what was asked for as bare samples in a WAV file, and some send another kind of file than they
 * say. Played as samples a header is a click, and compressed audio is noise.
 */
export type Container =
  /** More bytes are needed to tell. */
  | { readonly kind: "undecided" }
  /** Bare samples. */
  | { readonly kind: "none" }
  | {
      readonly kind: "wav";
      readonly format: AudioFormat;
      /** Length of the header. */
      readonly skip: number;
      /** Bytes of audio after it; null when the header does not know, as that of a stream. */
      readonly bytes: number | null;
    }
  /** A file that cannot be played. */
  | { readonly kind: "foreign" };

/** A header may be this long. */
const LONGEST_HEADER = 4096;

const MAGIC = ["RIFF", "OggS", "fLaC", "ID3"];
const PCM = 1;
const EXTENSIBLE = 0xfffe;
const A_LAW = 6;
const MU_LAW = 7;
/** Lengths from here on are what writers put that cannot know. */
const UNKNOWN_LENGTH = 0x7fff_0000;

/** Takes the header off audio that comes in chunks, if there is one. */
export class Unwrapper {
  #format: AudioFormat;
  #head: Uint8Array = new Uint8Array(0);
  #kind: Container["kind"] = "undecided";
  /** Bytes of audio that may still come; what follows them in a file is none. */
  #room = Infinity;

  /** `format`: of bare samples. */
  constructor(format: AudioFormat) {
    this.#format = format;
  }

  /** Of the audio: what the header says, if there is one. */
  get format(): AudioFormat {
    return this.#format;
  }

  get foreign(): boolean {
    return this.#kind === "foreign";
  }

  /** The audio among the bytes so far that was not returned yet. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#kind !== "undecided") return this.#audio(bytes);
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    return this.#decide(false);
  }

  /** Nothing follows. */
  end(): Uint8Array {
    return this.#kind === "undecided" ? this.#decide(true) : new Uint8Array(0);
  }

  #decide(whole: boolean): Uint8Array {
    const container = containerOf(this.#head, whole, this.#format);
    const head = this.#head;
    this.#kind = container.kind;
    if (container.kind === "undecided") return new Uint8Array(0);
    this.#head = new Uint8Array(0);
    if (container.kind !== "wav") return this.#audio(head);
    this.#format = container.format;
    this.#room = container.bytes ?? Infinity;
    return this.#audio(head.subarray(container.skip));
  }

  #audio(bytes: Uint8Array): Uint8Array {
    if (this.foreign) return new Uint8Array(0);
    const audio = this.#room < bytes.length ? bytes.subarray(0, this.#room) : bytes;
    this.#room -= audio.length;
    return audio;
  }
}

/** What begins with `head`, where bare samples would be of `format`. `whole`: nothing follows. */
export function containerOf(head: Uint8Array, whole: boolean, format: AudioFormat): Container {
  const text = latin1(head, 0);
  const magic = MAGIC.find((magic) => magic.startsWith(text) || text.startsWith(magic));
  const mp3 = format.encoding === "pcm16" && maybeMp3(head);
  if (magic === undefined && !mp3) return { kind: "none" };
  if (head.length < 4) return { kind: whole ? "none" : "undecided" };
  if (magic === "RIFF") return wavOf(head, whole);
  return { kind: "foreign" };
}

/**
 * An MPEG layer III frame header (ISO/IEC 11172-3, 2.4.2.3) with values that exist, as far as there are bytes. As samples it
 * would begin at -30 dB or more; G.711 begins like that when it is silent.
 */
function maybeMp3(head: Uint8Array): boolean {
  const [first = 0xff, second = 0xfb, third = 0x90] = head;
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const bitrate = third >> 4;
  const rate = (third >> 2) & 3;
  const synchronised = first === 0xff && second >> 5 === 7;
  return synchronised && version !== 1 && layer === 1 && bitrate !== 0 && bitrate !== 15 && rate !== 3;
}

const latin1 = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

function wavOf(head: Uint8Array, whole: boolean): Container {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const short: Container = { kind: whole || head.length >= LONGEST_HEADER ? "foreign" : "undecided" };
  if (head.length < 12) return short;
  if (latin1(head, 8) !== "WAVE") return { kind: "foreign" };
  let format: AudioFormat | null = null;
  for (let at = 12; at + 8 <= head.length;) {
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (latin1(head, at) === "data") {
      if (!format) return { kind: "foreign" };
      const bytes = length === 0 || length >= UNKNOWN_LENGTH ? null : length;
      return { kind: "wav", format, skip: body, bytes };
    }
    if (latin1(head, at) === "fmt ") {
      if (length < 16) return { kind: "foreign" };
      if (body + Math.min(length, 26) > head.length) return short;
      format = formatOf(view, body, length);
      if (!format) return { kind: "foreign" };
    }
    // Chunks begin at even places.
    at = body + length + (length % 2);
  }
  return short;
}

function formatOf(view: DataView, at: number, length: number): AudioFormat | null {
  const tag = view.getUint16(at, true);
  const kind = tag === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : tag;
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (channels !== 1) return null;
  if (kind === PCM && bits === 16 && isRate(rate)) return { encoding: "pcm16", rate };
  if (rate !== G711_RATE || bits !== 8) return null;
  if (kind === MU_LAW) return { encoding: "pcmu" };
  return kind === A_LAW ? { encoding: "pcma" } : null;
}
