import type { LiveNotes } from "../prompt.ts";

/** Words of ours that are kept for the agent at most; it hears of the latest. */
const MOST = 20;

/**
 * What the agent's conversation does not know of this call: words that others put into our mouth, and where its own were
 * cut off. Told with the next turn, and forgotten once a turn has taken it along.
 */
export class Memory {
  #said: string[] = [];
  #heard: string | null = null;

  /** Something was said on the call that the agent did not say. */
  add(text: string): void {
    if (text !== "") this.#said = [...this.#said, text].slice(-MOST);
  }

  /** The agent's words were cut: this much was heard. */
  cut(heard: string): void {
    this.#heard = heard;
  }

  /** `isAll`: the caller was waited for and says no more. */
  notes(isAll: boolean): LiveNotes {
    return { said: this.#said, heard: this.#heard, isAll };
  }

  /** A turn of the agent has taken these along. */
  told(notes: LiveNotes): void {
    this.#said = this.#said.filter((text) => !notes.said.includes(text));
    if (this.#heard === notes.heard) this.#heard = null;
  }
}
