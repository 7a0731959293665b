import type { VoiceCallConfig } from "../config/index.ts";
import { isOver, type Call, type Mode } from "./call.ts";
import { requireAbilities, requireAbility } from "./abilities.ts";
import type { RequestEvent } from "./event.ts";
import { checkDestination, type Destination } from "./destination.ts";
import { VoiceCallError } from "./errors.ts";
import { checkBudget } from "./guard/budget.ts";
import type { Guard, Override } from "./guard/guards.ts";
import { checkQuietHours } from "./guard/quiet-hours.ts";
import { outboundCall, routeOf, traitsOf, type Identity } from "./line.ts";
import type { CallManager } from "./manager.ts";
import type { Outbox } from "./outbox.ts";
import type { CallRecords, Carrier, Clock, Ids, LiveCalls, Log } from "./ports.ts";
import type { Heard, InitiateRequest } from "./service.ts";

export interface SwitchboardDeps {
  readonly manager: CallManager;
  readonly outbox: Outbox;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Holds what the limits of `outbound` are counted from. */
  readonly store: Pick<CallRecords, "outboundSince">;
  readonly config: () => VoiceCallConfig;
  /** Null where no call has live audio. */
  readonly live: LiveCalls | null;
  /** `agentId` is a wish of a trusted surface; throws `VC_NO_AGENT`. */
  identify(
    call: Pick<Call, "id" | "direction" | "from" | "to">,
    config: VoiceCallConfig,
    agentId?: string,
  ): Promise<Identity>;
}

/** The `mock` carrier calls from here when no number is configured: from the range reserved for fiction. */
const MOCK_FROM = "+15550100000";
/** Twilio's limit for digits sent after answer, the strictest of the carriers (Twilio: Call resource, SendDigits). */
const DIGITS = /^[0-9A-D#*wW]{1,32}$/;

/** Places calls and acts on running ones for the surfaces. */
export class Switchboard {
  readonly #deps: SwitchboardDeps;
  /** Outbound calls being created: they hold a slot before they have a record. */
  readonly #opening = new Set<string>();
  /** Outbound calls being asked for, in order: each holds a place within the hour before it has a record. */
  readonly #asking = new Set<string>();

  constructor(deps: SwitchboardDeps) {
    this.#deps = deps;
  }

  /** Places a call; resolves once the carrier has accepted it, throws when it certainly or possibly has not. */
  async initiate(request: InitiateRequest): Promise<Call> {
    const { manager, outbox, carrier, clock, ids, config: read } = this.#deps;
    const config = read();
    const mode = request.mode ?? config.outbound.defaultMode;
    const message = (request.message ?? "").trim();
    if (mode === "notify" && message === "")
      throw new VoiceCallError("VC_REQUEST_INVALID", { problem: "message is required in notify mode." });
    requireAbilities(carrier, config);
    if (request.digits !== undefined) {
      checkDigits(request.digits);
      requireAbility(carrier, carrier.capabilities.preConnectDigits, "Pressing keys right after the answer");
    }
    const destination = this.#destination(request, config);
    const { to } = destination;
    const from = this.#ownNumber(config);
    const id = ids.call();
    const before = [...this.#asking];
    this.#asking.add(id);
    try {
      const spent = await this.#checkBudget(request, config, before);
      this.#takeSlot(id, config.maxConcurrentCalls);
      this.#note(id, [...destination.overridden, ...spent]);
      const call = { id, direction: "outbound", from, to } as const;
      const identity = await this.#deps.identify(call, config, request.agentId);
      const traits = traitsOf(carrier.capabilities);
      const liveAudio = await this.#liveAudio(config, from, mode);
      const seed = {
        id,
        token: ids.token(),
        now: clock.now(),
        carrier: carrier.id,
        traits,
        config,
        identity,
        liveAudio,
      };
      const order = { from, to, mode, message, digits: request.digits, requester: request.requester };
      const placed = outboundCall(seed, order);
      const made = await manager.create(placed.call, placed.effects);
      const accepted = this.#until(id, (seen) => seen.carrierCallId !== null);
      made.run();
      return await accepted;
    } catch (error) {
      throw outbox.takeDialFault(id) ?? error;
    } finally {
      this.#opening.delete(id);
      this.#asking.delete(id);
    }
  }

  /** Throws why a conversation that is to have live audio cannot have it: nobody is called for nothing. */
  async #liveAudio(config: VoiceCallConfig, from: string, mode: Mode): Promise<boolean> {
    const { live } = this.#deps;
    if (live === null || !config.streaming.enabled || mode !== "conversation") return false;
    const problem = await live.problem({ route: routeOf(config, from) });
    if (problem !== null) throw problem;
    return true;
  }

  /** Requests that need somebody on the line wait while it still rings. */
  async request(callId: string, event: RequestEvent): Promise<Call> {
    await this.#answered(callId);
    return this.#deps.manager.apply(callId, event);
  }

  async press(callId: string, digits: string): Promise<void> {
    const { carrier, manager } = this.#deps;
    checkDigits(digits);
    // On live audio keys are tones of ours.
    const isLive = ((await manager.get(callId))?.live ?? null) !== null;
    requireAbility(carrier, isLive || carrier.capabilities.dtmfOut, "Pressing keys");
    await this.request(callId, { type: "press", digits });
  }

  /** Says `text` and connects the caller with another number. Where calls may go is decided as for a new one. */
  async transfer(
    callId: string,
    written: string,
    text: string,
    override: readonly Guard[] = [],
  ): Promise<void> {
    const { carrier, config } = this.#deps;
    requireAbility(carrier, carrier.capabilities.transfer, "Handing a call over");
    const { to, overridden } = checkDestination(written, config(), override);
    this.#note(callId, overridden);
    await this.request(callId, { type: "transfer", to, text });
  }

  async end(callId: string): Promise<void> {
    await this.#deps.manager.apply(callId, { type: "hang-up" });
  }

  /** Speaks, then resolves with the caller's next words. */
  async ask(callId: string, text: string): Promise<Heard> {
    const { manager, outbox } = this.#deps;
    await this.#answered(callId);
    const asked = await manager.dispatch(callId, { type: "ask", text });
    const { transcriptMs } = asked.call.limits;
    return new Promise<Heard>((resolve, reject) => {
      const settle = (finish: () => void) => {
        unhear();
        unwatch();
        finish();
      };
      const unhear = outbox.onHeard(callId, (words) => {
        settle(() => {
          if (words !== null) return resolve({ callId, text: words });
          const call = manager.active.find(({ id }) => id === callId);
          const isLeft = call === undefined || call.closing || call.fault !== undefined;
          return reject(isLeft ? endedWaiting(call) : transcriptTimeout(transcriptMs));
        });
      });
      const over = (call: Call) => {
        if (isOver(call) || call.hangup !== null)
          settle(() => {
            reject(endedWaiting(call));
          });
      };
      const stopped = () => {
        settle(() => {
          reject(new VoiceCallError("VC_NOT_RUNNING"));
        });
      };
      const unwatch = manager.watch(callId, over, stopped);
      asked.run();
    });
  }

  async #answered(callId: string): Promise<void> {
    const call = await this.#deps.manager.get(callId);
    if (call === null) throw new VoiceCallError("VC_CALL_NOT_FOUND");
    if (isOver(call) || call.answeredAt !== null || call.hangup !== null) return;
    await this.#until(callId, (seen) => seen.answeredAt !== null);
  }

  /** Resolves with the call once `reached`; rejects when it ends before. */
  #until(callId: string, reached: (call: Call) => boolean): Promise<Call> {
    const { manager } = this.#deps;
    return new Promise((resolve, reject) => {
      const look = (call: Call) => {
        if (reached(call)) resolve(call);
        else if (isOver(call)) reject(endedEarly(call));
        else return;
        unwatch();
      };
      const unwatch = manager.watch(callId, look, () => {
        reject(new VoiceCallError("VC_NOT_RUNNING"));
      });
      manager.get(callId).then((call) => call !== null && look(call), reject);
    });
  }

  /** Reserved before anything is awaited, so that two requests at once cannot take one slot. */
  #takeSlot(id: string, limit: number): void {
    const outbound = this.#deps.manager.active.filter((call) => call.direction === "outbound");
    const active = new Set([...outbound.map((call) => call.id), ...this.#opening]).size;
    if (active >= limit) throw new VoiceCallError("VC_TOO_MANY_CALLS", { active, limit });
    this.#opening.add(id);
  }

  /** Who is called, once nothing about the number and the time of day speaks against it. */
  #destination(request: InitiateRequest, config: VoiceCallConfig): Destination {
    const written = request.to ?? config.toNumber;
    if (written === undefined || written === "") throw new VoiceCallError("VC_NO_CALLEE");
    const overrides = request.override ?? [];
    const destination = checkDestination(written, config, overrides);
    if (destination.emergency) return destination;
    const timely = checkQuietHours(config.outbound, this.#deps.clock.now(), overrides);
    return { ...destination, overridden: [...destination.overridden, ...timely] };
  }

  /** `before`: the calls that were asked for earlier and hold their places. */
  #checkBudget(
    request: InitiateRequest,
    config: VoiceCallConfig,
    before: readonly string[],
  ): Promise<readonly Override[]> {
    const { store, clock } = this.#deps;
    const spending = { records: store, now: clock.now(), opening: before };
    return checkBudget(config.outbound, spending, request.override ?? []);
  }

  #note(callId: string, overridden: readonly Override[]): void {
    for (const { guard, by } of overridden)
      this.#deps.log.warn("an outbound guard was overridden", { guard, by, callId });
  }

  #ownNumber(config: VoiceCallConfig): string {
    if (config.fromNumber !== undefined) return config.fromNumber;
    if (this.#deps.carrier.id === "mock") return MOCK_FROM;
    throw new VoiceCallError("VC_NO_CALLER_NUMBER", { provider: config.provider });
  }
}

function checkDigits(digits: string): void {
  if (!DIGITS.test(digits))
    throw new VoiceCallError("VC_REQUEST_INVALID", {
      problem: "digits must be 1 to 32 of 0-9, A-D, *, # and w (a pause of half a second).",
    });
}

const endedWaiting = (call: Call | undefined): VoiceCallError =>
  new VoiceCallError("VC_CALL_ENDED_WAITING", { outcome: call?.outcome ?? "hanging up" });

const transcriptTimeout = (ms: number): VoiceCallError =>
  new VoiceCallError("VC_TRANSCRIPT_TIMEOUT", { seconds: Math.round(ms / 1_000) });

function endedEarly(call: Call): VoiceCallError {
  const code = call.evidence?.error;
  if (call.outcome === "lost" && code === "VC_CARRIER_UNCERTAIN")
    return new VoiceCallError("VC_CARRIER_UNCERTAIN", { provider: call.carrier, detail: "no reply" });
  return new VoiceCallError("VC_CALL_NOT_ACTIVE", { outcome: call.outcome ?? "ended" });
}
