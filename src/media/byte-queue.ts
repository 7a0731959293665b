/** Bytes in order, in the chunks in which they came. Whoever fills it bounds it. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that are gone. */
  #gone = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps the chunk itself, not a copy. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Copies what lies from byte `from` on into `target`, as much as there is; returns how much. Nothing is taken away. */
  peek(from: number, target: Uint8Array): number {
    let copied = 0;
    let skip = from + this.#gone;
    for (const chunk of this.#chunks) {
      if (copied === target.length) break;
      if (skip < chunk.length) {
        const part = chunk.subarray(skip, skip + target.length - copied);
        target.set(part, copied);
        copied += part.length;
      }
      skip = Math.max(0, skip - chunk.length);
    }
    return copied;
  }

  /** Takes the first `count` bytes away, or all. */
  drop(count: number): void {
    const gone = Math.min(count, this.#length);
    this.#length -= gone;
    this.#gone += gone;
    let whole = 0;
    for (let first = this.#chunks[0]; first && this.#gone >= first.length; first = this.#chunks[whole]) {
      this.#gone -= first.length;
      whole++;
    }
    this.#chunks.splice(0, whole);
  }
}
