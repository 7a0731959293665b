import type { Direction, Evidence, Outcome } from "../../call/call.ts";
import { VoiceCallError } from "../../call/errors.ts";
import type { CarrierEvent } from "../../call/event.ts";
import type { Instruction, Next } from "../../call/instruction.ts";
import type { Clock, Snapshot } from "../../call/ports.ts";
import type { PhoneLine } from "../../call/service.ts";
import { Handpiece, type HeardAudio } from "./handpiece.ts";
import { PhoneSocket, type FarEndAudio, type Socket } from "./phone-socket.ts";
import { LIVE_AUDIO } from "./screen.ts";
import { countWords, type MockPace } from "./script.ts";
import { Timers } from "./timers.ts";

/** The carrier's own cap on an answered call, as real ones have: four hours. */
const MAX_TALK_MS = 4 * 60 * 60 * 1000;
const PAUSE_MS = 500;
/** How long the caller and the one they were handed over to talk. */
const HAND_OVER_TALK_MS = 5_000;

export interface LineOptions {
  readonly carrierCallId: string;
  /** Our call id; null until the plugin has claimed an inbound call. */
  readonly callId: string | null;
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  /** The carrier gives up ringing after this time. */
  readonly ringLimitMs: number;
  readonly clock: Clock;
  readonly pace: MockPace;
  /** The person's ear and mouth on live audio; null = a handpiece. */
  readonly audio: FarEndAudio | null;
  readonly connect: ((url: string) => Socket) | undefined;
  /** Something the carrier reports to the plugin. */
  readonly report: (event: CarrierEvent) => void;
  /** Whether the party at that number can be talked to, should a call be handed over to it. */
  readonly isReachable: (number: string) => boolean;
  /** Something the person on the line sees or hears. */
  readonly show: (kind: PhoneLine["kind"], text: string) => void;
}

type HungUpBy = Evidence["hungUpBy"];

/** An instruction, and where the socket that it asks for is expected; null when it asks for none. */
export interface Order {
  readonly instruction: Instruction;
  readonly streamUrl: string | null;
}

/**
 * One call inside the mock carrier: the machine that rings, presses, speaks, listens and hangs up. It runs one
 * instruction at a time; a newer generation replaces the running one, an older or equal one changes nothing.
 */
export class Line {
  readonly timers: Timers;
  /** Our call id, for the callbacks. */
  callId: string | null;
  readonly #options: LineOptions;
  #state: "dialing" | "ringing" | "answered" | "ended" = "dialing";
  #answeredAt: number | null = null;
  #end: { readonly outcome: Outcome; readonly evidence: Evidence } | null = null;
  #gen = -1;
  #first: Order | null = null;
  /** The listen that would hear the person now. */
  #ear: Extract<Next, { kind: "listen" }> | null = null;
  #lastToken: string | null = null;
  #audio: PhoneSocket | null = null;
  #handpiece = new Handpiece();

  constructor(options: LineOptions) {
    this.#options = options;
    this.callId = options.callId;
    this.timers = new Timers(options.clock);
  }

  get id(): string {
    return this.#options.carrierCallId;
  }
  get direction(): Direction {
    return this.#options.direction;
  }
  get state(): "dialing" | "ringing" | "answered" | "ended" {
    return this.#state;
  }
  get outcome(): Outcome | null {
    return this.#end?.outcome ?? null;
  }

  snapshot(): Snapshot {
    const base = { found: true, carrierCallId: this.id, state: this.#state } as const;
    return this.#end ? { ...base, ...this.#end } : base;
  }

  // -------------------------------------------------------------- before the answer

  /** Places an outbound call: `initiated`, then what `then` decides (ring, or an end). */
  place(first: Order, then: () => void): void {
    this.#first = first;
    this.timers.set("life", this.#options.pace.initiatedMs, () => {
      this.#options.report({ type: "initiated" });
      this.timers.set("life", this.#options.pace.ringMs, then);
    });
  }

  ring(): void {
    this.#state = "ringing";
    this.timers.set("life", this.#options.ringLimitMs, () => this.end("no-answer", "carrier", "no-answer"));
    if (this.direction === "outbound") this.#options.report({ type: "ringing" });
    this.#options.show("ringing", this.direction === "outbound" ? this.#options.from : this.#options.to);
  }

  answer(): void {
    if (this.#state !== "ringing") return;
    this.#state = "answered";
    this.#answeredAt = this.#options.clock.now();
    this.timers.set("life", MAX_TALK_MS, () => this.end("completed", "carrier", "time-limit"));
    this.#options.report({ type: "answered" });
    this.#options.show("answered", "");
    const first = this.#first;
    this.#first = null;
    if (first) this.run(first);
  }

  // -------------------------------------------------------------- the instruction

  run({ instruction, streamUrl }: Order): void {
    if (this.#state !== "answered" || instruction.gen <= this.#gen) return;
    this.#gen = instruction.gen;
    this.#hush();
    this.#ear = instruction.next.kind === "listen" ? instruction.next : null;
    this.#lastToken = this.#ear?.token ?? this.#lastToken;
    this.timers.clear("step");
    const digits = instruction.digits ?? "";
    const say = instruction.say.filter((text) => text.trim() !== "");
    const then = (): void => this.#go(instruction.next, streamUrl);
    const speak = (): void => this.#speak(instruction.gen, say, then);
    if (digits === "") return speak();
    this.#options.show("digits", digits);
    this.timers.set("step", digitsMs(digits, this.#options.pace), speak);
  }

  #speak(gen: number, say: readonly string[], then: () => void, index = 0): void {
    const text = say[index];
    if (text !== undefined) {
      const takes = countWords(text) * this.#options.pace.wordMs;
      this.timers.set("step", takes, () => this.#speak(gen, say, then, index + 1));
      this.#options.show("spoken", text);
      return;
    }
    if (say.length > 0) this.#options.report({ type: "played", gen });
    then();
  }

  #go(next: Next, streamUrl: string | null): void {
    switch (next.kind) {
      case "wait":
        return;
      case "transfer":
        return this.#handOver(next.to);
      case "hangup":
        return this.timers.set("step", next.afterMs, () => this.end("completed", "us", "completed"));
      case "stream":
        return streamUrl === null ? undefined : this.#connect(streamUrl, next.token);
      case "listen":
        this.timers.set("step", next.timeoutMs, () => {
          this.#ear = null;
          this.#options.report({ type: "silence", token: next.token });
        });
        this.#options.show("listening", "");
    }
  }

  /** The call's audio goes over a socket from now on. Once one is lost the line is silent until it is told otherwise. */
  #connect(url: string, token: string): void {
    const { clock, audio, connect, show, report } = this.#options;
    const socket = new PhoneSocket({
      url,
      callId: this.id,
      streamId: `${this.id}.${this.#gen}`,
      clock,
      person: audio ?? this.#handpiece,
      connect,
      opened: () => show("listening", LIVE_AUDIO),
      pressed: (digit) => show("digits", digit),
      lost: (wasOpen) => {
        this.#audio = null;
        if (!wasOpen) report({ type: "stream-failed", token });
      },
    });
    this.#audio = socket;
  }

  #hush(): void {
    this.#audio?.close();
    this.#audio = null;
  }

  /** Nothing is heard or reported any more. */
  close(): void {
    this.timers.clearAll();
    this.#hush();
  }

  /** The two talk for a moment; then the other one hangs up. Somebody who is not there lets it ring. */
  #handOver(to: string): void {
    const reached = this.#options.isReachable(to);
    const gen = this.#gen;
    const { answerMs, noAnswerMs } = this.#options.pace;
    this.#options.show("transferred", to);
    this.timers.set("step", reached ? answerMs + HAND_OVER_TALK_MS : noAnswerMs, () => {
      this.#options.report({ type: "transfer-ended", gen, reached });
    });
  }

  // -------------------------------------------------------------- the person

  /** The person speaks. Words being spoken to them stop. Throws when the carrier is not listening. */
  hear(text: string): void {
    if (this.#audio?.isOpen) {
      const feature = "Words that are typed on a call with live audio";
      throw new VoiceCallError("VC_UNSUPPORTED", { provider: "mock", feature });
    }
    const token = this.#interrupt();
    this.#options.report({ type: "speech", token, text, confidence: 0.95 });
  }

  /** The person speaks into live audio; see `Handpiece`. How long it takes, in milliseconds. */
  play(audio: Uint8Array): number {
    if (!this.#audio?.isOpen) {
      if (this.#state !== "answered") throw this.#offTheLine();
      if (this.#ear === null) throw new VoiceCallError("VC_NOBODY_LISTENS");
      throw new VoiceCallError("VC_UNSUPPORTED", {
        provider: "mock",
        feature: "Audio on a call without live audio",
      });
    }
    const ms = this.#handpiece.say(audio);
    if (ms !== null) return ms;
    const problem =
      "the audio is no WAV file of one channel and 16 bits, or too long: a minute may wait to be said";
    throw new VoiceCallError("VC_REQUEST_INVALID", { problem });
  }

  /** What the person has heard over live audio; see `Handpiece`. */
  heardAfter(after: number): HeardAudio {
    return this.#handpiece.heardAfter(after);
  }

  /** What was heard is not kept any longer. */
  forgetAudio(): void {
    this.#handpiece = new Handpiece();
  }

  /** `#` ends the answer and is not part of it, as in other carriers' gathering. */
  press(digits: string): void {
    if (this.#audio?.isOpen) return this.#audio.press(digits);
    const token = this.#interrupt();
    const end = digits.indexOf("#", 1);
    this.#options.report({ type: "digits", token, digits: end === -1 ? digits : digits.slice(0, end) });
  }

  #interrupt(): string {
    if (this.#state !== "answered") throw this.#offTheLine();
    const ear = this.#ear;
    if (!ear) throw new VoiceCallError("VC_NOBODY_LISTENS");
    this.#ear = null;
    this.timers.clear("step");
    return ear.token;
  }

  #offTheLine(): VoiceCallError {
    if (this.#state !== "ended") return new VoiceCallError("VC_CALL_NOT_ANSWERED", { state: this.#state });
    return new VoiceCallError("VC_CALL_NOT_ACTIVE", { outcome: this.outcome ?? "ended" });
  }

  /** Answering machine detection, which costs nothing here: the verdict, and after a machine's greeting its end. */
  detect(
    by: Extract<CarrierEvent, { type: "detected" }>["by"],
    greetingMs = this.#options.pace.greetingMs,
  ): void {
    if (this.#state !== "answered") return;
    this.#options.report({ type: "detected", by });
    if (by !== "machine") return;
    this.timers.set("greeting", greetingMs, () => {
      this.#options.report({ type: "detected", by, over: true });
    });
  }

  // -------------------------------------------------------------- the end

  /** Facts of this call that a slow carrier might still send after its end. */
  stale(): readonly CarrierEvent[] {
    const facts: CarrierEvent[] = [{ type: "ringing" }];
    if (this.#answeredAt !== null) facts.push({ type: "answered" });
    if (this.#gen >= 0) facts.push({ type: "played", gen: this.#gen });
    if (this.#lastToken !== null)
      facts.push({ type: "speech", token: this.#lastToken, text: "Are you still there?" });
    return facts;
  }

  /** Ends the call, once; later ends change nothing. */
  end(outcome: Outcome, hungUpBy: HungUpBy, carrierCode: string): void {
    if (this.#state === "ended") return;
    const talked = this.#answeredAt === null ? null : this.#options.clock.now() - this.#answeredAt;
    this.#state = "ended";
    this.#ear = null;
    this.#first = null;
    this.close();
    const evidence: Evidence = {
      source: "carrier",
      hungUpBy,
      carrierCode,
      ...(talked === null ? {} : { durationSec: Math.ceil(talked / 1000) }),
    };
    this.#end = { outcome, evidence };
    this.#options.report({ type: "ended", outcome, evidence });
    this.#options.show(outcome === "rejected" && hungUpBy === "us" ? "refused" : "ended", outcome);
  }
}

function digitsMs(digits: string, pace: MockPace): number {
  let total = 0;
  for (const digit of digits) total += digit === "w" ? Math.min(PAUSE_MS, pace.digitMs * 6) : pace.digitMs;
  return total;
}
