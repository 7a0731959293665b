import type { Client, RequestOpts } from "twilio/lib/base/BaseTwilio.js";
import { loss, type Request } from "./errors.ts";

/** Nothing of Twilio's takes this long; whatever has not been answered by then is lost. */
const TIMEOUT_MS = 10_000;

export interface TransportSettings {
  readonly accountSid: string;
  readonly authToken: string;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * One request of the official package, sent with `fetch`: once, with a time limit, never following a redirect and
 * never repeated. Takes the place of the package's own HTTP client, which costs the gateway ten times as much to
 * load and says of a failure neither whether the request left nor why.
 */
export function transport(settings: TransportSettings, request: Request, signal: AbortSignal): Client {
  const send = async (options: RequestOpts) => {
    if (signal.aborted) throw loss(request, { kind: "not-sent", cause: "aborted" });
    try {
      const reply = await settings.fetch(urlOf(options), {
        method: (options.method ?? "get").toUpperCase(),
        headers: {
          ...(options.headers as Record<string, string>),
          authorization: basic(settings),
          "user-agent": "openclaw-voice-call",
        },
        body: options.data === undefined ? null : form(options.data),
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return {
        statusCode: reply.status,
        body: await reply.text(),
        headers: Object.fromEntries(reply.headers),
      };
    } catch (error) {
      throw loss(request, { kind: neverSent(error) ? "not-sent" : "lost", cause: causeOf(error) }, error);
    }
  };
  // The package's resources ask nothing of a client but `request`.
  return { request: send } as unknown as Client;
}

function urlOf(options: RequestOpts): URL {
  const url = new URL(options.uri ?? "");
  for (const [name, value] of Object.entries(options.params ?? {}))
    url.searchParams.append(name, String(value));
  return url;
}

/** Repeated parameters are repeated names (`StatusCallbackEvent`). */
function form(data: object): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(data)) {
    for (const one of Array.isArray(value) ? value : [value]) encoded.append(name, String(one));
  }
  return encoded;
}

const basic = (settings: TransportSettings): string =>
  `Basic ${Buffer.from(`${settings.accountSid}:${settings.authToken}`).toString("base64")}`;

/** True when no connection came about: name look-up, connect or certificate failed. */
function neverSent(error: unknown): boolean {
  const { code, syscall } = rootOf(error);
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  return code === "UND_ERR_CONNECT_TIMEOUT" || /CERT|^ERR_TLS|UNABLE_TO_VERIFY/.test(code);
}

function causeOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (error instanceof Error && error.name === "AbortError") return "aborted";
  return rootOf(error).code || "connection lost";
}

/** The system error behind a failed `fetch`; with several addresses the first attempt stands for all. */
function rootOf(error: unknown): { readonly code: string; readonly syscall: string } {
  let inner: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (inner instanceof AggregateError) inner = inner.errors[0] ?? inner;
  const { code, syscall } = (inner ?? {}) as { code?: unknown; syscall?: unknown };
  return { code: typeof code === "string" ? code : "", syscall: typeof syscall === "string" ? syscall : "" };
}
