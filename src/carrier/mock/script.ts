import type { CarrierEvent } from "../../call/event.ts";
import type { FarEndAudio } from "./phone-socket.ts";

/** How fast the mock's network and people are; milliseconds. */
export interface MockPace {
  /** From something happening to its webhook. */
  readonly webhookMs: number;
  /** From the accepted request to `initiated`. */
  readonly initiatedMs: number;
  /** From `initiated` to the first ring. */
  readonly ringMs: number;
  /** How long a person who is there lets it ring. */
  readonly answerMs: number;
  /** How long it rings with nobody there. */
  readonly noAnswerMs: number;
  /** From the answer to the answering machine detection's verdict. */
  readonly detectMs: number;
  /** From the verdict that it is a machine to the end of its greeting. */
  readonly greetingMs: number;
  /** Speaking one word. */
  readonly wordMs: number;
  /** Sending one digit. */
  readonly digitMs: number;
  /** How long a scripted person takes to speak. */
  readonly replyMs: number;
}

/** Quick, but slow enough to watch. */
export const NATURAL: MockPace = {
  webhookMs: 5,
  initiatedMs: 40,
  ringMs: 150,
  answerMs: 1200,
  noAnswerMs: 5000,
  detectMs: 300,
  greetingMs: 1500,
  wordMs: 60,
  digitMs: 80,
  replyMs: 500,
};

/** Everything happens at once; for tests. */
export const INSTANT: MockPace = {
  webhookMs: 0,
  initiatedMs: 0,
  ringMs: 0,
  answerMs: 0,
  noAnswerMs: 0,
  detectMs: 0,
  greetingMs: 0,
  wordMs: 0,
  digitMs: 0,
  replyMs: 0,
};

/** How the other party of a call behaves. Every part is optional; `{}` answers by itself and keeps silent. */
export interface PartyScript {
  /**
   * `answer` (default): answers by itself. `person`: rings until `phone.answer`. `decline`: refuses while it rings.
   * Ignored on a call that this party placed.
   */
  readonly pickUp?: "answer" | "person" | "no-answer" | "busy" | "decline" | "fail";
  /** How long it rings before `pickUp` happens; default from the pace. */
  readonly afterMs?: number;
  /** Answering machine detection's verdict. */
  readonly detected?: Extract<CarrierEvent, { type: "detected" }>["by"];
  /** From the verdict to the end of a machine's greeting; default from the pace. */
  readonly greetingMs?: number;
  /** One entry for each listen; silent once they are used up. An unheard one is kept for the next listen. */
  readonly turns?: readonly (string | { readonly press: string } | null)[];
  /** Speaks one word into the agent's words instead of waiting for their end. */
  readonly interrupts?: boolean;
  /** Hangs up after so many turns of its own or words of the agent's, or so long after the answer. */
  readonly hangsUp?: { readonly turns?: number; readonly words?: number; readonly ms?: number };
  /**
   * What the create request says. `lost`: the call is placed, but `dial` throws `unknown`. `lost-unplaced`: the
   * same error with no call. `refused` and `not-sent`: certainly no call.
   */
  readonly create?: "accepted" | "lost" | "lost-unplaced" | "refused" | "not-sent";
  /** What the webhooks do wrong. */
  readonly webhooks?: WebhookScript;
  /** Its ear and mouth on a call with live audio; without it, it says nothing there. `turns` are for other calls. */
  readonly audio?: FarEndAudio;
  /** STIR/SHAKEN attestation of a call that this party places. */
  readonly attestation?: "A" | "B" | "C";
}

export interface WebhookScript {
  /** Every fact is sent twice with the same claim. */
  readonly doubled?: boolean;
  /** Facts are swapped in pairs. */
  readonly reordered?: boolean;
  /** Stale facts follow the end of the call. */
  readonly late?: boolean;
}

/** Behaviour by the party's number; `*` is for every number without an entry. */
export type MockScript = Readonly<Record<string, PartyScript>>;

/** A script that is asked anew for every call; null for an ordinary number. */
export type MockCasting = (number: string) => PartyScript | null;

/**
 * Numbers with a behaviour of their own. Any other number rings; it answers by itself after a moment
 * (`MockPace.answerMs`), unless a terminal phone is attached: then it rings until somebody answers or declines.
 */
export const MAGIC_NUMBERS: MockScript = {
  /** Is busy. */
  "+15005550001": { pickUp: "busy" },
  /** Nobody answers. */
  "+15005550002": { pickUp: "no-answer" },
  /** The network cannot connect it. */
  "+15005550003": { pickUp: "fail" },
  /** An answering machine answers. */
  "+15005550004": { detected: "machine" },
  /** Somebody talkative answers, says a few things and hangs up. */
  "+15005550005": {
    turns: ["Hello, who is this?", "Yes, that works for me.", "Thank you, goodbye."],
    hangsUp: { turns: 3 },
  },
  /** Somebody answers and hangs up in the middle of the first sentence. */
  "+15005550006": { hangsUp: { words: 3 } },
  /** The carrier does not accept the number. */
  "+15005550007": { create: "refused" },
};

/** The behaviour of a number: its own script, a magic number's, the script's `*`, or null for an ordinary number. */
export function scriptFor(script: MockScript | MockCasting | undefined, number: string): PartyScript | null {
  if (typeof script === "function") return script(number) ?? own(MAGIC_NUMBERS, number);
  return own(script, number) ?? own(MAGIC_NUMBERS, number) ?? own(script, "*");
}

function own(script: MockScript | undefined, key: string): PartyScript | null {
  return script && Object.hasOwn(script, key) ? (script[key] ?? null) : null;
}

/** How many words a text counts as: its words, or one for every twelve characters where a language writes no spaces. */
export function countWords(text: string): number {
  const words = text.split(/\s+/u).filter((word) => word !== "").length;
  return Math.max(words, Math.ceil(text.length / 12));
}
