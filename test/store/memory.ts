import { isOver, type Call, type TranscriptTurn } from "../../src/call/call.ts";
import { VoiceCallError } from "../../src/call/errors.ts";
import type {
  CallStore,
  Change,
  KeyedEffect,
  LatencySample,
  LatencyStage,
  OutboundUse,
  Pairing,
  StoredEvent,
} from "../../src/call/ports.ts";

/** An effect with how it was settled; null while it is pending. */
export interface DumpedEffect extends KeyedEffect {
  readonly result: "done" | "failed" | null;
}

export interface Dump {
  /** In order of creation. */
  readonly calls: readonly Call[];
  readonly events: readonly StoredEvent[];
  /** By call id. */
  readonly turns: Readonly<Record<string, readonly TranscriptTurn[]>>;
  readonly effects: readonly DumpedEffect[];
  /** Key to expiry. */
  readonly claims: Readonly<Record<string, number>>;
  readonly samples: readonly LatencySample[];
  readonly pairings: readonly Pairing[];
}

export interface MemoryOptions {
  /** Asked with the method's name before it does anything; true makes it throw `VC_STORE_FAILED`. */
  failOn?: (op: string) => boolean;
}

/** A `CallStore` that forgets: for tests of whatever stands on a store. Passes the same contract as the real ones. */
export function memoryStore(options: MemoryOptions = {}): CallStore & { dump(): Dump } {
  return new MemoryStore(options);
}

class MemoryStore implements CallStore {
  readonly #failOn: (op: string) => boolean;
  readonly #calls = new Map<string, Call>();
  readonly #turns = new Map<string, TranscriptTurn[]>();
  readonly #effects = new Map<string, DumpedEffect>();
  readonly #claims = new Map<string, number>();
  readonly #pairings = new Map<string, Pairing>();
  #events: StoredEvent[] = [];
  #samples: LatencySample[] = [];
  #cursor = 0;
  #closed = false;

  constructor(options: MemoryOptions) {
    this.#failOn = options.failOn ?? (() => false);
  }

  async commit(change: Change): Promise<"committed" | "duplicate"> {
    this.#enter("commit");
    const { call, event, at, effects, turns, claim } = structuredClone(change);
    if (claim && this.#held(claim.key, at)) return "duplicate";
    const stored = this.#calls.get(call.id)?.version ?? 0;
    if (stored !== call.version - 1) {
      throw failed(`version ${call.version} cannot follow version ${stored}`);
    }
    if (effects.some((effect) => this.#effects.has(effect.key))) throw failed("the effect key is taken");
    if (claim) this.#claims.set(claim.key, claim.expiresAt);
    this.#calls.set(call.id, call);
    this.#cursor += 1;
    this.#events.push({
      cursor: this.#cursor,
      callId: call.id,
      at,
      state: call.state,
      type: event.type,
      event,
    });
    for (const effect of effects) this.#effects.set(effect.key, { ...effect, result: null });
    this.#turns.set(call.id, [...(this.#turns.get(call.id) ?? []), ...turns]);
    return "committed";
  }

  async claim(key: string, expiresAt: number, now: number): Promise<boolean> {
    this.#enter("claim");
    if (this.#held(key, now)) return false;
    this.#claims.set(key, expiresAt);
    return true;
  }

  async claimed(key: string): Promise<boolean> {
    this.#enter("claimed");
    return this.#claims.has(key);
  }

  async get(callId: string): Promise<Call | null> {
    this.#enter("get");
    return structuredClone(this.#calls.get(callId) ?? null);
  }

  async byCarrierId(carrier: string, carrierCallId: string): Promise<Call | null> {
    this.#enter("byCarrierId");
    const match = this.#newestFirst().find(
      (call) => call.carrier === carrier && call.carrierCallId === carrierCallId,
    );
    return structuredClone(match ?? null);
  }

  async unfinished(): Promise<readonly Call[]> {
    this.#enter("unfinished");
    return structuredClone(
      this.#newestFirst()
        .filter((call) => !isOver(call))
        .toReversed(),
    );
  }

  async recent(limit: number): Promise<readonly Call[]> {
    this.#enter("recent");
    return structuredClone(this.#newestFirst().slice(0, limit));
  }

  async transcript(callId: string): Promise<readonly TranscriptTurn[]> {
    this.#enter("transcript");
    return structuredClone(this.#turns.get(callId) ?? []);
  }

  async events(query: { after: number; limit: number; callId?: string }): Promise<readonly StoredEvent[]> {
    this.#enter("events");
    const { after, limit, callId } = query;
    const wanted = this.#events.filter(
      (event) => event.cursor > after && (callId === undefined || event.callId === callId),
    );
    return structuredClone(wanted.slice(0, limit));
  }

  async cursor(): Promise<number> {
    this.#enter("cursor");
    return this.#cursor;
  }

  async pendingEffects(): Promise<readonly KeyedEffect[]> {
    this.#enter("pendingEffects");
    const pending = [...this.#effects.values()].filter((effect) => effect.result === null);
    return structuredClone(pending.map(({ key, callId, effect }) => ({ key, callId, effect })));
  }

  async settle(key: string, result: "done" | "failed"): Promise<void> {
    this.#enter("settle");
    const effect = this.#effects.get(key);
    if (effect?.result === null) this.#effects.set(key, { ...effect, result });
  }

  async sample(...samples: readonly LatencySample[]): Promise<void> {
    this.#enter("sample");
    this.#samples.push(...structuredClone(samples));
  }

  async samples(last: number): Promise<readonly LatencySample[]> {
    this.#enter("samples");
    const seen = new Map<LatencyStage, number>();
    const newestFirst = this.#samples.toReversed().toSorted((a, b) => b.at - a.at);
    return structuredClone(
      newestFirst.filter(({ stage }) => {
        const count = (seen.get(stage) ?? 0) + 1;
        seen.set(stage, count);
        return count <= last;
      }),
    );
  }

  async savePairing(pairing: Pairing): Promise<void> {
    this.#enter("savePairing");
    this.#pairings.set(pairing.number, { ...pairing });
  }

  async pairings(): Promise<readonly Pairing[]> {
    this.#enter("pairings");
    return structuredClone([...this.#pairings.values()].toSorted((a, b) => a.createdAt - b.createdAt));
  }

  async removePairing(number: string): Promise<boolean> {
    this.#enter("removePairing");
    return this.#pairings.delete(number);
  }

  async outboundSince(at: number, now: number, besides: readonly string[]): Promise<OutboundUse> {
    this.#enter("outboundSince");
    let calls = 0;
    let talkMs = 0;
    for (const call of this.#calls.values()) {
      if (call.direction !== "outbound") continue;
      if (call.createdAt >= at && !besides.includes(call.id)) calls += 1;
      const end = isOver(call) ? (call.endedAt ?? call.createdAt) : now;
      if (call.answeredAt !== null) talkMs += Math.max(0, end - Math.max(call.answeredAt, at));
    }
    return { calls, talkMs };
  }

  async prune(endedBefore: number, now: number): Promise<void> {
    this.#enter("prune");
    const gone = new Set(
      [...this.#calls.values()]
        .filter((call) => isOver(call) && (call.endedAt ?? call.createdAt) < endedBefore)
        .map((call) => call.id),
    );
    for (const id of gone) {
      this.#calls.delete(id);
      this.#turns.delete(id);
    }
    this.#events = this.#events.filter((event) => !gone.has(event.callId));
    this.#samples = this.#samples.filter((sample) => sample.at >= endedBefore);
    for (const effect of this.#effects.values()) {
      if (gone.has(effect.callId)) this.#effects.delete(effect.key);
    }
    for (const [key, expiresAt] of this.#claims) if (expiresAt <= now) this.#claims.delete(key);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Everything it holds, also after `close` and without fault injection. */
  dump(): Dump {
    return structuredClone({
      calls: this.#newestFirst().toReversed(),
      events: this.#events,
      turns: Object.fromEntries(this.#turns),
      effects: [...this.#effects.values()],
      claims: Object.fromEntries(this.#claims),
      samples: this.#samples,
      pairings: [...this.#pairings.values()],
    });
  }

  #enter(op: string): void {
    if (this.#closed) throw failed("the store is closed");
    if (this.#failOn(op)) throw failed(`${op} was made to fail`);
  }

  #held(key: string, now: number): boolean {
    return (this.#claims.get(key) ?? -Infinity) > now;
  }

  #newestFirst(): Call[] {
    return [...this.#calls.values()].toReversed().toSorted((a, b) => b.createdAt - a.createdAt);
  }
}

function failed(problem: string): VoiceCallError {
  return new VoiceCallError("VC_STORE_FAILED", { problem });
}
