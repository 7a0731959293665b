import type { Params } from "./delivery.ts";
import type { Verb } from "./twiml.ts";

/** What a listening turn hears. */
export type Input =
  | { readonly speech: string; readonly confidence: number }
  | { readonly digits: string }
  | { readonly nothing: true };

export interface Taken {
  readonly input: Input;
  /** The webhook that told of it has been answered. */
  readonly done: () => void;
}

/** What the callee has said and nobody has heard yet, and the Gather that would hear it. */
export class Ear {
  readonly #inputs: Taken[] = [];
  #listening: { readonly gather: Verb; give(): void } | null = null;
  #bargeIn: () => void = () => undefined;

  /** The Gather that is open. */
  get gather(): Verb | null {
    return this.#listening?.gather ?? null;
  }

  /** Words and keys call this while a prompt is spoken. */
  onBargeIn(stop: () => void): void {
    this.#bargeIn = stop;
  }

  /** Resolves once the webhook is answered, or the call over. */
  input(input: Input): Promise<void> {
    return new Promise((done) => {
      this.#inputs.push({ input, done });
      this.#bargeIn();
      this.#listening?.give();
    });
  }

  /** What has been said already, if anything. */
  take(): Taken | null {
    return this.#inputs.shift() ?? null;
  }

  /** What is said next; null when the Gather is cut short. */
  next(gather: Verb, signal: AbortSignal): Promise<Taken | null> {
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#listening = null;
        resolve(null);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#listening = {
        gather,
        give: () => {
          signal.removeEventListener("abort", stop);
          this.#listening = null;
          resolve(this.take());
        },
      };
    });
  }

  /** Everything that waits is heard some other way. */
  drain(): readonly Taken[] {
    return this.#inputs.splice(0);
  }

  /** Nobody will hear what is left. */
  end(): void {
    for (const { done } of this.#inputs.splice(0)) done();
  }
}

/** The fields of a Gather's result. */
export function resultOf(input: Input, gather: Verb): Params {
  if ("speech" in input) {
    const language = gather.attributes["language"] ?? "en-US";
    return { SpeechResult: input.speech, Confidence: String(input.confidence), Language: language };
  }
  if ("digits" in input) {
    const finish = gather.attributes["finishOnKey"] ?? "#";
    const [digits = ""] = input.digits.split(finish, 1);
    const ended = input.digits.includes(finish) ? { FinishedOnKey: finish } : {};
    return { Digits: digits, msg: "Gather End", ...ended };
  }
  return {};
}
