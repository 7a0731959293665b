import type { Call } from "../call/call.ts";
import type { StoredEvent } from "../call/ports.ts";
import type { CallView, EventLine } from "../call/service.ts";

/** What surfaces see of a call: no tokens, no session key, no instructions. */
export function viewOf(call: Call): CallView {
  return {
    callId: call.id,
    carrierCallId: call.carrierCallId,
    provider: call.carrier,
    direction: call.direction,
    mode: call.mode,
    state: call.state,
    from: call.from,
    to: call.to,
    agentId: call.agentId,
    createdAt: call.createdAt,
    answeredAt: call.answeredAt,
    endedAt: call.endedAt,
    outcome: call.outcome,
    evidence: call.evidence,
  };
}

/** An event as `tail` shows it: no words, no numbers, no digits. */
export function lineOf({ cursor, at, callId, state, type }: StoredEvent): EventLine {
  return { cursor, at, callId, state, type };
}
