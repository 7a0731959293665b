import type { Call } from "../../src/call/call.ts";

/** A live outbound call in conversation, changed by `over`. */
export function liveCall(over: Partial<Call> = {}): Call {
  return {
    id: "vc_test",
    version: 3,
    carrier: "mock",
    carrierCallId: "M1",
    direction: "outbound",
    mode: "conversation",
    from: "+15550001000",
    to: "+15550002000",
    agentId: "main",
    sessionKey: "agent:main:voice-call:phone:+15550002000",
    requester: null,
    attestation: null,
    answeredBy: null,
    limits: {
      ringMs: 30_000,
      maxDurationMs: 300_000,
      staleMs: 0,
      transcriptMs: 180_000,
      notifyHangupMs: 3_000,
      silenceMs: 800,
    },
    route: { language: "en-US", responseTimeoutMs: 30_000 },
    state: "live",
    createdAt: 1_000,
    ringingAt: 2_000,
    answeredAt: 3_000,
    endedAt: null,
    outcome: null,
    evidence: null,
    hangup: null,
    closing: false,
    turn: { no: 1, phase: "thinking", token: null, for: "agent", misses: 0, failures: 0, heardAt: 4_000 },
    instruction: null,
    delivered: 1,
    deadlines: {},
    ...over,
  };
}
