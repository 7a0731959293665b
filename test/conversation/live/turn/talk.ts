import type { LiveEffect, LiveFact } from "../../../../src/conversation/live/turn/facts.ts";
import { liveTurn, newLiveTurn, nextDeadline } from "../../../../src/conversation/live/turn/machine.ts";
import type { LiveSettings, LiveTuning } from "../../../../src/conversation/live/turn/options.ts";
import { plainWords } from "./word-tools.ts";

export const OPENING = "Hello, this is the clinic.";

export const PHRASES = {
  stillThere: "Are you still there?",
  goodbye: "I hang up now.",
  sorry: "Sorry, once more?",
  giveUp: "I have trouble right now.",
  progress: ["One moment.", "Still looking."],
} as const;

export const SETTINGS: LiveSettings = {
  opening: "",
  language: "en-US",
  silenceMs: 800,
  giveUpMs: 30_000,
  idleMs: 10_000,
  interruption: true,
  phrases: PHRASES,
  words: plainWords,
};

/** One call's turn machine in virtual time. */
export class Talk {
  now = 1_000_000;
  turn;
  /** Everything the machine has done. */
  readonly effects: LiveEffect[] = [];

  constructor(settings: Partial<LiveSettings & LiveTuning> = {}) {
    this.turn = newLiveTurn({ ...SETTINGS, ...settings });
  }

  /** What one fact does. */
  fact(fact: LiveFact): LiveEffect[] {
    const { turn, effects } = liveTurn(this.turn, fact, { now: this.now });
    this.turn = turn;
    this.effects.push(...effects);
    return [...effects];
  }

  /** What passing time does: every deadline on its minute. */
  wait(ms: number): LiveEffect[] {
    const until = this.now + ms;
    const done: LiveEffect[] = [];
    for (
      let next = nextDeadline(this.turn);
      next !== null && next.at <= until;
      next = nextDeadline(this.turn)
    ) {
      this.now = Math.max(this.now, next.at);
      done.push(...this.fact({ type: "deadline", name: next.name }));
    }
    this.now = until;
    return done;
  }

  // ------------------------------------------------------------ the caller
  ready(): LiveEffect[] {
    return this.fact({ type: "ready" });
  }

  /** The gate, `ago` ms after it happened. */
  speech(on: boolean, ago = 0): LiveEffect[] {
    return this.fact({ type: "speech", on, at: this.now - ago });
  }

  partial(text: string): LiveEffect[] {
    return this.fact({ type: "partial", text });
  }

  final(text: string): LiveEffect[] {
    return this.fact({ type: "final", text });
  }

  /** Says it within a second; its final words come 250 ms after the voice has ended. The turn is not over yet. */
  says(text: string): LiveEffect[] {
    const done = this.speech(true);
    done.push(...this.wait(500), ...this.partial(text), ...this.wait(500), ...this.speech(false));
    return [...done, ...this.wait(250), ...this.final(text)];
  }

  /** Says it, and that is the turn. */
  asks(text: string): LiveEffect[] {
    return [...this.says(text), ...this.wait(this.turn.options.silenceMs)];
  }

  keys(digits: string): LiveEffect[] {
    return digits.split("").flatMap((digit) => this.fact({ type: "key", digit }));
  }

  // ------------------------------------------------------------ the agent
  get thought(): number {
    return this.turn.thoughts;
  }

  sentence(text: string): LiveEffect[] {
    return this.fact({ type: "sentence", thought: this.thought, text });
  }

  done(): LiveEffect[] {
    return this.fact({ type: "thought", thought: this.thought });
  }

  replies(...sentences: readonly string[]): LiveEffect[] {
    return [...sentences.flatMap((text) => this.sentence(text)), ...this.done()];
  }

  // ------------------------------------------------------------ our voice
  get piece(): number {
    return this.turn.lastPiece;
  }

  starts(piece = this.piece): LiveEffect[] {
    return this.fact({ type: "piece-started", piece });
  }

  played(piece = this.piece): LiveEffect[] {
    return this.fact({ type: "piece-played", piece });
  }

  /** Everything that was said is heard to its end. */
  plays(): LiveEffect[] {
    const done: LiveEffect[] = [];
    while (this.turn.pieces.some(({ no }) => no !== null)) {
      const no = this.turn.pieces[0]?.no ?? 0;
      done.push(...this.starts(no), ...this.wait(1_000), ...this.played(no));
    }
    return done;
  }

  pauses(piece = this.piece): LiveEffect[] {
    return this.fact({ type: "paused", piece });
  }

  stopped(piece: number | null, heard: string | null = null): LiveEffect[] {
    return this.fact({ type: "stopped", piece, heard });
  }

  // ------------------------------------------------------------ what came of it
  /** Of these effects, the words that are a turn of the caller's for the agent. */
  turns(effects: readonly LiveEffect[]): string[] {
    const words = new Map<number, string>();
    for (const effect of this.effects) if (effect.kind === "think") words.set(effect.thought, effect.words);
    return effects.flatMap((effect) => {
      if (effect.kind === "think") return effect.sure ? [effect.words] : [];
      return effect.kind === "confirmed" ? [words.get(effect.thought) ?? "unknown"] : [];
    });
  }

  /** `agent: …` and `caller: …` */
  get transcript(): string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === "said" ? [`${effect.role}: ${effect.text}`] : [],
    );
  }
}

/** A call on which somebody is heard. */
export function talk(settings: Partial<LiveSettings & LiveTuning> = {}): Talk {
  const it = new Talk(settings);
  it.ready();
  return it;
}

/** Of these effects, the texts that are said. */
export const said = (effects: readonly LiveEffect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === "say" ? [effect.text] : []));

export const kinds = (effects: readonly LiveEffect[]): string[] => effects.map(({ kind }) => kind);

/** The words of the thoughts that begin; one about words that may change has a question mark. */
export const thoughts = (effects: readonly LiveEffect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === "think" ? [`${effect.words}${effect.sure ? "" : "?"}`] : []));
