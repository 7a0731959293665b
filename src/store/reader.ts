import type { Call, TranscriptTurn } from "../call/call.ts";
import type {
  CallRecords,
  CallStore,
  LatencySample,
  OutboundUse,
  Pairing,
  StoredEvent,
} from "../call/ports.ts";
import { Database } from "./database.ts";
import { SAMPLES_SINCE } from "./migrations.ts";
import { callOf, outboundUse, pairingOf, readCursor, readEvents, readSamples, turnOf } from "./rows.ts";
import { SQL } from "./statements.ts";

const BUSY_TIMEOUT_MS = 2_000;

/** Reads the call records of one file. */
export class SqliteRecords implements CallRecords {
  protected readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  async get(callId: string): Promise<Call | null> {
    const row = this.db.get(SQL.callById, callId);
    return row ? callOf(row) : null;
  }

  async byCarrierId(carrier: string, carrierCallId: string): Promise<Call | null> {
    const row = this.db.get(SQL.callByCarrierId, carrier, carrierCallId);
    return row ? callOf(row) : null;
  }

  async recent(limit: number): Promise<readonly Call[]> {
    return this.db.all(SQL.recentCalls, limit).map(callOf);
  }

  async transcript(callId: string): Promise<readonly TranscriptTurn[]> {
    return this.db.all(SQL.transcript, callId).map(turnOf);
  }

  async events(options: Parameters<CallStore["events"]>[0]): Promise<readonly StoredEvent[]> {
    return readEvents(this.db, options);
  }

  async cursor(): Promise<number> {
    return readCursor(this.db);
  }

  async samples(last: number): Promise<readonly LatencySample[]> {
    return this.db.version < SAMPLES_SINCE ? [] : readSamples(this.db, last);
  }

  async pairings(): Promise<readonly Pairing[]> {
    return this.db.all(SQL.pairings).map(pairingOf);
  }

  async outboundSince(at: number, now: number, besides: readonly string[]): Promise<OutboundUse> {
    return outboundUse(this.db, at, now, besides);
  }

  close(): Promise<void> {
    return this.db.close();
  }
}

/**
 * Opens the file at `path` to read only, whether the gateway that owns it runs or not; reads older schemas as they
 * are. Throws `VC_STORE_FAILED` when it is not there or not ours, `VC_STORE_NEWER` when a newer version wrote it.
 */
export async function openSqliteReader(path: string): Promise<CallRecords> {
  return new SqliteRecords(Database.openToRead({ path, busyTimeoutMs: BUSY_TIMEOUT_MS }));
}
