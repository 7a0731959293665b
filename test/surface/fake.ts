import { VoiceCallError } from "../../src/call/errors.ts";
import type { CallDetail, PhonePort, PhoneService } from "../../src/call/service.ts";

export const NUMBER = "+15550001234";
export const OWN_NUMBER = "+15557654321";
export const WORDS = "the spare key is under the flower pot";

/** A call with everything in it that a reader without write scope must not see. */
export const CALL: CallDetail = {
  callId: "vc_abcdef",
  carrierCallId: `CA-${NUMBER}`,
  provider: "mock",
  direction: "outbound",
  mode: "conversation",
  state: "ended",
  from: OWN_NUMBER,
  to: NUMBER,
  agentId: "secretary",
  createdAt: 1_000,
  answeredAt: 3_000,
  endedAt: 15_000,
  outcome: "completed",
  evidence: {
    source: "carrier",
    hungUpBy: "them",
    carrierCode: `by ${NUMBER}`,
    error: WORDS,
    durationSec: 12,
  },
  transcript: [
    { role: "agent", text: `Hello ${NUMBER}`, at: 3_000 },
    { role: "caller", text: WORDS, at: 5_000 },
  ],
};

export const asList = (asked: readonly Asked[]): unknown[][] =>
  asked.map(({ method, args }) => [method].concat(args as string[]));

export interface Asked {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A service that notes what it is asked and answers with plain values; `over` replaces methods. */
export function fakeService(over: Partial<PhoneService> = {}): PhoneService & { asked: Asked[] } {
  const asked: Asked[] = [];
  const noted =
    <T>(method: string, answer: T) =>
    async (...args: unknown[]): Promise<T> => {
      asked.push({ method, args });
      return await Promise.resolve(answer);
    };
  const service: PhoneService = {
    problem: () => null,
    initiate: noted("initiate", { ...CALL, state: "ringing", outcome: null }),
    speak: noted("speak", undefined),
    ask: noted("ask", { callId: CALL.callId, text: WORDS }),
    askStart: noted("askStart", { operationId: "op-1" }),
    askResult: noted("askResult", { status: "done", text: WORDS }),
    press: noted("press", undefined),
    transfer: noted("transfer", undefined),
    end: noted("end", undefined),
    close: noted("close", undefined),
    status: async (ref) => {
      asked.push({ method: "status", args: [ref] });
      return await Promise.resolve(ref === CALL.callId || ref === CALL.carrierCallId ? CALL : null);
    },
    list: noted("list", [CALL]),
    events: noted("events", {
      cursor: 7,
      events: [{ cursor: 7, at: 5_000, callId: CALL.callId, state: "live", type: "speech" }],
    }),
    latency: noted("latency", [{ stage: "reply", count: 3, p50: 120, p95: 340, max: 350 }]),
    setup: noted("setup", {
      ok: true,
      checks: [
        { id: "provider", ok: true, level: "error", message: `Calls go out from ${OWN_NUMBER}.` },
        { id: "agent", ok: false, level: "warning", message: "No agent.", next: `Ask ${NUMBER}.` },
      ],
    }),
    pairings: noted("pairings", [
      { number: NUMBER, code: "AB12", createdAt: 1, expiresAt: 2, approvedAt: null },
    ]),
    approvePairing: noted("approvePairing", {
      number: NUMBER,
      code: "AB12",
      createdAt: 1,
      expiresAt: 2,
      approvedAt: 2,
    }),
    revokePairing: noted("revokePairing", true),
    phone: () => null,
    ...over,
  };
  return Object.assign(service, { asked });
}

export function fakePort(): PhonePort & { asked: Asked[] } {
  const asked: Asked[] = [];
  const note = async (method: string, ...args: unknown[]): Promise<void> => {
    asked.push({ method, args });
    await Promise.resolve();
  };
  return {
    asked,
    call: async (from, to) => {
      await note("call", from, to);
      return { carrierCallId: "mock-1" };
    },
    answer: async (id) => await note("answer", id),
    decline: async (id) => await note("decline", id),
    say: async (id, words) => await note("say", id, words),
    press: async (id, digits) => await note("press", id, digits),
    play: async (id, audio) => {
      await note("play", id, [...audio]);
      return { ms: 20 };
    },
    listen: async (id, after) => {
      await note("listen", id, after);
      return { cursor: after + 2, audio: Uint8Array.of(1, 2) };
    },
    hangUp: async (id) => await note("hangUp", id),
    screen: async (after) => {
      await note("screen", after);
      return { cursor: 3, lines: [] };
    },
  };
}

export const missingKeys = (): VoiceCallError =>
  new VoiceCallError("VC_CREDENTIALS_MISSING", { provider: "twilio", keys: "twilio.authToken" });

export const notRunning = (): never => {
  throw new VoiceCallError("VC_NOT_RUNNING");
};
