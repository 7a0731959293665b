import { randomBytes } from "node:crypto";
import { Phone } from "../audio/phone-audio.ts";
import type { StreamFaults } from "../audio/socket-client.ts";
import type { Ticker } from "../audio/ticker.ts";
import { Told } from "../audio/told.ts";
import type { CalleeScript } from "./callee.ts";
import { CallTime } from "../call-time.ts";
import { Streams } from "./connect.ts";
import type { Deliveries, Params } from "./delivery.ts";
import { verdictOn, type Detection, type Verdict } from "./detection.ts";
import { Ear, type Input, type Taken } from "./ear.ts";
import { Reports } from "./reports.ts";
import { OVER, Runner } from "./runner.ts";
import type { TwilioStream } from "./stream.ts";
import type { Verb } from "./twiml.ts";

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
  readonly detection: Detection | null;
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
  readonly ticker: Ticker;
  readonly streamFaults: StreamFaults;
  /** The account is one on trial. */
  readonly trial: boolean;
  /** Real milliseconds until the handshake of a stream is given up. */
  readonly connectMs: number;
  /** The person at a number, whom a call may be handed over to. */
  readonly person: (number: string) => CalleeScript;
  readonly owns: (number: string) => boolean;
  /** What Twilio's debugger would show. */
  readonly problem: (text: string) => void;
}

export interface CallUpdate {
  readonly status?: string | undefined;
  readonly twiml?: string | undefined;
  readonly url?: string | undefined;
  readonly statusCallback?: string | undefined;
  readonly timeLimitSec?: number | undefined;
}

const SIP = { busy: "486", "no-answer": "487", failed: "404", canceled: "487", completed: "200" };
const TERMINAL: ReadonlySet<CallStatus> = new Set(["completed", "busy", "no-answer", "canceled", "failed"]);

/** One call at the emulated carrier: rings, runs documents, listens to the callee, reports. */
export class LiveCall {
  readonly sid = `CA${randomBytes(16).toString("hex")}`;
  readonly createdAt = Date.now();
  readonly plan: CallPlan;
  /** The callee's phone while the audio is live. */
  readonly phone: Phone;
  readonly ended: Promise<CallEnd>;
  readonly #world: CallWorld;
  readonly #script: CalleeScript;
  readonly #lines: (string | null)[];
  readonly #pressed: string[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #time: CallTime;
  readonly #ear = new Ear();
  readonly #told: Told;
  readonly #streams: Streams;
  readonly #reports: Reports;
  readonly #runner: Runner;
  #status: CallStatus = "queued";
  #statusCallback: string | null;
  #timeLimitSec: number | null;
  #transferredTo: string | null = null;
  #answeredBy: string | null = null;
  #run = new AbortController();
  #answeredAt = 0;
  #end: (end: CallEnd) => void = () => undefined;
  #closed = false;

  constructor(plan: CallPlan, script: CalleeScript, world: CallWorld) {
    this.plan = plan;
    this.#world = world;
    this.#script = script;
    this.#lines = [...script.lines];
    this.#statusCallback = plan.statusCallback;
    this.#timeLimitSec = plan.timeLimitSec;
    this.#time = new CallTime(world.pace);
    this.phone = new Phone(world.ticker, {
      habits: script.habits,
      script: { line: () => this.#lines.shift(), leaves: () => this.#leaves() },
      hangUp: () => this.hangUp(),
      changed: () => this.#changed(),
    });
    this.#told = new Told(this.phone);
    this.#streams = new Streams({
      ...world,
      phone: this.phone,
      faults: world.streamFaults,
      ids: () => ({ accountSid: plan.accountSid, callSid: this.sid }),
      changed: () => this.#streamChanged(),
    });
    this.#reports = new Reports({ ...world, send: (report) => this.#sendReport(report) });
    this.#runner = new Runner(this.#line());
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

  /** Twilio's word for who has answered, once it is found out. */
  get answeredBy(): string | null {
    return this.#answeredBy;
  }

  /** Whole seconds of call time since the answer. */
  get durationSec(): number {
    return this.#answeredAt === 0 ? 0 : Math.max(1, Math.round((Date.now() - this.#answeredAt) / 1000));
  }

  // ------------------------------------------------------------- the callee's side

  /** Everything the callee has been told, in order. */
  heard(): readonly string[] {
    return this.#told.all;
  }

  /** Tones that reached the callee. */
  pressed(): readonly string[] {
    const { keysHeard } = this.phone;
    return keysHeard === "" ? [...this.#pressed] : [...this.#pressed, keysHeard];
  }

  /** The stream that carries the call's audio now. */
  get stream(): TwilioStream | null {
    return this.#streams.current;
  }

  /** Every stream of the call, in order. */
  get streams(): readonly TwilioStream[] {
    return this.#streams.all;
  }

  /** Resolves with the stream that is open, or will be. */
  async streaming(): Promise<TwilioStream> {
    await this.until("has a stream", () => this.stream !== null);
    return this.stream as TwilioStream;
  }

  /** The number the call was handed over to, if it was. */
  transferredTo(): string | null {
    return this.#transferredTo;
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
      this.heard().find((text) => (typeof words === "string" ? text.includes(words) : words.test(text)));
    if (find() === undefined) await this.until(`hears ${String(words)}`, () => find() !== undefined);
    return find() ?? "";
  }

  /** Resolves with the Gather that is open, or the Stream on which it is the callee's turn; or will be. */
  async listening(): Promise<Verb> {
    const verb = (): Verb | null => this.#ear.gather ?? (this.phone.isTurn ? this.#streams.verb : null);
    await this.until("listens", () => verb() !== null);
    return verb() as Verb;
  }

  // ------------------------------------------------------------- the carrier's side

  async start(): Promise<void> {
    if (this.plan.direction === "inbound") return this.#receive();
    this.#move("initiated");
    this.#report("initiated", {});
    this.#move("ringing");
    this.#report("ringing", {});
    const { onRing, ringMs, hangUpAfterMs } = this.#script;
    if (onRing === "busy" || onRing === "declines") return this.#finish({ status: "busy", by: "callee" });
    if (onRing === "fails") return this.#finish({ status: "failed", by: "carrier" });
    const ringFor = onRing === "no-answer" ? this.plan.timeoutSec * 1000 : ringMs;
    if (!(await this.#time.sleep(ringFor, this.#run.signal))) return;
    if (onRing === "no-answer" || ringFor > this.plan.timeoutSec * 1000) {
      return this.#finish({ status: "no-answer", by: "carrier" });
    }
    this.#answer();
    if (this.plan.sendDigits !== null) this.#pressed.push(this.plan.sendDigits);
    if (hangUpAfterMs !== null) void this.#hangUpLater(hangUpAfterMs);
    return this.#begin();
  }

  /** A REST update. `false`: the call is in no state for it. */
  update(change: CallUpdate): boolean {
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
      this.#run.abort();
      this.#run = new AbortController();
      const { signal } = this.#run;
      if (change.url !== undefined) void this.#runner.follow(change.url, {}, signal);
      else void this.#runner.execute(change.twiml ?? "", signal);
    }
    return true;
  }

  /** Ends without telling anybody. */
  close(): void {
    this.#closed = true;
    this.#finish({ status: "canceled", by: "carrier" });
  }

  /** Its sockets are closed. */
  streamsOver(): Promise<void> {
    return this.#streams.over();
  }

  /** Fields that every webhook of the call has. */
  fields(): Record<string, string> {
    const { accountSid, direction, from, to, fields, detection } = this.plan;
    const isKnown = this.#answeredBy !== null && detection?.beside === false;
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
      ...(isKnown ? { AnsweredBy: this.#answeredBy ?? "" } : {}),
      ...fields,
    };
  }

  /** Runs the first document; with the detection before it, if it is not to run beside it. */
  async #begin(): Promise<void> {
    const { source, detection } = this.plan;
    const { signal } = this.#run;
    const verdict = detection === null ? null : verdictOn(this.#script, detection);
    if (detection?.beside === true) void this.#detect(verdict, detection);
    else if (detection !== null) {
      const waits = verdict?.afterMs ?? detection.timeoutMs;
      if (!(await this.#time.sleep(waits, signal))) return;
      this.#answeredBy = verdict?.answeredBy ?? "unknown";
    }
    if ("twiml" in source) return this.#runner.execute(source.twiml, signal);
    return this.#runner.follow(source.url, {}, signal);
  }

  /** Tells the verdict beside the call: four fields, no status, no numbers. */
  async #detect(verdict: Verdict | null, { callback }: Detection): Promise<void> {
    if (verdict === null || !(await this.#time.sleep(verdict.afterMs, null))) return;
    this.#answeredBy = verdict.answeredBy;
    this.#changed();
    if (callback === null) return;
    await this.#world.deliveries.deliver("status", callback, {
      CallSid: this.sid,
      AccountSid: this.plan.accountSid,
      AnsweredBy: verdict.answeredBy,
      MachineDetectionDuration: String(verdict.afterMs),
    });
  }

  async #receive(): Promise<void> {
    this.#move("ringing");
    const { signal } = this.#run;
    if (!("url" in this.plan.source)) return;
    const document = await this.#runner.fetch(this.plan.source.url, {}, signal);
    if (document === null || signal.aborted) return;
    const [first] = document.children;
    if (first?.name === "Reject") {
      const status = first.attributes["reason"] === "busy" ? "busy" : "no-answer";
      return this.#finish({ status, by: "document" });
    }
    this.#answer();
    return this.#runner.perform(document, signal);
  }

  #answer(): void {
    this.#answeredAt = Date.now();
    this.#move("in-progress");
    this.#report("answered", {});
  }

  async #hangUpLater(ms: number): Promise<void> {
    if (await this.#time.sleep(ms, null)) await this.hangUp();
  }

  /** What documents do to this call. */
  #line(): ConstructorParameters<typeof Runner>[0] {
    const { deliveries, problem, person, owns } = this.#world;
    const base = (): string | undefined => ("url" in this.plan.source ? this.plan.source.url : undefined);
    return {
      time: this.#time,
      ear: this.#ear,
      ask: (url, more) =>
        deliveries.deliver("document", new URL(url, base()).href, { ...this.fields(), ...more }),
      say: (text) => {
        this.#told.say(text);
        this.#changed();
      },
      press: (digits) => {
        this.#pressed.push(digits);
        this.#changed();
      },
      line: () => this.#lines.shift(),
      leaves: () => this.#leaves(),
      listens: () => this.#changed(),
      isTrial: this.#world.trial,
      connects: (connect, signal) => this.#streams.connect(connect, signal),
      handsOver: (to) => {
        this.#transferredTo = to;
        this.#changed();
      },
      target: person,
      mayShow: (number) => number === this.plan.from || number === this.plan.to || owns(number),
      end: (by) => this.#finish({ status: "completed", by }),
      problem,
    };
  }

  #leaves(): boolean {
    if (this.#script.hangUpAfterLines) void this.hangUp();
    return this.#script.hangUpAfterLines;
  }

  #input(input: Input): Promise<void> {
    if (TERMINAL.has(this.#status)) return Promise.resolve();
    return this.stream === null ? this.#ear.input(input) : this.#utter(input);
  }

  /** On live audio: words in the callee's turn, keys at once. */
  async #utter(input: Input): Promise<void> {
    if ("speech" in input) await this.phone.speak(input.speech);
    else if ("digits" in input) await this.phone.presses(input.digits);
  }

  async #utterLate({ input, done }: Taken): Promise<void> {
    await this.#utter(input);
    done();
  }

  #streamChanged(): void {
    if (this.stream !== null) for (const taken of this.#ear.drain()) void this.#utterLate(taken);
    this.#changed();
  }

  #finish(end: CallEnd): void {
    if (TERMINAL.has(this.#status)) return;
    this.#move(end.status);
    this.#run.abort(OVER);
    this.#time.end();
    this.phone.end();
    if (!this.#closed) {
      this.#report("completed", {
        CallDuration: String(this.durationSec),
        Duration: String(Math.ceil(this.durationSec / 60)),
        SipResponseCode: SIP[end.status as keyof typeof SIP],
        ...(this.#answeredBy === null ? {} : { AnsweredBy: this.#answeredBy }),
      });
    }
    this.#ear.end();
    void this.#reports.sent.then(() => this.#end(end));
  }

  #report(event: string, more: Params): void {
    const isLast = event === "completed" && this.#statusCallback !== null;
    if (this.plan.statusEvents.has(event) || isLast) this.#reports.report(event, this.#status, more);
  }

  async #sendReport(report: Params): Promise<void> {
    if (this.#statusCallback === null) return;
    await this.#world.deliveries.deliver("status", this.#statusCallback, { ...this.fields(), ...report });
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
}
