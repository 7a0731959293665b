import { isOver, type Call } from "./call.ts";
import { isVoiceCallError, VoiceCallError } from "./errors.ts";
import { remainder, type Instruction } from "./instruction.ts";
import type { CallManager, Dispatched } from "./manager.ts";
import type { Outbox } from "./outbox.ts";
import type {
  Carrier,
  CarrierFact,
  CallStore,
  Clock,
  DocumentContent,
  Log,
  Offer,
  WebhookReply,
} from "./ports.ts";
import { KeyedQueue } from "./queue.ts";
import { transferTarget } from "./transfer.ts";
import type { Effect } from "./effect.ts";

/** What the reception decides about a call that is offered to us. */
export interface Admission {
  readonly call: Call;
  readonly effects: readonly Effect[];
}

export interface ReceptionDeps {
  readonly manager: CallManager;
  readonly outbox: Outbox;
  readonly store: CallStore;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes the record of an offered call, accepted or refused as the inbound policy says. */
  admit(offer: Offer, carrierCallId: string): Promise<Admission>;
  /** How long a webhook that asks for words waits for the agent before the line is put on wait. */
  readonly holdMs: number;
}

export interface Received {
  readonly reply: WebhookReply;
  /** What a repeat of this webhook is answered with, without asking again; null = do not remember it. */
  readonly replay: WebhookReply | null;
}

/** Replays are refused for this long; longer than any carrier repeats a webhook. */
export const CLAIM_TTL_MS = 7 * 24 * 60 * 60 * 1_000;

/** A gateway that stops is usually there again within this. */
const NEXT_START_MS = 60_000;

/** The carrier repeats the webhook later; nothing was saved. */
const TRY_AGAIN: WebhookReply = { status: 503 };

/** Takes verified webhooks: finds or makes the call, applies the facts, and says how to answer. */
export class Reception {
  readonly #deps: ReceptionDeps;
  readonly #offers = new KeyedQueue();
  readonly #acknowledged: WebhookReply;
  /** Since the plugin stops: the calls about which the carrier is still to ask, and who waits for that. */
  #leaving: { readonly calls: Set<string>; readonly done: () => void } | null = null;

  constructor(deps: ReceptionDeps) {
    this.#deps = deps;
    this.#acknowledged = { status: deps.carrier.capabilities.acknowledge };
  }

  /**
   * The plugin stops: whoever would be told to open a socket is told to wait for the next start. Resolves once the carrier has
   * asked about each of these calls.
   */
  leave(callIds: readonly string[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leaving = { calls: new Set(callIds), done: resolve };
    if (callIds.length === 0) resolve();
    return promise;
  }

  async receive(fact: CarrierFact): Promise<Received> {
    try {
      return await this.#receive(fact);
    } catch (error) {
      this.#deps.log.error("a webhook could not be processed; the carrier will repeat it", {
        carrier: fact.carrier,
        callId: fact.callId,
        error: isVoiceCallError(error) ? error.code : error instanceof Error ? error.name : "unknown",
      });
      return { reply: TRY_AGAIN, replay: null };
    }
  }

  async #receive(fact: CarrierFact): Promise<Received> {
    const known = await this.#find(fact);
    if (known === null) return this.#unknown(fact);
    if (isForeign(known, fact)) {
      this.#deps.log.warn("a webhook names a call under another carrier id; ignored", { callId: known.id });
      return this.#answer(fact, null, { kind: "hangup" });
    }
    return this.#apply(fact, known);
  }

  async #find(fact: CarrierFact): Promise<Call | null> {
    const byOurs = fact.callId === null ? null : await this.#deps.manager.get(fact.callId);
    if (byOurs !== null || fact.carrierCallId === null) return byOurs;
    const active = this.#deps.manager.active.find(
      (call) => call.carrier === fact.carrier && call.carrierCallId === fact.carrierCallId,
    );
    return active ?? (await this.#deps.store.byCarrierId(fact.carrier, fact.carrierCallId));
  }

  /** A call we have no record of: only an offer makes one; a late callback never does. */
  async #unknown(fact: CarrierFact): Promise<Received> {
    const { offer, carrierCallId } = fact;
    if (offer === null || carrierCallId === null) {
      this.#deps.log.info("a webhook for a call that is not on record was acknowledged", {
        carrier: fact.carrier,
      });
      return this.#answer(fact, null, { kind: "hangup" });
    }
    return this.#offers.run(`${fact.carrier}:${carrierCallId}`, async () => {
      const ours = (await this.#find(fact)) ?? this.#placedByUs(offer);
      if (ours !== null) return this.#apply(fact, ours);
      if (this.#isHandOver(offer)) return this.#answer(fact, null, { kind: "hangup" });
      const { call, effects } = await this.#deps.admit(offer, carrierCallId);
      const made = await this.#deps.manager.create(call, effects, this.#claim(fact));
      if (!made.applied) return this.#answer(fact, null, { kind: "hangup" });
      return this.#conclude(fact, made);
    });
  }

  /** A carrier that tells no id of ours may report an outbound call before the create request is answered. */
  #placedByUs({ direction, from, to }: Offer): Call | null {
    if (direction === "inbound") return null;
    const dialing = this.#deps.manager.active.filter(
      (call) => call.direction === "outbound" && call.carrierCallId === null,
    );
    return dialing.find((call) => call.from === from && call.to === to) ?? null;
  }

  /** The second leg of a call that is being handed over is no call of its own. */
  #isHandOver({ direction, to }: Offer): boolean {
    return direction === "outbound" && this.#deps.manager.active.some((call) => transferTarget(call) === to);
  }

  /** The claim goes with the last event: until everything is saved, the carrier's repeat is welcome. */
  async #apply(fact: CarrierFact, known: Call): Promise<Received> {
    const { manager, store } = this.#deps;
    const carrierCallId = fact.carrierCallId ?? undefined;
    if (fact.events.length > 1 && (await store.claimed(fact.claim))) return this.#replay(fact, known);
    let last: Dispatched | null = null;
    for (const [index, event] of fact.events.entries()) {
      last?.run();
      const claim = index === fact.events.length - 1 ? this.#claim(fact) : undefined;
      last = await manager.dispatch(known.id, event, { claim, carrierCallId });
      if (!last.applied) return this.#replay(fact, last.call);
    }
    if (last !== null) return this.#conclude(fact, last);
    const { key, expiresAt } = this.#claim(fact);
    const fresh = await store.claim(key, expiresAt, this.#deps.clock.now());
    if (!fresh) return this.#replay(fact, known);
    return this.#conclude(fact, { call: known, applied: true, run: () => {} });
  }

  /** Saved. Now the answer, and only then the effects; a document that is held runs them first. */
  async #conclude(fact: CarrierFact, done: Dispatched): Promise<Received> {
    if (fact.wants === "nothing") {
      setImmediate(() => done.run());
      return { reply: this.#acknowledged, replay: this.#acknowledged };
    }
    const call = done.call;
    if (isOver(call) || call.hangup !== null) {
      setImmediate(() => done.run());
      const refused = call.state === "refused";
      return this.#answer(fact, call, refused ? { kind: "reject", reason: "policy" } : { kind: "hangup" });
    }
    const instruction = outstanding(call, fact);
    if (this.#leaving !== null && instruction?.next.kind === "stream") {
      const { calls, done: allAsked } = this.#leaving;
      done.run();
      if (calls.delete(call.id) && calls.size === 0) allAsked();
      return this.#answer(fact, call, { kind: "wait", ms: NEXT_START_MS });
    }
    if (instruction !== null) return this.#give(fact, call, instruction, done);
    const held = this.#deps.outbox.hold(call.id, this.#deps.holdMs);
    done.run();
    const next = await held;
    const current = await this.#deps.manager.get(call.id);
    if (current === null || isOver(current) || current.hangup !== null)
      return this.#answer(fact, current, { kind: "hangup" });
    if (next !== null) return this.#give(fact, current, next, null);
    return this.#answer(fact, current, { kind: "wait" });
  }

  /**
   * Answers with the instruction, then marks it as delivered, then runs what else the step asked for. Dying before
   * the answer leaves the words to be fetched or sent again; marked first, they would be lost.
   */
  #give(fact: CarrierFact, call: Call, instruction: Instruction, done: Dispatched | null): Received {
    const received = this.#answer(fact, call, { kind: "instruction", instruction });
    this.#deps.outbox.handed(call, instruction, () => done?.run());
    return received;
  }

  #replay(fact: CarrierFact, call: Call): Received {
    const reply = this.#replayReply(fact, call);
    return { reply, replay: reply };
  }

  /** A replay changes nothing and learns nothing: a line that is up is told to come again for its instruction. */
  #replayReply(fact: CarrierFact, call: Call | null): WebhookReply {
    if (fact.wants === "nothing") return this.#acknowledged;
    const up = call !== null && !isOver(call);
    return this.#deps.carrier.document(call, up ? { kind: "wait" } : { kind: "hangup" });
  }

  #answer(fact: CarrierFact, call: Call | null, content: DocumentContent): Received {
    if (fact.wants === "nothing") return { reply: this.#acknowledged, replay: this.#acknowledged };
    return { reply: this.#deps.carrier.document(call, content), replay: this.#replayReply(fact, call) };
  }

  #claim(fact: CarrierFact): { key: string; expiresAt: number } {
    return { key: fact.claim, expiresAt: this.#deps.clock.now() + CLAIM_TTL_MS };
  }
}

/** The instruction the carrier should get now; null while the line has nothing to do but wait. */
function outstanding(call: Call, fact: CarrierFact): Instruction | null {
  const { instruction } = call;
  if (instruction === null)
    throw new VoiceCallError("VC_INTERNAL", { detail: "a running call has no instruction" });
  const fetches = fact.events.some((event) => event.type === "fetched" && event.gen === instruction.gen);
  const current = fetches || instruction.gen > call.delivered ? instruction : remainder(instruction);
  return current.next.kind === "wait" && current.say.length === 0 && current.digits === undefined
    ? null
    : current;
}

/** Our id and the carrier's id must belong together: a signed URL of one call never moves another. */
function isForeign(call: Call, fact: CarrierFact): boolean {
  return (
    call.carrier !== fact.carrier ||
    (fact.carrierCallId !== null && call.carrierCallId !== null && call.carrierCallId !== fact.carrierCallId)
  );
}
