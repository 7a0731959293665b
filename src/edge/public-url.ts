import { isIPv6 } from "node:net";
import { addressList } from "./address.ts";
import type { ListenerSettings } from "./protocol.ts";

/** What of a request decides the URL that the carrier called. */
export interface UrlRequest {
  /** Path and query exactly as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Remote address; undefined when the socket is already gone. */
  readonly peer: string | undefined;
}

export interface HostPort {
  /** Lower case, IPv6 in brackets. */
  readonly name: string;
  /** Null when none was given. */
  readonly port: number | null;
}

type UrlSettings = Pick<ListenerSettings, "publicUrl" | "security">;

/**
 * How the URL that the carrier called, and signed, is rebuilt:
 *
 * 1. `publicUrl` always wins; only the request's own query is added to it, as sent.
 * 2. X-Forwarded-Proto, -Host and -Port count when every list that is configured agrees: the peer is in
 *    `trustedProxyIPs`, the resulting host is in `allowedHosts`. With no list, only when
 *    `trustForwardingHeaders` is set. Of several values the last counts, the one our own peer wrote.
 *    A malformed one makes all of them ignored. `Forwarded` is never read.
 * 3. Otherwise `http` and the Host header.
 */
export function publicUrlRule(settings: UrlSettings): (request: UrlRequest) => string {
  if (settings.publicUrl !== null) {
    const base = settings.publicUrl.replace(/[?#].*$/s, "");
    return ({ target }) => base + queryOf(withoutFragment(target));
  }
  const trusts = forwardingRule(settings.security);
  return (request) => {
    const host = request.headers["host"] ?? "";
    const forwarded = forwardedOrigin(request.headers, host);
    const origin =
      forwarded !== null && trusts(request.peer, forwarded.host) ? forwarded.origin : `http://${host}`;
    return origin + withoutFragment(request.target);
  };
}

/** Host and port of a Host header; null when it is malformed. */
export function parseHost(text: string): HostPort | null {
  const match = /^(?<name>[a-z0-9._-]+|\[(?<v6>[0-9a-f:.]+)\])(?::(?<port>\d{1,5}))?$/i.exec(text);
  const { name, v6, port } = match?.groups ?? {};
  if (name === undefined || name.length > 255 || (v6 !== undefined && !isIPv6(v6))) return null;
  const number = port === undefined ? null : portNumber(port);
  if (port !== undefined && number === null) return null;
  return { name: name.toLowerCase(), port: number };
}

function forwardingRule(
  security: UrlSettings["security"],
): (peer: string | undefined, host: HostPort) => boolean {
  const { trustedProxyIPs, allowedHosts, trustForwardingHeaders } = security;
  const listed = trustedProxyIPs.length > 0 || allowedHosts.length > 0;
  const isProxy = addressList(trustedProxyIPs);
  const hosts = allowedHosts.map((entry) => parseHost(entry.trim())).filter((entry) => entry !== null);
  return (peer, host) => {
    if (!listed) return trustForwardingHeaders;
    if (trustedProxyIPs.length > 0 && !isProxy(peer)) return false;
    return (
      allowedHosts.length === 0 ||
      hosts.some(({ name, port }) => name === host.name && (port === null || port === host.port))
    );
  };
}

function forwardedOrigin(
  headers: UrlRequest["headers"],
  hostHeader: string,
): { readonly origin: string; readonly host: HostPort } | null {
  const [proto, host, port] = ["proto", "host", "port"].map((name) => lastOf(headers[`x-forwarded-${name}`]));
  if (proto === undefined && host === undefined && port === undefined) return null;
  const scheme = (proto ?? "http").toLowerCase();
  if (scheme !== "http" && scheme !== "https") return null;
  const parsed = parseHost(host ?? hostHeader);
  const forwardedPort = port === undefined ? null : portNumber(port);
  if (parsed === null || (port !== undefined && forwardedPort === null)) return null;
  const actual = parsed.port ?? forwardedPort;
  const shown = actual === null || actual === (scheme === "https" ? 443 : 80) ? "" : `:${actual}`;
  return { origin: `${scheme}://${parsed.name}${shown}`, host: { name: parsed.name, port: actual } };
}

function lastOf(header: string | undefined): string | undefined {
  return header?.slice(header.lastIndexOf(",") + 1).trim();
}

function portNumber(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function withoutFragment(target: string): string {
  const at = target.indexOf("#");
  return at === -1 ? target : target.slice(0, at);
}

function queryOf(target: string): string {
  const at = target.indexOf("?");
  return at === -1 ? "" : target.slice(at);
}
