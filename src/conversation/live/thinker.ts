import type { Call } from "../../call/call.ts";
import type { PhoneAgent } from "../agent.ts";
import { abortable } from "../abortable.ts";
import { replyFailed } from "../failure.ts";
import type { PhoneToolSettings } from "../phone-tools.ts";
import { cutByEnd, liveSystemPrompt, liveTurnPrompt, UNFINISHED, type LiveNotes } from "../prompt.ts";
import { SentenceStream } from "../sentence-stream.ts";
import { setupOf } from "../setup.ts";

export interface ThinkerParts {
  readonly agent: PhoneAgent;
  /** The configuration in force. Read for every turn. */
  settings(): PhoneToolSettings;
  /** Marks the caller's words as untrusted content from outside. */
  wrap(words: string): Promise<string>;
  /** Tells the agent's conversation something with its next turn, whoever begins that. Without it nothing is told. */
  note?(note: Note): Promise<unknown>;
}

interface Note {
  readonly agentId: string;
  readonly sessionKey: string;
  readonly text: string;
  /** The same key leaves one note. */
  readonly key: string;
}

/** What comes of a thought while it is being written. */
export interface ThoughtEvents {
  /** This message is put to the agent. */
  put(prompt: string): void;
  /** The model is being asked. */
  asked(): void;
  /** Its first words have come. */
  first(): void;
  /** One speakable sentence, in order. */
  sentence(text: string): void;
  /** The caller is not done speaking; no sentence has come, and none will. */
  unfinished(): void;
  /** A tool runs. */
  working(): void;
  /** The answer is complete; what the run still does is no business of the caller's. */
  written(): void;
}

/**
 * While so many thoughts run, on whatever calls, none is begun that may be dropped: the gateway runs at least eight at once,
 * and callers who are done speaking come first.
 */
const BUSY = 4;

/** What a conversation asks of its thinker. */
export type Thinking = Pick<Thinker, "isBusy" | "think" | "leave">;

/** Lets the agent answer, sentence by sentence. */
export class Thinker {
  readonly #parts: ThinkerParts;
  /** Runs under way, those that nobody waits for any more included. */
  #running = 0;

  constructor(parts: ThinkerParts) {
    this.#parts = parts;
  }

  /** There is no room for thoughts that may be dropped. */
  get isBusy(): boolean {
    return this.#running >= BUSY;
  }

  /**
   * Resolves once everything has been written. Rejects with the signal's reason as soon as it fires, and with
   * `VC_REPLY_FAILED` when the run gave no answer that it should have given.
   */
  async think(
    call: Call,
    words: string,
    notes: LiveNotes,
    on: ThoughtEvents,
    signal: AbortSignal,
  ): Promise<void> {
    this.#running += 1;
    const run = this.#run(call, words, notes, on, signal).finally(() => (this.#running -= 1));
    try {
      await abortable(run, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason as Error;
      throw replyFailed(error);
    }
  }

  /** The call ended in the middle of the agent's words, of which this much was heard. Never throws. */
  leave({ id, agentId, sessionKey }: Call, late: Parameters<typeof cutByEnd>[0]): void {
    const note = { agentId, sessionKey, text: cutByEnd(late), key: `${id}:cut` };
    this.#parts.note?.(note).catch(() => {});
  }

  async #run(
    call: Call,
    words: string,
    notes: LiveNotes,
    on: ThoughtEvents,
    signal: AbortSignal,
  ): Promise<void> {
    const { agent } = this.#parts;
    const reply = new Reply(call.route.language, on, signal);
    const wrapped = words === "" ? "" : await this.#parts.wrap(words);
    signal.throwIfAborted();
    const prompt = liveTurnPrompt(notes, wrapped);
    on.put(prompt);
    const answer = await agent.run(
      {
        ...setupOf(call, liveSystemPrompt(call), this.#parts.settings()),
        prompt,
        timeoutMs: call.route.responseTimeoutMs,
        onModel: () => on.asked(),
        onMessage: () => reply.message(),
        onText: (text) => reply.text(text),
        onTool: () => reply.tool(),
        onWritten: () => reply.written(),
      },
      signal,
    );
    if (signal.aborted) return;
    if (answer.failure !== null) {
      const code = answer.failure.replace(/[^A-Za-z0-9]/g, "_");
      throw Object.assign(new Error("the run gave no answer"), { name: "AgentRun", code });
    }
    reply.end(answer.texts);
  }
}

/** The messages of one run, cut into sentences as they grow. */
class Reply {
  readonly #on: ThoughtEvents;
  readonly #signal: AbortSignal;
  readonly #sentences: SentenceStream;
  #text = "";
  #spoke = false;
  #began = false;
  #unfinished = false;

  constructor(language: string, on: ThoughtEvents, signal: AbortSignal) {
    this.#on = on;
    this.#signal = signal;
    this.#sentences = new SentenceStream(language);
  }

  /** A new message begins; the one before is complete. */
  message(): void {
    this.#flush();
    this.#text = "";
    this.#sentences.reset();
  }

  /** `text` is all of the message so far. */
  text(text: string): void {
    if (this.#signal.aborted || this.#unfinished) return;
    if (!this.#began) this.#on.first();
    this.#began = true;
    this.#text = text;
    if (!this.#spoke && mayBeUnfinished(text)) return;
    this.#say(this.#sentences.push(text));
  }

  tool(): void {
    if (this.#signal.aborted) return;
    this.#flush();
    this.#on.working();
  }

  /** The message is complete, whatever the run does after it. */
  written(): void {
    if (this.#signal.aborted) return;
    this.#flush();
    if (this.#spoke) this.#on.written();
  }

  /** The run is over. What a model gave without streaming it is said now. */
  end(texts: readonly string[]): void {
    this.#flush();
    if (this.#began || this.#unfinished) return;
    for (const text of texts) {
      this.message();
      this.#text = text;
      this.#flush();
    }
  }

  #flush(): void {
    if (this.#signal.aborted || this.#unfinished) return;
    if (!this.#spoke && this.#text.trim() === UNFINISHED) {
      this.#unfinished = true;
      return this.#on.unfinished();
    }
    this.#say([...this.#sentences.push(this.#text), ...this.#sentences.end()]);
    this.#text = "";
    this.#sentences.reset();
  }

  #say(sentences: readonly string[]): void {
    for (const sentence of sentences) {
      this.#spoke = true;
      this.#on.sentence(sentence);
    }
  }
}

/** So far it is the beginning of the mark, or it. */
function mayBeUnfinished(text: string): boolean {
  const begun = text.trimStart();
  return UNFINISHED.startsWith(begun.trimEnd()) && begun.length <= UNFINISHED.length + 1;
}
