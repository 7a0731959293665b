/**
 * The URLs that Twilio is given to call us back: `<webhook>?call=<call id>&<kind>`. They hold our call id, never a
 * number. Twilio signs them as they are, so what they say is as trustworthy as the request itself.
 */
export type Callback =
  /** Progress of the call; answered with an empty reply. */
  | { readonly kind: "status" }
  /** The result of the listening turn `token`. */
  | { readonly kind: "turn"; readonly token: string }
  /** Twilio asks what to do now. `nonce` makes every fetch a request of its own among replays. */
  | { readonly kind: "fetch"; readonly nonce: string }
  /** Twilio asks for the instruction `gen`, which was too long to be sent. */
  | { readonly kind: "words"; readonly gen: number; readonly nonce: string }
  /** What the answering machine detection found; answered with an empty reply. */
  | { readonly kind: "machine" }
  /** The hand-over that instruction `gen` asked for is over. */
  | { readonly kind: "transfer"; readonly gen: number; readonly nonce: string };

/** Nobody's callback: the voice URL of a number, or a status callback configured for it. */
export interface NoCallback {
  readonly kind: "number";
}

/** Letters that need no escaping in a URL or in XML: what comes back is byte for byte what was sent. */
const NAME = /^[A-Za-z0-9_-]{1,128}$/;

export function callbackUrl(webhookUrl: string, callId: string, callback: Callback): string {
  return `${webhookUrl}?call=${encodeURIComponent(callId)}&${suffix(callback)}`;
}

function suffix(callback: Callback): string {
  switch (callback.kind) {
    case "status":
      return "event=status";
    case "turn":
      return `turn=${encodeURIComponent(callback.token)}`;
    case "fetch":
      return `fetch=${encodeURIComponent(callback.nonce)}`;
    case "machine":
      return "event=machine";
    case "words":
    case "transfer":
      return `${callback.kind}=${callback.gen}-${encodeURIComponent(callback.nonce)}`;
  }
}

/** Names of the query that only our own URLs have. */
export const CALLBACK_NAMES: ReadonlySet<string> = new Set([
  "call",
  "event",
  "turn",
  "fetch",
  "words",
  "transfer",
]);

/** `<gen>-<nonce>` */
const NUMBERED = /^([0-9]{1,9})-(.+)$/;

/**
 * Reads a query made by `callbackUrl`. Null when it is something else: a signature does not say where the URL ends
 * and the form begins, so a query must have exactly one of these shapes to mean anything.
 */
export function readCallback(
  query: URLSearchParams,
): { readonly callId: string; readonly callback: Callback } | NoCallback | null {
  const pairs = [...query];
  if (!query.has("call")) {
    const ours = pairs.some(([name]) => CALLBACK_NAMES.has(name));
    return ours ? null : { kind: "number" };
  }
  const [call, detail, ...rest] = pairs;
  if (call === undefined || detail === undefined || rest.length > 0) return null;
  const [first, callId] = call;
  const [kind, value] = detail;
  if (first !== "call" || !NAME.test(callId) || !NAME.test(value)) return null;
  if (kind === "event" && (value === "status" || value === "machine"))
    return { callId, callback: { kind: value } };
  if (kind === "turn") return { callId, callback: { kind: "turn", token: value } };
  if (kind === "fetch") return { callId, callback: { kind: "fetch", nonce: value } };
  if (kind !== "words" && kind !== "transfer") return null;
  const [, gen, nonce] = NUMBERED.exec(value) ?? [];
  if (gen === undefined || nonce === undefined) return null;
  return { callId, callback: { kind, gen: Number(gen), nonce } };
}
