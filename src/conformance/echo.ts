import type { ReplyTurn, Responder } from "../call/ports.ts";

/** Repeats what it hears, unless it is asked to keep still. */
export class Echo implements Responder {
  readonly heard: string[] = [];
  /** What is answered to these words instead. */
  readonly answers = new Map<string, string>();
  warm(): void {}
  reply(turn: ReplyTurn): Promise<string> {
    turn.onFirst();
    return Promise.resolve(this.answer(turn.words));
  }
  answer(words: string): string {
    this.heard.push(words);
    return this.answers.get(words) ?? `You said: ${words}`;
  }
  async close(): Promise<void> {}
}
