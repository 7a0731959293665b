import { isOver, type Call } from "../../call/call.ts";
import type { CallDetail, CallView, LatencyRow, SetupReport } from "../../call/service.ts";
import type { Pairing } from "../../call/ports.ts";

/** Rows in aligned columns, the first row in capitals as a heading. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heading.map((name) => name.toUpperCase()), ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** `name  value`, aligned. */
function pairs(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** `2026-01-31 12:34:56Z` */
export const time = (at: number | null): string =>
  at === null ? "-" : `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;

export const over = (call: Pick<CallView, "state">): boolean => isOver(call as Call);

export function callTable(calls: readonly CallView[]): string[] {
  if (calls.length === 0) return ["No calls yet."];
  return table(
    ["call", "state", "direction", "mode", "party", "started", "talked"],
    calls.map((call) => [
      call.callId,
      standing(call),
      call.direction,
      call.mode,
      party(call),
      time(call.createdAt),
      talked(call),
    ]),
  );
}

export function callSheet(call: CallDetail): string[] {
  const { evidence } = call;
  const rows: [string, string][] = [
    ["Call", call.callId],
    ["Provider", call.carrierCallId === null ? call.provider : `${call.provider} (${call.carrierCallId})`],
    ["State", standing(call)],
    ["Direction", `${call.direction}, ${call.mode}`],
    ["From", call.from === "" ? "withheld" : call.from],
    ["To", call.to],
    ["Agent", call.agentId],
    ["Started", time(call.createdAt)],
    ["Answered", time(call.answeredAt)],
    ["Ended", time(call.endedAt)],
    ["Talked", talked(call)],
  ];
  if (evidence !== null) {
    rows.push(["Hung up by", `${evidence.hungUpBy}, according to ${evidence.source}`]);
    if (evidence.carrierCode !== undefined) rows.push(["Carrier code", evidence.carrierCode]);
    if (evidence.error !== undefined) rows.push(["Error", evidence.error]);
  }
  const said = call.transcript.map(({ role, text }) => `  ${role.padEnd(6)}  ${text}`);
  return [...pairs(rows), "", ...(said.length === 0 ? ["Nothing has been said."] : ["Transcript", ...said])];
}

const ms = (value: number): string => `${Math.round(value)} ms`;

export function latencyTable(rows: readonly LatencyRow[]): string[] {
  if (rows.length === 0) return ["No latencies measured yet."];
  return table(
    ["stage", "count", "p50", "p95", "max"],
    rows.map(({ stage, count, p50, p95, max }) => [stage, String(count), ms(p50), ms(p95), ms(max)]),
  );
}

/** One line for each check; what is not as it should be has its id, under which docs/setup.md tells more. */
export function setupLines(report: SetupReport): string[] {
  const lines = report.checks.flatMap(({ id, ok, level, message, next }) =>
    ok
      ? [`ok       ${message}`]
      : [
          `${level === "error" ? "error  " : "warning"}  ${message} [${id}]`,
          ...(next === undefined ? [] : [`         ${next}`]),
        ],
  );
  return [...lines, report.ok ? "voice-call is ready." : "voice-call is not ready."];
}

export function pairingTable(pairings: readonly Pairing[], now: number): string[] {
  if (pairings.length === 0) return ["No callers have asked for pairing."];
  return table(
    ["number", "code", "state", "asked"],
    pairings.map(({ number, code, createdAt, expiresAt, approvedAt }) => {
      const open = expiresAt > now ? `waiting until ${time(expiresAt)}` : "expired";
      const state = approvedAt === null ? open : `approved ${time(approvedAt)}`;
      return [number, approvedAt === null ? code : "-", state, time(createdAt)];
    }),
  );
}

export const standing = ({ state, outcome }: CallView): string =>
  outcome === null ? state : `${state}: ${outcome}`;

const party = ({ direction, from, to }: CallView): string =>
  direction === "inbound" ? (from === "" ? "withheld" : from) : to;

function talked({ answeredAt, endedAt }: CallView): string {
  if (answeredAt === null) return "-";
  return endedAt === null ? "talking" : `${Math.round((endedAt - answeredAt) / 1000)} s`;
}
