import type { Call } from "../call/call.ts";

/** The tool an agent has on the phone whatever the configuration says; on a call it can only end that call. */
export const IN_CALL_TOOL = "voice_call";

/** The host's tool that makes speech for chats. On the phone it plays to nobody; what is to be heard is simply written. */
const PLAYS_TO_NOBODY = "tts";

/** The parts of the configuration that say what somebody on the phone may set in motion. */
export interface PhoneToolSettings {
  /** Tools for anybody, by exact name. */
  readonly phoneTools: readonly string[];
  readonly verifiedCallers: {
    /** E.164. */
    readonly numbers: readonly string[];
    /** Instead of `phoneTools`. */
    readonly tools: readonly string[];
    readonly requireAttestation: "A";
  };
}

/**
 * The tools of a call. More than `phoneTools` only for an inbound caller whose listed number the carrier vouches for:
 * what a caller or a model says never counts, and neither does an outbound callee's number, since anybody may pick up.
 */
export function toolsFor(
  call: Pick<Call, "direction" | "from" | "attestation">,
  settings: PhoneToolSettings,
): readonly string[] {
  const { phoneTools, verifiedCallers } = settings;
  const granted = isVerified(call, verifiedCallers) ? verifiedCallers.tools : phoneTools;
  const useful = granted.filter((name) => name.toLowerCase() !== PLAYS_TO_NOBODY);
  return [...new Set([...useful, IN_CALL_TOOL])];
}

function isVerified(
  call: Pick<Call, "direction" | "from" | "attestation">,
  callers: PhoneToolSettings["verifiedCallers"],
): boolean {
  return (
    call.direction === "inbound" &&
    call.from !== "" &&
    call.attestation === callers.requireAttestation &&
    callers.numbers.includes(call.from)
  );
}
