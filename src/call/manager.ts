import { isOver, type Call, type DeadlineName } from "./call.ts";
import { isDurable, type Effect } from "./effect.ts";
import { VoiceCallError } from "./errors.ts";
import type { CallEvent } from "./event.ts";
import type { CallStore, Clock, Ids, KeyedEffect, Log } from "./ports.ts";
import { KeyedQueue } from "./queue.ts";
import type { Step } from "./step.ts";
import { transition } from "./transition.ts";

export interface ManagerDeps {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A replay identity that is claimed together with the change it causes. */
export interface Claim {
  readonly key: string;
  readonly expiresAt: number;
}

export interface Dispatched {
  readonly call: Call;
  /** `false`: a replay, or a call nobody knows; nothing was written. */
  readonly applied: boolean;
  /** Starts the step's effects. Called once the event has been acknowledged. */
  run(): void;
}

/** Runs effects; the outbox. */
export interface EffectRunner {
  run(call: Call, effects: readonly Effect[], keyed: readonly KeyedEffect[]): void;
}

/** A deadline whose event could not be saved is tried again after this long. */
const DEADLINE_RETRY_MS = 1_000;

/**
 * The one place that moves calls: one event at a time per call, saved before anything else happens.
 * Save → (the caller acknowledges) → `run()` starts the effects.
 */
export class CallManager {
  readonly #deps: ManagerDeps;
  readonly #queue = new KeyedQueue();
  readonly #live = new Map<string, Call>();
  readonly #timers = new Map<string, () => void>();
  /** When each running call last changed; epoch ms. */
  readonly #touched = new Map<string, number>();
  readonly #watchers = new Map<string, Map<(call: Call) => void, () => void>>();
  #runner: EffectRunner = { run: () => {} };
  #stopped = false;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
  }

  /** Connects the outbox, which in turn dispatches what it finds out. */
  connect(runner: EffectRunner): void {
    this.#runner = runner;
  }

  /** Calls that are not over, oldest first. */
  get active(): readonly Call[] {
    return [...this.#live.values()];
  }

  /** Running calls on which nothing has happened since `before`, epoch ms. */
  quietSince(before: number): readonly Call[] {
    return this.active.filter((call) => (this.#touched.get(call.id) ?? 0) < before);
  }

  async get(callId: string): Promise<Call | null> {
    return this.#live.get(callId) ?? (await this.#deps.store.get(callId));
  }

  /** Resolves when the events of this call that have come are saved, or could not be. */
  settled(callId: string): Promise<void> {
    return this.#queue.run(callId, () => Promise.resolve());
  }

  /** Saves a new call. Nothing is dialled and no slot is kept when that fails. */
  create(call: Call, effects: readonly Effect[], claim?: Claim): Promise<Dispatched> {
    return this.#queue.run(call.id, async () => {
      const turns = (call.instruction?.say ?? []).map((text) => ({
        role: "agent" as const,
        text,
        at: call.createdAt,
      }));
      return this.#save(call, { call, effects, turns }, { type: "created" }, claim);
    });
  }

  /**
   * Takes back a call that a previous run of the gateway left unfinished. Its deadlines wait until `wake`, so that
   * the carrier can be asked first what became of it.
   */
  adopt(call: Call): void {
    this.#live.set(call.id, call);
    this.#touched.set(call.id, this.#deps.clock.now());
  }

  /** Lets the deadlines of an adopted call run, those that have passed at once. */
  wake(callId: string): void {
    const call = this.#live.get(callId);
    if (call !== undefined) this.#arm(call);
  }

  /**
   * Applies one event to one call. Throws `VC_CALL_NOT_FOUND`, the refusal of a request, or `VC_STORE_FAILED`
   * (nothing was applied then, and the event may be delivered again).
   */
  dispatch(
    callId: string,
    event: CallEvent,
    extra: { readonly claim?: Claim | undefined; readonly carrierCallId?: string | undefined } = {},
  ): Promise<Dispatched> {
    return this.#queue.run(callId, async () => {
      const call = await this.get(callId);
      if (call === null) throw new VoiceCallError("VC_CALL_NOT_FOUND");
      const moment = {
        now: this.#deps.clock.now(),
        token: this.#deps.ids.token(),
        carrierCallId: extra.carrierCallId,
      };
      const step = transition(call, event, moment);
      if (step.refusal !== undefined)
        throw new VoiceCallError(step.refusal, { state: call.state, outcome: call.outcome ?? "hanging up" });
      return this.#save(call, step, event, extra.claim);
    });
  }

  /** Dispatches and runs the effects at once, for events nobody waits to see acknowledged. */
  async apply(callId: string, event: CallEvent): Promise<Call> {
    const done = await this.dispatch(callId, event);
    done.run();
    return done.call;
  }

  /**
   * Calls `fn` after every saved change of this call, until it is over or the returned function is called. `stopped`
   * is called instead when nothing will move any more.
   */
  watch(callId: string, fn: (call: Call) => void, stopped: () => void): () => void {
    const fns = this.#watchers.get(callId) ?? new Map<(call: Call) => void, () => void>();
    this.#watchers.set(callId, fns.set(fn, stopped));
    return () => {
      fns.delete(fn);
      if (fns.size === 0) this.#watchers.delete(callId);
    };
  }

  /** Lets running dispatches finish, then moves nothing any more. The records stay as they are. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    await this.#queue.idle();
    const watchers = Array.from(this.#watchers.values());
    this.#watchers.clear();
    for (const fns of watchers) for (const stopped of fns.values()) stopped();
  }

  async #save(
    before: Call,
    step: Step,
    event: CallEvent | { type: "created" },
    claim: Claim | undefined,
  ): Promise<Dispatched> {
    const { store, clock } = this.#deps;
    const call: Call = { ...step.call, version: step.call.version + 1 };
    const keyed = step.effects.filter(isDurable).map((effect, index) => ({
      key: `${call.id}#${call.version}.${index}`,
      callId: call.id,
      effect,
    }));
    const change = { call, event, at: clock.now(), effects: keyed, turns: step.turns };
    const written = await store.commit(claim === undefined ? change : { ...change, claim });
    if (written === "duplicate") return { call: before, applied: false, run: () => {} };
    if (isOver(call)) {
      this.#live.delete(call.id);
      this.#touched.delete(call.id);
    } else {
      this.#live.set(call.id, call);
      this.#touched.set(call.id, change.at);
    }
    this.#arm(call);
    for (const fn of Array.from(this.#watchers.get(call.id)?.keys() ?? [])) fn(call);
    if (isOver(call)) this.#watchers.delete(call.id);
    return { call, applied: true, run: () => this.#runner.run(call, step.effects, keyed) };
  }

  /** One timer per call, for its earliest deadline. */
  #arm(call: Call): void {
    this.#timers.get(call.id)?.();
    this.#timers.delete(call.id);
    const deadlines = Object.entries(call.deadlines) as [DeadlineName, number][];
    const [first] = deadlines.toSorted((a, b) => a[1] - b[1]);
    if (first === undefined || isOver(call) || this.#stopped) return;
    const [name, at] = first;
    this.#timers.set(
      call.id,
      this.#deps.clock.at(at, () => {
        this.#timers.delete(call.id);
        this.apply(call.id, { type: "deadline", name }).catch((error: unknown) =>
          this.#retry(call.id, name, error),
        );
      }),
    );
  }

  #retry(callId: string, name: DeadlineName, error: unknown): void {
    if (!this.#live.has(callId) || this.#stopped) return;
    this.#deps.log.error("a deadline could not be applied; trying again", {
      callId,
      deadline: name,
      error: error instanceof VoiceCallError ? error.code : "unknown",
    });
    this.#timers.get(callId)?.();
    this.#timers.set(
      callId,
      this.#deps.clock.at(this.#deps.clock.now() + DEADLINE_RETRY_MS, () => this.wake(callId)),
    );
  }
}
