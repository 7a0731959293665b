import type { AudioFormat } from "../../media/commands.ts";

/** One utterance as a voice spoke it, while it comes in and afterwards. */
export class Recording {
  readonly provider: string;
  /** Epoch ms. */
  readonly requestedAt: number;
  format: AudioFormat | null = null;
  firstByteAt: number | null = null;
  doneAt: number | null = null;
  error: Error | null = null;
  /** Everything that came. */
  readonly chunks: Uint8Array[] = [];
  bytes = 0;
  #listeners: (() => void)[] = [];

  constructor(provider: string, requestedAt: number) {
    this.provider = provider;
    this.requestedAt = requestedAt;
  }

  get isOver(): boolean {
    return this.doneAt !== null || this.error !== null;
  }

  add(chunk: Uint8Array, format: AudioFormat, now: number): void {
    if (this.isOver || chunk.byteLength === 0) return;
    this.format ??= format;
    this.firstByteAt ??= now;
    this.chunks.push(chunk);
    this.bytes += chunk.byteLength;
    this.#tell();
  }

  end(now: number): void {
    if (this.isOver) return;
    this.doneAt = now;
    this.#tell();
  }

  fail(error: Error): void {
    if (this.isOver) return;
    this.error = error;
    this.#tell();
  }

  /** Calls `listener` at every change, until the returned function is called. */
  watch(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Milliseconds of audio. */
export function lengthMs(bytes: number, format: AudioFormat): number {
  return format.encoding === "pcm16" ? (bytes / 2 / format.rate) * 1000 : bytes / 8;
}
