import type { PhoneLine, PhonePort } from "../src/call/service.ts";

/** Measures how long the person on a phone waits for the agent: from the end of their words to the agent's next words. */
export class TurnTimer {
  readonly #now: () => number;
  #askedAt: number | null = null;
  #wait: number | null = null;

  /** `now`: epoch milliseconds, as the lines of the phone's screen carry them. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same phone, watched. */
  watch(phone: PhonePort): PhonePort {
    return {
      call: (from, to) => phone.call(from, to),
      answer: (id) => phone.answer(id),
      decline: (id) => phone.decline(id),
      hangUp: (id) => phone.hangUp(id),
      say: (id, text) => this.#ask(() => phone.say(id, text)),
      press: (id, digits) => this.#ask(() => phone.press(id, digits)),
      play: (id, audio) => phone.play(id, audio),
      listen: (id, after) => phone.listen(id, after),
      screen: async (after) => {
        const screen = await phone.screen(after);
        for (const line of screen.lines) this.#see(line);
        return screen;
      },
    };
  }

  /** How long the person waited for the last answer, in milliseconds; null when there is none or it has been taken. */
  takeWait(): number | null {
    const wait = this.#wait;
    this.#wait = null;
    return wait;
  }

  async #ask(speak: () => Promise<void>): Promise<void> {
    this.#askedAt = this.#now();
    try {
      await speak();
    } catch (error) {
      // Nobody heard it, so nobody will answer it.
      this.#askedAt = null;
      throw error;
    }
  }

  #see(line: PhoneLine): void {
    if (line.kind !== "spoken" || this.#askedAt === null) return;
    this.#wait = Math.max(0, line.at - this.#askedAt);
    this.#askedAt = null;
  }
}
