import type { Call } from "../../call/call.ts";
import type { LiveRequest } from "../../call/effect.ts";
import { isVoiceCallError, VoiceCallError } from "../../call/errors.ts";
import type { OwnEvent } from "../../call/event.ts";
import { phrasesFor } from "../../call/phrases.ts";
import type { Clock, Log } from "../../call/ports.ts";
import type { CutPiece, StreamCommand, StreamEvent } from "../../media/commands.ts";
import { warmSentences } from "../sentence-stream.ts";
import { heardPrefix } from "./heard.ts";
import { Listener } from "./listener.ts";
import { Memory } from "./memory.ts";
import { Speaker } from "./speaker.ts";
import type { Ears, SpeechRoute, Voices } from "./speech.ts";
import { Stopwatch, type TurnTimes } from "./stopwatch.ts";
import type { Thinking } from "./thinker.ts";
import type { UtteranceCache } from "./utterance-cache.ts";
import type { HeardPiece, LiveEffect, LiveFact } from "./turn/facts.ts";
import { liveTurn, newLiveTurn, nextDeadline, type LiveTurn } from "./turn/machine.ts";
import { wordTools } from "./words.ts";

export interface ConversationParts {
  readonly ears: Ears;
  readonly voices: Voices;
  readonly thinker: Thinking;
  readonly clock: Clock;
  readonly log: Log;
  /** To the media plane. */
  send(command: StreamCommand): void;
  /** To the call. Never rejects. */
  report(callId: string, event: OwnEvent): void;
  /** Where the time of a turn went. */
  timed(callId: string, times: TurnTimes): void;
  readonly settings: () => LiveSettings;
}

/** What all conversations of a plant share. */
export interface SharedParts extends ConversationParts {
  /** Words that are said on many calls. */
  readonly cache: UtteranceCache;
}

/** The parts of the configuration that a conversation follows. */
export interface LiveSettings {
  /** False: nothing that the caller says cuts our words. */
  readonly interruption: boolean;
  /** Mutual silence after which the line is checked, ms; 0 = never. */
  readonly idlePromptMs: number;
  /** Another configured provider takes over when one fails. */
  readonly fallback: boolean;
}

/**
 * One call's conversation over live audio: ears, thoughts and voice around the turn machine, which decides. It lives as long
 * as the call; the stream under it may be lost and come back.
 */
export class Conversation {
  readonly call: Call;
  readonly #parts: ConversationParts;
  readonly #listener: Listener;
  readonly #speaker: Speaker;
  readonly #memory = new Memory();
  readonly #watch: Stopwatch;
  readonly #pieces = new Map<number, string>();
  #turn: LiveTurn;
  #stream: number | null = null;
  /** The thought under way, by its number. */
  #thought: { readonly no: number; readonly stop: AbortController; written: boolean } | null = null;
  #cancelDeadline: () => void = () => {};
  #before: "goodbye" | "hand-over" = "goodbye";
  #state: State = "on";
  readonly #ended = Promise.withResolvers<void>();
  /** The last piece that a stop of ours was meant for. */
  #stoppedUpTo = -1;
  /** Pieces in a row that no voice could speak. */
  #mutes = 0;

  constructor(call: Call, parts: SharedParts) {
    const { clock, log } = parts;
    this.call = call;
    this.#parts = parts;
    this.#turn = this.#newTurn(call.live?.opened === true ? "" : (call.live?.opening ?? ""));
    this.#watch = new Stopwatch((times) => parts.timed(call.id, times));
    const route: SpeechRoute = { language: call.route.language, ownNumber: ownNumber(call) };
    const { fallback } = parts.settings();
    this.#listener = new Listener({
      callId: call.id,
      ears: parts.ears,
      route,
      clock,
      log,
      fallback,
      on: {
        ready: () => this.#hearing(),
        partial: (text) => this.#fact({ type: "partial", text }),
        final: (text) => {
          this.#watch.final(clock.now());
          this.#fact({ type: "final", text });
        },
        speechStart: () => this.#fact({ type: "provider-speech" }),
        lost: (error) => this.#deaf(error),
      },
    });
    this.#speaker = new Speaker({
      callId: call.id,
      voices: parts.voices,
      route,
      clock,
      log,
      fallback,
      cache: parts.cache,
      out: {
        begin: (piece, yields) => this.#send((stream) => ({ type: "piece", stream, piece, yields })),
        audio: (piece, format, bytes) =>
          this.#send((stream) => ({ type: "piece-audio", stream, piece, format, bytes })),
        end: (piece) => this.#send((stream) => ({ type: "piece-end", stream, piece })),
      },
      failed: (piece, error) => this.#mute(piece, error),
      timed: (piece, times) => this.#watch.voice(piece, times),
    });
  }

  /** While the phone rings: the first words are made ready, and what the first reply needs. */
  prepare(): void {
    warmSentences(this.call.route.language);
    const opening = this.call.live?.opening ?? "";
    if (this.#state === "on" && opening !== "") this.#speaker.prepare(opening);
  }

  /** The call has a stream, or another one. */
  connect(stream: number): void {
    if (this.#state !== "on") return;
    this.#stream = stream;
    this.#listener.start();
    if (this.#listener.isReady) this.#hearing();
  }

  event(event: StreamEvent): void {
    // What an older stream still tells is of no interest.
    if (event.type === "stream-audio" || event.stream !== this.#stream) return;
    if (this.#state === "on") return this.#told(event);
    if (LAST_REPORTS.has(event.type)) this.#told(event);
    return this.#settle();
  }

  #told(event: Exclude<StreamEvent, { type: "stream-audio" }>): void {
    switch (event.type) {
      case "stream-lost": {
        this.#stream = null;
        this.#speaker.drop();
        const cut = this.#heardOf(event.cut ?? null);
        this.#pieces.clear();
        return this.#fact({ type: "line-lost", ...(cut === null ? {} : { cut }) });
      }
      case "speech":
        if (!event.on) this.#watch.silent(event.at);
        this.#listener.voice(event.on);
        return this.#fact({ type: "speech", on: event.on, at: event.at });
      case "key":
        return this.#fact({ type: "key", digit: event.digit });
      case "piece-started":
        this.#mutes = 0;
        this.#watch.audible(event);
        return this.#fact({ type: "piece-started", piece: event.piece });
      case "piece-played":
        this.#fact({ type: "piece-played", piece: event.piece });
        return void this.#pieces.delete(event.piece);
      case "piece-failed": {
        this.#pieces.delete(event.piece);
        const detail =
          event.reason === "empty" ? "the speech was empty" : "the speech was of no known format";
        return this.#mute(event.piece, new VoiceCallError("VC_SPEECH_FAILED", { detail }));
      }
      case "paused":
        return this.#fact({ type: "paused", piece: event.piece });
      case "resumed":
        return this.#fact({ type: "resumed", piece: event.piece });
      case "stopped":
        return this.#stopped(event.by, event.cut);
      case "stream-started":
      case "keys-sent":
        return undefined;
    }
  }

  hear(audio: Uint8Array): void {
    if (this.#state === "on") this.#listener.push(audio);
  }

  request(request: LiveRequest): void {
    if (this.#state !== "on") return undefined;
    switch (request.type) {
      case "speak":
        this.#memory.add(request.text);
        return this.#fact({ type: "speak", text: request.text });
      case "ask":
        this.#memory.add(request.text);
        return this.#fact({ type: "ask", text: request.text, timeoutMs: request.timeoutMs });
      case "keys":
        return this.#send((stream) => ({ type: "keys", stream, digits: request.digits }));
      case "hush":
        return this.#fact({ type: "hush" });
      case "close":
        this.#before = request.before;
        return this.#fact({ type: "close" });
    }
  }

  /**
   * Nothing is said, heard or thought any more. Resolves once what had been said and heard is reported, within a moment. May be
   * called again.
   */
  end(): Promise<void> {
    if (this.#state === "on") this.#leave();
    return this.#ended.promise;
  }

  #leave(): void {
    const { clock } = this.#parts;
    this.#state = "leaving";
    this.#cancelDeadline();
    this.#listener.close();
    this.#fact({ type: "call-over" });
    this.#thought?.stop.abort(new Error("the call is over"));
    this.#thought = null;
    this.#speaker.close();
    this.#cancelDeadline = clock.at(clock.now() + LEAVING_MS, () => {
      this.#fact({ type: "line-lost" });
      this.#finish();
    });
    this.#settle();
  }

  /** The media plane has told what was heard of our last words. */
  #settle(): void {
    if (this.#state === "leaving" && this.#turn.cuts.length === 0) this.#finish();
  }

  #finish(): void {
    this.#state = "over";
    this.#cancelDeadline();
    this.#pieces.clear();
    const { late } = this.#memory;
    if (late !== null) this.#parts.thinker.leave(this.call, late);
    this.#ended.resolve();
  }

  #hearing(): void {
    if (this.#stream !== null) this.#fact({ type: "ready" });
  }

  #fact(fact: LiveFact): void {
    if (this.#state === "over") return;
    const now = this.#parts.clock.now();
    const { turn, effects } = liveTurn(this.#turn, fact, { now });
    this.#turn = turn;
    for (const effect of effects) this.#run(effect, now);
    if (this.#state === "on") this.#arm();
  }

  #arm(): void {
    this.#cancelDeadline();
    const next = nextDeadline(this.#turn);
    if (next === null) return;
    this.#cancelDeadline = this.#parts.clock.at(next.at, () => {
      const { name } = next;
      const passedOver = name === "stable" && this.#parts.thinker.isBusy;
      this.#fact(passedOver ? { type: "no-capacity" } : { type: "deadline", name });
    });
  }

  #run(effect: LiveEffect, now: number): void {
    if (this.#state !== "on" && !LAST_EFFECTS.has(effect.kind)) return;
    const report = (event: OwnEvent): void => this.#parts.report(this.call.id, event);
    switch (effect.kind) {
      case "think":
        this.#watch.thinking(effect.thought, effect.sure, now);
        return void this.#think(effect);
      case "confirmed":
        return this.#watch.confirmed(effect.thought, now);
      case "drop":
        return this.#drop(effect.thought);
      case "say":
        this.#pieces.set(effect.piece, effect.text);
        this.#watch.say(effect.piece);
        return this.#speaker.say(effect.piece, effect.text, effect.yields);
      case "stop":
        return this.#stop();
      case "resume":
        return this.#send((stream) => ({ type: "resume", stream }));
      case "said":
        return report({ type: "said", role: effect.role, text: effect.text });
      case "interrupted":
        return this.#memory.cut(effect.heard);
      case "answer":
        return report({ type: "answer", text: effect.text });
      case "hang-up": {
        const reason = effect.reason === "failed" ? "failed" : this.#before;
        report({ type: "talked-out", reason });
        if (reason === "hand-over") this.#beginAnew();
      }
    }
  }

  /** Who is handed over may come back: to a turn that knows nothing of the one before, and ends in a goodbye again. */
  #beginAnew(): void {
    this.#turn = this.#newTurn("");
    this.#before = "goodbye";
    this.#stoppedUpTo = -1;
    this.#pieces.clear();
  }

  async #think(effect: Extract<LiveEffect, { kind: "think" }>): Promise<void> {
    const { thought: no, words, from, mustAnswer: isAll } = effect;
    this.#thought?.stop.abort(new Error("a newer thought began"));
    const stop = new AbortController();
    const thought = { no, stop, written: false };
    this.#thought = thought;
    const { thinker, log, clock } = this.#parts;
    const watch = this.#watch;
    let isAsked = false;
    try {
      const asking = { thought: no, words, from, isAll };
      const telling = this.#memory.tell(asking);
      await thinker.think(
        this.call,
        telling.words,
        telling.notes,
        {
          put: (prompt) => this.#memory.put(asking, prompt),
          asked: () => {
            isAsked = true;
            watch.asked(no, clock.now());
          },
          first: () => watch.first(no, clock.now()),
          sentence: (text) => {
            watch.sentence(no, clock.now());
            this.#fact({ type: "sentence", thought: no, text });
          },
          unfinished: () => this.#fact({ type: "unfinished", thought: no }),
          working: () => {
            // What a tool did is kept by the host, and what led to it.
            this.#memory.told();
            this.#fact({ type: "working", thought: no });
          },
          written: () => {
            thought.written = true;
            this.#memory.told();
            this.#fact({ type: "written", thought: no });
          },
        },
        stop.signal,
      );
      this.#memory.told();
      this.#fact({ type: "thought", thought: no });
    } catch (error) {
      if (stop.signal.aborted) return;
      // A model that failed has its failure kept, and the message before it.
      if (isAsked) this.#memory.told();
      const code = isVoiceCallError(error) ? error.code : "VC_REPLY_FAILED";
      const detail = isVoiceCallError(error) ? String(error.details["detail"] ?? code) : code;
      log.warn("the agent gave no reply on live audio", { callId: this.call.id, error: code, detail });
      this.#fact({ type: "thought-failed", thought: no });
    } finally {
      if (this.#thought?.no === no) this.#thought = null;
    }
  }

  /** One that is complete stands in the agent's conversation, and nobody will hear it. */
  #drop(no: number): void {
    const thought = this.#thought?.no === no ? this.#thought : null;
    if (thought === null || thought.written) this.#memory.cut("");
    if (thought === null) return;
    thought.stop.abort(new Error("no longer wanted"));
    this.#thought = null;
  }

  /** What has not reached the media plane is never heard of; what has is answered by `stopped`. */
  #stop(): void {
    this.#speaker.drop();
    this.#stoppedUpTo = Math.max(this.#stoppedUpTo, ...this.#pieces.keys());
    if (this.#stream === null) this.#fact({ type: "stopped", piece: null, heard: null });
    else this.#send((stream) => ({ type: "stop", stream }));
  }

  /** What was said after a stop of ours is still to come. */
  #stopped(by: "speech" | "order", cut: CutPiece | null): void {
    if (by === "speech") this.#speaker.drop();
    const heard = this.#heardOf(cut);
    const last = by === "speech" ? Number.POSITIVE_INFINITY : this.#stoppedUpTo;
    for (const piece of this.#pieces.keys()) if (piece <= last) this.#pieces.delete(piece);
    this.#fact({ type: "stopped", ...(heard ?? { piece: null, heard: null }) });
  }

  /** The words of a piece that were heard; null when there is none that is known. */
  #heardOf(cut: CutPiece | null): HeardPiece | null {
    const text = cut === null ? undefined : this.#pieces.get(cut.piece);
    if (cut === null || text === undefined) return null;
    const { piece, playedMs, knownMs, whole } = cut;
    const wholeMs = whole ? knownMs : Math.max(knownMs, text.length * CHARACTER_MS);
    const heard = heardPrefix(text, wholeMs === 0 ? 0 : playedMs / wholeMs, this.call.route.language);
    return { piece, heard };
  }

  /** Nobody listens any more, and no provider is left: the caller is told, and the call ends. */
  #deaf(error: VoiceCallError): void {
    if (this.#state !== "on") return;
    this.#parts.log.error(error.message, { callId: this.call.id, error: error.code });
    this.#parts.report(this.call.id, { type: "listening-lost" });
    // Who was never heard can still be spoken to.
    this.#hearing();
    this.#fact({ type: "speak", text: phrasesFor(this.call.route.language).giveUp });
    this.#fact({ type: "close" });
  }

  /** No voice could speak this piece. A call without a voice is ended by the carrier's own apology, after our last words. */
  #mute(piece: number, error: VoiceCallError): void {
    if (this.#state === "over") return;
    const { id } = this.call;
    this.#parts.log.error(error.message, { callId: id, error: error.code });
    this.#mutes += 1;
    this.#fact({ type: "piece-failed", piece });
    if (this.#state === "on" && this.#mutes >= MOST_MUTES)
      void this.end().then(() => this.#parts.report(id, { type: "voice-lost" }));
  }

  #send(command: (stream: number) => StreamCommand): void {
    if (this.#stream !== null && this.#state !== "over") this.#parts.send(command(this.#stream));
  }

  #newTurn(opening: string): LiveTurn {
    const { route, limits } = this.call;
    const { interruption, idlePromptMs } = this.#parts.settings();
    const phrases = phrasesFor(route.language);
    return newLiveTurn({
      opening,
      language: route.language,
      silenceMs: limits.silenceMs,
      giveUpMs: route.responseTimeoutMs,
      idleMs: idlePromptMs,
      interruption,
      words: wordTools,
      phrases: {
        stillThere: phrases.stillThere,
        goodbye: phrases.goodbye,
        sorry: phrases.sorry,
        giveUp: phrases.giveUp,
        progress: phrases.moment,
      },
    });
  }
}

/** `leaving`: the call is over, and what was heard of our last words is still to be told. */
type State = "on" | "leaving" | "over";

/** What is told of our last words is not waited for any longer. */
const LEAVING_MS = 1_000;
/** What the media plane may still tell then, and what may still be done. */
const LAST_REPORTS: ReadonlySet<StreamEvent["type"]> = new Set<StreamEvent["type"]>([
  "stream-lost",
  "stopped",
  "piece-played",
  "piece-failed",
]);
const LAST_EFFECTS: ReadonlySet<LiveEffect["kind"]> = new Set<LiveEffect["kind"]>([
  "stop",
  "said",
  "interrupted",
  "drop",
]);

/** So many pieces in a row that no voice could speak, and there is no voice. */
const MOST_MUTES = 2;

/** Rough time to speak a character, where a voice has not yet said how long the piece is. */
const CHARACTER_MS = 65;

const ownNumber = ({ direction, from, to }: Call): string => (direction === "inbound" ? to : from);
