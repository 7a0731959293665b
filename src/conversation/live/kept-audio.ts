/** PCMU at 8 kHz: bytes per millisecond. */
const BYTES_PER_MS = 8;
/** What is kept when a final comes: the beginning of the next utterance may already be in it. */
const TAIL_MS = 300;
/** The same when the provider has heard the next utterance begin. */
const NEXT_MS = 2_000;
/** A detector reports speech some time after it began. */
const ONSET_MS = 500;
/** Utterances that may have begun before the first of them is final. */
const MOST_ONSETS = 8;

/**
 * The caller's audio since the last final words, so that another provider can be told what one has lost. At most `limitMs` of
 * it; beyond that the oldest goes.
 */
export class KeptAudio {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #kept = 0;
  /** Bytes that ever came. */
  #total = 0;
  /** Positions at which somebody began to speak since the last final. */
  #onsets: number[] = [];

  constructor(limitMs: number) {
    this.#limit = limitMs * BYTES_PER_MS;
  }

  /** Milliseconds kept. */
  get lengthMs(): number {
    return this.#kept / BYTES_PER_MS;
  }

  /** Milliseconds of the oldest audio that had to go for this chunk. */
  push(chunk: Uint8Array): number {
    this.#chunks.push(chunk);
    this.#kept += chunk.byteLength;
    this.#total += chunk.byteLength;
    return this.#cutTo(this.#limit) / BYTES_PER_MS;
  }

  /** Somebody began to speak. */
  onset(): void {
    if (this.#onsets.length < MOST_ONSETS) this.#onsets.push(this.#total - ONSET_MS * BYTES_PER_MS);
  }

  /** An utterance is over and its words are known: it is not needed any more. */
  settled(): void {
    const next = this.#onsets[1];
    const tail = next === undefined ? TAIL_MS : Math.min(NEXT_MS, (this.#total - next) / BYTES_PER_MS);
    this.#cutTo(tail * BYTES_PER_MS);
    this.#onsets.shift();
  }

  /** All that is kept, in blocks of up to `blockMs`. */
  *blocks(blockMs: number): Generator<Uint8Array> {
    const size = blockMs * BYTES_PER_MS;
    let block: Uint8Array[] = [];
    let length = 0;
    for (const chunk of this.#chunks.slice()) {
      block.push(chunk);
      length += chunk.byteLength;
      if (length < size) continue;
      yield joined(block, length);
      block = [];
      length = 0;
    }
    if (length > 0) yield joined(block, length);
  }

  /** All of it goes to somebody who has heard nothing yet. */
  restart(): void {
    this.#onsets = [];
  }

  clear(): void {
    this.#chunks = [];
    this.#kept = 0;
    this.#onsets = [];
  }

  /** Drops the oldest audio, sample by sample, until `bytes` are left. */
  #cutTo(bytes: number): number {
    const excess = this.#kept - bytes;
    let left = excess;
    let whole = 0;
    while (left > 0) {
      const oldest = this.#chunks[whole];
      if (oldest === undefined) break;
      if (oldest.byteLength > left) {
        this.#chunks[whole] = oldest.subarray(left);
        left = 0;
      } else {
        left -= oldest.byteLength;
        whole++;
      }
    }
    if (whole > 0) this.#chunks.splice(0, whole);
    this.#kept -= Math.max(0, excess);
    return Math.max(0, excess);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
