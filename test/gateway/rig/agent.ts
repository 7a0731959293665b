import { randomUUID } from "node:crypto";
import type { TestGateway } from "./gateway.ts";

/** Has an agent of the gateway run one turn on a chat message; resolves when the turn is over. */
export async function agentTurn(
  gateway: TestGateway,
  message: string,
  options: { sessionKey?: string; timeoutMs?: number } = {},
): Promise<{ status: string; runId: string }> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const { runId } = await gateway.rpc<{ runId: string }>("agent", {
    message,
    agentId: "main",
    sessionKey: options.sessionKey ?? "agent:main:main",
    idempotencyKey: randomUUID(),
    deliver: false,
  });
  const done = await gateway.rpc<{ status: string }>(
    "agent.wait",
    { runId, timeoutMs },
    { timeoutMs: timeoutMs + 5_000 },
  );
  return { ...done, runId };
}
