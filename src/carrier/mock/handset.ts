import { readFile, writeFile } from "node:fs/promises";
import type { PhoneLine, PhonePort, PhoneScreen } from "../../call/service.ts";
import { LIVE_AUDIO } from "./screen.ts";
import { Recorder } from "./recorder.ts";
import { HELP, plain, renderError, renderLine, type Paint, type Typed } from "./terminal-view.ts";

export interface HandsetOptions {
  readonly phone: PhonePort;
  readonly output: (line: string) => void;
  /** The person's own number, E.164. */
  readonly from: string;
  /** Whom `/call` rings when it names nobody, E.164. */
  readonly to?: string;
  readonly paint?: Paint;
  /** By default this machine's. */
  readonly files?: Files;
  /** Where what is heard on calls with live audio is written. */
  readonly record?: string;
}

/** Files by the paths that a person types. */
export interface Files {
  read(path: string): Promise<Uint8Array>;
  write(path: string, bytes: Uint8Array): Promise<void>;
}

const DISK: Files = { read: (path) => readFile(path), write: (path, bytes) => writeFile(path, bytes) };

/** Words and digits kept while nobody listens. */
const MAX_KEPT = 20;
/** Reads of the screen that may fail in a row. */
const MAX_FAILURES = 20;

type Input = Extract<Typed, { kind: "say" } | { kind: "press" } | { kind: "play" }>;

/** The person's view of the line: which call they are on, and what they still want to say. */
export class Handset {
  readonly #phone: PhonePort;
  readonly #output: (line: string) => void;
  readonly #paint: Paint;
  readonly #from: string;
  readonly #to: string | null;
  readonly #files: Files;
  readonly #record: { readonly path: string; readonly recorder: Recorder } | null;
  readonly #placed = new Set<string>();
  /** Calls that ring or talk, oldest first; the first is the one the person is on. */
  readonly #live = new Map<string, "ringing" | "answered">();
  #kept: Input[] = [];
  #cursor = 0;
  #failures = 0;
  #started = false;
  #inputOver = false;
  #quit = false;

  constructor(options: HandsetOptions) {
    this.#phone = options.phone;
    this.#output = options.output;
    this.#paint = options.paint ?? plain;
    this.#from = options.from;
    this.#to = options.to ?? null;
    this.#files = options.files ?? DISK;
    const { record: path, phone } = options;
    this.#record = path === undefined ? null : { path, recorder: new Recorder(phone) };
  }

  get done(): boolean {
    return this.#quit || (this.#inputOver && this.#live.size === 0);
  }

  greet(): void {
    this.#output(this.#paint("phone", `This phone is ${this.#from}. /help shows what it can do.`));
  }

  inputEnded(): void {
    this.#inputOver = true;
  }

  /** Reads the screen and shows what is new. What is over before the phone was picked up is not shown. */
  async look(): Promise<void> {
    const screen = await this.#read();
    if (!screen) return;
    if (screen.cursor < this.#cursor) {
      // Another gateway process has started: its screen begins anew, and the old calls are gone.
      this.#live.clear();
      this.#cursor = 0;
      return;
    }
    this.#cursor = screen.cursor;
    const over = new Set(screen.lines.filter(isEnd).map((line) => line.carrierCallId));
    for (const line of screen.lines) {
      if (!this.#started && over.has(line.carrierCallId)) continue;
      await this.#see(line);
    }
    this.#started = true;
    await this.#recordOn();
  }

  /** What is heard on the call that the person is on. */
  async #recordOn(): Promise<void> {
    const id = this.#current();
    if (this.#record === null || id === null || this.#live.get(id) !== "answered") return;
    // Where nothing can be read the screen cannot either, which is told.
    await this.#record.recorder.follow(id).catch(() => {});
  }

  async #read(): Promise<PhoneScreen | null> {
    try {
      const screen = await this.#phone.screen(this.#cursor);
      this.#failures = 0;
      return screen;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1) this.#output(renderError(error, this.#paint));
      if (this.#failures >= MAX_FAILURES) throw error;
      return null;
    }
  }

  async #see(line: PhoneLine): Promise<void> {
    const id = line.carrierCallId;
    if (line.kind === "ringing" && this.#live.size > 0) this.#hint("(another call is waiting)");
    if (line.kind === "ringing" || line.kind === "answered") this.#live.set(id, line.kind);
    if (!this.#live.has(id)) return;
    const current = this.#current();
    if (isEnd(line)) {
      await this.#recordOn();
      this.#live.delete(id);
    }
    if (current !== id) return;
    this.#output(renderLine(line, this.#placed.has(id), this.#paint));
    if (line.kind === "listening") {
      let taken = await this.#sayKept();
      // Live audio listens all the time: nothing tells of another turn.
      while (taken && line.text === LIVE_AUDIO) taken = await this.#sayKept();
    }
    if (!isEnd(line)) return;
    this.#placed.delete(id);
    if (this.#kept.length > 0) this.#hint("(what you still wanted to say was not heard)");
    this.#kept = [];
    if (this.#current() !== null) this.#hint("(the waiting call is on the line now: /answer or /decline)");
  }

  async type(typed: Typed): Promise<void> {
    try {
      await this.#do(typed);
    } catch (error) {
      this.#output(renderError(error, this.#paint));
    }
  }

  async #do(typed: Typed): Promise<void> {
    switch (typed.kind) {
      case "nothing":
        return;
      case "help":
        for (const line of HELP) this.#hint(line);
        return;
      case "unknown":
        return this.#hint(`There is no /${typed.command}. /help shows what there is.`);
      case "quit":
        this.#quit = true;
        return;
      case "call":
        return this.#call(typed.to ?? this.#to);
      case "say":
      case "press":
      case "play":
        return this.#utter(typed);
      case "answer":
      case "decline":
      case "hangup":
        return this.#act(typed.kind);
    }
  }

  async #call(to: string | null): Promise<void> {
    if (to === null) return this.#hint("Whom? /call +15550001234");
    if (this.#live.size > 0) return this.#hint("The line is in use. /hangup first.");
    const { carrierCallId } = await this.#phone.call(this.#from, to);
    this.#placed.add(carrierCallId);
    await this.look();
  }

  async #act(what: "answer" | "decline" | "hangup"): Promise<void> {
    const id = this.#current();
    if (id === null) return this.#hint("There is no call.");
    if (what === "answer") await this.#phone.answer(id);
    else if (what === "decline") await this.#phone.decline(id);
    else await this.#phone.hangUp(id);
    await this.look();
  }

  async #utter(typed: Input): Promise<void> {
    const id = this.#current();
    if (id === null) return this.#hint("There is no call. /call rings the agent.");
    if (this.#live.get(id) === "ringing") return this.#hint("Nobody is on the line yet.");
    if (this.#kept.length > 0 || !(await this.#heard(id, typed))) this.#keep(typed);
  }

  #keep(typed: Input): void {
    if (this.#kept.length >= MAX_KEPT) return this.#hint("(too much at once; wait until you are heard)");
    this.#kept.push(typed);
    this.#hint("(the agent is not listening; kept until it is)");
  }

  /** False when there is nothing left to say, or nobody to say it to. */
  async #sayKept(): Promise<boolean> {
    const id = this.#current();
    const next = this.#kept[0];
    if (id === null || !next) return false;
    try {
      if (!(await this.#heard(id, next))) return false;
      this.#hint(`(said: ${textOf(next)})`);
    } catch (error) {
      // It cannot be heard on this call at all.
      this.#output(renderError(error, this.#paint));
    }
    this.#kept.shift();
    return true;
  }

  /** False when nobody was listening. */
  async #heard(id: string, typed: Input): Promise<boolean> {
    try {
      if (typed.kind === "say") await this.#phone.say(id, typed.text);
      else if (typed.kind === "press") await this.#phone.press(id, typed.digits);
      else await this.#phone.play(id, await this.#files.read(typed.file));
      return true;
    } catch (error) {
      if (codeOf(error) === "VC_NOBODY_LISTENS") return false;
      throw error;
    }
  }

  /** Hangs up what this person is talking on; a call that still rings is left to ring. */
  async putAway(): Promise<void> {
    await this.#recordOn();
    const mine = [...this.#live].filter(([id, state]) => state === "answered" || this.#placed.has(id));
    for (const [id] of mine) {
      try {
        await this.#phone.hangUp(id);
      } catch (error) {
        this.#output(renderError(error, this.#paint));
      }
    }
    await this.#save();
  }

  async #save(): Promise<void> {
    if (this.#record === null) return;
    const { path, recorder } = this.#record;
    const file = recorder.file();
    if (file === null) return this.#hint("(nothing was heard that could be recorded)");
    try {
      await this.#files.write(path, file);
      this.#hint(`(what was heard is in ${path})`);
    } catch (error) {
      this.#output(renderError(error, this.#paint));
    }
  }

  #current(): string | null {
    const first = this.#live.keys().next();
    return first.done === true ? null : first.value;
  }

  #hint(text: string): void {
    this.#output(this.#paint("hint", text));
  }
}

function textOf(typed: Input): string {
  if (typed.kind === "say") return typed.text;
  return typed.kind === "press" ? typed.digits : typed.file;
}

const isEnd = (line: PhoneLine): boolean => line.kind === "ended" || line.kind === "refused";

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
