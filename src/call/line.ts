import type { VoiceCallConfig } from "../config/index.ts";
import { forNumber, type NumberRoute } from "../config/index.ts";
import type {
  Call,
  CallLimits,
  CallRoute,
  CallTraits,
  Direction,
  LiveLine,
  Mode,
  Requester,
  Screening,
  Turn,
} from "./call.ts";
import type { Effect } from "./effect.ts";
import type { Instruction } from "./instruction.ts";
import { awaitStream, streamInstruction } from "./live.ts";
import { pairingWords, phrasesFor } from "./phrases.ts";
import type { CarrierCapabilities, Offer } from "./ports.ts";
import type { Admission } from "./reception.ts";
import { LISTEN_TIMEOUT_MS } from "./step.ts";

/** Who answers on a call; fixed when the call is made. */
export interface Identity {
  readonly agentId: string;
  readonly sessionKey: string;
}

/** What every new call is made from. */
export interface Seed {
  readonly id: string;
  readonly token: string;
  readonly now: number;
  readonly carrier: string;
  readonly traits: CallTraits;
  readonly config: VoiceCallConfig;
  readonly identity: Identity;
  /** Conversations on this call run over live audio. */
  readonly liveAudio: boolean;
}

/** What the core must do itself on a carrier that works like this. */
export const traitsOf = ({ control, startsWithWords, reportsSilence }: CarrierCapabilities): CallTraits => ({
  ownStart: !startsWithWords,
  ownSilence: !reportsSilence,
  ownReopen: control === "commands",
});

export interface OutboundOrder {
  readonly from: string;
  readonly to: string;
  readonly mode: Mode;
  readonly message: string;
  readonly digits?: string | undefined;
  readonly requester: Requester;
}

/** The seconds a spoken pairing code stays on the line after the last word. */
const PAIRING_PAUSE_MS = 1_000;

/** An outbound call about to be dialled. Its first words travel with the create request. */
export function outboundCall(seed: Seed, order: OutboundOrder): Admission {
  const say = order.message === "" ? [] : [order.message];
  const digits = order.digits === undefined ? {} : { digits: order.digits };
  const screening = screeningOf(seed.config, say);
  const live = seed.liveAudio && order.mode === "conversation" ? awaited(order.message) : null;
  const instruction: Instruction =
    live === null
      ? { gen: 1, ...digits, say, next: afterMessage(seed, order.mode, screening) }
      : streamInstruction(1, seed.token, order.digits);
  const call = blank(seed, {
    direction: "outbound",
    from: order.from,
    to: order.to,
    mode: order.mode,
    instruction,
    live,
  });
  const { limits } = call;
  const placed: Call = {
    ...call,
    screening,
    requester: order.requester,
    deadlines: {
      ring: seed.now + limits.ringMs,
      ...(limits.staleMs > 0 ? { stale: seed.now + limits.staleMs } : {}),
    },
  };
  const effects: Effect[] = [{ kind: "dial", instruction }];
  return { call: placed, effects: order.mode === "conversation" ? [{ kind: "warm" }, ...effects] : effects };
}

/** A message whose end depends on who picks up stays on the line until that is known. */
function afterMessage(seed: Seed, mode: Mode, screening: Screening | null): Instruction["next"] {
  if (mode === "conversation") return { kind: "listen", token: seed.token, timeoutMs: LISTEN_TIMEOUT_MS };
  const waits = screening !== null && screening.policy !== "continue";
  return waits ? { kind: "wait" } : { kind: "hangup", afterMs: limitsOf(seed.config).notifyHangupMs };
}

function screeningOf({ outbound }: VoiceCallConfig, words: readonly string[]): Screening | null {
  const { answeringMachine: policy } = outbound;
  return policy === "off" ? null : { policy, verdict: "pending", words, said: false };
}

/** An inbound call that may be answered: greets and listens. */
export function acceptedCall(seed: Seed, offer: Offer, carrierCallId: string): Admission {
  const { greeting, language } = routeOf(seed.config, offer.to);
  const opening = greeting ?? phrasesFor(language).hello;
  const talk = talking(seed, opening);
  const call = { ...blank(seed, { ...offer, mode: "conversation", ...talk }), carrierCallId };
  return { call: ringing(call, seed.now), effects: [{ kind: "warm" }, pickUp(call)] };
}

/** How an inbound call is answered: by its first words, or on its own. */
const pickUp = ({ traits, instruction }: Call): Effect =>
  traits.ownStart || instruction === null ? { kind: "answer" } : { kind: "instruct", instruction };

/** An unknown caller under `pairing`: hears a code, nothing else. */
export function pairingCall(seed: Seed, offer: Offer, carrierCallId: string, code: string): Admission {
  const { language } = routeOf(seed.config, offer.to);
  const instruction: Instruction = {
    gen: 1,
    say: [pairingWords(language, code)],
    next: { kind: "hangup", afterMs: PAIRING_PAUSE_MS },
  };
  const call = { ...blank(seed, { ...offer, mode: "notify", instruction }), carrierCallId };
  return { call: ringing(call, seed.now), effects: [pickUp(call)] };
}

/** A call that is refused before it is answered; kept as a record. */
export function refusedCall(seed: Seed, offer: Offer, carrierCallId: string): Admission {
  const call: Call = {
    ...blank(seed, { ...offer, mode: "conversation", instruction: null }),
    carrierCallId,
    state: "refused",
    endedAt: seed.now,
    outcome: "rejected",
    evidence: { source: "us", hungUpBy: "us" },
  };
  return { call, effects: [{ kind: "reject", reason: "policy" }] };
}

/**
 * A call that somebody placed through the carrier with our webhook: we listen. A carrier that asks for a document has
 * it up; one that reports it may still let it ring, and is told what to do once it is answered.
 */
export function adoptedCall(seed: Seed, offer: Offer, carrierCallId: string): Admission {
  const talk = talking(seed, "");
  const call = { ...blank(seed, { ...offer, mode: "conversation", ...talk }), carrierCallId };
  if (call.traits.ownStart) return { call: ringing(call, seed.now), effects: [{ kind: "warm" }] };
  const up: Call = {
    ...call,
    state: "answered",
    answeredAt: seed.now,
    deadlines: { "max-duration": seed.now + call.limits.maxDurationMs },
  };
  const waiting = awaitStream(call, up, seed.now);
  return { call: waiting, effects: [{ kind: "warm" }, { kind: "instruct", instruction: talk.instruction }] };
}

/** How a conversation begins: with words, then the carrier listens; over live audio with nothing but the socket. */
function talking(seed: Seed, opening: string): { instruction: Instruction; live: LiveLine | null } {
  if (seed.liveAudio) return { instruction: streamInstruction(1, seed.token), live: awaited(opening) };
  const next = { kind: "listen", token: seed.token, timeoutMs: LISTEN_TIMEOUT_MS } as const;
  return { instruction: { gen: 1, say: opening === "" ? [] : [opening], next }, live: null };
}

const awaited = (opening: string): LiveLine => ({
  opening,
  opened: false,
  stream: "awaited",
  token: null,
  handOver: null,
});

export function limitsOf(config: VoiceCallConfig): CallLimits {
  return {
    ringMs: config.ringTimeoutMs,
    maxDurationMs: config.maxDurationSeconds * 1_000,
    staleMs: config.staleCallReaperSeconds * 1_000,
    transcriptMs: config.transcriptTimeoutMs,
    notifyHangupMs: config.outbound.notifyHangupDelaySec * 1_000,
    silenceMs: config.silenceTimeoutMs,
  };
}

export function routeOf(config: VoiceCallConfig, ownNumber: string): CallRoute {
  const route: NumberRoute = forNumber(config, ownNumber);
  return {
    language: route.language,
    responseTimeoutMs: route.responseTimeoutMs,
    ...(route.voice === undefined ? {} : { voice: route.voice }),
    ...(route.responseModel === undefined ? {} : { responseModel: route.responseModel }),
    ...(route.responseSystemPrompt === undefined ? {} : { responseSystemPrompt: route.responseSystemPrompt }),
    ...(route.inboundGreeting === undefined ? {} : { greeting: route.inboundGreeting }),
  };
}

function ringing(call: Call, now: number): Call {
  return { ...call, state: "ringing", ringingAt: now, deadlines: { ring: now + call.limits.ringMs } };
}

interface Shape {
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  readonly mode: Mode;
  readonly attestation?: Call["attestation"];
  readonly instruction: Instruction | null;
  readonly live?: LiveLine | null;
}

function blank(seed: Seed, shape: Shape): Call {
  const { direction, from, to, mode, attestation, instruction, live = null } = shape;
  const listening = instruction?.next.kind === "listen";
  const turn: Turn = {
    no: 0,
    phase: listening ? "listening" : "idle",
    token: listening ? seed.token : null,
    since: listening ? seed.now : null,
    keys: "",
    for: "agent",
    misses: 0,
    failures: 0,
    heardAt: null,
  };
  return {
    id: seed.id,
    version: 0,
    carrier: seed.carrier,
    carrierCallId: null,
    direction,
    mode,
    from,
    to,
    ...seed.identity,
    requester: null,
    attestation: attestation ?? null,
    answeredBy: null,
    screening: null,
    live,
    traits: seed.traits,
    limits: limitsOf(seed.config),
    route: routeOf(seed.config, direction === "inbound" ? to : from),
    state: "dialing",
    createdAt: seed.now,
    ringingAt: null,
    answeredAt: null,
    endedAt: null,
    outcome: null,
    evidence: null,
    hangup: null,
    closing: false,
    turn,
    instruction,
    delivered: 0,
    deadlines: {},
  };
}
