/**
 * The URLs that a carrier of documents is given to call us back: `<webhook>?call=<call id>&<kind>`. They hold our call
 * id, never a number. Only for carriers that sign the query: what it says is as trustworthy as the request itself.
 */
export type Callback =
  /** Progress of the call; answered with an empty reply. */
  | { readonly kind: "status" }
  /** What the answering machine detection found; answered with an empty reply. */
  | { readonly kind: "machine" }
  /** The result of the listening turn `token`. */
  | { readonly kind: "turn"; readonly token: string }
  /** The listening turn `token` passed without a word. */
  | { readonly kind: "silence"; readonly token: string }
  /** The carrier asks what to do now. `nonce` makes every fetch a request of its own among replays. */
  | { readonly kind: "fetch"; readonly nonce: string }
  /** The greeting of an answering machine is over, or took too long; the carrier asks what to do now. */
  | { readonly kind: "beep"; readonly nonce: string }
  /** The carrier asks for the instruction `gen`. */
  | { readonly kind: "words"; readonly gen: number; readonly nonce: string }
  /** The hand-over that instruction `gen` asked for is over. */
  | { readonly kind: "transfer"; readonly gen: number; readonly nonce: string }
  /** What became of the audio socket under `token`; answered with an empty reply. */
  | { readonly kind: "stream"; readonly token: string };

export type CallbackKind = Callback["kind"];
/** The callbacks of these kinds. */
export type CallbackOf<K extends CallbackKind> = Extract<Callback, { kind: K }>;

/** Nobody's callback: a URL that is set for a number or an application. */
export interface NoCallback {
  readonly kind: "number";
}

/** Letters that need no escaping in a URL or in XML: what comes back is byte for byte what was sent. */
const NAME = /^[A-Za-z0-9_-]{1,128}$/;
/** `<gen>-<nonce>` */
const NUMBERED = /^([0-9]{1,9})-(.+)$/;

/** Names of the query that only our own URLs have. */
const CALLBACK_NAMES: ReadonlySet<string> = new Set([
  "call",
  "event",
  "turn",
  "silence",
  "fetch",
  "beep",
  "words",
  "transfer",
  "stream",
]);

export function callbackUrl(webhookUrl: string, callId: string, callback: Callback): string {
  return `${webhookUrl}?call=${encodeURIComponent(callId)}&${suffix(callback)}`;
}

function suffix(callback: Callback): string {
  switch (callback.kind) {
    case "status":
    case "machine":
      return `event=${callback.kind}`;
    case "turn":
    case "silence":
    case "stream":
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
 * Reads a query made by `callbackUrl` for one of `kinds`, in whatever order it comes. Null when it is something else: a
 * signature does not say where the query ends and the form begins, so it must have exactly one of these shapes to mean
 * anything.
 */
export function readCallback<K extends CallbackKind>(
  query: URLSearchParams,
  kinds: ReadonlySet<K>,
): { readonly callId: string; readonly callback: CallbackOf<K> } | NoCallback | null {
  const pairs = [...query];
  if (!pairs.some(([name]) => CALLBACK_NAMES.has(name))) return { kind: "number" };
  const callId = query.get("call");
  const detail = pairs.find(([name]) => name !== "call");
  if (pairs.length !== 2 || callId === null || detail === undefined) return null;
  const [name, value] = detail;
  if (!NAME.test(callId) || !NAME.test(value)) return null;
  const callback = readKind(name, value);
  return callback !== null && isOneOf(callback, kinds) ? { callId, callback } : null;
}

const isOneOf = <K extends CallbackKind>(
  callback: Callback,
  kinds: ReadonlySet<K>,
): callback is CallbackOf<K> => (kinds as ReadonlySet<string>).has(callback.kind);

function readKind(name: string, value: string): Callback | null {
  switch (name) {
    case "event":
      return value === "status" || value === "machine" ? { kind: value } : null;
    case "turn":
    case "silence":
    case "stream":
      return { kind: name, token: value };
    case "fetch":
    case "beep":
      return { kind: name, nonce: value };
    case "words":
    case "transfer": {
      const [, gen, nonce] = NUMBERED.exec(value) ?? [];
      return gen === undefined || nonce === undefined ? null : { kind: name, gen: Number(gen), nonce };
    }
    default:
      return null;
  }
}
