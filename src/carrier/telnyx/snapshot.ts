import type { Snapshot } from "../../call/ports.ts";
import { readState } from "./client-state.ts";
import { unreadable } from "./errors.ts";
import { asRecord, field, textField } from "../record.ts";

/** `v3:` and letters of Base64URL in practice; nothing more is promised. */
export const CALL_CONTROL_ID = /^[!-~]{1,256}$/;

/**
 * A call as `GET /v2/calls/{id}` shows it. Telnyx tells neither whether a live call has been answered nor how one
 * ended: a live call is claimed to have got as far as every call has, and one that lasted to have been completed.
 */
export function snapshotOf(carrierCallId: string, data: unknown): Snapshot {
  const call = asRecord(data) ?? {};
  const isAlive = field(call, "is_alive");
  if (typeof isAlive !== "boolean") throw unreadable("read");
  if (isAlive) return { found: true, carrierCallId, state: "dialing" };
  const duration = field(call, "call_duration");
  const durationSec = typeof duration === "number" && duration > 0 ? Math.round(duration) : null;
  return {
    found: true,
    carrierCallId,
    state: "ended",
    outcome: durationSec === null ? "no-answer" : "completed",
    evidence: {
      source: "look-up",
      hungUpBy: "unknown",
      carrierCode: "not alive",
      ...(durationSec === null ? {} : { durationSec }),
    },
  };
}

/** The id of the call in a list of live ones that carries our state; null when there is none. */
export function idOf(callId: string, data: unknown): string | null {
  if (!Array.isArray(data)) throw unreadable("read");
  for (const one of data) {
    const call = asRecord(one) ?? {};
    const state = readState(field(call, "client_state"));
    if (state?.callId !== callId || state.mark === "other-leg") continue;
    const carrierCallId = textField(call, "call_control_id", CALL_CONTROL_ID);
    if (carrierCallId) return carrierCallId;
  }
  return null;
}
