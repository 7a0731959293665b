import { createHash } from "node:crypto";
import { isE164 } from "../call/number.ts";
import type { HostConfig } from "./api.ts";

export type SessionScope = "per-phone" | "per-call" | "main";

export interface SessionKeyRequest {
  readonly scope: SessionScope;
  readonly agentId: string;
  readonly callId: string;
  /** The other party's number; "" when withheld. */
  readonly party: string;
}

const prefixOf = (agentId: string): string => `agent:${agentId}:voice-call:`;

/** True for a conversation that belongs to the phone alone. */
export const isPhoneSession = (agentId: string, sessionKey: string): boolean =>
  sessionKey.startsWith(prefixOf(agentId));

/** A conversation that nobody has: what is loaded there is ready for the others too. */
export const scratchSession = (agentId: string): string => `${prefixOf(agentId)}warm-up`;

/**
 * The conversation a call belongs to. Only an exact E.164 number names a person: whoever withholds theirs gets a
 * conversation of that call alone, so two people never share one unless `main` is configured.
 */
export function sessionKeyFor(config: HostConfig, request: SessionKeyRequest): string {
  const { scope, agentId, callId, party } = request;
  if (scope === "main") return mainSession(config, agentId);
  if (scope === "per-phone" && isE164(party)) return `${prefixOf(agentId)}phone:${fingerprint(party)}`;
  return `${prefixOf(agentId)}call:${callId}`;
}

/** Stands for a number: the gateway writes session keys into its log, where no full number may appear. */
const fingerprint = (number: string): string =>
  createHash("sha256").update(number).digest("hex").slice(0, 24);

/** The agent's main conversation under the name the gateway gives it (`session.mainKey`, `session.scope`). */
function mainSession(config: HostConfig, agentId: string): string {
  if (config.session?.scope === "global") return "global";
  const name = config.session?.mainKey?.trim().toLowerCase();
  return `agent:${agentId}:${name ? name : "main"}`;
}
