/**
 * The URLs that Plivo is given to call us back: `<webhook>?call=<call id>&<kind>`. They hold our call id, never a
 * number. Signature V3 covers the query, so what they say is as trustworthy as the request itself.
 */
export type Callback =
  /** Ringing, end, what the machine detection found; answered with an empty reply. */
  | { readonly kind: "status" }
  /** Something was heard in the listening turn `token`. */
  | { readonly kind: "turn"; readonly token: string }
  /** The listening turn `token` passed without a word. */
  | { readonly kind: "silence"; readonly token: string }
  /** Plivo asks what to do now. `nonce` makes every fetch a request of its own among replays. */
  | { readonly kind: "fetch"; readonly nonce: string }
  /** The greeting of an answering machine is over, or took too long; Plivo asks what to do now. */
  | { readonly kind: "beep"; readonly nonce: string }
  /** Plivo asks for the instruction `gen`. */
  | { readonly kind: "words"; readonly gen: number; readonly nonce: string }
  /** The hand-over that instruction `gen` asked for is over. */
  | { readonly kind: "transfer"; readonly gen: number; readonly nonce: string };

/** Nobody's callback: the answer URL or the hangup URL of an application. */
export interface NoCallback {
  readonly kind: "number";
}

/** Letters that need no escaping in a URL or in XML: what comes back is byte for byte what was sent. */
const NAME = /^[A-Za-z0-9_-]{1,128}$/;
/** `<gen>-<nonce>` */
const NUMBERED = /^([0-9]{1,9})-(.+)$/;

/** Names of the query that only our own URLs have. */
const NAMES: ReadonlySet<string> = new Set([
  "call",
  "event",
  "turn",
  "silence",
  "fetch",
  "beep",
  "words",
  "transfer",
]);

export function callbackUrl(webhookUrl: string, callId: string, callback: Callback): string {
  return `${webhookUrl}?call=${encodeURIComponent(callId)}&${suffix(callback)}`;
}

function suffix(callback: Callback): string {
  switch (callback.kind) {
    case "status":
      return "event=status";
    case "turn":
    case "silence":
      return `${callback.kind}=${encodeURIComponent(callback.token)}`;
    case "fetch":
    case "beep":
      return `${callback.kind}=${encodeURIComponent(callback.nonce)}`;
    case "words":
    case "transfer":
      return `${callback.kind}=${callback.gen}-${encodeURIComponent(callback.nonce)}`;
  }
}

/**
 * Reads a query made by `callbackUrl`, in whatever order it comes. Null when it is something else: a signature does
 * not say where the query ends and the form begins, so a query must have exactly one of these shapes to mean anything.
 */
export function readCallback(
  query: URLSearchParams,
): { readonly callId: string; readonly callback: Callback } | NoCallback | null {
  const pairs = [...query];
  if (!pairs.some(([name]) => NAMES.has(name))) return { kind: "number" };
  const callId = query.get("call");
  const detail = pairs.find(([name]) => name !== "call");
  if (pairs.length !== 2 || callId === null || detail === undefined) return null;
  const [kind, value] = detail;
  if (!NAME.test(callId) || !NAME.test(value)) return null;
  const callback = readKind(kind, value);
  return callback === null ? null : { callId, callback };
}

function readKind(kind: string, value: string): Callback | null {
  switch (kind) {
    case "event":
      return value === "status" ? { kind: "status" } : null;
    case "turn":
    case "silence":
      return { kind, token: value };
    case "fetch":
    case "beep":
      return { kind, nonce: value };
    case "words":
    case "transfer": {
      const [, gen, nonce] = NUMBERED.exec(value) ?? [];
      return gen === undefined || nonce === undefined ? null : { kind, gen: Number(gen), nonce };
    }
    default:
      return null;
  }
}
