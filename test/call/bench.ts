import type { Call, CallTraits, DeadlineName } from "../../src/call/call.ts";
import type { Effect } from "../../src/call/effect.ts";
import type { ErrorCode } from "../../src/call/errors.ts";
import type { CallEvent } from "../../src/call/event.ts";
import {
  acceptedCall,
  adoptedCall,
  outboundCall,
  pairingCall,
  refusedCall,
  type OutboundOrder,
  type Seed,
} from "../../src/call/line.ts";
import type { Step } from "../../src/call/step.ts";
import { transition } from "../../src/call/transition.ts";
import { readConfig, type VoiceCallConfig } from "../../src/config/index.ts";

export const NOW = 1_800_000_000_000;
export const OURS = "+15550001111";
export const THEIRS = "+15550002222";
export const CARRIER_ID = "carrier-1";

/** A configuration in force, from what a user writes. */
export function configOf(raw: Record<string, unknown> = {}): VoiceCallConfig {
  const reading = readConfig({ fromNumber: OURS, ...raw }, {});
  if (!reading.ok) throw new Error(`refused: ${JSON.stringify(reading.issues)}`);
  return reading.config;
}

/** Carriers that do it all themselves. */
const CAPABLE: CallTraits = { ownStart: false, ownSilence: false, ownReopen: false };
/** Carriers that run single commands: the core starts, and notices silence. */
export const BARE: CallTraits = { ownStart: true, ownSilence: true, ownReopen: true };

export function seedOf(raw: Record<string, unknown> = {}, id = "vc_1", traits: CallTraits = CAPABLE): Seed {
  const identity = { agentId: "main", sessionKey: "agent:main:phone" };
  return {
    id,
    token: "first",
    now: NOW,
    carrier: "mock",
    traits,
    config: configOf(raw),
    identity,
    liveAudio: false,
  };
}

const offer = { direction: "inbound", from: THEIRS, to: OURS, attestation: null } as const;

/** Drives one call through the machine in its own time and remembers what it caused. */
export class Bench {
  call: Call;
  now = NOW;
  refusal: ErrorCode | undefined;
  effects: readonly Effect[];
  readonly said: string[] = [];
  readonly heard: string[] = [];
  #tokens = 0;

  constructor({ call, effects }: { call: Call; effects: readonly Effect[] }) {
    this.call = call;
    this.effects = effects;
  }

  /** Applies the events in order and returns the effects of the last. */
  do(...events: readonly CallEvent[]): readonly Effect[] {
    for (const event of events) this.step(event);
    return this.effects;
  }

  /** The kinds of the last event's effects. */
  kinds(...events: readonly CallEvent[]): string[] {
    return this.do(...events).map((effect) => effect.kind);
  }

  step(event: CallEvent, carrierCallId?: string): Step {
    this.#tokens += 1;
    const step = transition(this.call, event, { now: this.now, token: `t${this.#tokens}`, carrierCallId });
    this.call = step.call;
    this.effects = step.effects;
    this.refusal = step.refusal;
    for (const { role, text } of step.turns) (role === "agent" ? this.said : this.heard).push(text);
    return step;
  }

  /** Moves to the named deadline and lets it pass. */
  pass(name: keyof Call["deadlines"]): readonly Effect[] {
    const at = this.call.deadlines[name];
    if (at === undefined) throw new Error(`no deadline ${name}`);
    this.now = Math.max(this.now, at);
    return this.do({ type: "deadline", name });
  }

  /** Lets every deadline pass in its order until none is left, so that the call is over. */
  untilOver(): void {
    for (let passed = 0; passed < 100; passed++) {
      const [next] = Object.entries(this.call.deadlines).toSorted(([, one], [, other]) => one - other);
      if (next === undefined) return;
      this.pass(next[0] as DeadlineName);
    }
    throw new Error("deadlines without end");
  }

  /** The caller says something in the current listen. */
  hear(text: string): readonly Effect[] {
    return this.do({ type: "speech", token: this.token, text });
  }

  get token(): string {
    const { token } = this.call.turn;
    if (token === null) throw new Error("nobody listens");
    return token;
  }

  get due(): string[] {
    return Object.keys(this.call.deadlines).toSorted();
  }
}

export function dialing(
  order: Partial<OutboundOrder> = {},
  raw: Record<string, unknown> = {},
  traits: CallTraits = CAPABLE,
): Bench {
  const requester = { surface: "tool" } as const;
  return new Bench(
    outboundCall(seedOf(raw, "vc_1", traits), {
      from: OURS,
      to: THEIRS,
      mode: "conversation",
      message: "Hello.",
      requester,
      ...order,
    }),
  );
}

const dialed = { type: "dialed", carrierCallId: CARRIER_ID } as const;

/** Accepted by the carrier and ringing. */
export function ringing(order: Partial<OutboundOrder> = {}, raw: Record<string, unknown> = {}): Bench {
  const bench = dialing(order, raw);
  bench.do(dialed, { type: "ringing" });
  return bench;
}

export function answered(order: Partial<OutboundOrder> = {}, raw: Record<string, unknown> = {}): Bench {
  const bench = ringing(order, raw);
  bench.do({ type: "answered" });
  return bench;
}

/** The caller has spoken once and the agent is thinking. */
export function thinking(raw: Record<string, unknown> = {}): Bench {
  const bench = answered({}, raw);
  bench.hear("Good morning.");
  return bench;
}

export const inbound = (raw: Record<string, unknown> = {}, traits: CallTraits = CAPABLE): Bench =>
  new Bench(acceptedCall(seedOf(raw, "vc_1", traits), offer, CARRIER_ID));
export const pairing = (): Bench => new Bench(pairingCall(seedOf(), offer, CARRIER_ID, "123456"));
export const turnedAway = (): Bench => new Bench(refusedCall(seedOf(), offer, CARRIER_ID));
export const adopted = (): Bench =>
  new Bench(adoptedCall(seedOf(), { ...offer, direction: "outbound", from: OURS, to: THEIRS }, CARRIER_ID));

export const ended = (
  outcome: Extract<CallEvent, { type: "ended" }>["outcome"],
  carrierCode: string = outcome,
): CallEvent => ({
  type: "ended",
  outcome,
  evidence: { source: "carrier", hungUpBy: "unknown", carrierCode },
});
