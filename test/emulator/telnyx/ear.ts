/** `transcription_start`, as far as it matters here. */
export interface Transcription {
  /** `inbound`: the person; `outbound`: what we say; `both`. */
  readonly tracks: "inbound" | "outbound" | "both";
  /** Interim results were asked for (`interim_results: true`; left out, the default is taken to be no). */
  readonly interim: boolean;
  /** `transcription_track` is there with engine `B`, alias `Telnyx`, only (SDK doc of the field). */
  readonly namesTrack: boolean;
}

export type Input = { readonly speech: string } | { readonly digits: string };

/** What the ear sees of its call. */
interface Surroundings {
  /** The person is on the line, and with us alone. */
  isOpen(): boolean;
  isSpeaking(): boolean;
  /** Speak commands so far. */
  spoken(): number;
  isGathering(): boolean;
  /** Every event has been taken. */
  isQuiet(): boolean;
  transcribe(transcript: string, isFinal: boolean): Promise<void>;
  dial(digit: string): Promise<void>;
  hangUp(): void;
  changed(): void;
}

/** Real milliseconds without a command or an event, after which we are taken to have said everything. */
const SETTLE_MS = 40;

/** The same when we listen without having said a word: people wait for a greeting. */
const GREETING_MS = 250;

/**
 * The person's mouth and keys. Telnyx knows no listening turns, it transcribes all the time; people take turns. Here a turn is
 * open from the first words of ours that were commanded after the person spoke. The person waits until we have said everything
 * and come to rest, or talks over us when a test says so while we speak.
 */
export class Ear {
  transcription: Transcription | null = null;
  readonly #call: Surroundings;
  readonly #lines: (string | null)[];
  readonly #hangUpAfterLines: boolean;
  readonly #inputs: { readonly input: Input; readonly done: () => void }[] = [];
  #isListening = false;
  #isOpen = true;
  /** The turn was opened by words of ours. */
  #isAddressed = false;
  /** Speaks up to this one were commanded before the person spoke: they open no new turn. */
  #stale = 0;
  #settling: NodeJS.Timeout | undefined;

  /** `lines` are taken as they are said. */
  constructor(lines: (string | null)[], hangUpAfterLines: boolean, call: Surroundings) {
    this.#call = call;
    this.#lines = lines;
    this.#hangUpAfterLines = hangUpAfterLines;
  }

  /** Transcription runs and the person may speak: nothing plays, all events are taken, no command has come for a while. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Resolves once the last webhook of it was answered, or the ear closed. */
  take(input: Input): Promise<void> {
    return new Promise((done) => {
      this.#inputs.push({ input, done });
      if (this.#isOpen && this.#call.isSpeaking() && this.#hears(input)) this.#answer();
      else this.stir();
    });
  }

  /** Something has begun that the person reacts to: a speak, or listening itself. */
  reopen(speak: number | null): void {
    if (speak !== null && speak <= this.#stale) return;
    this.#isOpen = true;
    if (speak !== null) this.#isAddressed = true;
  }

  /** Looks again whether it is the person's turn; to be called after everything that happens on the call. */
  stir(): void {
    clearTimeout(this.#settling);
    const hears = this.#call.isOpen() && (this.transcription !== null || this.#call.isGathering());
    if (!hears || !this.#isOpen || this.#call.isSpeaking()) {
      this.#isListening = false;
      return;
    }
    if (this.#isListening) return this.#answer();
    if (!this.#call.isQuiet()) return;
    this.#settling = setTimeout(
      () => {
        this.#isListening = true;
        this.#call.changed();
        this.#answer();
      },
      this.#isAddressed ? SETTLE_MS : GREETING_MS,
    );
  }

  /** Everything that waits is said some other way. */
  drain(): readonly { readonly input: Input; readonly done: () => void }[] {
    return this.#inputs.splice(0);
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#isListening = false;
    this.#isOpen = false;
    for (const { done } of this.#inputs.splice(0)) done();
  }

  #hears(input: Input): boolean {
    if (!this.#call.isOpen()) return false;
    return this.transcription !== null || ("digits" in input && this.#call.isGathering());
  }

  /** The person's turn: what the test has waiting, then the script. */
  #answer(): void {
    const [next] = this.#inputs;
    if (next !== undefined) {
      if (!this.#hears(next.input)) return;
      this.#inputs.shift();
      void this.#perform(next.input).then(next.done);
      return;
    }
    const line = this.#lines.shift();
    if (line === null) return this.#spend();
    if (line !== undefined) return void this.#perform({ speech: line });
    if (this.#hangUpAfterLines) this.#call.hangUp();
  }

  #spend(): void {
    this.#isOpen = false;
    this.#isAddressed = false;
    this.#isListening = false;
    this.#stale = this.#call.spoken();
  }

  async #perform(input: Input): Promise<void> {
    this.#spend();
    if ("digits" in input) {
      await Promise.all(input.digits.split("").map((digit) => this.#call.dial(digit)));
      return;
    }
    if (this.transcription?.interim === true) {
      await this.#call.transcribe(firstHalf(input.speech), false);
    }
    // What was commanded while the words came in is not an answer to them.
    this.#stale = this.#call.spoken();
    await this.#call.transcribe(input.speech, true);
  }
}

function firstHalf(text: string): string {
  const words = text.split(" ");
  return words.slice(0, Math.ceil(words.length / 2)).join(" ");
}
