import { isOver, type Call } from "./call.ts";
import { isVoiceCallError } from "./errors.ts";
import type { CallManager } from "./manager.ts";
import type { Outbox } from "./outbox.ts";
import type { Carrier, CallStore, Clock, KeyedEffect, Log } from "./ports.ts";

export interface RecoveryDeps {
  readonly manager: CallManager;
  readonly outbox: Outbox;
  readonly store: CallStore;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly log: Log;
}

/** Effects that are still wanted when the call is over. */
const OUTLIVING: ReadonlySet<KeyedEffect["effect"]["kind"]> = new Set(["report", "hangup", "reject"]);
/** A carrier that cannot be asked yet is asked again after this long. */
const ASK_AGAIN_MS = 10_000;

/**
 * Brings the calls of a previous run back to the truth. Each unfinished one is looked up at the carrier: gone ones
 * are closed; live ones go on with their remaining time, which for an over-age one is none, so it is ended there.
 * Never dials: a `dial` that was saved but not settled is looked for instead.
 */
export async function recover(deps: RecoveryDeps, signal: AbortSignal): Promise<void> {
  const { manager, store } = deps;
  const calls = await store.unfinished();
  const pending = await store.pendingEffects();
  for (const call of calls) manager.adopt(withoutCommand(call));
  await Promise.all(calls.map((call) => reconcile(deps, call.id, signal)));
  // Sockets have died with the previous run, whatever the records say.
  for (const { id, live } of calls) if (live !== null) await relisten(manager, id);
  for (const call of calls) manager.wake(call.id);
  for (const item of pending) await resume(deps, item);
}

async function relisten(manager: CallManager, callId: string): Promise<void> {
  const call = await manager.get(callId);
  if (call !== null && call.answeredAt !== null)
    await manager.apply(callId, { type: "stream-lost", token: null });
}

/** The command that waited for the caller's next words died with the previous run: they are for the agent. */
function withoutCommand(call: Call): Call {
  const { transcript: _, ...deadlines } = call.deadlines;
  return call.turn.for === "agent" ? call : { ...call, deadlines, turn: { ...call.turn, for: "agent" } };
}

/** Asks the carrier about one call and applies what it says. */
export async function reconcile(deps: RecoveryDeps, callId: string, signal: AbortSignal): Promise<void> {
  const { manager, carrier, log } = deps;
  const call = await manager.get(callId);
  if (call === null || isOver(call)) return;
  if (call.carrierCallId === null) {
    await manager.apply(callId, { type: "dial-uncertain" });
    return;
  }
  try {
    const seen = await carrier.lookup(call.carrierCallId, signal);
    await applySnapshot(manager, call, seen);
  } catch (error) {
    if (signal.aborted) return;
    log.warn("the carrier could not be asked about a call; asking again", {
      callId,
      error: isVoiceCallError(error) ? error.code : "unknown",
    });
    const cancel = deps.clock.at(deps.clock.now() + ASK_AGAIN_MS, () => {
      signal.removeEventListener("abort", cancel);
      void reconcile(deps, callId, signal).catch(() => {});
    });
    signal.addEventListener("abort", cancel, { once: true });
  }
}

async function applySnapshot(
  manager: CallManager,
  call: Call,
  seen: Awaited<ReturnType<Carrier["lookup"]>>,
): Promise<void> {
  if (!seen.found) {
    await manager.apply(call.id, {
      type: "ended",
      outcome: "lost",
      evidence: { source: "look-up", hungUpBy: "unknown" },
    });
    return;
  }
  if (seen.state === "ended") {
    await manager.apply(call.id, {
      type: "ended",
      outcome: seen.outcome ?? "lost",
      evidence: seen.evidence ?? { source: "look-up", hungUpBy: "unknown" },
    });
  } else if (seen.state !== "dialing") {
    await manager.apply(call.id, { type: seen.state });
  }
}

async function resume({ manager, store, outbox, clock }: RecoveryDeps, item: KeyedEffect): Promise<void> {
  const call = await manager.get(item.callId);
  const pointless = call === null || (isOver(call) && !OUTLIVING.has(item.effect.kind));
  if (pointless || item.effect.kind === "dial") {
    await store.settle(item.key, "failed", clock.now());
    return;
  }
  void outbox.start(item);
}
