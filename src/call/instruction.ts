/**
 * What the carrier should be doing on a call: press digits, then say words, then listen, wait or hang up.
 * Carrier-neutral: Twilio and Plivo render it as a document, Telnyx and `mock` run it as commands.
 */
export interface Instruction {
  /** Grows by one with every instruction of a call; facts about an older one are dropped. */
  readonly gen: number;
  /** DTMF to send first: `0-9 A-D * #`, `w` = 0.5 s pause. */
  readonly digits?: string;
  /** Words to speak, in order. Empty: say nothing. */
  readonly say: readonly string[];
  readonly next: Next;
}

export type Next =
  /** Listen for speech and digits; words may interrupt `say`. Facts come back stamped with `token`. */
  | { readonly kind: "listen"; readonly token: string; readonly timeoutMs: number }
  /** Connect the call's audio, both ways, with our socket under this single-use token. Everything else is done there. */
  | { readonly kind: "stream"; readonly token: string }
  /** Keep the line open in silence until the next instruction. */
  | { readonly kind: "wait" }
  /** Connect the caller with another number (E.164), which sees ours. A `transfer-ended` of this `gen` follows. */
  | { readonly kind: "transfer"; readonly to: string }
  /** Hang up `afterMs` after the words were played. */
  | { readonly kind: "hangup"; readonly afterMs: number };

/** The same instruction without what has already been pressed and said. */
export function remainder(instruction: Instruction): Instruction {
  return { gen: instruction.gen, say: [], next: instruction.next };
}
