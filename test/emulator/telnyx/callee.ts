import type { Person } from "../../../src/conformance/world.ts";

/** An answering machine: how long its greeting is, and whether it beeps afterwards. */
export interface Machine {
  readonly greetingMs: number;
  readonly beep: boolean;
}

/** What the person at a number does when the phone rings, one line per listening turn. */
export interface CalleeScript {
  readonly onRing: "answers" | "busy" | "no-answer" | "fails" | "declines";
  /** Call time until somebody picks up, milliseconds. */
  readonly ringMs: number;
  /** A machine picks up, not a person. */
  readonly machine: Machine | null;
  /** What is said in each listening turn; null = nothing. After the last one, the test speaks for the person. */
  readonly lines: readonly (string | null)[];
  /** Hangs up that many milliseconds of call time after picking up. */
  readonly hangUpAfterMs: number | null;
  /** Hangs up instead of speaking after the last line. */
  readonly hangUpAfterLines: boolean;
}

export class Callee implements Person {
  #script: CalleeScript = {
    onRing: "answers",
    ringMs: 1000,
    machine: null,
    lines: [],
    hangUpAfterMs: null,
    hangUpAfterLines: false,
  };

  get script(): CalleeScript {
    return this.#script;
  }

  answers(ringMs = 1000): this {
    return this.#with({ onRing: "answers", ringMs });
  }

  busy(): this {
    return this.#with({ onRing: "busy" });
  }

  noAnswer(): this {
    return this.#with({ onRing: "no-answer" });
  }

  fails(): this {
    return this.#with({ onRing: "fails" });
  }

  declines(): this {
    return this.#with({ onRing: "declines" });
  }

  machine({
    greetingMs = 3000,
    beep = true,
  }: { readonly greetingMs?: number; readonly beep?: boolean } = {}): this {
    return this.#with({ onRing: "answers", machine: { greetingMs, beep } });
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
