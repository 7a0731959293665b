import type { Person } from "../../src/conformance/world.ts";
import { HABITS, type Habits } from "./audio/phone-audio.ts";

/** An answering machine: how long its greeting is, and whether it beeps afterwards. */
export interface Machine {
  readonly greetingMs: number;
  readonly beep: boolean;
}

/** What the person at a number does when the phone rings, one line per listening turn. */
export interface PersonScript {
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
  /** How they use the phone on a call whose audio is live. */
  readonly habits: Habits;
}

/** Describes a person in sentences: `emulator.callee("+1…").answers().says("Hello", "Bye").thenHangsUp()`. */
export class Callee implements Person {
  readonly #greetingMs: number;
  #script: PersonScript = {
    onRing: "answers",
    ringMs: 1000,
    machine: null,
    lines: [],
    hangUpAfterMs: null,
    hangUpAfterLines: false,
    habits: HABITS,
  };

  /** `greetingMs`: of a machine whose greeting nobody has timed. */
  constructor(greetingMs = 3000) {
    this.#greetingMs = greetingMs;
  }

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

  /** SIP 404. */
  fails(): this {
    return this.#with({ onRing: "fails" });
  }

  /** Declines while it rings (SIP 603). */
  declines(): this {
    return this.#with({ onRing: "declines" });
  }

  machine({ greetingMs = this.#greetingMs, beep = true }: Partial<Machine> = {}): this {
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

  /** On a call whose audio is live: pace, patience, noise, echo. */
  behaves(habits: Partial<Habits>): this {
    return this.#with({ habits: { ...this.#script.habits, ...habits } });
  }

  #with(change: Partial<PersonScript>): this {
    this.#script = { ...this.#script, ...change };
    return this;
  }
}

/** The people on a carrier's network, by number. One whom nobody has described picks up and says nothing by themselves. */
export class People<Kind extends Callee = Callee> {
  readonly #known = new Map<string, Kind>();
  readonly #create: () => Kind;

  constructor(create: () => Kind) {
    this.#create = create;
  }

  describe(number: string): Kind {
    const person = this.#create();
    this.#known.set(number, person);
    return person;
  }

  scriptOf(number: string): Kind["script"] {
    return (this.#known.get(number) ?? this.#create()).script;
  }
}
