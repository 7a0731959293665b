import type { AudioFormat } from "../media/commands.ts";
import { containerOf } from "../media/container.ts";
import { isRate } from "../media/filter.ts";

/** Frames of MP3 that have to follow one another: bare samples may look like the header of one, or of two. */
const MP3_FRAMES = 3;
/** That many of the longest kind, and a bit. */
const MP3_LOOK = 4_400;

/**
 * What a provider calls its audio: `pcm` with a rate beside it, `pcm_22050`, `ulaw_8000`, `raw-8khz-8bit-mono-mulaw`,
 * `mulaw`, `wav`… `wav` stands for audio that says itself what it is. Null: not for telephones.
 */
export function parseFormat(name: string, sampleRate?: number): AudioFormat | "wav" | null {
  const words = name.toLowerCase();
  if (/mp3|mpeg|opus|ogg|webm|aac|flac|m4a/.test(words)) return null;
  if (/\bwav|riff/.test(words)) return "wav";
  const rate = rateOf(words) ?? sampleRate;
  const at8k = rate === undefined || rate === 8_000;
  if (/(?:mu|u|µ)-?law|pcmu/.test(words)) return at8k ? { encoding: "pcmu" } : null;
  if (/a-?law|pcma/.test(words)) return at8k ? { encoding: "pcma" } : null;
  if (!/pcm|linear16|l16|s16|raw/.test(words) || /8-?bit|24-?bit|32-?bit|f32|s24|s32/.test(words))
    return null;
  return rate !== undefined && isRate(rate) ? { encoding: "pcm16", rate } : null;
}

function rateOf(words: string): number | undefined {
  const kilo = /(\d+(?:\.\d+)?)\s*khz/.exec(words)?.[1];
  if (kilo !== undefined) return Number(kilo) * 1000;
  const plain = /(?:^|\D)(\d{4,6})(?:\D|$)/.exec(words)?.[1];
  return plain === undefined ? undefined : Number(plain);
}

/** Several frames of MPEG layer III, one after another. */
function isMp3(bytes: Uint8Array): boolean {
  let at = 0;
  for (let frames = 0; frames < MP3_FRAMES; frames++) {
    const length = bytes[at + 1] === bytes[1] ? mp3FrameLength(bytes, at) : null;
    if (length === null) return false;
    at += length;
  }
  return true;
}

/** Bytes of the MPEG layer III frame whose header stands at `at`; null when there is none. */
function mp3FrameLength(bytes: Uint8Array, at: number): number | null {
  const [first, second, third] = bytes.subarray(at, at + 3);
  if (first !== 0xff || second === undefined || third === undefined) return null;
  const version = (second >> 3) & 3;
  const layerThree = (second & 0xe6) === 0xe2;
  const bitrate = (version === 3 ? MPEG1_KBPS : MPEG2_KBPS)[third >> 4];
  const base = [44_100, 48_000, 32_000][(third >> 2) & 3];
  if (!layerThree || version === 1 || bitrate === undefined || bitrate === 0 || base === undefined)
    return null;
  const rate = base / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const padding = (third >> 1) & 1;
  return Math.floor(((version === 3 ? 144_000 : 72_000) * bitrate) / rate) + padding;
}

const MPEG1_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

export interface Opened {
  readonly format: AudioFormat;
  /** Bytes before the first sample. */
  readonly skip: number;
  /** Bytes of samples; null when only their end tells. */
  readonly bytes: number | null;
}

/**
 * Looks at the beginning of an utterance: what its samples are and where they start. Null: further bytes have to be looked
 * at; with `whole` there are none. Throws when it cannot be played as it is.
 */
export function openAudio(
  declared: AudioFormat | "wav" | null,
  beginning: Uint8Array,
  whole: boolean,
): Opened | null {
  if (declared === null) throw wrongContainer("by_name");
  if (isMp3(beginning)) throw wrongContainer("mp3");
  const container = containerOf(beginning, whole, G711);
  switch (container.kind) {
    case "undecided":
      return null;
    case "foreign":
      throw wrongContainer("by_content");
    case "wav": {
      const { format, skip, bytes } = container;
      return { format, skip, bytes };
    }
    case "none": {
      const undecided = mp3FrameLength(beginning, 0) !== null && beginning.byteLength < MP3_LOOK;
      if ((undecided || beginning.byteLength < 4) && !whole) return null;
      if (declared === "wav") throw wrongContainer("not_wav");
      return { format: declared, skip: 0, bytes: null };
    }
  }
}

/** Loud 16-bit samples may begin like MP3, of which one header is not enough here. */
const G711: AudioFormat = { encoding: "pcmu" };

const wrongContainer = (kind: string): Error =>
  Object.assign(new Error(`speech provider: wrong container, ${kind}`), { code: `wrong_container_${kind}` });
