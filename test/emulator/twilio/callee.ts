import type { Person } from "../../../src/conformance/world.ts";

/** What the person at a number does when the phone rings, one answer per listening turn. */
export interface CalleeScript {
  readonly onRing: "answers" | "busy" | "no-answer" | "fails" | "declines";
  readonly ringMs: number;
  /** An answering machine, with the length of its greeting. */
  readonly machine: { readonly greetingMs: number; readonly beep: boolean } | null;
  /** Twilio's word (`AnsweredBy`) whatever the truth is; `never`: no verdict comes at all. */
  readonly verdict: string | null;
  /** What is said in each listening turn; null = nothing. After the last one, the test speaks for the callee. */
  readonly lines: readonly (string | null)[];
  /** Hangs up once that many milliseconds of the call have passed. */
  readonly hangUpAfterMs: number | null;
  /** Hangs up instead of answering after the last line. */
  readonly hangUpAfterLines: boolean;
}

/** Describes a callee in sentences: `emulator.callee("+1…").answers().says("Hello", "Bye").thenHangsUp()`. */
export class Callee implements Person {
  #script: CalleeScript = {
    onRing: "answers",
    ringMs: 1000,
    machine: null,
    verdict: null,
    lines: [],
    hangUpAfterMs: null,
    hangUpAfterLines: false,
  };

  get script(): CalleeScript {
    return this.#script;
  }

  /** Picks up after ringing for `ringMs` of call time. */
  answers(ringMs = 1000): this {
    return this.#with({ onRing: "answers", ringMs });
  }

  busy(): this {
    return this.#with({ onRing: "busy" });
  }

  /** Rings until the caller gives up. */
  noAnswer(): this {
    return this.#with({ onRing: "no-answer" });
  }

  /** The number does not exist (SIP 404). */
  fails(): this {
    return this.#with({ onRing: "fails" });
  }

  /** Declines while it rings (SIP 603), which Twilio calls busy. */
  declines(): this {
    return this.#with({ onRing: "declines" });
  }

  machine({ greetingMs = 3000, beep = true }: { greetingMs?: number; beep?: boolean } = {}): this {
    return this.#with({ onRing: "answers", machine: { greetingMs, beep } });
  }

  /** What the detection says of this callee, be it wrong; `never`: nothing. */
  detectedAs(word: string): this {
    return this.#with({ verdict: word });
  }

  says(...lines: readonly (string | null)[]): this {
    return this.#with({ lines: [...this.#script.lines, ...lines] });
  }

  thenHangsUp(): this {
    return this.#with({ hangUpAfterLines: true });
  }

  hangsUpAfter(ms: number): this {
    return this.#with({ hangUpAfterMs: ms });
  }

  #with(change: Partial<CalleeScript>): this {
    this.#script = { ...this.#script, ...change };
    return this;
  }
}
