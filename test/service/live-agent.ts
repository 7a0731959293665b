import { setTimeout as delay } from "node:timers/promises";
import type { AgentAnswer, AgentRequest, PhoneAgent } from "../../src/conversation/agent.ts";

/** What an agent writes. Real milliseconds. */
export interface Written {
  readonly text: string;
  /** Until the first token. */
  readonly firstMs?: number;
  /** From one token to the next; 0 = all at once. A token is a word. */
  readonly everyMs?: number;
}

/** Marks the caller's words in a prompt. */
export const marked = (words: string): string => `<<${words}>>`;

/** Sets what follows apart from a message that was dropped: it is another turn, or a better version of this one. */
const APART =
  /^(?:That was not taken down right|You have not answered that|Your answer to that was cut off).*$/mu;

/** The caller's words in the turn that is put to the agent; they may go on from those of a message that was dropped. */
function wordsOf(prompt: string): string {
  const present = prompt.split(APART).at(-1) ?? "";
  return Array.from(present.matchAll(/<<(.*?)>>/gu), ([, words]) => words).join(" ");
}

/** An agent in this process, which writes token by token what `answer` says and remembers what each session was told. */
export class LocalAgent implements PhoneAgent {
  /** Words of the turns that were answered, by session. */
  readonly told = new Map<string, readonly string[]>();
  /** `before`: the words of the session's earlier turns. */
  readonly #answer: (words: string, before: readonly string[]) => Written;

  constructor(answer: (words: string, before: readonly string[]) => Written) {
    this.#answer = answer;
  }

  async run(request: AgentRequest, signal: AbortSignal): Promise<AgentAnswer> {
    const { prompt, sessionKey } = request;
    const words = wordsOf(prompt);
    const before = this.told.get(sessionKey) ?? [];
    const { text, firstMs = 0, everyMs = 0 } = this.#answer(words, before);
    request.onModel?.();
    if (firstMs > 0) await delay(firstMs, undefined, { signal });
    request.onMessage();
    if (everyMs === 0) request.onText(text);
    else await this.#write(text, everyMs, request, signal);
    this.told.set(sessionKey, [...before, words]);
    return { texts: [text], failure: null };
  }

  warm(): Promise<void> {
    return Promise.resolve();
  }

  async #write(text: string, everyMs: number, request: AgentRequest, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    let soFar = "";
    for (const [at, token] of text.split(/(?<= )/u).entries()) {
      // A late timer makes up for it with the next token.
      const wait = startedAt + at * everyMs - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal });
      request.onText((soFar += token));
    }
  }
}
