import { randomUUID } from "node:crypto";
import type { FarEnd, LiveAudio } from "../../../src/conformance/world.ts";
import { liveAudio } from "../audio/live-audio.ts";
import type { Phone } from "../audio/phone-audio.ts";
import type { StreamFaults } from "../audio/socket-client.ts";
import type { Ticker } from "../audio/ticker.ts";
import { CAUSES, type CallEnd, type CallStatus, type HangupSource } from "./causes.ts";
import { CallTime } from "../call-time.ts";
import type { Deliveries, DeliveryKind, Hook } from "./delivery.ts";
import { readDocument, FaultyDocument } from "./document.ts";
import { Handset } from "./handset.ts";
import type { PersonScript } from "../person.ts";
import { run, speakingMs, type Line } from "./runner.ts";
import type { Params } from "./signature.ts";
import type { PlivoStream } from "./stream.ts";
import { Streams } from "./streams.ts";
import { childrenOf, type Element } from "./xml.ts";

/** `machine_detection`; without a hook the answer URL waits for the verdict. */
export interface MachineDetection {
  readonly hangsUp: boolean;
  readonly timeMs: number;
  readonly hook: Hook | null;
}

/** What Plivo has been told about a call. */
export interface CallPlan {
  readonly direction: "inbound" | "outbound";
  /** E.164, a SIP address, or a word for a number that is withheld. */
  readonly from: string;
  readonly to: string;
  readonly answer: Hook;
  readonly fallback: Hook | null;
  readonly ring: Hook | null;
  readonly hangup: Hook | null;
  readonly machine: MachineDetection | null;
  readonly sendDigits: string | null;
  readonly ringTimeoutSec: number;
  readonly timeLimitSec: number;
  /** Hangup code with which the network refuses the call before it rings. */
  readonly refusal: number | null;
  /** More fields of every webhook. */
  readonly fields: Params;
}

export interface CallWorld {
  readonly mainAuthId: string;
  readonly deliveries: Deliveries;
  readonly pace: number;
  /** Keeps the ring webhook back until the call is over. */
  readonly lateRing: boolean;
  /** Keeps the call queued until `release`. */
  readonly queued: boolean;
  /** Gives the request another id than the call. */
  readonly separateIds: boolean;
  readonly ticker: Ticker;
  readonly streamFaults: StreamFaults;
  /** Real milliseconds until the handshake of a stream is given up. */
  readonly connectMs: number;
  /** `clearAudio` is answered by the checkpoints that waited too. */
  readonly returnsCleared: boolean;
  /** A call whose document has run out behind a stream with `keepCallAlive` stays up. */
  readonly staysAfterStream: boolean;
  personAt(number: string): PersonScript;
  problem(text: string): void;
}

type Ringing = "answers" | "busy" | "no-answer" | "fails" | "declines";

/** How an unanswered call ends when it is not answered: who, code, source. */
const UNANSWERED: Readonly<
  Record<Exclude<Ringing, "answers">, readonly [CallEnd["by"], number, HangupSource]>
> = {
  busy: ["callee", 3010, "Callee"],
  declines: ["callee", 3020, "Callee"],
  fails: ["carrier", 3050, "Carrier"],
  "no-answer": ["carrier", 6010, "Plivo"],
};

/** A number as Plivo's webhooks write it: without `+`. */
export const bare = (number: string): string => number.replace(/^\+(?=[0-9])/, "");

/** `2026-10-01 12:00:00`, UTC. */
export const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

/** One call at the emulated carrier: rings, runs documents, listens to the person, reports. */
export class LiveCall implements FarEnd, Line {
  readonly uuid = randomUUID();
  /** Null for inbound calls. */
  readonly requestUuid: string | null;
  readonly createdAt = Date.now();
  readonly plan: CallPlan;
  readonly ended: Promise<CallEnd>;
  readonly handset: Handset;
  readonly clock: CallTime;
  readonly #world: CallWorld;
  readonly #held: (() => void)[] = [];
  readonly #streams: Streams;
  #status: CallStatus;
  #release: () => void = () => undefined;
  #run = new AbortController();
  #speaking = new AbortController();
  #answeredAt = 0;
  #endedAt = 0;
  #end: CallEnd | null = null;
  #reports: Promise<unknown> = Promise.resolve();
  #resolve: (end: CallEnd) => void = () => undefined;
  #transferredTo: string | null = null;
  #closed = false;

  constructor(plan: CallPlan, world: CallWorld) {
    this.plan = plan;
    this.#world = world;
    const outbound = plan.direction === "outbound";
    this.requestUuid = outbound ? (world.separateIds ? randomUUID() : this.uuid) : null;
    this.#status = outbound ? "queued" : "ringing";
    this.clock = new CallTime(world.pace);
    const script = world.personAt(outbound ? plan.to : plan.from);
    this.handset = new Handset(script, this.clock, world.ticker, () => void this.hangUp());
    this.#streams = new Streams({
      ...world,
      phone: this.handset.phone,
      clock: this.clock,
      ids: { callId: this.uuid, accountId: world.mainAuthId },
      changed: () => this.handset.live(this.#streams.element),
      tones: (digits) => this.handset.tones(digits),
      tell: (hook, fields) => void this.tell("callback", hook, fields),
      problem: (text) => this.problem(text),
    });
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
  }

  get id(): string {
    return this.uuid;
  }

  /** Queued until the test releases it. */
  get isHeld(): boolean {
    return this.#world.queued && this.#status === "queued";
  }

  get status(): CallStatus {
    return this.#status;
  }

  /** Null as long as the call lasts. */
  get end(): CallEnd | null {
    return this.#end;
  }

  /** Milliseconds since the epoch; 0 as long as it has not happened. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  get endedAt(): number {
    return this.#endedAt;
  }

  /** Whole seconds since the answer. */
  get durationSec(): number {
    if (this.#answeredAt === 0) return 0;
    return Math.max(1, Math.round(((this.#endedAt || Date.now()) - this.#answeredAt) / 1000));
  }

  // ------------------------------------------------------------- the person's side

  heard(): readonly string[] {
    return this.handset.heard;
  }

  pressed(): readonly string[] {
    return this.handset.pressed;
  }

  transferredTo(): string | null {
    return this.#transferredTo;
  }

  /** The person's phone while the audio is live. */
  get phone(): Phone {
    return this.handset.phone;
  }

  /** The stream that carries the call's audio now. */
  get liveStream(): PlivoStream | null {
    return this.#streams.current;
  }

  /** Every stream of the call, in order. */
  get streams(): readonly PlivoStream[] {
    return this.#streams.all;
  }

  audio(): LiveAudio {
    return liveAudio(this.phone, this.streams, (stream) => stream.drop());
  }

  /** Resolves with the stream that is open, or will be. */
  async streaming(): Promise<PlivoStream> {
    await this.handset.until("has a stream", () => this.liveStream !== null);
    return this.liveStream as PlivoStream;
  }

  hears(words: string | RegExp): Promise<string> {
    return this.handset.hears(words);
  }

  listening(): Promise<Element> {
    return this.handset.listening();
  }

  speak(text: string, confidence = 0.92): Promise<void> {
    return this.handset.give({ speech: text, confidence });
  }

  press(digits: string): Promise<void> {
    return this.handset.give({ digits });
  }

  /** Lets this or the next listening turn pass in silence. */
  silent(): Promise<void> {
    return this.handset.give({ nothing: true });
  }

  async hangUp(): Promise<CallEnd> {
    const inbound = this.plan.direction === "inbound";
    const source = inbound ? "Caller" : "Callee";
    if (this.#answeredAt > 0) this.#finish("callee", 4000, source);
    else this.#finish("callee", inbound ? 1000 : 3020, source);
    return this.ended;
  }

  /** `time_limit` is over. */
  reachTimeLimit(): void {
    this.#finish("carrier", 4020, "Plivo");
  }

  /** Lets a call ring that was queued. */
  release(): void {
    this.#release();
  }

  // ------------------------------------------------------------- REST

  /** False: the call is not up. */
  transfer(hook: Hook): boolean {
    if (this.#status !== "in-progress") return false;
    this.#run.abort();
    this.#run = new AbortController();
    void this.follow("transfer", hook, {}, this.#run.signal);
    return true;
  }

  speakByApi(text: string): boolean {
    if (this.#status !== "in-progress") return false;
    this.#speaking.abort();
    this.#speaking = new AbortController();
    this.handset.say(text);
    void this.clock.sleep(speakingMs(text), this.#speaking.signal);
    return true;
  }

  /** Files make no words here. */
  playByApi(_urls: string): boolean {
    return this.#status === "in-progress";
  }

  /** Stops what is spoken or played. */
  stopByApi(): boolean {
    this.#speaking.abort();
    return this.#status === "in-progress";
  }

  tonesByApi(digits: string): boolean {
    if (this.#status !== "in-progress") return false;
    this.handset.tones(digits);
    return true;
  }

  endByApi(): boolean {
    if (this.#end !== null) return false;
    this.#finish("api", this.#answeredAt > 0 ? 4000 : 1000, "API Request");
    return true;
  }

  // ------------------------------------------------------------- the carrier's side

  async start(): Promise<void> {
    if (this.plan.direction === "inbound") return this.#receive();
    if (this.#world.queued) await new Promise<void>((resolve) => (this.#release = resolve));
    const { signal } = this.#run;
    if (signal.aborted) return;
    const { refusal, ringTimeoutSec, sendDigits } = this.plan;
    const { onRing, ringMs } = this.handset.script;
    if (refusal !== null) return this.#finish("carrier", refusal, "Plivo");
    if (onRing === "busy" || onRing === "fails") return this.#finish(...UNANSWERED[onRing]);
    this.#move("ringing");
    this.#report("ring", this.plan.ring, { Event: "Ring" });
    const limitMs = ringTimeoutSec * 1000;
    const late = onRing === "no-answer" || ringMs > limitMs;
    if (!(await this.clock.sleep(late ? limitMs : ringMs, signal))) return;
    if (late) return this.#finish(...UNANSWERED["no-answer"]);
    if (onRing === "declines") return this.#finish(...UNANSWERED.declines);
    this.#answer();
    if (sendDigits !== null) this.handset.tones(sendDigits);
    const more = await this.#detect(signal);
    if (more !== null) await this.follow("answer", this.plan.answer, more, signal);
  }

  /** Ends without telling anybody. */
  close(): void {
    this.#closed = true;
    this.#release();
    this.#finish("carrier", 1000, "Error");
  }

  /** Its sockets are closed. */
  streamsOver(): Promise<void> {
    return this.#streams.over();
  }

  /** Fields that every webhook of the call has. */
  fields(): Record<string, string> {
    const { direction, from, to, fields } = this.plan;
    const ids = this.requestUuid === null ? {} : { ALegUUID: this.uuid, ALegRequestUUID: this.requestUuid };
    return {
      ...ids,
      BillRate: "0.00850",
      CallStatus: this.#status,
      CallUUID: this.uuid,
      CountryCode: "US",
      Direction: direction,
      From: bare(from),
      ParentAuthID: this.#world.mainAuthId,
      ...(this.requestUuid === null ? {} : { RequestUUID: this.requestUuid }),
      RouteType: "Domestic_Anchored",
      STIRAttestation: "Not Applicable",
      STIRVerification: "Not Applicable",
      SessionStart: `${stamp(this.createdAt)}.000000`,
      To: bare(to),
      ...fields,
    };
  }

  // ------------------------------------------------------------- what a running document does

  get staysAfterStream(): boolean {
    return this.#world.staysAfterStream;
  }

  stream(element: Element, signal: AbortSignal): Promise<boolean> {
    return this.#streams.run(element, signal);
  }

  personAt(number: string): PersonScript {
    return this.#world.personAt(number);
  }

  connected(number: string): void {
    this.#transferredTo = number;
    this.handset.changed();
  }

  problem(text: string): void {
    this.#world.problem(text);
  }

  hangUpByDocument(): void {
    this.#finish("document", 4000, "Answer XML");
  }

  runOut(): void {
    this.#finish("document", 4010, "Plivo");
  }

  async tell(kind: DeliveryKind, hook: Hook, more: Params): Promise<void> {
    await this.#world.deliveries.deliver(kind, hook, { ...this.fields(), ...more });
  }

  async follow(
    kind: DeliveryKind,
    hook: Hook,
    more: Params,
    signal: AbortSignal,
    answered?: () => void,
  ): Promise<void> {
    const fields = kind === "answer" ? { Event: "StartApp", ...more } : more;
    const document = await this.#fetch(kind, hook, fields, signal);
    answered?.();
    if (document !== null && !signal.aborted) await run(document, this, signal);
  }

  /** Null when there is none to run; then the call is over. */
  async #fetch(kind: DeliveryKind, hook: Hook, more: Params, signal: AbortSignal): Promise<Element | null> {
    const reply = await this.#world.deliveries.deliver(kind, hook, { ...this.fields(), ...more }, signal);
    if (signal.aborted) return null;
    try {
      return readDocument(kind, reply, (text) => this.problem(text));
    } catch (error) {
      if (!(error instanceof FaultyDocument)) throw error;
      if (reply.status === 200) this.problem(`${kind}: ${error.message}`);
      const { fallback } = this.plan;
      if (kind === "answer" && fallback !== null) return this.#fetch("fallback", fallback, more, signal);
      this.#finish("carrier", error.code, "Error");
      return null;
    }
  }

  async #receive(): Promise<void> {
    const { signal } = this.#run;
    const document = await this.#fetch("answer", this.plan.answer, { Event: "StartApp" }, signal);
    if (document === null || signal.aborted) return;
    const [first] = childrenOf(document);
    const reason = first?.name === "Hangup" ? first.attributes["reason"] : undefined;
    if (reason === "rejected" || reason === "busy") {
      return this.#finish("document", reason === "busy" ? 3010 : 3020, "Answer XML");
    }
    this.#answer();
    return run(document, this, signal);
  }

  /** What the answer request says about a machine. Null when the call is over by then. */
  async #detect(signal: AbortSignal): Promise<Params | null> {
    const { machine } = this.plan;
    if (machine === null) return {};
    const found = { Machine: "true" };
    const verdict = async (): Promise<boolean> => {
      if (!(await this.clock.sleep(machine.timeMs, null)) || this.handset.script.machine === null)
        return false;
      this.#report("machine", machine.hook, {
        ...found,
        IfMachine: String(!machine.hangsUp),
        Event: "MachineDetection",
      });
      if (machine.hangsUp) this.#finish("carrier", 9100, "Plivo");
      return true;
    };
    if (machine.hook !== null) {
      void verdict();
      return {};
    }
    const isMachine = await verdict();
    return signal.aborted ? null : isMachine ? found : {};
  }

  #answer(): void {
    this.#answeredAt = Date.now();
    this.#move("in-progress");
    this.handset.pickUp();
    const { hangUpAfterMs } = this.handset.script;
    if (hangUpAfterMs === null) return;
    void this.clock.sleep(hangUpAfterMs, null).then((whole) => whole && void this.hangUp());
  }

  #finish(by: CallEnd["by"], code: number, source: HangupSource): void {
    if (this.#end !== null) return;
    const cause = CAUSES[code];
    if (cause === undefined) throw new Error(`no hangup cause ${code}`);
    const status = this.#answeredAt > 0 ? "completed" : cause.status;
    const end: CallEnd = { by, code, source, status };
    this.#end = end;
    this.#endedAt = Date.now();
    this.#run.abort();
    this.#speaking.abort();
    this.clock.end();
    this.#move(status);
    if (!this.#closed) {
      this.#report("hangup", this.plan.hangup, {
        AnswerTime: this.#answeredAt === 0 ? "" : stamp(this.#answeredAt),
        BillDuration: String(this.durationSec),
        Duration: String(this.durationSec),
        EndTime: stamp(this.#endedAt),
        Event: "Hangup",
        HangupCause: cause.cause,
        HangupCauseCode: String(code),
        HangupCauseName: cause.name,
        HangupSource: source,
        StartTime: stamp(this.createdAt),
        TotalCost: (Math.ceil(this.durationSec / 60) * 0.0085).toFixed(5),
      });
    }
    this.handset.end();
    void this.#reports.then(() => this.#resolve(end));
  }

  /** Queues a webhook that nobody waits for: one after the other. */
  #report(kind: DeliveryKind, hook: Hook | null, more: Params): void {
    if (hook === null) return;
    const params = { ...this.fields(), ...more };
    const send = (): void => {
      this.#reports = this.#reports.then(() => this.#world.deliveries.deliver(kind, hook, params));
    };
    if (kind === "ring" && this.#world.lateRing) this.#held.push(send);
    else send();
    if (kind === "hangup") for (const late of this.#held.splice(0)) late();
  }

  #move(status: CallStatus): void {
    this.#status = status;
    this.handset.changed();
  }
}
