/** Every statement of the store. What runs during a call finds its rows by an index, however many there are. */
export const SQL = {
  updateCall: `UPDATE calls SET version = ?, state = ?, carrier = ?, carrier_call_id = ?, created_at = ?, ended_at = ?, json = ?
    WHERE id = ? AND version = ?`,
  insertCall: `INSERT INTO calls (version, state, carrier, carrier_call_id, created_at, ended_at, json, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  callVersion: "SELECT version FROM calls WHERE id = ?",
  insertEvent: "INSERT INTO events (call_id, at, state, type, json) VALUES (?, ?, ?, ?, ?)",
  insertTurn: "INSERT INTO turns (call_id, role, text, at) VALUES (?, ?, ?, ?)",
  insertEffect: "INSERT INTO outbox (key, call_id, json) VALUES (?, ?, ?)",
  /** Changes no row when the claim is held. Values: key, expiry, now. */
  takeClaim: `INSERT INTO claims (key, expires_at) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE claims.expires_at <= ?`,
  claimByKey: "SELECT 1 FROM claims WHERE key = ?",

  callById: "SELECT json FROM calls WHERE id = ?",
  callByCarrierId: `SELECT json FROM calls WHERE carrier = ? AND carrier_call_id = ?
    ORDER BY created_at DESC, rowid DESC LIMIT 1`,
  unfinishedCalls: "SELECT json FROM calls WHERE ended_at IS NULL ORDER BY created_at, rowid",
  recentCalls: "SELECT json FROM calls ORDER BY created_at DESC, rowid DESC LIMIT ?",
  /** Rows grow with the calls since the given moment, not with the history. */
  outboundCalls: `SELECT id, created_at, json_extract(json, '$.answeredAt') AS answered_at, ended_at FROM calls
    WHERE created_at >= ? AND json_extract(json, '$.direction') = 'outbound'`,
  transcript: "SELECT role, text, at FROM turns WHERE call_id = ? ORDER BY id",

  events: "SELECT * FROM events WHERE cursor > ? ORDER BY cursor LIMIT ?",
  eventsOfCall: "SELECT * FROM events WHERE call_id = ? AND cursor > ? ORDER BY cursor LIMIT ?",
  cursor: "SELECT seq FROM sqlite_sequence WHERE name = 'events'",

  pendingEffects: "SELECT key, call_id, json FROM outbox WHERE settled_at IS NULL ORDER BY id",
  settleEffect: "UPDATE outbox SET result = ?, settled_at = ? WHERE key = ? AND settled_at IS NULL",

  insertSample: "INSERT INTO samples (call_id, stage, ms, at) VALUES (?, ?, ?, ?)",
  samplesOfStage:
    "SELECT id, call_id, stage, ms, at FROM samples WHERE stage = ? ORDER BY at DESC, id DESC LIMIT ?",

  savePairing: `INSERT INTO pairings (number, code, created_at, expires_at, approved_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (number) DO UPDATE SET code = excluded.code, created_at = excluded.created_at,
      expires_at = excluded.expires_at, approved_at = excluded.approved_at`,
  pairings:
    "SELECT number, code, created_at, expires_at, approved_at FROM pairings ORDER BY created_at, number",
  removePairing: "DELETE FROM pairings WHERE number = ?",

  pruneCalls: "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE ended_at < ? LIMIT ?)",
  pruneClaims: "DELETE FROM claims WHERE expires_at <= ?",
  pruneSamples: "DELETE FROM samples WHERE at < ?",
} as const;
