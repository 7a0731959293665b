/**
 * The schema, as the ordered steps that lead to it: step `n` takes a file from version `n` to `n + 1`.
 * A step that has been released never changes; a new need is a new step at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    carrier TEXT NOT NULL,
    carrier_call_id TEXT,
    created_at INTEGER NOT NULL,
    -- When the call became final; null while it runs.
    ended_at INTEGER,
    json TEXT NOT NULL
  );
  CREATE INDEX calls_by_carrier ON calls (carrier, carrier_call_id, created_at);
  CREATE INDEX calls_by_age ON calls (created_at);
  CREATE INDEX calls_unfinished ON calls (created_at) WHERE ended_at IS NULL;
  CREATE INDEX calls_finished ON calls (ended_at) WHERE ended_at IS NOT NULL;

  -- AUTOINCREMENT: a cursor is never given twice, not even after its event was pruned.
  CREATE TABLE events (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    type TEXT NOT NULL,
    json TEXT NOT NULL
  );
  CREATE INDEX events_by_call ON events (call_id);

  CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE INDEX turns_by_call ON turns (call_id);

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    json TEXT NOT NULL,
    result TEXT,
    settled_at INTEGER
  );
  CREATE INDEX outbox_by_call ON outbox (call_id);
  CREATE INDEX outbox_pending ON outbox (id) WHERE settled_at IS NULL;

  CREATE TABLE claims (key TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX claims_by_expiry ON claims (expires_at);

  CREATE TABLE pairings (
    number TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    approved_at INTEGER
  );
  `,
  `
  CREATE TABLE samples (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL,
    stage TEXT NOT NULL,
    ms REAL NOT NULL,
    at INTEGER NOT NULL
  );
  CREATE INDEX samples_by_stage ON samples (stage, at);
  CREATE INDEX samples_by_age ON samples (at);
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;
/** The schema version from which the file holds latency samples. */
export const SAMPLES_SINCE = 2;
