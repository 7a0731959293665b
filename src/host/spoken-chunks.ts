import { setImmediate } from "node:timers/promises";
import type { SpokenAudio } from "../conversation/live/speech.ts";
import type { AudioFormat } from "../media/commands.ts";
import { openAudio } from "./audio-format.ts";

/** Audio is handed on in slices of at most this. */
const SLICE_MS = 200;
/** After so many slices in a row other work gets its turn. */
const BREATH = 10;

export interface Source {
  readonly declared: AudioFormat | "wav" | null;
  readonly audio: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Lets the provider go; may be called more than once. */
  release(): Promise<void>;
}

interface Slice {
  readonly format: AudioFormat;
  readonly bytes: Uint8Array;
}

/**
 * Resolves with the first audio at hand. Every slice is a copy of its own, of whole samples. Rejects, or the slices throw,
 * when there is no audio, when it cannot be played as it is, or when the signal fires; the provider is let go in every case.
 */
export async function spokenChunks(source: Source, signal: AbortSignal): Promise<SpokenAudio> {
  const release = (): void => void source.release().catch(() => undefined);
  signal.addEventListener("abort", release, { once: true });
  const slices = sliced(source, signal);
  const first = await slices.next();
  if (first.done === true) throw coded("empty_audio");
  return { format: first.value.format, chunks: bytesOf(first.value, slices) };
}

async function* bytesOf(first: Slice, rest: AsyncGenerator<Slice>): AsyncGenerator<Uint8Array> {
  try {
    yield first.bytes;
    for await (const { bytes } of rest) yield bytes;
  } finally {
    await rest.return(undefined);
  }
}

async function* sliced(source: Source, signal: AbortSignal): AsyncGenerator<Slice> {
  const { declared, audio } = source;
  let format: AudioFormat | null = null;
  let held: Uint8Array = new Uint8Array(0);
  let given = 0;
  /** What follows the samples in a file is none. */
  let room = Infinity;
  const limited = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.min(bytes.byteLength, room));
  try {
    signal.throwIfAborted();
    for await (const chunk of audio) {
      signal.throwIfAborted();
      held = held.byteLength === 0 ? chunk : joined(held, chunk);
      if (format === null) {
        const opened = openAudio(declared, held, false);
        if (opened === null) continue;
        ({ format } = opened);
        room = opened.bytes ?? Infinity;
        held = held.subarray(opened.skip);
      }
      held = limited(held);
      for (; ; given++) {
        const length = Math.min(whole(held.byteLength, format), sliceBytes(format));
        if (length === 0) break;
        yield { format, bytes: copy(held, length) };
        held = held.subarray(length);
        room -= length;
        if (given % BREATH === BREATH - 1) await setImmediate();
        signal.throwIfAborted();
      }
      // The chunk belongs to the provider, so what is left of it is kept as a copy.
      held = copy(held, held.byteLength);
    }
    // A stream that is let go ends as if it were complete.
    signal.throwIfAborted();
    if (format !== null || held.byteLength === 0) return;
    const opened = openAudio(declared, held, true);
    if (opened === null) return;
    room = opened.bytes ?? Infinity;
    held = limited(held.subarray(opened.skip));
    const length = whole(held.byteLength, opened.format);
    if (length > 0) yield { format: opened.format, bytes: copy(held, length) };
  } finally {
    await source.release();
  }
}

/** As much of it as is whole samples. */
const whole = (bytes: number, { encoding }: AudioFormat): number =>
  encoding === "pcm16" ? bytes - (bytes % 2) : bytes;

const sliceBytes = (format: AudioFormat): number =>
  format.encoding === "pcm16" ? 2 * Math.round((format.rate * SLICE_MS) / 1000) : 8 * SLICE_MS;

/** In a buffer of its own, so that it can be transferred. */
const copy = (bytes: Uint8Array, length: number): Uint8Array => new Uint8Array(bytes.subarray(0, length));

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.byteLength + other.byteLength);
  both.set(one);
  both.set(other, one.byteLength);
  return both;
}

const coded = (code: string): Error => Object.assign(new Error(`speech provider: ${code}`), { code });
