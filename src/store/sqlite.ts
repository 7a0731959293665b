import { setImmediate } from "node:timers/promises";
import { isOver, type Call } from "../call/call.ts";
import type { CallStore, Change, KeyedEffect, LatencySample, Pairing } from "../call/ports.ts";
import { Database, storeFailed } from "./database.ts";
import { SqliteRecords } from "./reader.ts";
import { callOf, effectOf } from "./rows.ts";
import { SQL } from "./statements.ts";

export interface SqliteOptions {
  /** The file; it and missing folders above it are created, readable by their owner only. */
  readonly path: string;
  /** Epoch milliseconds; decides which claims have expired when the file is opened. */
  readonly now: () => number;
  /** How long a write waits for another process, blocking the thread; 2 s unless told. */
  readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 2_000;
/** Calls forgotten in one go, so that a long history does not hold up the gateway's event loop. */
const PRUNE_BATCH = 20;

/**
 * Opens the call records of one gateway in a SQLite file. Throws `VC_STORE_FAILED` when it cannot be opened or is
 * damaged, `VC_STORE_NEWER` when a newer version wrote it. A commit survives the process; its last moments may be
 * lost when the machine loses power, never in part.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<CallStore> {
  const { path, now, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  const db = Database.open({ path, busyTimeoutMs });
  try {
    db.run(SQL.pruneClaims, now());
  } catch (error) {
    await db.close();
    throw error;
  }
  return new SqliteStore(db);
}

class SqliteStore extends SqliteRecords implements CallStore {
  async commit(change: Change): Promise<"committed" | "duplicate"> {
    const { call, event, at, effects, turns, claim } = change;
    const db = this.db;
    return db.transaction(() => {
      if (claim && db.run(SQL.takeClaim, claim.key, claim.expiresAt, at) === 0) return "duplicate";
      this.#saveCall(call);
      db.run(SQL.insertEvent, call.id, at, call.state, event.type, JSON.stringify(event));
      for (const { key, callId, effect } of effects) {
        db.run(SQL.insertEffect, key, callId, JSON.stringify(effect));
      }
      for (const turn of turns) db.run(SQL.insertTurn, call.id, turn.role, turn.text, turn.at);
      return "committed";
    });
  }

  async claim(key: string, expiresAt: number, now: number): Promise<boolean> {
    return this.db.run(SQL.takeClaim, key, expiresAt, now) === 1;
  }

  async claimed(key: string): Promise<boolean> {
    return this.db.get(SQL.claimByKey, key) !== undefined;
  }

  async unfinished(): Promise<readonly Call[]> {
    return this.db.all(SQL.unfinishedCalls).map(callOf);
  }

  async pendingEffects(): Promise<readonly KeyedEffect[]> {
    return this.db.all(SQL.pendingEffects).map(effectOf);
  }

  async settle(key: string, result: "done" | "failed", at: number): Promise<void> {
    this.db.run(SQL.settleEffect, result, at, key);
  }

  async sample(...samples: readonly LatencySample[]): Promise<void> {
    const { db } = this;
    db.transaction(() => {
      for (const { callId, stage, ms, at } of samples) db.run(SQL.insertSample, callId, stage, ms, at);
    });
  }

  async savePairing({ number, code, createdAt, expiresAt, approvedAt }: Pairing): Promise<void> {
    this.db.run(SQL.savePairing, number, code, createdAt, expiresAt, approvedAt);
  }

  async removePairing(number: string): Promise<boolean> {
    return this.db.run(SQL.removePairing, number) === 1;
  }

  async prune(endedBefore: number, now: number): Promise<void> {
    this.db.run(SQL.pruneClaims, now);
    this.db.run(SQL.pruneSamples, endedBefore);
    // Events, turns and effects go with their call.
    while (this.db.isOpen && this.db.run(SQL.pruneCalls, endedBefore, PRUNE_BATCH) > 0) await setImmediate();
  }

  /** Saves the next version of a call; anything but the next means that somebody else moved it too. */
  #saveCall(call: Call): void {
    const values = [
      call.version,
      call.state,
      call.carrier,
      call.carrierCallId,
      call.createdAt,
      isOver(call) ? (call.endedAt ?? call.createdAt) : null,
      JSON.stringify(call),
      call.id,
    ];
    const before = call.version - 1;
    const saved =
      before === 0 ? this.db.run(SQL.insertCall, ...values) : this.db.run(SQL.updateCall, ...values, before);
    if (saved === 1) return;
    const stored = Number(this.db.get(SQL.callVersion, call.id)?.["version"] ?? 0);
    throw storeFailed(
      `Version ${call.version} of the call cannot follow version ${stored} on record; another process may be using the same file.`,
    );
  }
}
