import type { CarrierEvent } from "../../../src/call/event.ts";
import type { Instruction, Next } from "../../../src/call/instruction.ts";
import type { CallRef, CarrierFact, WebhookReply } from "../../../src/call/ports.ts";
import {
  createMockCarrier,
  INSTANT,
  type MockCarrier,
  type MockCasting,
  type MockPace,
  type MockScript,
} from "../../../src/carrier/mock/carrier.ts";
import { sequentialIds, virtualClock, type VirtualClock } from "../../support/clock.ts";
import { sockets, type Sockets } from "../samples.ts";
import { FakeSocket } from "./fake-socket.ts";

export const AGENT = "+15551230000";
export const PERSON = "+15557770001";
export const RING_MS = 30_000;
export const live = new AbortController().signal;

export interface Rig {
  readonly clock: VirtualClock;
  readonly carrier: MockCarrier;
  readonly facts: CarrierFact[];
  /** Where audio sockets are expected. */
  readonly expecting: Sockets;
  /** Our ends of those that were opened, oldest first. */
  readonly sockets: FakeSocket[];
  /** Every event delivered so far, in order. */
  readonly events: () => CarrierEvent[];
  readonly types: () => string[];
  /** Dials `to` and returns the reference of the accepted call. */
  readonly dial: (to: string, first: Instruction, id?: string) => Promise<CallRef>;
  /** What the person's phone has shown. Looking at it attaches a terminal phone. */
  readonly shown: () => Promise<string[]>;
}

export interface RigOptions {
  readonly script?: MockScript | MockCasting;
  readonly pace?: Partial<MockPace>;
  readonly deliver?: (fact: CarrierFact) => Promise<WebhookReply>;
}

export function rig(options: RigOptions = {}): Rig {
  const clock = virtualClock();
  const facts: CarrierFact[] = [];
  const expecting = sockets();
  const opened: FakeSocket[] = [];
  const carrier = createMockCarrier({
    clock,
    ids: sequentialIds(),
    script: options.script ?? {},
    openStream: (call, token) => expecting.open(call, token),
    connect: (url) => {
      const socket = new FakeSocket(url);
      opened.push(socket);
      return socket;
    },
    pace: { ...INSTANT, ...options.pace },
    deliver: async (fact) => {
      facts.push(fact);
      return options.deliver?.(fact) ?? { status: 200 };
    },
  });
  const events = (): CarrierEvent[] => facts.flatMap((fact) => fact.events);
  return {
    clock,
    carrier,
    facts,
    expecting,
    sockets: opened,
    events,
    types: () => events().map((event) => event.type),
    async dial(to, first, id = "vc_1") {
      const ref = outbound(to, id);
      const { carrierCallId } = await carrier.dial(ref, first, live);
      return { ...ref, carrierCallId };
    },
    async shown() {
      const { lines } = await carrier.phone.screen(0);
      return lines.map((line) => (line.text === "" ? line.kind : `${line.kind}: ${line.text}`));
    },
  };
}

export function outbound(to: string, id = "vc_1"): CallRef {
  return { ...base, id, direction: "outbound", from: AGENT, to, carrierCallId: null };
}

export function inbound(carrierCallId: string, id = "vc_in"): CallRef {
  return { ...base, id, direction: "inbound", from: PERSON, to: AGENT, carrierCallId, state: "ringing" };
}

const base = {
  route: { language: "en-US", responseTimeoutMs: 10_000 },
  state: "dialing",
  screening: null,
  limits: {
    ringMs: RING_MS,
    maxDurationMs: 300_000,
    staleMs: 0,
    transcriptMs: 180_000,
    notifyHangupMs: 3000,
    silenceMs: 800,
  },
} as const;

export const listen = (token: string, timeoutMs = 5000): Next => ({ kind: "listen", token, timeoutMs });
export const wait: Next = { kind: "wait" };
export const stream = (token: string): Next => ({ kind: "stream", token });
export const hangup = (afterMs = 0): Next => ({ kind: "hangup", afterMs });

export function instruction(
  gen: number,
  say: string | readonly string[],
  next: Next,
  digits?: string,
): Instruction {
  const words = typeof say === "string" ? [say] : say;
  return digits === undefined ? { gen, say: words, next } : { gen, say: words, next, digits };
}
