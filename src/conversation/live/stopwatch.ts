import type { StreamEvent } from "../../media/commands.ts";

/** Where the time of one turn went, from the caller's last sound to the first sound of the answer. Milliseconds. */
export interface TurnTimes {
  /** Caller silent → we took the turn as over. */
  readonly endpointing: number | null;
  /** Caller silent → final transcript. */
  readonly transcript: number | null;
  /** Turn over → the model is asked: the host's agent start. */
  readonly agent: number | null;
  /** Model asked → its first token. */
  readonly model: number | null;
  /** First token → first sentence. */
  readonly sentence: number | null;
  /** First sentence → first byte of its speech. */
  readonly voice: number | null;
  /** Silence cut from the beginning of the speech. */
  readonly silence: number | null;
  /** First byte in the media plane → first frame to the carrier. */
  readonly pacing: number | null;
  /** Final transcript → first audible frame. */
  readonly turn: number | null;
  /** Caller silent → first audible frame. */
  readonly response: number | null;
}

/** What a voice tells about one piece; epoch ms. */
export interface PieceTimes {
  readonly requestedAt: number;
  readonly firstByteAt: number;
}

interface Marks {
  readonly thought: number;
  readonly silentAt: number | null;
  readonly finalAt: number | null;
  overAt: number | null;
  startedAt: number;
  askedAt: number | null;
  firstAt: number | null;
  sentenceAt: number | null;
  piece: number | null;
  voiceAt: number | null;
}

const since = (later: number | null, earlier: number | null): number | null =>
  later === null || earlier === null ? null : Math.max(0, later - earlier);

/** Follows one turn at a time. A turn that is dropped, or that somebody else spoke in, is not told. */
export class Stopwatch {
  readonly #done: (times: TurnTimes) => void;
  #silentAt: number | null = null;
  #finalAt: number | null = null;
  #marks: Marks | null = null;

  constructor(done: (times: TurnTimes) => void) {
    this.#done = done;
  }

  /** The caller fell silent. */
  silent(at: number): void {
    this.#silentAt = at;
  }

  final(at: number): void {
    this.#finalAt = at;
  }

  thinking(thought: number, sure: boolean, at: number): void {
    this.#marks = {
      thought,
      silentAt: this.#silentAt,
      finalAt: this.#finalAt,
      overAt: sure ? at : null,
      startedAt: at,
      askedAt: null,
      firstAt: null,
      sentenceAt: null,
      piece: null,
      voiceAt: null,
    };
  }

  /** The caller said no more: the turn was over now. */
  confirmed(thought: number, at: number): void {
    const marks = this.#of(thought);
    if (marks === null) return;
    this.#marks = { ...marks, silentAt: this.#silentAt, finalAt: this.#finalAt, overAt: at };
  }

  asked(thought: number, at: number): void {
    const marks = this.#of(thought);
    if (marks !== null) marks.askedAt ??= at;
  }

  first(thought: number, at: number): void {
    const marks = this.#of(thought);
    if (marks !== null) marks.firstAt ??= at;
  }

  sentence(thought: number, at: number): void {
    const marks = this.#of(thought);
    if (marks !== null) marks.sentenceAt ??= at;
  }

  /** A piece is to be said. The first one after the first sentence is the answer's. */
  say(piece: number): void {
    const marks = this.#marks;
    if (marks !== null && marks.sentenceAt !== null) marks.piece ??= piece;
  }

  voice(piece: number, { firstByteAt }: PieceTimes): void {
    if (this.#marks?.piece === piece) this.#marks.voiceAt ??= firstByteAt;
  }

  audible({ piece, at, readyAt, trimmedMs }: Extract<StreamEvent, { type: "piece-started" }>): void {
    const marks = this.#marks;
    if (marks === null || marks.piece !== piece) return;
    this.#marks = null;
    this.#silentAt = null;
    this.#finalAt = null;
    this.#done({
      endpointing: since(marks.overAt, marks.silentAt),
      transcript: since(marks.finalAt, marks.silentAt),
      agent: since(marks.askedAt, marks.startedAt),
      model: since(marks.firstAt, marks.askedAt),
      sentence: since(marks.sentenceAt, marks.firstAt),
      voice: since(marks.voiceAt, Math.max(marks.sentenceAt ?? 0, marks.overAt ?? 0)),
      silence: trimmedMs,
      pacing: since(at, readyAt),
      turn: since(at, marks.finalAt),
      response: since(at, marks.silentAt),
    });
  }

  #of(thought: number): Marks | null {
    return this.#marks?.thought === thought ? this.#marks : null;
  }
}
