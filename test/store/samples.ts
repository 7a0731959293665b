import type { Call } from "../../src/call/call.ts";
import type { DurableEffect } from "../../src/call/effect.ts";
import type { Change } from "../../src/call/ports.ts";

/** A call as it is first saved, with anything changed. */
export function sampleCall(changes: Partial<Call> = {}): Call {
  return {
    id: "vc_one",
    version: 1,
    carrier: "twilio",
    carrierCallId: null,
    direction: "outbound",
    mode: "conversation",
    from: "+15550001111",
    to: "+15550002222",
    agentId: "main",
    sessionKey: "agent:main:phone",
    requester: { surface: "tool", sessionKey: "agent:main:main" },
    attestation: null,
    answeredBy: null,
    limits: {
      ringMs: 30_000,
      maxDurationMs: 300_000,
      staleMs: 0,
      transcriptMs: 30_000,
      notifyHangupMs: 3_000,
      silenceMs: 800,
    },
    route: { language: "en-US", responseTimeoutMs: 20_000 },
    state: "dialing",
    createdAt: 1_000,
    ringingAt: null,
    answeredAt: null,
    endedAt: null,
    outcome: null,
    evidence: null,
    hangup: null,
    closing: false,
    turn: {
      no: 0,
      phase: "idle",
      token: null,
      since: null,
      keys: "",
      for: "agent",
      misses: 0,
      failures: 0,
      heardAt: null,
    },
    screening: null,
    live: null,
    traits: { ownStart: false, ownSilence: false, ownReopen: false },
    instruction: { gen: 1, say: ["Hello there."], next: { kind: "wait" } },
    delivered: 0,
    deadlines: { ring: 31_000 },
    ...changes,
  };
}

/** The next saved version of a call. */
export function next(call: Call, changes: Partial<Call> = {}): Call {
  return { ...call, version: call.version + 1, ...changes };
}

/** A change that saves `call`; its effects get their keys. */
export function change(
  call: Call,
  rest: Partial<Omit<Change, "call" | "effects">> & { effects?: readonly DurableEffect[] } = {},
): Change {
  const { effects = [], ...others } = rest;
  return {
    call,
    event: call.version === 1 ? { type: "created" } : { type: "ringing" },
    at: call.createdAt + call.version,
    turns: [],
    ...others,
    effects: effects.map((effect, index) => ({
      key: `${call.id}#${call.version}.${index}`,
      callId: call.id,
      effect,
    })),
  };
}
