import { randomBytes, randomUUID } from "node:crypto";
import type { FarEnd, LiveAudio } from "../../../src/conformance/world.ts";
import { liveAudio } from "../audio/live-audio.ts";
import { Phone } from "../audio/phone-audio.ts";
import { Told } from "../audio/told.ts";
import { detections } from "./amd.ts";
import type { PersonScript } from "../person.ts";
import type { Deliveries } from "./delivery.ts";
import { Ear, type Input, type Transcription } from "./ear.ts";
import type { EventMaker } from "./events.ts";
import { Gather, type GatherPlan } from "./gather.ts";
import {
  BUSY,
  CANCELED,
  DECLINED,
  NOT_FOUND,
  TIMEOUT,
  type CallEnd,
  type CallState,
  type Hangup,
  type LegPlan,
  type TransferPlan,
} from "./leg.ts";
import { EventLine, type EventFaults } from "./line.ts";
import { refusals } from "./rest.ts";
import type { StreamPlan, TelnyxStream } from "./stream.ts";
import { Streams, type StreamSettings } from "./streams.ts";
import { Timers } from "./timers.ts";
import { Voice, type StopScope } from "./voice.ts";

export interface CallWorld {
  readonly deliveries: Deliveries;
  readonly events: EventMaker;
  readonly faults: EventFaults;
  readonly pace: number;
  readonly echoClientState: boolean;
  readonly streams: StreamSettings;
  /** `webhook_event_url` of the application. */
  applicationUrl(): string | null;
  dialLeg(plan: LegPlan): LiveCall;
  problem(text: string): void;
}

/** An answer to `transfer` is on its way, or was bridged. */
interface Partner {
  readonly leg: LiveCall;
  readonly parks: boolean;
  bridged: boolean;
}

/** Ringing long enough for a person to say no. */
const DECLINE_MS = 500;

/** One call leg at the emulated carrier: rings, obeys commands, reports; and the person at its other end. */
export class LiveCall implements FarEnd {
  /** `call_control_id`. */
  readonly id = `v3:${randomBytes(24).toString("base64url")}`;
  readonly legId = randomUUID();
  readonly sessionId: string;
  readonly startedAt = new Date();
  readonly plan: LegPlan;
  /** The person's phone while the audio is live. */
  readonly phone: Phone;
  readonly ended: Promise<CallEnd>;
  readonly #world: CallWorld;
  readonly #script: PersonScript;
  readonly #timers: Timers;
  readonly #line: EventLine;
  readonly #voice: Voice;
  readonly #ear: Ear;
  readonly #told: Told;
  readonly #streams: Streams;
  readonly #pressed: string[] = [];
  readonly #watchers = new Set<() => void>();
  #state: CallState;
  #answeredAt: number | null = null;
  #endedAt: Date | null = null;
  #clientState: string | null;
  #webhookUrl: string | null;
  #gather: Gather | null = null;
  #partner: Partner | null = null;
  #transferredTo: string | null = null;
  #cancelFirstCommand: () => void = () => undefined;
  #onAnswer: () => void = () => undefined;
  #onEnd: () => void = () => undefined;
  #end: (end: CallEnd) => void = () => undefined;
  #closed = false;

  constructor(plan: LegPlan, script: PersonScript, world: CallWorld) {
    this.plan = plan;
    this.sessionId = plan.sessionId ?? randomUUID();
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#world = world;
    this.#script = script;
    this.#clientState = plan.clientState;
    this.#webhookUrl = plan.webhookUrl;
    this.#state = plan.direction === "incoming" ? "parked" : "ringing";
    this.#timers = new Timers(world.pace);
    this.#line = new EventLine(world.deliveries, world.faults);
    const lines = [...script.lines];
    this.phone = new Phone(world.streams.ticker, {
      habits: script.habits,
      script: { line: () => lines.shift(), leaves: () => this.#leaves() },
      hangUp: () => this.hangUp(),
      changed: () => this.#changed(),
    });
    this.#told = new Told(this.phone);
    this.#streams = new Streams({
      ...world.streams,
      phone: this.phone,
      call: {
        callControlId: this.id,
        sessionId: this.sessionId,
        from: plan.from,
        to: plan.to,
        clientState: () => (world.echoClientState ? this.#clientState : null),
      },
      pressed: (digit) => void this.#dial(digit),
      emit: (type, more) => void this.#emit(type, more),
      changed: () => this.#streamChanged(),
      problem: (text) => world.problem(text),
    });
    this.#voice = new Voice(this.#timers, {
      started: ({ number, text }) => {
        this.#told.say(text);
        this.#ear.reopen(number);
        this.#changed();
        void this.#emit("call.speak.started", {});
      },
      ended: ({ text }, status) => {
        void this.#emit("call.speak.ended", { status });
        if (status === "completed") this.#overhear(text);
      },
    });
    this.#ear = new Ear(lines, script.hangUpAfterLines, {
      isOpen: () => this.#state === "answered" && this.#partner?.bridged !== true,
      isSpeaking: () => this.#voice.busy,
      spoken: () => this.#voice.count,
      isGathering: () => this.#gather !== null,
      isQuiet: () => this.#line.idle,
      transcribe: (transcript, isFinal) => this.#transcribe(transcript, isFinal, "inbound"),
      dial: (digit) => this.#dial(digit),
      hangUp: () => void this.hangUp(),
      changed: () => this.#changed(),
    });
  }

  get state(): CallState {
    return this.#state;
  }

  get isAlive(): boolean {
    return this.#state !== "ended";
  }

  get clientState(): string | null {
    return this.#clientState;
  }

  get endedAt(): Date | null {
    return this.#endedAt;
  }

  /** Whole seconds since the answer. */
  get durationSec(): number {
    const end = this.#endedAt?.getTime() ?? Date.now();
    return this.#answeredAt === null ? 0 : Math.max(1, Math.round((end - this.#answeredAt) / 1000));
  }

  /** What was asked to be transcribed, while it is. */
  get transcription(): Transcription | null {
    return this.#ear.transcription;
  }

  // ------------------------------------------------------------- the person's side

  heard(): readonly string[] {
    return this.#told.all;
  }

  /** The stream that carries the call's audio now. */
  get stream(): TelnyxStream | null {
    return this.#streams.current;
  }

  /** Every stream of the call, in order. */
  get streams(): readonly TelnyxStream[] {
    return this.#streams.all;
  }

  audio(): LiveAudio {
    return liveAudio(this.phone, this.streams, (stream) => stream.drop());
  }

  /** Resolves with the stream that is open, or will be. */
  async streaming(): Promise<TelnyxStream> {
    await this.until("has a stream", () => this.stream !== null);
    return this.stream as TelnyxStream;
  }

  /** What the person heard the beginning of only. */
  cut(): readonly string[] {
    return this.#voice.cut;
  }

  pressed(): readonly string[] {
    const { keysHeard } = this.phone;
    return keysHeard === "" ? [...this.#pressed] : [...this.#pressed, keysHeard];
  }

  /** Set once the other number has picked up and the two are bridged. */
  transferredTo(): string | null {
    return this.#transferredTo;
  }

  async hears(words: string | RegExp): Promise<string> {
    const find = (): string | undefined =>
      this.heard().find((text) => (typeof words === "string" ? text.includes(words) : words.test(text)));
    await this.until(`hears ${String(words)}`, () => find() !== undefined);
    return find() ?? "";
  }

  async listening(): Promise<void> {
    await this.until("listens", () => this.#ear.isListening || this.phone.isTurn);
  }

  speak(text: string): Promise<void> {
    return this.#input({ speech: text });
  }

  press(digits: string): Promise<void> {
    return this.#input({ digits });
  }

  hangUp(): Promise<CallEnd> {
    const { direction } = this.plan;
    const source = direction === "incoming" ? "caller" : "callee";
    if (this.#state === "answered") this.#finish({ ...this.#normal("callee"), source });
    else if (direction === "outgoing") this.#finish({ by: "callee", ...DECLINED, source });
    else this.#finish({ by: "callee", ...CANCELED, source });
    return this.ended;
  }

  /** Resolves once `test` holds; rejects when the call ends before. */
  async until(what: string, test: () => boolean): Promise<void> {
    while (!test()) {
      if (!this.isAlive) throw new Error(`the call was over before: ${what}`);
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  // ------------------------------------------------------------- the carrier's side

  start(): void {
    const { direction, fields, from, firstCommandSec, refusal } = this.plan;
    const incoming = direction === "incoming";
    const initiated = {
      direction,
      state: incoming ? "parked" : "bridging",
      ...(incoming ? { caller_id_name: from, offered_codecs: "PCMU,PCMA" } : {}),
      connection_codecs: "PCMU,PCMA,G722",
      start_time: this.startedAt.toISOString(),
      ...fields,
    };
    void this.#emit("call.initiated", initiated);
    if (incoming) {
      if (firstCommandSec === null) return;
      // That a dropped call says `timeout` is assumed.
      const drop = (): void => this.#finish({ by: "carrier", ...TIMEOUT, source: "unknown" });
      this.#cancelFirstCommand = this.#timers.after(firstCommandSec * 1000, drop);
    } else if (refusal === null) {
      this.#ring();
    } else {
      this.#world.problem(`${refusal}: the call was refused`);
      const code = { cause: "call_rejected", sip: "403", code: refusal };
      this.#finish({ by: "carrier", ...code, source: "unknown" });
    }
  }

  /** A command has come: its `client_state` and `webhook_url` hold from now on. */
  commanded(clientState: string | null, webhookUrl: string | null): void {
    this.#cancelFirstCommand();
    this.#clientState = clientState ?? this.#clientState;
    this.#webhookUrl = webhookUrl ?? this.#webhookUrl;
    this.#ear.stir();
  }

  answer(transcription: Transcription | null, stream: StreamPlan | null): void {
    this.#pickUp(transcription, stream);
  }

  startStreaming(plan: StreamPlan): void {
    if (this.#streams.isBusy) throw refusals.streaming();
    this.#streams.start(plan);
  }

  stopStreaming(): void {
    if (!this.#streams.isBusy) throw refusals.notStreaming();
    this.#streams.stop();
  }

  /** Its sockets are closed. */
  streamsOver(): Promise<void> {
    return this.#streams.over();
  }

  /** `cause` of the reject command; the SIP codes are assumed. */
  reject(cause: "CALL_REJECTED" | "USER_BUSY"): void {
    const how = cause === "USER_BUSY" ? BUSY : DECLINED;
    this.#finish({ by: "api", ...how, source: "callee" });
  }

  hangUpByApi(): void {
    const outgoing = this.plan.direction === "outgoing";
    const source = outgoing ? "caller" : "callee";
    const how =
      outgoing && this.#state === "ringing" ? { by: "api" as const, ...CANCELED } : this.#normal("api");
    this.#finish({ ...how, source });
  }

  say(text: string, stop: StopScope | null): void {
    this.#voice.say(text, stop);
    this.#ear.stir();
  }

  stopSpeaking(scope: StopScope): void {
    this.#voice.stop(scope);
    this.#ear.stir();
  }

  sendDigits(digits: string): void {
    this.#pressed.push(digits);
    this.#changed();
    this.#ear.stir();
  }

  gather(plan: GatherPlan): void {
    this.#gather?.end("cancelled");
    this.#gather = new Gather(plan, this.#timers, (digits, status) => {
      this.#gather = null;
      void this.#emit("call.gather.ended", { digits, status });
    });
    this.#ear.reopen(null);
    this.#ear.stir();
  }

  stopGathering(): void {
    this.#gather?.end("cancelled");
  }

  /** Null stops. */
  transcribe(transcription: Transcription | null): void {
    if (transcription !== null && this.#ear.transcription !== null) {
      this.#world.problem("transcription_start: it runs already");
    }
    this.#ear.transcription = transcription;
    if (transcription !== null) this.#ear.reopen(null);
    this.#ear.stir();
    this.#changed();
  }

  /**
   * Dials the other number as a second leg of the session. Facts (SDK doc of `transfer`): `call.initiated`, `call.bridged` to the
   * new leg, `call.answered` or `call.hangup`; if it fails, the first leg stays and takes commands. Assumed: `call.bridged`
   * is sent for both legs and after `call.answered`; a parked inbound leg is answered when the new one is.
   */
  transfer({ leg: plan, parks }: TransferPlan): void {
    const leg = this.#world.dialLeg(plan);
    const partner = { leg, parks, bridged: false };
    this.#partner = partner;
    leg.#onAnswer = () => this.#bridge(partner);
    leg.#onEnd = () => this.#unbridge(partner);
  }

  /** Ends without telling anybody. */
  close(): void {
    this.#closed = true;
    this.#finish({ by: "carrier", cause: "unspecified", sip: "unspecified", source: "unknown" });
  }

  #ring(): void {
    const { onRing, ringMs } = this.#script;
    const { timeoutSec, endsAsNoAnswer } = this.plan;
    const refused = { busy: BUSY, declines: DECLINED, fails: NOT_FOUND };
    if (onRing === "busy" || onRing === "declines" || onRing === "fails") {
      const by = onRing === "fails" ? "carrier" : "callee";
      const source = onRing === "fails" ? "unknown" : "callee";
      this.#timers.after(DECLINE_MS, () => this.#finish({ by, ...refused[onRing], source }));
      return;
    }
    const late = endsAsNoAnswer ? { ...TIMEOUT, cause: "no_answer" } : TIMEOUT;
    this.#timers.after(timeoutSec * 1000, () => {
      if (this.#state === "ringing") this.#finish({ by: "carrier", ...late, source: "unknown" });
    });
    if (onRing === "answers" && ringMs < timeoutSec * 1000) {
      this.#timers.after(ringMs, () => this.#pickUp(this.plan.transcription, this.plan.stream));
    }
  }

  #pickUp(transcription: Transcription | null, stream: StreamPlan | null): void {
    const { digits, detection, timeLimitSec } = this.plan;
    const { hangUpAfterMs, machine } = this.#script;
    this.#state = "answered";
    this.#answeredAt = Date.now();
    this.#ear.transcription = transcription;
    // A live capture has `codec` and `sampling_rate` and no `state`; the SDK type has `state`.
    void this.#emit("call.answered", {
      state: "answered",
      codec: this.#world.streams.callLaw.toUpperCase(),
      sampling_rate: 8000,
      start_time: this.startedAt.toISOString(),
    });
    if (stream !== null) this.#streams.start(stream);
    this.#changed();
    if (digits !== null) this.sendDigits(digits);
    if (hangUpAfterMs !== null) this.#timers.after(hangUpAfterMs, () => void this.hangUp());
    const limit = { by: "carrier", cause: "time_limit", sip: "unspecified", source: "unknown" } as const;
    this.#timers.after(timeLimitSec * 1000, () => this.#finish(limit));
    for (const { atMs, type, result } of detection === null ? [] : detections(detection, machine)) {
      this.#timers.after(atMs, () => {
        // AMD ends a speak that runs when it finds a machine; that it does so then is assumed.
        if (result === "machine") this.#voice.silence("cancelled_amd");
        void this.#emit(type, { result });
      });
    }
    this.#onAnswer();
  }

  #leaves(): boolean {
    if (this.#script.hangUpAfterLines) void this.hangUp();
    return this.#script.hangUpAfterLines;
  }

  #input(input: Input): Promise<void> {
    if (!this.isAlive) return Promise.resolve();
    return this.stream === null ? this.#ear.take(input) : this.#utter(input);
  }

  /** On live audio: words in the person's turn, keys at once. */
  #utter(input: Input): Promise<void> {
    return "speech" in input ? this.phone.speak(input.speech) : this.phone.presses(input.digits);
  }

  async #utterLate(input: Input, done: () => void): Promise<void> {
    await this.#utter(input);
    done();
  }

  #streamChanged(): void {
    if (this.stream !== null) {
      for (const { input, done } of this.#ear.drain()) void this.#utterLate(input, done);
    }
    this.#changed();
  }

  #bridge(partner: Partner): void {
    if (!this.isAlive) return;
    if (this.#state === "parked") this.#pickUp(null, null);
    partner.bridged = true;
    this.#transferredTo = partner.leg.plan.to;
    this.#voice.silence("completed");
    this.#ear.stir();
    this.#changed();
    void partner.leg.#emit("call.bridged", {});
    void this.#emit("call.bridged", {});
  }

  #unbridge(partner: Partner): void {
    if (this.#partner !== partner) return;
    this.#partner = null;
    if (!partner.bridged || !this.isAlive) return;
    if (partner.parks) this.#ear.stir();
    else this.#finish({ ...this.#normal("carrier"), source: "unknown" });
  }

  /** What we say is transcribed too unless the inbound track alone is. */
  #overhear(text: string): void {
    const tracks = this.#ear.transcription?.tracks;
    if (tracks === "outbound" || tracks === "both") void this.#transcribe(text, true, "outbound");
  }

  async #transcribe(transcript: string, isFinal: boolean, track: "inbound" | "outbound"): Promise<void> {
    const settings = this.#ear.transcription;
    if (settings === null || (track === "inbound" && settings.tracks === "outbound")) return;
    const transcription_data = {
      transcript,
      confidence: isFinal ? 0.92 : 0.5,
      is_final: isFinal,
      ...(settings.namesTrack ? { transcription_track: track } : {}),
    };
    await this.#emit("call.transcription", { transcription_data });
  }

  async #dial(digit: string): Promise<void> {
    const sent = this.#emit("call.dtmf.received", { digit });
    this.#gather?.take(digit);
    await sent;
  }

  /** Sends an event; resolves once it was taken or given up. */
  async #emit(type: string, more: Readonly<Record<string, unknown>>): Promise<void> {
    const last = type === "call.hangup";
    if (this.#closed || (this.#state === "ended" && !last && !ENDINGS.has(type))) return;
    const url = this.#webhookUrl ?? this.#world.applicationUrl();
    if (url === null) {
      this.#world.problem(`${type}: neither the call nor the application has a webhook URL`);
      return;
    }
    const { from, to, connectionId, retries } = this.plan;
    const event = this.#world.events.make(type, {
      call_control_id: this.id,
      call_leg_id: this.legId,
      call_session_id: this.sessionId,
      client_state: this.#world.echoClientState ? this.#clientState : null,
      connection_id: connectionId,
      ...(WITHOUT_NUMBERS.has(type) ? {} : { from, to }),
      ...more,
    });
    const retriesMs = retries[type]?.map((ms) => ms * this.#world.pace);
    await this.#line.send(event, url, retriesMs, last);
    this.#ear.stir();
  }

  #normal(by: CallEnd["by"]): Pick<Hangup, "by" | "cause" | "sip"> {
    // An inbound call has no SIP response of ours to speak of (SDK doc of `sip_hangup_cause`).
    return { by, cause: "normal_clearing", sip: this.plan.direction === "incoming" ? "unspecified" : "200" };
  }

  #finish(hangup: Hangup): void {
    if (!this.isAlive) return;
    this.#timers.cancelAll();
    this.#gather?.end("call_hangup");
    this.#state = "ended";
    this.#endedAt = new Date();
    this.#voice.silence("call_hangup");
    this.#streams.stop();
    this.phone.end();
    this.#ear.close();
    void this.#emit("call.hangup", {
      hangup_cause: hangup.cause,
      hangup_source: hangup.source,
      sip_hangup_cause: hangup.sip,
      state: "hangup",
      start_time: this.startedAt.toISOString(),
      end_time: this.#endedAt.toISOString(),
      call_quality_stats: null,
      // Captured hangups have the field; what it holds when it is not null is assumed.
      telnyx_error: hangup.code ?? null,
    });
    this.#changed();
    this.#leave(hangup.by);
    void this.#line.settled().then(() => this.#end({ by: hangup.by }));
  }

  /** The other leg of a transfer does not outlive this one. */
  #leave(by: CallEnd["by"]): void {
    this.#onEnd();
    const { leg } = this.#partner ?? {};
    if (leg === undefined || !leg.isAlive || this.#closed) return;
    const how = leg.#state === "answered" ? leg.#normal("carrier") : { by, ...CANCELED };
    leg.#finish({ ...how, by: "carrier", source: "caller" });
  }

  #changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}

/** Events that the end of a call leads to. */
const ENDINGS: ReadonlySet<string> = new Set(["call.speak.ended", "streaming.stopped"]);

/** Events whose SDK type has neither `from` nor `to`. */
const WITHOUT_NUMBERS: ReadonlySet<string> = new Set([
  "call.speak.started",
  "call.speak.ended",
  "call.transcription",
  "streaming.started",
  "streaming.stopped",
  "streaming.failed",
]);
