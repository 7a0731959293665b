import type { Person } from "../../../src/conformance/world.ts";

/** What the person at a number does when the phone rings, one answer per listening turn. */
export interface PersonScript {
  readonly onRing: "answers" | "busy" | "no-answer" | "fails" | "declines";
  readonly ringMs: number;
  /** An answering machine, with the length of its greeting. */
  readonly machine: { readonly greetingMs: number; readonly beep: boolean } | null;
  readonly lines: readonly (string | null)[];
  readonly hangUpAfterMs: number | null;
  /** Hangs up instead of answering after the last line. */
  readonly hangUpAfterLines: boolean;
}

export class Callee implements Person {
  #script: PersonScript = {
    onRing: "answers",
    ringMs: 1000,
    machine: null,
    lines: [],
    hangUpAfterMs: null,
    hangUpAfterLines: false,
  };

  get script(): PersonScript {
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

  machine({ greetingMs = 6000, beep = true }: { greetingMs?: number; beep?: boolean } = {}): this {
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

  #with(change: Partial<PersonScript>): this {
    this.#script = { ...this.#script, ...change };
    return this;
  }
}
