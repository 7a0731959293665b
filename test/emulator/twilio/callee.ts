import * as person from "../person.ts";

export interface CalleeScript extends person.PersonScript {
  /** Twilio's word (`AnsweredBy`) whatever the truth is; `never`: no verdict comes at all. */
  readonly verdict: string | null;
}

/** A person, or a machine, of whom Twilio's detection may be wrong. */
export class Callee extends person.Callee {
  #verdict: string | null = null;

  override get script(): CalleeScript {
    return { ...super.script, verdict: this.#verdict };
  }

  /** What the detection says of this callee, be it wrong; `never`: nothing. */
  detectedAs(word: string): this {
    this.#verdict = word;
    return this;
  }
}
