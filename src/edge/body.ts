import type { IncomingMessage } from "node:http";
import type { Refusal } from "./guards.ts";
import type { BodySlots } from "./in-flight.ts";

/** How reading a body ended. `gone`: the client left. */
export type BodyOutcome =
  | { readonly type: "read"; readonly body: Buffer }
  | { readonly type: "refused"; readonly refusal: Refusal }
  | { readonly type: "gone" };

export interface BodyLimits {
  readonly bodyBytes: number;
  readonly bodyTimeoutMs: number;
}

/**
 * Reads one body within its limits and calls `done` exactly once. After a refusal nothing more is taken from the
 * socket. Returns how to end the reading early with a refusal.
 */
export function readBody(
  request: IncomingMessage,
  slots: BodySlots,
  limits: BodyLimits,
  done: (outcome: BodyOutcome) => void,
): (refusal: Refusal) => void {
  const chunks: Buffer[] = [];
  let size = 0;
  let settled = false;

  const settle = (outcome: BodyOutcome): void => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    slot.release();
    request.off("data", onData).off("end", onEnd).off("close", onGone);
    if (outcome.type === "refused") request.pause();
    done(outcome);
  };
  const refuse = (refusal: Refusal): void => settle({ type: "refused", refusal });
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limits.bodyBytes) return refuse({ status: 413, reason: "too-large" });
    chunks.push(chunk);
    return slot.grow(chunk.length);
  };
  const onEnd = (): void => {
    const [first] = chunks;
    settle({ type: "read", body: chunks.length === 1 && first ? first : Buffer.concat(chunks, size) });
  };
  const onGone = (): void => settle({ type: "gone" });

  const slot = slots.admit(() => refuse({ status: 408, reason: "evicted" }));
  const timer = setTimeout(() => refuse({ status: 408, reason: "body-timeout" }), limits.bodyTimeoutMs);
  request.on("data", onData).on("end", onEnd).on("close", onGone);
  return refuse;
}
