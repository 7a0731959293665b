import type { LiveNotes } from "../prompt.ts";
import { restOf } from "./rest-of.ts";

/** Words of ours that are kept for the agent at most; it hears of the latest. */
const MOST = 20;
/** A longer message is not gone on from. */
const MOST_PROMPT_LENGTH = 16_000;

/** A turn of the caller's that the agent is asked about. */
export interface Asking {
  readonly thought: number;
  readonly words: string;
  /** The thought about an earlier part or version of the words; 0 = none. */
  readonly from: number;
  /** The caller was waited for and says no more. */
  readonly isAll: boolean;
}

/** What the agent is told of it. */
export interface Telling {
  /** The caller's words that are still to be told; "" = the message that is gone on from has told them all. */
  readonly words: string;
  readonly notes: LiveNotes;
}

/** A message to the agent whose turn is not over, or was dropped. */
interface Put {
  readonly thought: number;
  /** All of the caller's words that it tells. */
  readonly words: string;
  /** Null: too long to be gone on from. */
  readonly prompt: string | null;
  /** What else is told by it. */
  readonly said: readonly Said[];
  readonly cut: Cut | null;
}

/** Each is another one, whatever its words. */
interface Said {
  readonly text: string;
}
interface Cut {
  readonly heard: string;
}

/**
 * What the agent's conversation does not know of this call: words that others put into our mouth, and where its own were
 * cut off. Told with the next turn, and forgotten once a turn has taken it along.
 *
 * A turn that is dropped may leave its message in the agent's conversation, without an answer. So the next message begins
 * with that very message, and tells the rest: the host takes the two for one, and every word stands there once.
 */
export class Memory {
  #said: readonly Said[] = [];
  #cut: Cut | null = null;
  #put: Put | null = null;

  /** Something was said on the call that the agent did not say. */
  add(text: string): void {
    if (text !== "") this.#said = [...this.#said, { text }].slice(-MOST);
  }

  /** The agent's words were cut: this much was heard. */
  cut(heard: string): void {
    this.#cut = { heard };
  }

  tell({ words, from, isAll }: Asking): Telling {
    const put = this.#put;
    const said = this.#said.filter((one) => put?.said.includes(one) !== true).map(({ text }) => text);
    const heard = this.#cut === null || this.#cut === put?.cut ? null : this.#cut.heard;
    const notes = { said, heard, isAll, dropped: null };
    if (put === null || put.prompt === null) return { words, notes };
    const { prompt } = put;
    if (put.thought !== from) return { words, notes: { ...notes, dropped: { prompt, is: "turn" } } };
    const rest = restOf(words, put.words);
    const is = rest === null ? "draft" : "beginning";
    return { words: rest ?? words, notes: { ...notes, dropped: { prompt, is } } };
  }

  /** What is told of `asking` is put to the agent in this message. */
  put({ thought, words }: Asking, message: string): void {
    const prompt = message.length > MOST_PROMPT_LENGTH ? null : message;
    this.#put = { thought, words, prompt, said: this.#said, cut: this.#cut };
  }

  /** The message that was put last stands in the agent's conversation for good. */
  told(): void {
    const put = this.#put;
    if (put === null) return;
    this.#said = this.#said.filter((one) => !put.said.includes(one));
    if (this.#cut === put.cut) this.#cut = null;
    this.#put = null;
  }

  /**
   * What was heard of the agent's last words, if the agent does not know that yet: the call ends with it. `stands`: its
   * conversation has those words.
   */
  get late(): { readonly heard: string; readonly stands: boolean } | null {
    if (this.#cut === null) return null;
    return { heard: this.#cut.heard, stands: this.#put === null || this.#put.cut === this.#cut };
  }
}
