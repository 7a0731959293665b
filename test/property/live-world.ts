import type { LiveEffect, LiveFact, Yielding } from "../../src/conversation/live/turn/facts.ts";
import {
  liveTurn,
  newLiveTurn,
  nextDeadline,
  type LiveTurn,
} from "../../src/conversation/live/turn/machine.ts";
import { SETTINGS } from "../conversation/live/turn/talk.ts";

/** What the caller does: after a while says so many words, coughs, or presses a key. */
export interface Utterance {
  readonly afterMs: number;
  readonly kind: "words" | "mhm" | "cough" | "key";
  readonly words: number;
  /** The gate hears it. */
  readonly loud: boolean;
  /** From the voice's end to the final words; null = there are none. */
  readonly tailMs: number | null;
}

/** How the agent answers: the first sentence after a while, each next one as long after the one before. */
export interface Answer {
  readonly afterMs: number;
  readonly sentences: number;
  readonly ending: "thought" | "thought-failed" | "unfinished" | "nothing";
}

export interface Script {
  readonly caller: readonly Utterance[];
  readonly agent: readonly Answer[];
  /** From a piece's order to its first audio. */
  readonly voiceMs: number;
  /** Between the threads, one way. */
  readonly wireMs: number;
  readonly opening: string;
  readonly interruption: boolean;
}

/** What the caller really heard, or really said. */
export interface Sound {
  readonly who: "agent" | "caller";
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const WORD_MS = 300;
const PAUSE_MS = 100;
const COMMIT_MS = 500;
const RESUME_MS = 2_000;

interface Playing {
  readonly no: number;
  readonly text: string;
  readonly yields: Yielding;
  readonly readyAt: number;
}

/** A call in virtual time whose media plane, caller and agent behave as they should, with delays. */
export class World {
  now = 1_000_000;
  turn: LiveTurn;
  readonly effects: { readonly at: number; readonly effect: LiveEffect }[] = [];
  readonly facts: { readonly at: number; readonly fact: LiveFact }[] = [];
  readonly sounds: Sound[] = [];
  readonly #script: Script;
  #events: { readonly at: number; readonly no: number; readonly run: () => void }[] = [];
  #no = 0;
  // The media plane.
  #queue: Playing[] = [];
  #current: { readonly piece: Playing; readonly from: number; since: number; playedMs: number } | null = null;
  #isPaused = false;
  #isLoud = false;
  #generation = 0;
  #voice = 0;
  // The agent.
  readonly #dropped = new Set<number>();

  constructor(script: Script) {
    this.#script = script;
    const { opening, interruption } = script;
    this.turn = newLiveTurn({ ...SETTINGS, opening, interruption });
  }

  /** Until nothing happens any more. */
  run(): void {
    this.#fact({ type: "ready" });
    let at = this.now;
    for (const [index, utterance] of this.#script.caller.entries()) {
      at += utterance.afterMs;
      this.#utter(utterance, index, at);
      at += utterance.words * WORD_MS;
    }
    for (let steps = 0; ; steps++) {
      if (steps > 20_000) throw new Error("no end of it");
      const [event] = this.#events.toSorted((a, b) => a.at - b.at || a.no - b.no);
      const due = nextDeadline(this.turn);
      if (event === undefined && due === null) return;
      if (due !== null && (event === undefined || due.at < event.at)) {
        this.now = Math.max(this.now, due.at);
        this.#fact({ type: "deadline", name: due.name });
      } else if (event !== undefined) {
        this.#events = this.#events.filter((one) => one !== event);
        this.now = Math.max(this.now, event.at);
        event.run();
      }
    }
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at, no: this.#no++, run });
  }

  #fact(fact: LiveFact): void {
    this.facts.push({ at: this.now, fact });
    const { turn, effects } = liveTurn(this.turn, fact, { now: this.now });
    this.turn = turn;
    for (const effect of effects) {
      this.effects.push({ at: this.now, effect });
      this.#do(effect);
    }
  }

  #tell(fact: LiveFact): void {
    this.#at(this.now + this.#script.wireMs, () => this.#fact(fact));
  }

  #do(effect: LiveEffect): void {
    const { wireMs, voiceMs } = this.#script;
    if (effect.kind === "think") this.#think(effect.thought);
    if (effect.kind === "drop") this.#dropped.add(effect.thought);
    if (effect.kind === "stop") this.#at(this.now + wireMs, () => this.#stop());
    if (effect.kind === "resume") this.#at(this.now + wireMs, () => this.#resume());
    if (effect.kind !== "say") return;
    const { piece: no, text, yields } = effect;
    this.#at(this.now + wireMs, () => {
      this.#queue.push({ no, text, yields, readyAt: this.now + voiceMs });
      this.#play();
    });
  }

  // ------------------------------------------------------------ the agent
  #think(thought: number): void {
    const { agent } = this.#script;
    const answer = agent[(thought - 1) % agent.length];
    if (answer === undefined) return;
    const { afterMs, sentences, ending } = answer;
    const tell = (fact: LiveFact): void => {
      // What is on its way when the thought is dropped still arrives.
      if (!this.#dropped.has(thought)) this.#tell(fact);
    };
    for (let index = 0; index < sentences; index++) {
      const text = `Sentence w${thought * 100 + index} says this and that.`;
      this.#at(this.now + afterMs * (index + 1), () => tell({ type: "sentence", thought, text }));
    }
    if (ending !== "nothing")
      this.#at(this.now + afterMs * (sentences + 1), () => tell({ type: ending, thought }));
  }

  // ------------------------------------------------------------ the caller
  #utter({ kind, words, loud, tailMs }: Utterance, index: number, at: number): void {
    if (kind === "key") return this.#at(at, () => this.#fact({ type: "key", digit: String(index % 10) }));
    const lengthMs = words * WORD_MS;
    if (loud) {
      this.#at(at, () => this.#voiceOn());
      this.#at(at + lengthMs, () => this.#voiceOff());
      this.#at(at + 60, () => this.#fact({ type: "speech", on: true, at }));
      this.#at(at + lengthMs + 150, () => this.#fact({ type: "speech", on: false, at: at + lengthMs }));
    }
    if (kind === "cough") return;
    const all = kind === "mhm" ? ["mhm"] : [`w${9_000 + index}`, ...Array<string>(words - 1).fill("more")];
    const text = all.join(" ");
    if (kind === "words")
      this.#at(at, () => void this.sounds.push({ who: "caller", text, from: at, to: at + lengthMs }));
    for (let known = 1; known <= all.length; known++) {
      const partial = all.slice(0, known).join(" ");
      this.#at(at + known * WORD_MS + 100, () => this.#fact({ type: "partial", text: partial }));
    }
    if (tailMs !== null)
      this.#at(at + lengthMs + 110 + tailMs, () => this.#fact({ type: "final", text: `${text}.` }));
  }

  // ------------------------------------------------------------ the media plane
  #play(): void {
    const [piece] = this.#queue;
    if (this.#current !== null || piece === undefined) return;
    if (piece.readyAt > this.now) return this.#at(piece.readyAt, () => this.#play());
    this.#queue = this.#queue.slice(1);
    this.#current = { piece, from: this.now, since: this.now, playedMs: 0 };
    this.#isPaused = false;
    this.#tell({ type: "piece-started", piece: piece.no });
    this.#playOn();
    if (this.#isLoud) this.#yield();
  }

  #playOn(): void {
    const current = this.#current;
    if (current === null) return;
    const generation = ++this.#generation;
    current.since = this.now;
    this.#at(this.now + lengthOf(current.piece) - current.playedMs, () => {
      if (generation !== this.#generation) return;
      const { piece, from } = current;
      this.#current = null;
      this.sounds.push({ who: "agent", text: piece.text, from, to: this.now });
      this.#tell({ type: "piece-played", piece: piece.no });
      this.#play();
    });
  }

  #voiceOn(): void {
    this.#isLoud = true;
    this.#voice += 1;
    this.#yield();
  }

  /** The gate: pauses what plays, then stops it. */
  #yield(): void {
    const voice = this.#voice;
    const holds = (): boolean => this.#isLoud && voice === this.#voice;
    this.#at(this.now + PAUSE_MS, () => {
      const current = this.#current;
      if (!holds() || current === null || this.#isPaused || current.piece.yields === "never") return;
      current.playedMs += this.now - current.since;
      this.#isPaused = true;
      this.#generation += 1;
      this.#tell({ type: "paused", piece: current.piece.no });
    });
    this.#at(this.now + COMMIT_MS, () => {
      if (holds() && this.#isPaused && this.#current?.piece.yields === "to-speech") this.#stop();
    });
  }

  #voiceOff(): void {
    this.#isLoud = false;
    const voice = this.#voice;
    this.#at(this.now + RESUME_MS, () => {
      if (voice === this.#voice) this.#resume();
    });
  }

  #resume(): void {
    if (!this.#isPaused || this.#current === null) return;
    this.#isPaused = false;
    this.#tell({ type: "resumed", piece: this.#current.piece.no });
    this.#playOn();
  }

  #stop(): void {
    const current = this.#current;
    this.#queue = [];
    this.#current = null;
    this.#generation += 1;
    if (current === null) return this.#tell({ type: "stopped", piece: null, heard: null });
    const { piece, from } = current;
    const playedMs = current.playedMs + (this.#isPaused ? 0 : this.now - current.since);
    this.#isPaused = false;
    const words = piece.text.split(" ");
    const heard = words.slice(0, Math.floor((words.length * playedMs) / lengthOf(piece))).join(" ");
    if (heard !== "") this.sounds.push({ who: "agent", text: heard, from, to: this.now });
    this.#tell({ type: "stopped", piece: piece.no, heard });
  }
}

const lengthOf = ({ text }: { readonly text: string }): number => text.split(" ").length * WORD_MS;
