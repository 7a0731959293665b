import type { Call, TranscriptTurn, Turn } from "../call/call.ts";
import type { DurableEffect } from "../call/effect.ts";
import { LATENCY_STAGES } from "../call/ports.ts";
import type {
  CallStore,
  KeyedEffect,
  LatencySample,
  LatencyStage,
  OutboundUse,
  Pairing,
  StoredEvent,
} from "../call/ports.ts";
import { storeFailed, type Database, type Row } from "./database.ts";
import { SQL } from "./statements.ts";

export function readEvents(db: Database, options: Parameters<CallStore["events"]>[0]): StoredEvent[] {
  const { after, limit, callId } = options;
  const rows =
    callId === undefined ? db.all(SQL.events, after, limit) : db.all(SQL.eventsOfCall, callId, after, limit);
  return rows.map((row) => ({
    cursor: Number(row["cursor"]),
    callId: String(row["call_id"]),
    at: Number(row["at"]),
    state: row["state"] as StoredEvent["state"],
    type: String(row["type"]),
    event: parse(row),
  }));
}

export function readCursor(db: Database): number {
  return Number(db.get(SQL.cursor)?.["seq"] ?? 0);
}

export function readSamples(db: Database, last: number): LatencySample[] {
  return LATENCY_STAGES.flatMap((stage) => db.all(SQL.samplesOfStage, stage, last))
    .toSorted((a, b) => Number(b["at"]) - Number(a["at"]) || Number(b["id"]) - Number(a["id"]))
    .map((row) => ({
      callId: String(row["call_id"]),
      stage: row["stage"] as LatencyStage,
      ms: Number(row["ms"]),
      at: Number(row["at"]),
    }));
}

/** The longest that a call created before a moment may still go on after it: a day of talk and the ringing. */
const LONGEST_CALL_MS = 25 * 3_600_000;

export function outboundUse(db: Database, at: number, now: number, besides: readonly string[]): OutboundUse {
  const rows = db.all(SQL.outboundCalls, at - LONGEST_CALL_MS).map((row) => ({
    id: String(row["id"]),
    createdAt: Number(row["created_at"]),
    answeredAt: row["answered_at"] === null ? null : Number(row["answered_at"]),
    endedAt: row["ended_at"] === null ? null : Number(row["ended_at"]),
  }));
  return {
    calls: rows.filter(({ id, createdAt }) => createdAt >= at && !besides.includes(id)).length,
    talkMs: rows.reduce(
      (sum, { answeredAt, endedAt }) =>
        answeredAt === null ? sum : sum + Math.max(0, (endedAt ?? now) - Math.max(answeredAt, at)),
      0,
    ),
  };
}

/** The turn of a record that was saved without one, or without a part of it. */
const NO_TURN: Turn = {
  no: 0,
  phase: "idle",
  token: null,
  since: null,
  keys: "",
  for: "agent",
  misses: 0,
  failures: 0,
  heardAt: null,
};

const NO_TRAITS: Call["traits"] = { ownStart: false, ownSilence: false, ownReopen: false };

/** A record of an earlier version lacks what later ones have added. */
export function callOf(row: Row): Call {
  const call = parse(row) as Call;
  return {
    ...call,
    screening: call.screening ?? null,
    live: call.live ?? null,
    traits: { ...NO_TRAITS, ...call.traits },
    turn: { ...NO_TURN, ...call.turn },
  };
}

export function effectOf(row: Row): KeyedEffect {
  return {
    key: String(row["key"]),
    callId: String(row["call_id"]),
    effect: parse(row) as DurableEffect,
  };
}

export function turnOf(row: Row): TranscriptTurn {
  return {
    role: row["role"] as TranscriptTurn["role"],
    text: String(row["text"]),
    at: Number(row["at"]),
  };
}

export function pairingOf(row: Row): Pairing {
  return {
    number: String(row["number"]),
    code: String(row["code"]),
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
    approvedAt: row["approved_at"] === null ? null : Number(row["approved_at"]),
  };
}

/** The parser's own message would quote the record, so it is not kept as the cause. */
function parse(row: Row): unknown {
  try {
    return JSON.parse(String(row["json"]));
  } catch {
    throw storeFailed("A saved record is damaged and cannot be read.");
  }
}
