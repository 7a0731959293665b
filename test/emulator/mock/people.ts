import type { PartyScript } from "../../../src/carrier/mock/carrier.ts";
import type { Person } from "../../../src/conformance/world.ts";

/** Describes a party of the mock carrier in sentences. */
export class MockPerson implements Person {
  #script: PartyScript = {};
  #lines: readonly (string | null)[] = [];

  get script(): PartyScript {
    return this.#script;
  }

  answers(ringMs = 1000): this {
    return this.#with({ pickUp: "answer", afterMs: ringMs });
  }

  busy(): this {
    return this.#with({ pickUp: "busy" });
  }

  noAnswer(): this {
    return this.#with({ pickUp: "no-answer" });
  }

  fails(): this {
    return this.#with({ pickUp: "fail" });
  }

  declines(): this {
    return this.#with({ pickUp: "decline" });
  }

  /** The mock tells of the end of a greeting whether it beeps or not. */
  machine({ greetingMs = 3000 }: { greetingMs?: number; beep?: boolean } = {}): this {
    return this.#with({ pickUp: "answer", detected: "machine", greetingMs });
  }

  says(...lines: readonly (string | null)[]): this {
    this.#lines = [...this.#lines, ...lines];
    return this.#with({ turns: this.#lines });
  }

  thenHangsUp(): this {
    return this.#with({ hangsUp: { turns: this.#lines.length } });
  }

  hangsUpAfter(ms: number): this {
    return this.#with({ hangsUp: { ms } });
  }

  #with(change: Partial<PartyScript>): this {
    this.#script = { ...this.#script, ...change };
    return this;
  }
}
