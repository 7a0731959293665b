import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { isVoiceCallError, VoiceCallError } from "../call/errors.ts";
import { Checkpoints } from "./checkpoints.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "./migrations.ts";

export type Row = Record<string, SQLOutputValue>;

/** "OCVC": marks a file as ours, so that a `store` setting that points at another program's file harms nothing. */
const APPLICATION_ID = 0x4f435643;

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED = new Set([11, 26]);
/** SQLite's extended codes carry the primary one in their low byte. */
const PRIMARY_CODE = 0xff;

/**
 * Should the log ever get this long, in pages of 4 KiB, SQLite copies it into the file within the write that finds
 * it so. Otherwise that is done apart from the writes: see `Checkpoints`.
 */
const LONGEST_LOG_PAGES = 24_000;

export interface OpenOptions {
  readonly path: string;
  /** How long a write waits for another process to finish its own; it blocks the thread. */
  readonly busyTimeoutMs: number;
}

/** One SQLite file with our schema: cached statements, transactions, and every error as one of the catalogue. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #checkpoints: Checkpoints | null;

  private constructor(db: DatabaseSync, checkpoints: Checkpoints | null) {
    this.#db = db;
    this.#checkpoints = checkpoints;
  }

  /** Opens the file to read and write; creates it, private to its owner, or migrates it forward as needed. */
  static open({ path, busyTimeoutMs }: OpenOptions): Database {
    return guarded(() => {
      createPrivately(path);
      return opened(
        new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true }),
        (db) => {
          schemaVersion(db);
          db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON");
          db.exec(`PRAGMA wal_autocheckpoint = ${LONGEST_LOG_PAGES}`);
          migrate(db);
          return new Database(db, new Checkpoints(path));
        },
      );
    });
  }

  /** Opens an existing file to read only, next to the gateway that writes it. */
  static openToRead({ path, busyTimeoutMs }: OpenOptions): Database {
    return guarded(() => {
      if (!existsSync(path)) throw storeFailed("The file does not exist.");
      return opened(new DatabaseSync(path, { timeout: busyTimeoutMs, readOnly: true }), (db) => {
        if (schemaVersion(db) === 0) throw storeFailed("The file holds no call records.");
        return new Database(db, null);
      });
    });
  }

  get version(): number {
    return guarded(() => schemaVersion(this.#db));
  }

  get isOpen(): boolean {
    return this.#db.isOpen;
  }

  /** Runs a statement that writes; returns how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return guarded(() => {
      const { changes } = this.#statement(sql).run(...values);
      // Inside a transaction nothing is in the log yet, and the whole counts once.
      if (!this.#db.isTransaction) this.#checkpoints?.wrote();
      return Number(changes);
    });
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return guarded(() => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return guarded(() => this.#statement(sql).all(...values));
  }

  /** All that `work` writes, or nothing if it throws. */
  transaction<T>(work: () => T): T {
    return guarded(() => {
      const result = transaction(this.#db, work);
      this.#checkpoints?.wrote();
      return result;
    });
  }

  async close(): Promise<void> {
    if (!this.#db.isOpen) return;
    await this.#checkpoints?.idle();
    if (!this.#db.isOpen) return;
    this.#statements.clear();
    guarded(() => {
      this.#db.close();
    });
  }

  #statement(sql: string): StatementSync {
    if (!this.#db.isOpen) throw storeFailed("The store is closed.");
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

export function storeFailed(problem: string, options?: ErrorOptions): VoiceCallError {
  return new VoiceCallError("VC_STORE_FAILED", { problem }, options);
}

/** The file is made before SQLite opens it, so that it never exists with wider permissions; `-wal` and `-shm` follow it. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // An existing file is not opened here: closing a second descriptor would drop the locks of a connection in this process.
  if (existsSync(path)) chmodSync(path, 0o600);
  else closeSync(openSync(path, "ax", 0o600));
}

/** Prepares a fresh connection with `ready` and closes it again when that fails. */
function opened(db: DatabaseSync, ready: (db: DatabaseSync) => Database): Database {
  try {
    return ready(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The version of our schema in the file, 0 for an empty file. Refuses files that are newer or not ours. */
function schemaVersion(db: DatabaseSync): number {
  const found = pragma(db, "user_version");
  if (pragma(db, "application_id") !== APPLICATION_ID) {
    const { tables } = db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() ?? {};
    if (found === 0 && tables === 0) return 0;
    throw storeFailed("The file is a database of another program.");
  }
  if (found > SCHEMA_VERSION) {
    throw new VoiceCallError("VC_STORE_NEWER", { found, known: SCHEMA_VERSION });
  }
  return found;
}

function migrate(db: DatabaseSync): void {
  if (schemaVersion(db) === SCHEMA_VERSION) return;
  transaction(db, () => {
    // Read again under the lock: another process may have been faster.
    const from = schemaVersion(db);
    for (const step of MIGRATIONS.slice(from)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function transaction<T>(db: DatabaseSync, work: () => T): T {
  if (!db.isOpen) throw storeFailed("The store is closed.");
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // Some failures, such as a full disk, have rolled back already.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function pragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** SQLite's and the file system's errors carry paths and SQL; only their codes go into the message. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isVoiceCallError(error)) throw error;
    throw storeFailed(problemOf(error), { cause: error });
  }
}

function problemOf(error: unknown): string {
  const { code, errcode, errstr } = error as { code?: unknown; errcode?: unknown; errstr?: unknown };
  if (typeof errcode === "number") {
    const advice = DAMAGED.has(errcode & PRIMARY_CODE)
      ? " Move the file away to begin with an empty one."
      : "";
    return `SQLite error ${errcode}: ${String(errstr)}.${advice}`;
  }
  return `The system answered ${typeof code === "string" ? code : "with an unknown error"}.`;
}
