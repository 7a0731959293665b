import { VoiceCallError } from "../../call/errors.ts";
import type { Clock, Log } from "../../call/ports.ts";
import { KeptAudio } from "./kept-audio.ts";
import { Doubt } from "./doubt.ts";
import { outage, reasonOf } from "./outage.ts";
import type { EarEvents, Ears, EarSession, SpeechRoute } from "./speech.ts";

export interface ListenerParts {
  readonly callId: string;
  readonly ears: Ears;
  readonly route: SpeechRoute;
  readonly clock: Clock;
  readonly log: Log;
  /** Another configured provider takes over when one fails. */
  readonly fallback: boolean;
  readonly on: ListenerEvents;
}

export interface ListenerEvents {
  /** The caller is heard; once. */
  ready(): void;
  /** The words of the present utterance so far. */
  partial(text: string): void;
  /** The final words of an utterance. */
  final(text: string): void;
  /** The provider heard somebody begin. */
  speechStart(): void;
  /** Nobody can listen any more: `VC_LISTENING_FAILED`. Once, and nothing after it. */
  lost(error: VoiceCallError): void;
}

/** A provider that takes longer to connect has failed. */
const CONNECT_MS = 4_000;
/** Waits before all are tried once more. */
const RETRY_MS = [250, 1_000];
const LAST_RETRY_MS = 2_000;
/** Failures in a row after which nobody is asked any more: so many, or twice the number of providers. */
const FAILURES = 6;
/** A provider that listened this long starts with a clean sheet. */
const STABLE_MS = 10_000;
/** A caller nobody listens to for this long is told so. */
const DEAF_MS = 15_000;
/** Caller audio kept for a provider that comes later. */
const KEPT_MS = 30_000;
/** Kept audio is handed on in blocks of this. */
const BLOCK_MS = 200;

type State =
  | { readonly is: "new" }
  /** Being connected, or waiting to be. */
  | { readonly is: "deaf"; readonly cancel: () => void; session: EarSession | null }
  | { readonly is: "listening"; readonly session: EarSession; readonly since: number }
  | { readonly is: "over" };

/**
 * One call's ears. The caller's audio is kept from its first frame until it has become final words, so that nothing is lost
 * while a provider connects, or when one fails and another has to begin anew. Whatever comes from a provider that was given
 * up is dropped.
 */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #audio = new KeptAudio(KEPT_MS);
  readonly #doubt: Doubt;
  #state: State = { is: "new" };
  /** Counts sessions. */
  #generation = 0;
  #providers: readonly string[] = [];
  /** The provider in use or next in turn, by its place in the list. */
  #turn = 0;
  /** Failures since words came or a provider proved stable, and how often another provider's turn came. */
  #failures = 0;
  #moves = 0;
  #wasReady = false;
  #cancelDeaf: () => void = () => {};
  #droppedMs = 0;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#doubt = new Doubt(parts.clock, () => {
      if (this.#state.is === "listening") this.#failed(outage("hears nothing"));
    });
  }

  /** True once the caller was heard and until that ends for good. */
  get isReady(): boolean {
    return this.#wasReady && this.#state.is !== "over";
  }

  /** The provider that listens now; null while none does. */
  get provider(): string | null {
    return this.#state.is === "listening" ? (this.#providers[this.#turn] ?? null) : null;
  }

  /** Begins to look for a provider. A second call changes nothing. */
  start(): void {
    if (this.#state.is !== "new") return;
    this.#deafFrom();
    void this.#choose();
  }

  /** The caller's audio, PCMU, 8 kHz, in order; the array is kept. */
  push(pcmu: Uint8Array): void {
    if (this.#state.is === "over" || pcmu.byteLength === 0) return;
    const dropped = this.#audio.push(pcmu);
    if (this.#state.is === "listening") this.#send(this.#state.session, pcmu);
    else this.#droppedMs += dropped;
  }

  /** The line's own speech gate: the caller began or fell silent. A provider that hears nothing of it is not trusted. */
  voice(on: boolean): void {
    if (this.#state.is === "listening") this.#doubt.voice(on);
  }

  /** Lets go of everything. Nothing is reported any more. */
  close(): void {
    this.#generation++;
    this.#cancelDeaf();
    this.#doubt.settle();
    const state = this.#state;
    this.#state = { is: "over" };
    this.#audio.clear();
    if (state.is === "deaf") state.cancel();
    if (state.is === "deaf" || state.is === "listening") this.#release(state.session);
  }

  async #choose(): Promise<void> {
    const generation = ++this.#generation;
    this.#state = { is: "deaf", cancel: () => {}, session: null };
    const { ears, fallback } = this.#parts;
    let failure = outage("no provider is configured");
    try {
      const all = await ears.providers();
      this.#providers = fallback ? all : all.slice(0, 1);
    } catch (error) {
      failure = error as Error;
    }
    if (generation !== this.#generation) return;
    if (this.#providers.length === 0) this.#giveUp(failure);
    else this.#open();
  }

  /** A new session of the provider in turn. */
  #open(): void {
    const generation = ++this.#generation;
    const provider = this.#providers[this.#turn];
    if (provider === undefined) return;
    const { clock } = this.#parts;
    const cancel = clock.at(clock.now() + CONNECT_MS, () => {
      if (generation === this.#generation) this.#failed(outage("timeout"));
    });
    this.#state = { is: "deaf", cancel, session: null };
    void this.#connect(generation, provider);
  }

  async #connect(generation: number, provider: string): Promise<void> {
    const { ears, route } = this.#parts;
    const current = (): boolean => generation === this.#generation;
    let session: EarSession | null = null;
    try {
      session = await ears.open(provider, route, this.#events(generation));
      if (!current() || this.#state.is !== "deaf") return this.#release(session);
      this.#state.session = session;
      await session.connect();
      if (current()) this.#listen(session, provider);
    } catch (error) {
      if (current()) this.#failed(error);
    }
  }

  #listen(session: EarSession, provider: string): void {
    const { clock, log, callId, on } = this.#parts;
    const generation = this.#generation;
    if (this.#state.is === "deaf") this.#state.cancel();
    this.#cancelDeaf();
    this.#state = { is: "listening", session, since: clock.now() };
    log.debug("a transcription provider listens", {
      callId,
      provider,
      keptMs: Math.round(this.#audio.lengthMs),
    });
    if (this.#droppedMs > 0)
      log.warn("caller audio was lost while nobody listened", {
        callId,
        lostMs: Math.round(this.#droppedMs),
      });
    this.#droppedMs = 0;
    this.#audio.restart();
    for (const block of this.#audio.blocks(BLOCK_MS)) {
      if (generation !== this.#generation) return;
      this.#send(session, block);
    }
    if (generation !== this.#generation || this.#wasReady) return;
    this.#wasReady = true;
    on.ready();
  }

  #send(session: EarSession, audio: Uint8Array): void {
    try {
      session.send(audio);
    } catch (error) {
      this.#failed(error);
    }
  }

  #events(generation: number): EarEvents {
    const { on } = this.#parts;
    const current = (): boolean => generation === this.#generation && this.#state.is === "listening";
    return {
      partial: (text) => {
        if (!current() || text.trim() === "") return;
        this.#doubt.words();
        on.partial(text);
      },
      final: (text) => {
        if (!current()) return;
        this.#forgive();
        this.#audio.settled();
        if (text.trim() === "") return this.#doubt.settle();
        this.#doubt.words();
        on.final(text);
      },
      speechStart: () => {
        if (!current()) return;
        this.#audio.onset();
        this.#doubt.settle();
        on.speechStart();
      },
      failed: (error) => {
        if (generation === this.#generation) this.#failed(error);
      },
    };
  }

  /** The provider in turn is of no use now: it is tried again, or the next one is. */
  #failed(error: unknown): void {
    const state = this.#state;
    if (state.is !== "deaf" && state.is !== "listening") return;
    this.#generation++;
    const { clock, log, callId } = this.#parts;
    const listened = state.is === "listening";
    if (state.is === "deaf") state.cancel();
    this.#release(state.session);
    this.#doubt.settle();
    if (listened) {
      if (clock.now() - state.since >= STABLE_MS) this.#forgive();
      this.#deafFrom();
    }
    this.#failures++;
    const count = this.#providers.length;
    if (this.#failures >= Math.max(FAILURES, 2 * count)) return this.#giveUp(error);
    const failed = this.#providers[this.#turn];
    // A lost connection is first made again; after that the others get their chance, in turn.
    const again = listened && this.#failures === 1;
    if (!again) {
      this.#moves++;
      this.#turn = (this.#turn + 1) % count;
    }
    const rounds = again ? 0 : this.#moves / count;
    const wait = rounds >= 1 && Number.isInteger(rounds) ? (RETRY_MS[rounds - 1] ?? LAST_RETRY_MS) : 0;
    const next = this.#providers[this.#turn];
    log.warn(
      next === failed
        ? "a transcription provider failed and is tried again"
        : "another transcription provider takes over",
      {
        callId,
        fromProvider: failed,
        toProvider: next,
        attempts: this.#failures,
        reason: reasonOf(error),
        waitMs: wait,
      },
    );
    const cancel = clock.at(clock.now() + wait, () => this.#open());
    this.#state = { is: "deaf", cancel, session: null };
  }

  #forgive(): void {
    this.#failures = 0;
    this.#moves = 0;
  }

  /** From now on nobody listens. */
  #deafFrom(): void {
    const { clock } = this.#parts;
    this.#cancelDeaf();
    this.#cancelDeaf = clock.at(clock.now() + DEAF_MS, () => this.#giveUp(outage("timeout")));
  }

  #giveUp(error: unknown): void {
    if (this.#state.is === "over") return;
    const detail = reasonOf(error);
    const { callId, log, on } = this.#parts;
    log.error("no transcription provider is left", {
      callId,
      providers: this.#providers.join(","),
      reason: detail,
    });
    this.close();
    on.lost(new VoiceCallError("VC_LISTENING_FAILED", { detail }, { cause: error }));
  }

  #release(session: EarSession | null): void {
    try {
      session?.close();
    } catch (error) {
      const { callId, log } = this.#parts;
      log.debug("a transcription session did not close", { callId, reason: reasonOf(error) });
    }
  }
}
