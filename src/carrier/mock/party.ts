import { isVoiceCallError } from "../../call/errors.ts";
import type { PhoneLine } from "../../call/service.ts";
import type { Line } from "./line.ts";
import { LIVE_AUDIO } from "./screen.ts";
import { countWords, type MockPace, type PartyScript } from "./script.ts";

/** The person at the other end of one line, acting by a script on what the line shows. */
export class Party {
  readonly #line: Line;
  readonly #script: PartyScript;
  readonly #pace: MockPace;
  /** How long a terminal phone still counts as attached; 0 = none is. */
  readonly #attachedMs: () => number;
  #turn = 0;
  #words = 0;

  constructor(line: Line, script: PartyScript, pace: MockPace, attachedMs: () => number) {
    this.#line = line;
    this.#script = script;
    this.#pace = pace;
    this.#attachedMs = attachedMs;
  }

  /** The network has reached the party's phone: it rings, or the call fails there. */
  reached(): void {
    if (this.#script.pickUp === "busy") return this.#line.end("busy", "them", "busy");
    if (this.#script.pickUp === "fail") return this.#line.end("failed", "carrier", "failed");
    this.#line.ring();
  }

  /** Reacts to what the phone shows. */
  see(kind: PhoneLine["kind"], text: string): void {
    if (kind === "ringing" && this.#line.direction === "outbound") this.#letRing();
    else if (kind === "answered") this.#answered();
    else if (kind === "spoken") this.#spokenTo(text);
    else if (kind === "listening" && text !== LIVE_AUDIO)
      this.#after("talk", this.#pace.replyMs, () => this.#talk());
  }

  #letRing(): void {
    const { pickUp, afterMs } = this.#script;
    if (pickUp === "person") return;
    if (pickUp === "decline") {
      const wait = afterMs ?? this.#pace.answerMs;
      return this.#after("pick-up", wait, () => this.#line.end("rejected", "them", "declined"));
    }
    if (pickUp === "no-answer") {
      const wait = afterMs ?? this.#pace.noAnswerMs;
      return this.#after("pick-up", wait, () => this.#line.end("no-answer", "them", "no-answer"));
    }
    const answerUnlessAttached = (): void => {
      const attached = this.#attachedMs();
      if (attached === 0) this.#line.answer();
      else this.#after("pick-up", attached, answerUnlessAttached);
    };
    this.#after("pick-up", afterMs ?? this.#pace.answerMs, answerUnlessAttached);
  }

  #answered(): void {
    const { detected, greetingMs, hangsUp } = this.#script;
    if (detected) this.#after("detect", this.#pace.detectMs, () => this.#line.detect(detected, greetingMs));
    if (hangsUp?.ms !== undefined) this.#after("leave", hangsUp.ms, () => this.#leave());
  }

  #spokenTo(text: string): void {
    const limit = this.#script.hangsUp?.words;
    const heard = this.#words;
    this.#words += countWords(text);
    if (limit !== undefined && heard < limit && this.#words >= limit) {
      this.#after("leave", (limit - heard) * this.#pace.wordMs, () => this.#leave());
    }
    if (this.#script.interrupts === true) this.#after("talk", this.#pace.wordMs, () => this.#talk());
  }

  #talk(): void {
    const { turns = [], hangsUp } = this.#script;
    if (hangsUp?.turns !== undefined && this.#turn >= hangsUp.turns) return this.#leave();
    const turn = turns[this.#turn];
    if (turn === undefined) return;
    try {
      if (typeof turn === "string") this.#line.hear(turn);
      else if (turn !== null) this.#line.press(turn.press);
    } catch (error) {
      if (isVoiceCallError(error) && error.code === "VC_NOBODY_LISTENS") return;
      throw error;
    }
    this.#turn += 1;
  }

  #leave(): void {
    this.#line.end("completed", "them", "completed");
  }

  #after(name: string, ms: number, fn: () => void): void {
    this.#line.timers.set(name, ms, fn);
  }
}
