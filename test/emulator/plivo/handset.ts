import { Phone } from "../audio/phone-audio.ts";
import type { Ticker } from "../audio/ticker.ts";
import { Told } from "../audio/told.ts";
import type { CallTime } from "../call-time.ts";
import type { PersonScript } from "../person.ts";
import type { Element } from "./xml.ts";

/** What a listening turn hears. */
export type Input =
  | { readonly speech: string; readonly confidence: number }
  | { readonly digits: string }
  | { readonly nothing: true };

/** One input, and whom to tell that its webhook is answered. */
export interface Heard {
  readonly input: Input;
  readonly done: () => void;
}

/** What a listening turn takes. */
export interface Accepts {
  readonly speech: boolean;
  readonly digits: boolean;
}

interface Turn {
  readonly element: Element;
  readonly accepts: Accepts;
  readonly take: (heard: Heard) => void;
}

const quietly = (): void => undefined;
const SILENCE: Heard = { input: { nothing: true }, done: quietly };

/** The person's ear, mouth and keys; of an answering machine its greeting and its tape. */
export class Handset {
  readonly script: PersonScript;
  /** For calls whose audio is live. */
  readonly phone: Phone;
  readonly #told: Told;
  readonly #clock: CallTime;
  readonly #lines: (string | null)[];
  readonly #taped: string[] = [];
  readonly #pressed: string[] = [];
  readonly #inputs: Heard[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #hangUp: () => void;
  #turn: Turn | null = null;
  #stream: Element | null = null;
  #bargeIn: () => void = quietly;
  #greeting: Promise<boolean> | null = null;
  #greeted = false;
  #over = false;

  constructor(script: PersonScript, clock: CallTime, ticker: Ticker, hangUp: () => void) {
    this.script = script;
    this.#clock = clock;
    this.#lines = [...script.lines];
    this.#hangUp = hangUp;
    this.phone = new Phone(ticker, {
      habits: script.habits,
      script: { line: () => this.#lines.shift(), leaves: () => this.#leaves() },
      hangUp,
      changed: () => this.changed(),
    });
    this.#told = new Told(this.phone);
  }

  get heard(): readonly string[] {
    return this.#told.all;
  }

  /** What an answering machine recorded: the words that came after its greeting. */
  get taped(): readonly string[] {
    return [...this.#taped];
  }

  get pressed(): readonly string[] {
    const { keysHeard } = this.phone;
    return keysHeard === "" ? [...this.#pressed] : [...this.#pressed, keysHeard];
  }

  // ------------------------------------------------------------- the network's side

  /** The phone has been picked up; a machine begins its greeting. */
  pickUp(): void {
    const { machine } = this.script;
    if (machine === null) return;
    this.#greeting = this.#clock.sleep(machine.greetingMs, null).then((whole) => {
      this.#greeted = whole;
      this.changed();
      return whole;
    });
  }

  say(text: string): void {
    this.#told.say(text);
    if (this.#greeted) this.#taped.push(text);
    this.changed();
  }

  tones(digits: string): void {
    this.#pressed.push(digits);
    this.changed();
  }

  /** A stream that carries the call's audio, or none any more. What waited to be said is said on it. */
  live(stream: Element | null): void {
    this.#stream = stream;
    if (stream !== null) for (const heard of this.#inputs.splice(0)) void this.#utterLate(heard);
    this.changed();
  }

  /** Resolves once a machine has beeped; never for anybody else. */
  async beeps(): Promise<void> {
    if (this.script.machine?.beep !== true || !(await this.#greeting)) await new Promise(quietly);
  }

  /** Resolves once the greeting is over, if there is one. */
  async fallsSilent(): Promise<void> {
    if (this.#greeting !== null && !(await this.#greeting)) await new Promise(quietly);
  }

  /** Calls `interrupt` when the person says or presses something. */
  onBargeIn(interrupt: () => void): void {
    this.#bargeIn = interrupt;
  }

  /**
   * What the person says or presses next. Null when the call moves on before. A machine stays silent, a person who has
   * no line left waits for the test to speak, or hangs up.
   */
  async listen(
    element: Element,
    accepts: Accepts,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Heard | null> {
    const queued = this.#inputs.findIndex((heard) => fits(heard.input, accepts));
    if (queued !== -1) return this.#inputs.splice(queued, 1)[0] ?? null;
    const line = accepts.speech ? this.#lines.shift() : undefined;
    if (line !== undefined) {
      const input: Input = line === null ? { nothing: true } : { speech: line, confidence: 0.92 };
      return (await this.#clock.sleep(500, signal)) ? { input, done: quietly } : null;
    }
    if (this.script.machine !== null) return (await this.#clock.sleep(timeoutMs, signal)) ? SILENCE : null;
    if (this.#leaves() || signal.aborted) return null;
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#turn = null;
        resolve(null);
      };
      const take = (heard: Heard): void => {
        signal.removeEventListener("abort", stop);
        this.#turn = null;
        resolve(heard);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#turn = { element, accepts, take };
      this.changed();
    });
  }

  /** The call is over: nobody is kept waiting. */
  end(): void {
    this.#over = true;
    this.phone.end();
    for (const { done } of this.#inputs.splice(0)) done();
    this.changed();
  }

  changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }

  // ------------------------------------------------------------- the test's side

  /** Resolves once the webhook that carries the input is answered, or the call over. */
  give(input: Input): Promise<void> {
    if (this.#over) return Promise.resolve();
    if (this.phone.isConnected) return this.#utter(input);
    return new Promise((done) => {
      const heard: Heard = { input, done };
      this.#bargeIn();
      if (this.#turn !== null && fits(input, this.#turn.accepts)) this.#turn.take(heard);
      else this.#inputs.push(heard);
    });
  }

  /** Resolves once `test` holds; rejects when the call ends before. */
  async until(what: string, test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.#over) throw new Error(`the call was over before: ${what}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  async hears(words: string | RegExp): Promise<string> {
    const find = (): string | undefined =>
      this.heard.find((text) => (typeof words === "string" ? text.includes(words) : words.test(text)));
    await this.until(`hears ${String(words)}`, () => find() !== undefined);
    return find() ?? "";
  }

  /** Resolves with the element that listens, or will. */
  async listening(): Promise<Element> {
    const element = (): Element | null => this.#turn?.element ?? (this.phone.isTurn ? this.#stream : null);
    await this.until("listens", () => element() !== null);
    return element() as Element;
  }

  #leaves(): boolean {
    if (this.script.hangUpAfterLines) this.#hangUp();
    return this.script.hangUpAfterLines;
  }

  /** On live audio: words in the person's turn, keys at once. */
  async #utter(input: Input): Promise<void> {
    if ("speech" in input) await this.phone.speak(input.speech);
    else if ("digits" in input) await this.phone.presses(input.digits);
  }

  async #utterLate({ input, done }: Heard): Promise<void> {
    await this.#utter(input);
    done();
  }
}

function fits(input: Input, accepts: Accepts): boolean {
  if ("speech" in input) return accepts.speech;
  return "digits" in input ? accepts.digits : true;
}
