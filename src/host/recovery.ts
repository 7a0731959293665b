import { sdkConfig, type HostApi } from "./api.ts";
import { isPhoneSession } from "./sessions.ts";

export interface InterruptedTurns {
  /** Every agent that can own calls. */
  readonly agentIds: readonly string[];
  /** Conversations of the calls that were running when the gateway died; they may be shared with other surfaces. */
  readonly sessionKeys: readonly string[];
}

/**
 * Keeps the host from finishing a phone turn that a crash interrupted: it would run with the agent's normal tools
 * instead of the phone's, with nobody on the line. The host marks sessions whose turn was cut off by
 * `status: "running"` and resumes those a few seconds after the services have started, so this must be awaited there.
 *
 * A conversation of the phone alone is always ours. The agent's main conversation is only touched while a call that
 * uses it is unfinished: giving up an interrupted chat turn then is the smaller harm.
 * Returns how many were disarmed.
 */
export async function disarmInterruptedTurns(api: HostApi, turns: InterruptedTurns): Promise<number> {
  const { session } = api.runtime.agent;
  const store = sdkConfig(api.runtime.config.current()).session?.store;
  const shared = new Set(turns.sessionKeys);
  let disarmed = 0;
  for (const agentId of new Set(turns.agentIds)) {
    const storePath = session.resolveStorePath(store, { agentId });
    for (const { sessionKey, entry } of session.listSessionEntries({ agentId, storePath })) {
      if (entry.status !== "running") continue;
      if (!isPhoneSession(agentId, sessionKey) && !shared.has(sessionKey)) continue;
      await session.patchSessionEntry({ agentId, storePath, sessionKey, update: () => FINISHED });
      disarmed += 1;
    }
  }
  return disarmed;
}

type Patch = Awaited<
  ReturnType<Parameters<HostApi["runtime"]["agent"]["session"]["patchSessionEntry"]>[0]["update"]>
>;

/** `mainRestartRecovery` is a field of the row that the public type does not show. */
const FINISHED = {
  status: "failed",
  abortedLastRun: false,
  mainRestartRecovery: undefined,
} as unknown as Patch;
