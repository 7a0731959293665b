import type { IncomingMessage } from "node:http";
import { parseHost } from "./public-url.ts";

/** Why a request is not served. `reason` is one of our own fixed words, never anything that was sent. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

export interface HeadRules {
  /** Exact path; a query is allowed. */
  readonly path: string;
  /** Lower case. */
  readonly signatureHeaders: readonly string[];
  readonly bodyBytes: number;
}

/** What can be refused on the headers alone, before a byte of the body is looked at. Null: go on. */
export function refuseHead(request: IncomingMessage, rules: HeadRules): Refusal | null {
  if (!hasOneGoodHost(request)) return { status: 400, reason: "bad-host" };
  const target = request.url ?? "";
  const end = target.search(/[?#]/);
  if ((end === -1 ? target : target.slice(0, end)) !== rules.path) return { status: 404, reason: "path" };
  if (request.method !== "POST") return { status: 405, reason: "method" };
  if (!rules.signatureHeaders.every((name) => isFilled(request.headers[name]))) {
    return { status: 401, reason: "no-signature" };
  }
  const length = request.headers["content-length"];
  if (length !== undefined && !(Number(length) <= rules.bodyBytes))
    return { status: 413, reason: "too-large" };
  return null;
}

/** A WebSocket handshake of RFC 6455, 4.1. */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  const key = headers["sec-websocket-key"];
  return (
    method === "GET" &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13" &&
    key !== undefined &&
    /^[A-Za-z0-9+/]{22}==$/.test(key)
  );
}

export function hasOneGoodHost(request: IncomingMessage): boolean {
  const names = request.rawHeaders.filter((entry, at) => at % 2 === 0 && entry.toLowerCase() === "host");
  return names.length === 1 && parseHost(request.headers.host ?? "") !== null;
}

function isFilled(value: string | readonly string[] | undefined): boolean {
  return typeof value === "string" && value.trim() !== "";
}
