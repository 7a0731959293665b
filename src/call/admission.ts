import type { VoiceCallConfig } from "../config/index.ts";
import { VoiceCallError } from "./errors.ts";
import {
  acceptedCall,
  adoptedCall,
  pairingCall,
  refusedCall,
  routeOf,
  traitsOf,
  type Identity,
  type Seed,
} from "./line.ts";
import { callerNumber } from "./number.ts";
import type { Call } from "./call.ts";
import type { CallStore, Carrier, Clock, Ids, LiveCalls, Log, Offer, Pairing } from "./ports.ts";
import { decideInbound } from "./policy.ts";
import { KeyedQueue } from "./queue.ts";
import type { Admission } from "./reception.ts";

export interface AdmissionDeps {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly carrier: Pick<Carrier, "id" | "capabilities">;
  readonly config: () => VoiceCallConfig;
  /** Null where no call has live audio. */
  readonly live: LiveCalls | null;
  /** Which agent and session answer; throws `VC_NO_AGENT`. */
  identify(call: Pick<Call, "id" | "direction" | "from" | "to">, config: VoiceCallConfig): Promise<Identity>;
  /** A code of six digits, unguessable. */
  readonly code: () => string;
}

/** A code that nobody approved by then is gone; the caller gets a new one. */
const PAIRING_TTL_MS = 60 * 60 * 1_000;
/** Unknown callers with an open code; more are refused, so that a dialler cannot fill the list. */
const MAX_OPEN_PAIRINGS = 20;

/** Decides about offered calls by the inbound policy, before anything is answered or paid for. */
export class Desk {
  readonly #deps: AdmissionDeps;
  /** One change of the pairing list at a time. */
  readonly #list = new KeyedQueue();

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  async admit(raw: Offer, carrierCallId: string): Promise<Admission> {
    const { clock, ids, log, store, carrier } = this.#deps;
    const config = this.#deps.config();
    const offer = raw.direction === "inbound" ? { ...raw, from: callerNumber(raw.from) } : raw;
    const id = ids.call();
    const seed = (identity: Identity, liveAudio = false): Seed => ({
      id,
      token: ids.token(),
      now: clock.now(),
      carrier: carrier.id,
      traits: traitsOf(carrier.capabilities),
      config,
      identity,
      liveAudio,
    });
    const refuse = () => refusedCall(seed({ agentId: "", sessionKey: "" }), offer, carrierCallId);

    let identity: Identity;
    try {
      identity = await this.#deps.identify({ id, ...offer }, config);
    } catch (error) {
      log.error("an offered call was refused: no agent answers it", { callId: id, error: codeOf(error) });
      return refuse();
    }
    if (raw.direction === "outbound") {
      const liveAudio = await this.#liveAudio(config, offer.from);
      return adoptedCall(seed(identity, liveAudio), offer, carrierCallId);
    }

    const approved = (await store.pairings()).filter((one) => one.approvedAt !== null);
    const paired = new Set(approved.map((one) => one.number));
    const decision = decideInbound(
      { policy: config.inboundPolicy, allowFrom: config.allowFrom, paired },
      offer.from,
    );
    if (decision.kind === "accept") {
      const liveAudio = await this.#liveAudio(config, offer.to);
      return acceptedCall(seed(identity, liveAudio), offer, carrierCallId);
    }
    if (decision.kind === "reject") {
      log.info("an inbound call was refused by inboundPolicy", { callId: id, policy: config.inboundPolicy });
      return refuse();
    }
    const code = await this.#list.run(LIST, () => this.#pairingCode(offer.from));
    if (code === null) {
      log.warn("an inbound call was refused: too many pairing codes are open", { callId: id });
      return refuse();
    }
    log.info("an unknown caller hears a pairing code; see `openclaw voicecall pairing list`", { callId: id });
    return pairingCall(seed(identity), offer, carrierCallId, code);
  }

  /** Where nobody could listen, the carrier does: a caller is not turned away for that. */
  async #liveAudio(config: VoiceCallConfig, ownNumber: string): Promise<boolean> {
    const { live, log } = this.#deps;
    if (live === null || !config.streaming.enabled) return false;
    const problem = await live.problem({ route: routeOf(config, ownNumber) });
    if (problem !== null)
      log.error(
        `an offered call has no live audio, the carrier itself listens and speaks: ${problem.message}`,
        {
          error: problem.code,
        },
      );
    return problem === null;
  }

  /** Approves the open code; from then on the number is known. */
  approve(code: string): Promise<Pairing> {
    return this.#list.run(LIST, async () => {
      const { store, clock } = this.#deps;
      const now = clock.now();
      const open = (await store.pairings()).find((one) => one.code === code.trim() && isOpen(one, now));
      if (open === undefined) throw new VoiceCallError("VC_PAIRING_UNKNOWN");
      const approved = { ...open, approvedAt: now };
      await store.savePairing(approved);
      return approved;
    });
  }

  /** Forgets a number, approved or not. False when it was not known. */
  revoke(number: string): Promise<boolean> {
    return this.#list.run(LIST, () => this.#deps.store.removePairing(number));
  }

  /** The caller's open code or a new one; null when no more can be open. */
  async #pairingCode(number: string): Promise<string | null> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const pairings = await store.pairings();
    for (const stale of pairings.filter((one) => one.approvedAt === null && !isOpen(one, now)))
      await store.removePairing(stale.number);
    const open = pairings.filter((one) => isOpen(one, now));
    const known = open.find((one) => one.number === number);
    if (known !== undefined) return known.code;
    if (open.length >= MAX_OPEN_PAIRINGS) return null;
    const code = this.#freshCode(open);
    if (code === null) return null;
    await store.savePairing({
      number,
      code,
      createdAt: now,
      expiresAt: now + PAIRING_TTL_MS,
      approvedAt: null,
    });
    return code;
  }

  /** A code that no other caller holds, or an approval could mean somebody else. */
  #freshCode(open: readonly Pairing[]): string | null {
    for (let tries = 0; tries < MAX_CODE_TRIES; tries++) {
      const code = this.#deps.code();
      if (open.every((one) => one.code !== code)) return code;
    }
    return null;
  }
}

const LIST = "pairings";
const MAX_CODE_TRIES = 10;

const isOpen = (pairing: Pairing, now: number): boolean =>
  pairing.approvedAt === null && pairing.expiresAt > now;
const codeOf = (error: unknown): string => (error instanceof VoiceCallError ? error.code : "unknown");
