import { isOver, mayLinger, type Call } from "./call.ts";
import type { DurableEffect, Effect } from "./effect.ts";
import { isVoiceCallError, toVoiceCallError, VoiceCallError, type ErrorCode } from "./errors.ts";
import type { CallEvent, OwnEvent } from "./event.ts";
import type { Instruction } from "./instruction.ts";
import type { CallManager, EffectRunner } from "./manager.ts";
import type {
  Carrier,
  CarrierFault,
  CallStore,
  Clock,
  KeyedEffect,
  LiveCalls,
  Log,
  Reporter,
  Responder,
  Snapshot,
} from "./ports.ts";
import { KeyedQueue } from "./queue.ts";

export interface OutboxDeps {
  readonly manager: CallManager;
  readonly store: CallStore;
  readonly carrier: Carrier;
  readonly responder: Responder;
  /** Null where no call has live audio. */
  readonly live: LiveCalls | null;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}

/** Pauses between tries of a command that may be repeated safely. Their sum stays below the hang-up deadline. */
const RETRY_AFTER_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000];

/** Repeats of an idempotent create: all well inside the minute for which Telnyx remembers a `command_id`. */
const REDIAL_AFTER_MS = [500, 2_000, 8_000];

/** Runs what moving a call asked for, each effect once, and settles it in the store. */
export class Outbox implements EffectRunner {
  readonly #deps: OutboxDeps;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** One instruction at a time per call, so that an older one never overtakes a newer one at the carrier. */
  readonly #instructing = new KeyedQueue();
  readonly #thoughts = new Map<string, AbortController>();
  readonly #asked = new Map<string, (text: string | null) => void>();
  readonly #held = new Map<string, (instruction: Instruction | null) => void>();
  /** Last caller's turn whose reply was measured, by call. */
  readonly #sampled = new Map<string, number>();
  readonly #dialFaults = new Map<string, VoiceCallError>();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  run(call: Call, effects: readonly Effect[], keyed: readonly KeyedEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "picked-up") this.#sampleRing(call);
      else if (effect.kind === "warm") this.#warm(call);
      else if (effect.kind === "live") this.#deps.live?.request(call, effect.request);
      else if (effect.kind === "quiet") this.#quiet(call);
      else if (effect.kind === "hush") this.#thoughts.get(call.id)?.abort(new Error("no longer wanted"));
      else if (effect.kind === "heard") this.#asked.get(call.id)?.(effect.text);
    }
    const tasks = keyed.map((item) => this.start(item));
    if (isOver(call) || call.hangup !== null) void this.#deps.live?.end(call.id);
    // The carrier takes the line, and with it the socket: one that we close before has it ask what to do, beside being told.
    else if (call.live === null) void Promise.all(tasks).then(() => this.#deps.live?.end(call.id));
    if (!isOver(call)) return;
    this.#release(call.id, null);
    this.#sampled.delete(call.id);
  }

  /** Starts one saved effect; also used for those a previous run left behind. */
  start(item: KeyedEffect): Promise<void> {
    const task = this.#execute(item).catch((error: unknown) => {
      this.#deps.log.error("an effect failed", {
        callId: item.callId,
        effect: item.effect.kind,
        error: codeOf(error),
      });
    });
    this.#track(task);
    return task;
  }

  /** Registers who gets the caller's next words on this call. */
  onHeard(callId: string, fn: (text: string | null) => void): () => void {
    this.#asked.set(callId, fn);
    return () => {
      if (this.#asked.get(callId) === fn) this.#asked.delete(callId);
    };
  }

  /** Why the create of this call failed, once. */
  takeDialFault(callId: string): VoiceCallError | null {
    const fault = this.#dialFaults.get(callId) ?? null;
    this.#dialFaults.delete(callId);
    return fault;
  }

  /**
   * A webhook is waiting for this call's next instruction. Resolves with it, or with null when it is time to
   * answer with "wait": after `ms`, when the call ends, when a newer webhook waits, or when the plugin stops.
   */
  hold(callId: string, ms: number): Promise<Instruction | null> {
    this.#release(callId, null);
    if (this.#stop.signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.at(this.#deps.clock.now() + ms, () => this.#release(callId, null));
      this.#held.set(callId, (instruction) => {
        cancel();
        resolve(instruction);
      });
    });
  }

  /** The carrier is being given `instruction` in a webhook's answer: saved once that has left, then `next` runs. */
  handed(call: Call, instruction: Instruction, next: () => void): void {
    this.#replyGiven(call, instruction);
    const save = async (): Promise<void> => {
      await answered();
      await this.#record(call.id, { type: "delivered", gen: instruction.gen });
    };
    this.#track(
      save()
        .catch((error: unknown) => {
          this.#deps.log.error("a delivery could not be saved", { callId: call.id, error: codeOf(error) });
        })
        .finally(next),
    );
  }

  #warm(call: Call): void {
    this.#deps.responder.warm(call);
    if (call.live !== null) this.#deps.live?.prepare(call);
  }

  /** Too late a moment later, so it is tried once. */
  #quiet(call: Call): void {
    const stopped = this.#deps.carrier.quiet?.(call, this.#stop.signal) ?? Promise.resolve();
    this.#track(
      stopped.catch((error: unknown) => {
        this.#deps.log.debug("words could not be stopped", { callId: call.id, error: codeOf(error) });
      }),
    );
  }

  /** Measures caller's words → first words given to the carrier, once per turn of the caller. */
  #replyGiven(call: Call, instruction: Instruction): void {
    const { no, heardAt } = call.turn;
    if (heardAt === null || instruction.say.length === 0 || this.#sampled.get(call.id) === no) return;
    this.#sampled.set(call.id, no);
    const at = this.#deps.clock.now();
    this.#deps.store.sample({ callId: call.id, stage: "reply", ms: at - heardAt, at }).catch(() => {});
  }

  /** Stops replies and waiting, lets short work finish, and leaves what is not begun to the next start. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("voice-call is stopping"));
    for (const thought of this.#thoughts.values()) thought.abort(this.#stop.signal.reason);
    for (const callId of Array.from(this.#held.keys())) this.#release(callId, null);
    await Promise.all(this.#running);
  }

  async #execute({ key, callId, effect }: KeyedEffect): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const done = await this.#perform(callId, effect);
    if (this.#stop.signal.aborted && !done) return;
    await this.#deps.store.settle(key, done ? "done" : "failed", this.#deps.clock.now());
  }

  async #perform(callId: string, effect: DurableEffect): Promise<boolean> {
    const call = await this.#deps.manager.get(callId);
    if (call === null) return true;
    switch (effect.kind) {
      case "dial":
        return this.#dial(call, effect.instruction);
      case "look-up":
        return this.#lookUp(callId);
      case "answer":
        return this.#persist(callId, async () => {
          const current = await this.#deps.manager.get(callId);
          if (current === null || isOver(current) || current.answeredAt !== null) return null;
          return this.#deps.carrier.answer(current, this.#stop.signal);
        });
      case "reject":
        return this.#persist(callId, () => this.#deps.carrier.reject(call, effect.reason, this.#stop.signal));
      case "instruct":
        return this.#instruct(callId, effect.instruction);
      case "hangup":
        return this.#hangUp(callId);
      case "think":
        return this.#think(call, effect.turn, effect.words);
      case "report":
        return this.#report(call);
    }
  }

  /** With the last words, which may be told a moment after the end. */
  async #report(call: Call): Promise<boolean> {
    const { live, manager, reporter, store } = this.#deps;
    await live?.end(call.id);
    await manager.settled(call.id);
    if (this.#stop.signal.aborted) return false;
    await reporter.report(call, await store.transcript(call.id));
    return true;
  }

  async #dial(call: Call, instruction: Instruction): Promise<boolean> {
    const { clock, store } = this.#deps;
    const started = clock.now();
    let event: OwnEvent;
    try {
      event = { type: "dialed", ...(await this.#place(call, instruction)) };
      const at = clock.now();
      store.sample({ callId: call.id, stage: "dial", ms: at - started, at }).catch(() => {});
    } catch (error) {
      event = this.#notDialed(call.id, error);
    }
    return this.#record(call.id, event);
  }

  /** A create whose reply was lost is repeated where that cannot dial twice. */
  async #place(call: Call, instruction: Instruction): Promise<{ carrierCallId: string }> {
    const { carrier } = this.#deps;
    for (const pause of [...REDIAL_AFTER_MS, null]) {
      try {
        return await carrier.dial(call, instruction, this.#stop.signal);
      } catch (error) {
        const again = carrier.capabilities.idempotentCreate && certaintyOf(error) === "unknown";
        if (!again || pause === null || !(await this.#pause(pause))) throw error;
      }
    }
    throw new VoiceCallError("VC_NOT_RUNNING");
  }

  #notDialed(callId: string, error: unknown): OwnEvent {
    if (certaintyOf(error) === "unknown") {
      this.#deps.log.warn("the carrier's answer to a create was lost; looking for the call", { callId });
      return { type: "dial-uncertain" };
    }
    const fault = toVoiceCallError(error);
    this.#dialFaults.set(callId, fault);
    this.#deps.log.warn("the carrier did not place the call", { callId, error: fault.code });
    return { type: "dial-refused", error: fault.code, detail: detailOf(fault) };
  }

  /** Looks for a call whose create reply was lost, until a callback names it, it is found, or it is given up. */
  async #lookUp(callId: string): Promise<boolean> {
    const { manager, carrier } = this.#deps;
    for (const pause of [...RETRY_AFTER_MS, ...RETRY_AFTER_MS]) {
      const call = await manager.get(callId);
      if (call === null || call.carrierCallId !== null || isOver(call)) return true;
      const found = await carrier.find(call, this.#stop.signal).catch(() => ({ found: false }) as const);
      if (found.found && (await this.#isFree(callId, found))) return this.#found(callId, found);
      if (!(await this.#pause(pause))) return false;
    }
    return true;
  }

  /** A call at the carrier that is on record under another id of ours is not the one we look for. */
  async #isFree(callId: string, { carrierCallId }: { readonly carrierCallId: string }): Promise<boolean> {
    const owner = await this.#deps.store.byCarrierId(this.#deps.carrier.id, carrierCallId);
    return owner === null || owner.id === callId;
  }

  async #found(callId: string, seen: Extract<Snapshot, { found: true }>): Promise<boolean> {
    const { carrierCallId, state, outcome, evidence } = seen;
    if (!(await this.#record(callId, { type: "dialed", carrierCallId }))) return false;
    if (state === "ended" && outcome !== undefined && evidence !== undefined)
      return this.#record(callId, { type: "ended", outcome, evidence });
    return state === "ringing" || state === "answered" ? this.#record(callId, { type: state }) : true;
  }

  async #instruct(callId: string, instruction: Instruction): Promise<boolean> {
    const { manager, carrier } = this.#deps;
    const current = await manager.get(callId);
    if (current === null || !isWanted(current, instruction)) return true;
    if (this.#held.has(callId)) {
      this.#release(callId, instruction);
      return true;
    }
    const given = await this.#persist(callId, () =>
      this.#instructing.run(callId, async () => {
        const call = await manager.get(callId);
        if (call === null || !isWanted(call, instruction)) return null;
        await carrier.instruct(call, instruction, this.#stop.signal);
        this.#replyGiven(call, instruction);
        return { type: "delivered", gen: instruction.gen };
      }),
    );
    // Nobody would hear anything from here on.
    if (!given && !this.#stop.signal.aborted) await this.#record(callId, { type: "stuck" });
    return given;
  }

  async #hangUp(callId: string): Promise<boolean> {
    const { manager, carrier } = this.#deps;
    return this.#persist(callId, async () => {
      const call = await manager.get(callId);
      if (call === null || call.carrierCallId === null || (isOver(call) && !mayLinger(call))) return null;
      await carrier.hangup(call, this.#stop.signal);
      return isOver(call) ? null : { type: "hung-up" };
    });
  }

  async #think(call: Call, turn: number, words: string): Promise<boolean> {
    if (call.turn.no !== turn || call.turn.phase !== "thinking") return true;
    const thought = new AbortController();
    this.#thoughts.get(call.id)?.abort(new Error("a newer turn began"));
    this.#thoughts.set(call.id, thought);
    try {
      const event = await this.#reply(call, turn, words, thought.signal);
      if (event !== null) return await this.#record(call.id, event);
      return !this.#stop.signal.aborted;
    } finally {
      if (this.#thoughts.get(call.id) === thought) this.#thoughts.delete(call.id);
    }
  }

  /** What the agent answers, or how it failed; null when nobody waits for it any more. */
  async #reply(call: Call, turn: number, words: string, wanted: AbortSignal): Promise<OwnEvent | null> {
    const { manager, responder, clock, store, log } = this.#deps;
    const callId = call.id;
    const onPart = (text: string) => {
      manager.apply(callId, { type: "reply", turn, text, final: false }).catch(() => {});
    };
    const onFirst = () => {
      const at = clock.now();
      store.sample({ callId, stage: "think", ms: at - (call.turn.heardAt ?? at), at }).catch(() => {});
    };
    try {
      const text = await responder.reply({ call, turn, words, onPart, onFirst }, wanted);
      return { type: "reply", turn, text, final: true };
    } catch (error) {
      if (this.#stop.signal.aborted || wanted.aborted) return null;
      const code: ErrorCode = isVoiceCallError(error) ? error.code : "VC_REPLY_FAILED";
      const detail = isVoiceCallError(error) ? detailOf(error) : code;
      log.warn("the agent gave no reply; the caller hears an apology", { callId, error: code, detail });
      return { type: "reply-failed", turn, error: code };
    }
  }

  /**
   * Saves what was found out, again and again while the store fails, so that no carrier command is repeated for it.
   * False when the plugin stops meanwhile; throws when the store does not recover, and the effect stays pending.
   */
  async #record(callId: string, event: CallEvent): Promise<boolean> {
    for (const pause of [...RETRY_AFTER_MS, null]) {
      try {
        await this.#deps.manager.apply(callId, event);
        return true;
      } catch (error) {
        if (codeOf(error) !== "VC_STORE_FAILED" || pause === null) throw error;
        this.#deps.log.warn("what happened on a call could not be saved; trying again", { callId });
        if (!(await this.#pause(pause))) return false;
      }
    }
    return false;
  }

  /**
   * Repeats a command that may be repeated, then records what it returns; a call that is gone at the carrier is
   * closed here too.
   */
  async #persist(callId: string, command: () => Promise<OwnEvent | null | void>): Promise<boolean> {
    for (const pause of [...RETRY_AFTER_MS, null]) {
      let event: OwnEvent | null | void;
      try {
        event = await command();
      } catch (error) {
        const certainty = certaintyOf(error);
        if (certainty === "gone") return this.#gone(callId);
        if (certainty === "refused" || pause === null) {
          this.#deps.log.error("the carrier refused a command", { callId, error: codeOf(error) });
          return false;
        }
        if (!(await this.#pause(pause))) return false;
        continue;
      }
      return event ? this.#record(callId, event) : true;
    }
    return false;
  }

  async #gone(callId: string): Promise<boolean> {
    const { manager, carrier } = this.#deps;
    const call = await manager.get(callId);
    if (call === null || isOver(call) || call.carrierCallId === null) return true;
    const seen = await carrier
      .lookup(call.carrierCallId, this.#stop.signal)
      .catch(() => ({ found: false }) as const);
    const outcome = seen.found && seen.outcome !== undefined ? seen.outcome : "completed";
    const evidence =
      seen.found && seen.evidence !== undefined
        ? seen.evidence
        : ({ source: "look-up", hungUpBy: "unknown" } as const);
    return this.#record(callId, { type: "ended", outcome, evidence });
  }

  /** False when the plugin stops meanwhile. */
  #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const stopped = () => {
        cancel();
        resolve(false);
      };
      const cancel = this.#deps.clock.at(this.#deps.clock.now() + ms, () => {
        signal.removeEventListener("abort", stopped);
        resolve(true);
      });
      signal.addEventListener("abort", stopped, { once: true });
    });
  }

  #sampleRing({ id, createdAt, answeredAt }: Call): void {
    const at = answeredAt ?? this.#deps.clock.now();
    this.#deps.store.sample({ callId: id, stage: "ring", ms: at - createdAt, at }).catch(() => {});
  }

  #track(task: Promise<void>): void {
    this.#running.add(task);
    void task.finally(() => this.#running.delete(task));
  }

  #release(callId: string, instruction: Instruction | null): void {
    const held = this.#held.get(callId);
    this.#held.delete(callId);
    held?.(instruction);
  }
}

function isWanted(call: Call, instruction: Instruction): boolean {
  return (
    !isOver(call) &&
    call.hangup === null &&
    call.instruction?.gen === instruction.gen &&
    call.delivered < instruction.gen
  );
}

function certaintyOf(error: unknown): CarrierFault["certainty"] {
  const certainty = (error as Partial<CarrierFault> | null)?.certainty;
  return certainty ?? "unknown";
}

const codeOf = (error: unknown): string =>
  isVoiceCallError(error) ? error.code : error instanceof Error ? error.name : "unknown";
const detailOf = (error: VoiceCallError): string => String(error.details["detail"] ?? error.code);

/** Resolves once what is being returned to the edge has been posted. */
const answered = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
