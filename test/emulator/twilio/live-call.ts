import { randomBytes } from "node:crypto";
import type { CalleeScript } from "./callee.ts";
import type { Deliveries, Params } from "./delivery.ts";
import { lint, parseTwiml, type Verb } from "./twiml.ts";

export type CallStatus =
  | "queued"
  | "initiated"
  | "ringing"
  | "in-progress"
  | "completed"
  | "busy"
  | "no-answer"
  | "canceled"
  | "failed";

export interface CallEnd {
  readonly status: CallStatus;
  readonly by: "callee" | "api" | "document" | "carrier";
}

/** What Twilio has been told about a call, at create and by updates. */
export interface CallPlan {
  readonly accountSid: string;
  readonly direction: "outbound-api" | "inbound";
  readonly from: string;
  readonly to: string;
  readonly source: { readonly twiml: string } | { readonly url: string };
  readonly statusCallback: string | null;
  readonly statusEvents: ReadonlySet<string>;
  readonly sendDigits: string | null;
  readonly timeoutSec: number;
  readonly timeLimitSec: number | null;
  /** More fields of every webhook (`StirVerstat`). */
  readonly fields: Params;
}

export interface CallWorld {
  readonly deliveries: Deliveries;
  /** Real milliseconds per millisecond of call time. */
  readonly pace: number;
  /** Keeps the `answered` callback back until the call is over. */
  readonly lateAnswer: boolean;
  /** Sends each status callback after the next one. */
  readonly reorder: boolean;
  /** What Twilio's debugger would show. */
  problem(text: string): void;
}

/** What a listening turn hears. */
type Input =
  | { readonly speech: string; readonly confidence: number }
  | { readonly digits: string }
  | { readonly nothing: true };

interface Listening {
  readonly gather: Verb;
  /** Something is waiting to be heard. */
  give(): void;
}

interface StatusReport {
  readonly event: string;
  readonly status: CallStatus;
  readonly more: Params;
}

/** Nobody talks longer than this in a test. */
const LONGEST_SAY_MS = 5000;

const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
const TERMINAL: ReadonlySet<CallStatus> = new Set(["completed", "busy", "no-answer", "canceled", "failed"]);

/** One call at the emulated carrier: rings, runs documents, listens to the callee, reports. */
export class LiveCall {
  readonly sid = `CA${hex(16)}`;
  readonly createdAt = Date.now();
  readonly plan: CallPlan;
  readonly ended: Promise<CallEnd>;
  readonly #world: CallWorld;
  readonly #script: CalleeScript;
  readonly #lines: (string | null)[];
  readonly #heard: string[] = [];
  readonly #pressed: string[] = [];
  readonly #inputs: { input: Input; done: () => void }[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #timers = new Set<() => void>();
  readonly #held: StatusReport[] = [];
  #status: CallStatus = "queued";
  #statusCallback: string | null;
  #timeLimitSec: number | null;
  #listening: Listening | null = null;
  #run = new AbortController();
  #sequence = 0;
  #answeredAt = 0;
  #reports: Promise<unknown> = Promise.resolve();
  #bargeIn: () => void = () => undefined;
  #end: (end: CallEnd) => void = () => undefined;
  #closed = false;

  constructor(plan: CallPlan, script: CalleeScript, world: CallWorld) {
    this.plan = plan;
    this.#world = world;
    this.#script = script;
    this.#lines = [...script.lines];
    this.#statusCallback = plan.statusCallback;
    this.#timeLimitSec = plan.timeLimitSec;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  get status(): CallStatus {
    return this.#status;
  }

  get timeLimitSec(): number | null {
    return this.#timeLimitSec;
  }

  get statusCallback(): string | null {
    return this.#statusCallback;
  }

  /** Whole seconds of call time since the answer. */
  get durationSec(): number {
    return this.#answeredAt === 0 ? 0 : Math.max(1, Math.round((Date.now() - this.#answeredAt) / 1000));
  }

  // ------------------------------------------------------------- the callee's side

  /** Everything the callee has been told, in order. */
  heard(): readonly string[] {
    return [...this.#heard];
  }

  /** Tones that reached the callee. */
  pressed(): readonly string[] {
    return [...this.#pressed];
  }

  /** Says something in this or the next listening turn; resolves once the webhook is answered or the call over. */
  speak(text: string, confidence = 0.92): Promise<void> {
    return this.#input({ speech: text, confidence });
  }

  press(digits: string): Promise<void> {
    return this.#input({ digits });
  }

  /** Lets this or the next listening turn pass in silence. */
  silent(): Promise<void> {
    return this.#input({ nothing: true });
  }

  async hangUp(): Promise<CallEnd> {
    const ringing = this.#status !== "in-progress";
    const declined = this.plan.direction === "inbound" ? "canceled" : "busy";
    this.#finish({ status: ringing ? declined : "completed", by: "callee" });
    return this.ended;
  }

  /** The carrier's own limit has been reached. */
  reachTimeLimit(): void {
    this.#finish({ status: "completed", by: "carrier" });
  }

  /** Resolves once `test` holds; rejects when the call ends before. */
  async until(what: string, test: () => boolean): Promise<void> {
    while (!test()) {
      if (TERMINAL.has(this.#status)) throw new Error(`the call was ${this.#status} before: ${what}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Resolves with the first words heard that hold `words`. */
  async hears(words: string | RegExp): Promise<string> {
    const find = (): string | undefined =>
      this.#heard.find((text) => (typeof words === "string" ? text.includes(words) : words.test(text)));
    if (find() === undefined) await this.until(`hears ${String(words)}`, () => find() !== undefined);
    return find() ?? "";
  }

  /** Resolves with the Gather that is open, or will be. */
  async listening(): Promise<Verb> {
    await this.until("listens", () => this.#listening !== null);
    return (this.#listening as Listening).gather;
  }

  // ------------------------------------------------------------- the carrier's side

  async start(): Promise<void> {
    if (this.plan.direction === "inbound") return this.#receive();
    this.#move("initiated");
    this.#report("initiated", {});
    this.#move("ringing");
    this.#report("ringing", {});
    const { onRing, ringMs, hangUpAfterMs } = this.#script;
    if (onRing === "busy") return this.#finish({ status: "busy", by: "callee" });
    if (onRing === "fails") return this.#finish({ status: "failed", by: "carrier" });
    const ringFor = onRing === "no-answer" ? this.plan.timeoutSec * 1000 : ringMs;
    if (!(await this.#sleep(ringFor, this.#run.signal))) return;
    if (onRing === "no-answer" || ringFor > this.plan.timeoutSec * 1000) {
      return this.#finish({ status: "no-answer", by: "carrier" });
    }
    this.#answer();
    if (this.plan.sendDigits !== null) this.#pressed.push(this.plan.sendDigits);
    if (hangUpAfterMs !== null) void this.#hangUpLater(hangUpAfterMs);
    const { source } = this.plan;
    if ("twiml" in source) return this.#execute(source.twiml, this.#run.signal);
    return this.#follow(source.url, {}, this.#run.signal);
  }

  /** A REST update. `false`: the call is in no state for it. */
  update(change: {
    status?: string | undefined;
    twiml?: string | undefined;
    url?: string | undefined;
    statusCallback?: string | undefined;
    timeLimitSec?: number | undefined;
  }): boolean {
    if (TERMINAL.has(this.#status)) return false;
    const redirects = change.twiml !== undefined || change.url !== undefined;
    if (redirects && this.#status !== "in-progress") return false;
    if (change.statusCallback !== undefined) this.#statusCallback = change.statusCallback;
    if (change.timeLimitSec !== undefined) this.#timeLimitSec = change.timeLimitSec;
    this.#changed();
    if (change.status === "completed" || change.status === "canceled") {
      const talking = this.#status === "in-progress";
      if (talking && change.status === "canceled") return false;
      this.#finish({ status: talking ? "completed" : "canceled", by: "api" });
      return true;
    }
    if (redirects) {
      this.#interrupt();
      const { signal } = this.#run;
      if (change.url !== undefined) void this.#follow(change.url, {}, signal);
      else void this.#execute(change.twiml ?? "", signal);
    }
    return true;
  }

  /** Ends without telling anybody. */
  close(): void {
    this.#closed = true;
    this.#finish({ status: "canceled", by: "carrier" });
  }

  /** Fields that every webhook of the call has. */
  fields(): Record<string, string> {
    const { accountSid, direction, from, to, fields } = this.plan;
    const { answeredBy } = this.#script;
    return {
      AccountSid: accountSid,
      ApiVersion: "2010-04-01",
      CallSid: this.sid,
      CallStatus: this.#status,
      Called: to,
      CalledCountry: "US",
      CalledState: "",
      Caller: from,
      CallerCountry: "US",
      Direction: direction,
      From: from,
      FromCountry: "US",
      To: to,
      ToCountry: "US",
      ...(answeredBy !== null && this.#answeredAt > 0 ? { AnsweredBy: answeredBy } : {}),
      ...fields,
    };
  }

  async #receive(): Promise<void> {
    this.#move("ringing");
    const { signal } = this.#run;
    if (!("url" in this.plan.source)) return;
    const document = await this.#fetch(this.plan.source.url, {}, signal);
    if (document === null || signal.aborted) return;
    const [first] = document.children;
    if (first?.name === "Reject") {
      const status = first.attributes["reason"] === "busy" ? "busy" : "no-answer";
      return this.#finish({ status, by: "document" });
    }
    this.#answer();
    return this.#perform(document, signal);
  }

  #answer(): void {
    this.#answeredAt = Date.now();
    this.#move("in-progress");
    this.#report("answered", {});
  }

  async #hangUpLater(ms: number): Promise<void> {
    if (await this.#sleep(ms, null)) await this.hangUp();
  }

  async #follow(url: string, more: Params, signal: AbortSignal): Promise<void> {
    const document = await this.#fetch(url, more, signal);
    if (document !== null && !signal.aborted) await this.#perform(document, signal);
  }

  /** Asks for a document. Null when there is none to run: the caller hears an apology and the call ends. */
  async #fetch(url: string, more: Params, signal: AbortSignal): Promise<Verb | null> {
    const target = new URL(url, "url" in this.plan.source ? this.plan.source.url : undefined).href;
    const reply = await this.#world.deliveries.deliver("document", target, { ...this.fields(), ...more });
    if (signal.aborted) return null;
    if (reply.status !== 200) return this.#broken(`11200: HTTP ${reply.status}`);
    if (!/^(text|application)\/xml/.test(reply.contentType)) {
      return this.#broken(`12300: content type ${reply.contentType}`);
    }
    return this.#parse(reply.body);
  }

  #parse(source: string): Verb | null {
    try {
      const document = parseTwiml(source);
      for (const problem of lint(document)) this.#world.problem(problem);
      return document;
    } catch (error) {
      return this.#broken(`12100: ${error instanceof Error ? error.message : "?"}`);
    }
  }

  #broken(problem: string): null {
    this.#world.problem(problem);
    this.#say("An application error has occurred. Goodbye.");
    this.#finish({ status: "completed", by: "carrier" });
    return null;
  }

  async #execute(source: string, signal: AbortSignal): Promise<void> {
    const document = this.#parse(source);
    if (document !== null) await this.#perform(document, signal);
  }

  /** Runs a document to its end, which hangs up, or to the verb that leads elsewhere. */
  async #perform(document: Verb, signal: AbortSignal): Promise<void> {
    for (const verb of document.children) {
      if (signal.aborted) return;
      switch (verb.name) {
        case "Gather":
          if (await this.#gather(verb, signal)) return;
          break;
        case "Redirect":
          return this.#follow(verb.text.trim(), {}, signal);
        case "Reject":
          this.#world.problem("13710: Reject is not the first verb of a ringing call");
          return this.#finish({ status: "completed", by: "document" });
        case "Hangup":
          return this.#finish({ status: "completed", by: "document" });
        default:
          await this.#utter(verb, signal);
      }
    }
    if (!signal.aborted) this.#finish({ status: "completed", by: "document" });
  }

  /** Say, Play and Pause. */
  async #utter(verb: Verb, signal: AbortSignal): Promise<void> {
    if (verb.name === "Say") {
      this.#say(verb.text);
      await this.#sleep(Math.min(verb.text.length * 60, LONGEST_SAY_MS), signal);
    } else if (verb.name === "Play") {
      this.#pressed.push(verb.attributes["digits"] ?? "");
      this.#changed();
    } else if (verb.name === "Pause") {
      await this.#sleep(Number(verb.attributes["length"] ?? 1) * 1000, signal);
    }
  }

  #say(text: string): void {
    this.#heard.push(text);
    this.#changed();
  }

  /** True when the action URL has taken over; false falls through to the next verb. */
  async #gather(gather: Verb, signal: AbortSignal): Promise<boolean> {
    const prompt = new AbortController();
    this.#bargeIn = () => prompt.abort();
    for (const verb of gather.children) {
      if (signal.aborted) break;
      // Words and keys of the callee stop the prompt.
      if (prompt.signal.aborted && gather.attributes["bargeIn"] !== "false") break;
      await this.#utter(verb, AbortSignal.any([signal, prompt.signal]));
    }
    if (signal.aborted) return true;
    const taken = await this.#hear(gather, signal);
    if (taken === null) return true;
    const { input, done } = taken;
    const { action, actionOnEmptyResult } = gather.attributes;
    if ("nothing" in input && actionOnEmptyResult !== "true") {
      done();
      return false;
    }
    if (action === undefined) {
      this.#world.problem("Gather has no action");
      done();
      return false;
    }
    const document = await this.#fetch(action, resultOf(input, gather), signal);
    done();
    if (document !== null && !signal.aborted) await this.#perform(document, signal);
    return true;
  }

  async #hear(gather: Verb, signal: AbortSignal): Promise<{ input: Input; done: () => void } | null> {
    const queued = this.#inputs.shift();
    if (queued !== undefined) return queued;
    const line = this.#lines.shift();
    if (line !== undefined) {
      const input: Input = line === null ? { nothing: true } : { speech: line, confidence: 0.92 };
      return (await this.#sleep(500, signal)) ? { input, done: () => undefined } : null;
    }
    if (this.#script.hangUpAfterLines) {
      await this.hangUp();
      return null;
    }
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#listening = null;
        resolve(null);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#listening = {
        gather,
        give: () => {
          signal.removeEventListener("abort", stop);
          this.#listening = null;
          resolve(this.#inputs.shift() ?? null);
        },
      };
      this.#changed();
    });
  }

  #input(input: Input): Promise<void> {
    if (TERMINAL.has(this.#status)) return Promise.resolve();
    return new Promise((done) => {
      this.#inputs.push({ input, done });
      this.#bargeIn();
      this.#listening?.give();
    });
  }

  #interrupt(): void {
    this.#run.abort();
    this.#run = new AbortController();
  }

  #finish(end: CallEnd): void {
    if (TERMINAL.has(this.#status)) return;
    this.#run.abort();
    for (const cancel of this.#timers) cancel();
    const sip = { busy: "486", "no-answer": "487", failed: "404", canceled: "487", completed: "200" };
    this.#move(end.status);
    if (!this.#closed) {
      this.#report("completed", {
        CallDuration: String(this.durationSec),
        Duration: String(Math.ceil(this.durationSec / 60)),
        SipResponseCode: sip[end.status as keyof typeof sip],
      });
    }
    for (const { done } of this.#inputs.splice(0)) done();
    void this.#reports.then(() => this.#end(end));
  }

  /** Queues a status callback: in order, one after the other, unless a fault says otherwise. */
  #report(event: string, more: Params): void {
    const last = event === "completed";
    if (!this.plan.statusEvents.has(event) && !(last && this.#statusCallback !== null)) return;
    const report: StatusReport = { event, status: this.#status, more: { ...more, ...this.#progress() } };
    const { lateAnswer, reorder } = this.#world;
    const hold = !last && ((lateAnswer && event === "answered") || (reorder && this.#held.length === 0));
    if (hold) {
      this.#held.push(report);
      return;
    }
    const due = [report, ...this.#held.splice(0, lateAnswer && !last ? 0 : this.#held.length)];
    for (const one of due) this.#reports = this.#reports.then(() => this.#sendReport(one));
  }

  #progress(): Params {
    return {
      CallbackSource: "call-progress-events",
      SequenceNumber: String(this.#sequence++),
      Timestamp: new Date().toUTCString().replace("GMT", "+0000"),
    };
  }

  async #sendReport(report: StatusReport): Promise<void> {
    if (this.#statusCallback === null) return;
    const params = { ...this.fields(), CallStatus: report.status, ...report.more };
    await this.#world.deliveries.deliver("status", this.#statusCallback, params);
  }

  #move(status: CallStatus): void {
    this.#status = status;
    this.#changed();
  }

  #changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }

  /** Sleeps call time; false when it was cut short. */
  #sleep(ms: number, signal: AbortSignal | null): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (whole: boolean): void => {
        clearTimeout(timer);
        this.#timers.delete(cancel);
        signal?.removeEventListener("abort", cancel);
        resolve(whole);
      };
      const cancel = (): void => finish(false);
      const timer = setTimeout(() => finish(true), ms * this.#world.pace);
      this.#timers.add(cancel);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }
}

function resultOf(input: Input, gather: Verb): Params {
  if ("speech" in input) {
    const language = gather.attributes["language"] ?? "en-US";
    return { SpeechResult: input.speech, Confidence: String(input.confidence), Language: language };
  }
  if ("digits" in input) {
    const finish = gather.attributes["finishOnKey"] ?? "#";
    const [digits = ""] = input.digits.split(finish, 1);
    const ended = input.digits.includes(finish) ? { FinishedOnKey: finish } : {};
    return { Digits: digits, msg: "Gather End", ...ended };
  }
  return {};
}
