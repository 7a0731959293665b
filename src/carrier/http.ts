import type { ErrorCode, ErrorDetails } from "../call/errors.ts";
import type { CallRef, CarrierFault } from "../call/ports.ts";
import { CarrierError } from "./carrier.ts";

/** Nothing that carriers do takes this long; whatever has not been answered by then is lost. */
const TIMEOUT_MS = 10_000;

/** What is asked for; decides what an unclear answer means. `create` and `update` may have happened, `read` changes nothing. */
export type RequestKind = "create" | "update" | "read";

/** Why no answer came. `not-sent`: it certainly never left; `lost`: it may have arrived. */
export type Loss = { readonly kind: "not-sent" | "lost"; readonly cause: string };

export interface HttpContext {
  /** The carrier's id, for messages. */
  readonly provider: string;
  readonly fetch: typeof globalThis.fetch;
}

export interface HttpRequest {
  readonly kind: RequestKind;
  readonly method: string;
  readonly url: URL | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | URLSearchParams | null;
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Has Node load its HTTP client in the background, so that the first call need not wait for it. */
export const warmHttp = (): void => void setImmediate(() => void new Headers()).unref();

/**
 * Sends one request: once, with a time limit, never following a redirect and never repeated. Resolves with any
 * answer, whatever its status; throws a `CarrierError` when there is none.
 */
export async function request(context: HttpContext, asked: HttpRequest): Promise<HttpReply> {
  const { provider, fetch } = context;
  const { kind, method, url, headers, body, signal } = asked;
  if (signal.aborted) throw loss(provider, kind, { kind: "not-sent", cause: "aborted" });
  try {
    const reply = await fetch(url, {
      method,
      headers: { ...headers, "user-agent": "openclaw-voice-call" },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: reply.status, headers: Object.fromEntries(reply.headers), text: await reply.text() };
  } catch (error) {
    throw loss(
      provider,
      kind,
      { kind: neverSent(error) ? "not-sent" : "lost", cause: causeOf(error) },
      error,
    );
  }
}

/** A request that got no answer, or none that can be read. */
export function loss(provider: string, kind: RequestKind, lost: Loss, cause?: unknown): CarrierError {
  const details = { provider, detail: lost.cause };
  const options = cause === undefined ? {} : { cause };
  if (lost.kind === "not-sent") {
    return new CarrierError("VC_CARRIER_UNREACHABLE", "not-sent", details, options);
  }
  if (kind === "create") return new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", details, options);
  return new CarrierError("VC_CARRIER_UNREACHABLE", unlessRead(kind), details, options);
}

/** An answer that is not a success. */
export interface Refusal {
  readonly status: number;
  /** The carrier's own code, where it gave one. */
  readonly code: string | number | null;
  /** What the carrier's code means in ours; null when it asks for nothing particular. */
  readonly meaning: ErrorCode | null;
  /** The carrier's code says that the call is over or unknown; a 404 says so too. */
  readonly gone: boolean;
}

/**
 * An answer that is not a success, as an error that says what is known to have happened: too fast, nothing was done;
 * a final 4xx, nothing was done and nothing will be; anything else leaves it open.
 */
export function refusal(provider: string, kind: RequestKind, refused: Refusal): CarrierError {
  const { status, code, meaning, gone } = refused;
  const detail = code === null ? `HTTP ${status}` : `${code}, HTTP ${status}`;
  const details = { provider, detail, status, ...(code === null ? {} : { code }) };
  if (status === 429 || meaning === "VC_CARRIER_RATE") {
    return new CarrierError("VC_CARRIER_RATE", "not-sent", details);
  }
  if (isFinal(status)) {
    if (kind !== "create" && (gone || status === 404)) {
      return new CarrierError("VC_CARRIER_CALL_GONE", "gone", details);
    }
    const fallback = status === 401 ? "VC_CARRIER_AUTH" : "VC_CARRIER_REFUSED";
    return new CarrierError(meaning ?? fallback, "refused", details);
  }
  if (kind === "create") return new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", details);
  return new CarrierError("VC_CARRIER_REFUSED", unlessRead(kind), details);
}

/** The carrier's id of a call that is to be acted on. */
export function carrierIdOf(provider: string, { carrierCallId }: Pick<CallRef, "carrierCallId">): string {
  if (carrierCallId === null) throw refusedByUs(provider, "VC_CARRIER_REFUSED", { detail: "no call id yet" });
  return carrierCallId;
}

/** Our own refusal, made before anything is sent. */
export const refusedByUs = (provider: string, code: ErrorCode, details: ErrorDetails = {}): CarrierError =>
  new CarrierError(code, "refused", { provider, ...details });

/** Reading changes nothing at the carrier, so it may always be repeated. */
const unlessRead = (kind: RequestKind): CarrierFault["certainty"] =>
  kind === "read" ? "not-sent" : "unknown";

/** 4xx says that nothing was done, except 408: a time-out inside the carrier. Anything else leaves it open. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 408;

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
