import type { TranscriptTurn } from "../call/call.ts";

interface Known {
  /** Turns of the transcript that have been looked at. */
  readonly turns: number;
  readonly replies: Set<string>;
}

/** Calls whose words are remembered at most; an older one is only told again what was said. */
const REMEMBERED = 500;

/**
 * What our side said on a call that its agent conversation does not know: the opening message and whatever commands
 * spoke. The conversation knows its own replies; the caller's earlier words stay where they were answered.
 */
export class OwnWords {
  readonly #calls = new Map<string, Known>();

  /** Our words since the last reply that the conversation did not say itself, oldest first. */
  news(callId: string, transcript: readonly TranscriptTurn[]): string[] {
    const known = this.#calls.get(callId);
    return transcript
      .slice(known?.turns ?? 0)
      .filter((turn) => turn.role === "agent" && !known?.replies.has(turn.text))
      .map((turn) => turn.text);
  }

  /** The conversation has been told `turns` turns of the transcript and said `texts`. */
  replied(callId: string, turns: number, texts: readonly string[]): void {
    const replies = this.#calls.get(callId)?.replies ?? new Set();
    for (const text of texts) replies.add(text);
    this.#calls.delete(callId);
    this.#calls.set(callId, { turns, replies });
    const [oldest] = this.#calls.keys();
    if (oldest !== undefined && this.#calls.size > REMEMBERED) this.#calls.delete(oldest);
  }
}
