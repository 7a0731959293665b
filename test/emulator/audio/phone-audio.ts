import { Earpiece, type PlayedFrame } from "./earpiece.ts";
import { Mouthpiece, type Echo } from "./mouthpiece.ts";
import { FRAME_MS, type Ticker } from "./ticker.ts";
import { speak, type Manner } from "./words.ts";

/** How somebody uses a telephone whose audio is live. */
export interface Habits {
  /** Pace of speech. */
  readonly msPerChar: number;
  /** Quiet after what is heard until it is taken to be this person's turn. */
  readonly replyAfterMs: number;
  /** Quiet on a fresh line until this person says something unasked. */
  readonly patienceMs: number;
  /** Noise behind the voice, all the time, dBFS. */
  readonly noiseDb: number | null;
  readonly echo: Echo | null;
}

export const HABITS: Habits = {
  msPerChar: 40,
  replyAfterMs: 300,
  patienceMs: 2000,
  noiseDb: null,
  echo: null,
};

/** What the person does of themselves, turn by turn. */
export interface Script {
  /** The next thing to say; null: nothing in this turn; undefined after the last. */
  line(): string | null | undefined;
  /** There is nothing more to say: true when the call has been hung up then. */
  leaves(): boolean;
}

/** Who began to speak or fell silent, on the ticker's clock. */
export interface Sound {
  readonly who: "them" | "me";
  readonly on: boolean;
  readonly at: number;
}

export interface PhoneOptions {
  readonly habits?: Habits;
  readonly script?: Script;
  readonly hangUp?: () => unknown;
  /** Called after everything that somebody may wait for. */
  readonly changed?: () => void;
}

const NO_SCRIPT: Script = { line: () => undefined, leaves: () => false };
const BETWEEN_KEYS_MS = 100;

/** The person's end of a call whose audio is live: ear, mouth and keys. */
export class Phone {
  readonly sounds: Sound[] = [];
  readonly #ticker: Ticker;
  readonly #options: PhoneOptions;
  readonly #habits: Habits;
  readonly #ear = new Earpiece();
  readonly #mouth: Mouthpiece;
  readonly #watchers = new Set<() => void>();
  /** What is to be said in this person's next turns. */
  readonly #turns: { readonly audio: Uint8Array; readonly done: () => void }[] = [];
  readonly #keys: { readonly digit: string; readonly done: () => void }[] = [];
  #press: ((digit: string) => void) | null = null;
  #isOver = false;
  #isSending = true;
  /** Frames since anybody spoke, and until the next key. */
  #quiet = 0;
  #keyPause = 0;
  /** Something was said to this person, and nothing by them since. */
  #isAddressed = false;
  /** Nobody has taken a turn on this stream. */
  #isFresh = true;

  constructor(ticker: Ticker, options: PhoneOptions = {}) {
    this.#ticker = ticker;
    this.#options = options;
    this.#habits = options.habits ?? HABITS;
    this.#mouth = new Mouthpiece(this.#habits.noiseDb, this.#habits.echo);
  }

  // ------------------------------------------------------------- the carrier's side

  /** A stream begins; `press` takes the person's keys to it. */
  connect(press: (digit: string) => void): void {
    this.#press = press;
    this.#isFresh = true;
    this.#isAddressed = false;
    this.#quiet = 0;
    this.#tell();
  }

  /** The stream is over; what was heard stays. */
  disconnect(): void {
    this.#press = null;
    this.#note("them", this.#ear.rest(this.#ticker.now()));
    this.#tell();
  }

  /** The call is over: nobody waits any more. */
  end(): void {
    this.#isOver = true;
    this.#mouth.hush();
    for (const { done } of [...this.#turns.splice(0), ...this.#keys.splice(0)]) done();
    this.#tell();
  }

  /** 20 ms pass: takes what is played (null: nothing), gives what is said (null: no frame at all). PCMU. */
  exchange(played: Uint8Array | null): Uint8Array | null {
    const at = this.#ticker.now();
    this.#note("them", this.#ear.take(played, at));
    if (this.#ear.quietMs === 0) this.#isAddressed = true;
    this.#quiet = this.#ear.quietMs === 0 || this.#mouth.isSpeaking ? 0 : this.#quiet + 1;
    this.#typeKey();
    if (this.isTurn) this.#takeTurn();
    const { frame, began, ended } = this.#mouth.next(played);
    if (began) this.sounds.push({ who: "me", on: true, at });
    if (ended) this.sounds.push({ who: "me", on: false, at });
    this.#tell();
    return this.#isSending ? frame : null;
  }

  // ------------------------------------------------------------- the person's side

  get isConnected(): boolean {
    return this.#press !== null;
  }

  /** The other side speaks, or did until a moment ago. */
  get hearsSpeech(): boolean {
    return this.#ear.isSounding;
  }

  /** This person's turn: they were spoken to, or nobody has spoken yet, and it has been quiet since. */
  get isTurn(): boolean {
    const { replyAfterMs, patienceMs } = this.#habits;
    if (!this.isConnected || this.#mouth.isSpeaking) return false;
    const quietMs = this.#quiet * FRAME_MS;
    return this.#isAddressed ? quietMs >= replyAfterMs : this.#isFresh && quietMs >= patienceMs;
  }

  /** What was said to this phone, by utterances; the last one as far as it has come. */
  heard(): readonly string[] {
    return this.#ear.heard;
  }

  /** Keys that were pressed to this phone as tones. */
  get keysHeard(): string {
    return this.#ear.keys;
  }

  /** Every 20 ms that was played, at most ten minutes. */
  get played(): readonly PlayedFrame[] {
    return this.#ear.played;
  }

  /** Resolves as soon as these words have been heard, with the utterance so far. Rejects when the call ends before. */
  async hears(words: string | RegExp): Promise<string> {
    const find = (): string | undefined =>
      this.heard().find((text) => (typeof words === "string" ? text.includes(words) : words.test(text)));
    await this.until(`hears ${String(words)}`, () => find() !== undefined);
    return find() ?? "";
  }

  /** Says something now, after what is being said, whoever else speaks. Resolves when it is said or the call over. */
  says(text: string, manner: Manner = {}): Promise<void> {
    return this.plays(this.#voice(text, manner));
  }

  /** Plays that into the line now, after what is being said. PCMU. Resolves when it is said or the call over. */
  plays(audio: Uint8Array): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#mouth.say(audio);
  }

  /** Says something when it is this person's turn. Resolves when it is said or the call over. */
  speak(text: string, manner: Manner = {}): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((done) => this.#turns.push({ audio: this.#voice(text, manner), done }));
  }

  /** Speaks once the other side has been speaking for `ms`. Resolves when it is said, with what was heard before. */
  async interruptsAfter(ms: number, text = "Stop, please."): Promise<string> {
    await this.until(`has heard ${ms} ms of speech`, () => this.#ear.speechMs >= ms);
    const heard = this.heard().at(-1) ?? "";
    await this.says(text);
    return heard;
  }

  /** Presses keys one after the other. Resolves when all have been pressed or the call is over. */
  async presses(digits: string): Promise<void> {
    if (this.#isOver) return;
    await Promise.all(
      digits.split("").map((digit) => new Promise<void>((done) => this.#keys.push({ digit, done }))),
    );
  }

  /** Sends no frames at all until told otherwise, as when the network is gone. */
  stopsSending(): void {
    this.#isSending = false;
  }

  sendsAgain(): void {
    this.#isSending = true;
  }

  /** Something that is no speech: a cough, a door. */
  makesNoise(ms: number, db = -20): void {
    this.#mouth.makeNoise(ms, db);
  }

  hangsUp(): unknown {
    return this.#options.hangUp?.();
  }

  /** Resolves once `test` holds; it is looked at every 20 ms of audio. Rejects when the call ends before. */
  async until(what: string, test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.#isOver) {
        throw new Error(`the call was over before: ${what}; heard ${JSON.stringify(this.heard())}`);
      }
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #voice(text: string, manner: Manner): Uint8Array {
    return speak(text, { msPerChar: this.#habits.msPerChar, ...manner });
  }

  #takeTurn(): void {
    const { script = NO_SCRIPT } = this.#options;
    const turn = this.#turns.shift();
    if (turn === undefined) {
      const text = script.line();
      if (text === undefined) return void script.leaves();
      if (text !== null) void this.says(text);
    } else void this.#mouth.say(turn.audio).then(turn.done);
    this.#isAddressed = false;
    this.#isFresh = false;
  }

  #typeKey(): void {
    this.#keyPause -= 1;
    if (this.#press === null || this.#keyPause > 0) return;
    const key = this.#keys.shift();
    if (key === undefined) return;
    this.#keyPause = BETWEEN_KEYS_MS / FRAME_MS;
    this.#press(key.digit);
    key.done();
  }

  #note(who: Sound["who"], change: { readonly on: boolean; readonly at: number } | null): void {
    if (change !== null) this.sounds.push({ who, ...change });
  }

  #tell(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
    this.#options.changed?.();
  }
}
