import type { Call } from "../../src/call/call.ts";
import { VoiceCallError } from "../../src/call/errors.ts";
import type { ReplyTurn, Responder } from "../../src/call/ports.ts";

/** A turn that waits for the test to answer it. */
export interface PendingTurn extends ReplyTurn {
  answer(text: string): void;
  fail(code: "VC_REPLY_TIMEOUT" | "VC_REPLY_FAILED"): void;
  readonly aborted: boolean;
}

/** An agent that repeats what it hears at once, unless it is told to think: then the test answers. */
export class FakeAgent implements Responder {
  /** Calls for which it was told to get ready. */
  readonly warmed: string[] = [];
  /** All words it has been given. */
  readonly heard: string[] = [];
  readonly #thinking = new Set<string>();
  readonly #pending: PendingTurn[] = [];
  readonly #waiting: ((turn: PendingTurn) => void)[] = [];

  warm(call: Call): void {
    this.warmed.push(call.id);
  }

  /** From now on, the turns of this call wait for `asked`. */
  thinks(callId: string): void {
    this.#thinking.add(callId);
  }

  /** The next turn that waits for an answer. */
  asked(): Promise<PendingTurn> {
    const pending = this.#pending.shift();
    if (pending !== undefined) return Promise.resolve(pending);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  reply(turn: ReplyTurn, signal: AbortSignal): Promise<string> {
    this.heard.push(turn.words);
    turn.onFirst();
    if (!this.#thinking.has(turn.call.id)) return Promise.resolve(`You said: ${turn.words}`);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      const pending: PendingTurn = {
        ...turn,
        onPart: (text) => turn.onPart(text),
        onFirst: () => turn.onFirst(),
        answer: resolve,
        fail: (code) => reject(new VoiceCallError(code)),
        get aborted() {
          return signal.aborted;
        },
      };
      const taker = this.#waiting.shift();
      if (taker === undefined) this.#pending.push(pending);
      else taker(pending);
    });
  }

  async close(): Promise<void> {}
}
