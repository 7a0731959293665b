import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";

/** A note that an agent's session reads at its next turn. */
export interface SessionNote {
  readonly sessionKey: string;
  /** Owner of a session whose key names no agent. */
  readonly agentId: string;
  readonly text: string;
  /** The same key leaves one note, however often it is sent. */
  readonly key: string;
}

export interface NextTurnApi {
  readonly session: {
    readonly workflow: Pick<OpenClawPluginApi["session"]["workflow"], "enqueueNextTurnInjection">;
  };
}

/** Leaves the note; false when the host did not take it, as for a session that no longer exists. */
export async function leaveNote(api: NextTurnApi, note: SessionNote): Promise<boolean> {
  const { sessionKey, agentId, text, key } = note;
  const result = await api.session.workflow.enqueueNextTurnInjection({
    sessionKey,
    ...(sessionKey.startsWith("agent:") ? {} : { agentId }),
    text,
    idempotencyKey: key,
    placement: "prepend_context",
  });
  return result.enqueued;
}
