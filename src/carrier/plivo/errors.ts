import type { ErrorCode } from "../../call/errors.ts";
import type { CarrierError } from "../carrier.ts";
import * as http from "../http.ts";
import type { RequestKind } from "../http.ts";

export const PROVIDER = "plivo";

/**
 * Plivo refuses with an HTTP status and a sentence, no code. The sentence may quote a number, so it is looked at and
 * never handed on. Sentences: "from parameter is invalid. +1… is not associated with your account …", "to parameter is
 * invalid"; "Concurrency Limit Breached" (its published skill texts).
 */
const SENTENCES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/concurren/i, "VC_CARRIER_RATE"],
  [/^\W*from\b|caller ?id/i, "VC_CARRIER_FROM_INVALID"],
  [/^\W*to\b/i, "VC_CARRIER_TO_INVALID"],
];

/** An answer that is not a success, as an error that says what is known to have happened. */
export function refusal(kind: RequestKind, status: number, sentence: string): CarrierError {
  const known = SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1];
  // Where nothing else is said, 403 is a country that is not enabled for the account.
  const meaning = known ?? (status === 403 && kind === "create" ? "VC_CARRIER_GEO" : null);
  return http.refusal(PROVIDER, kind, {
    status,
    code: null,
    meaning: kind === "create" ? meaning : null,
    gone: false,
  });
}

/** A success that cannot be read. */
export const unreadable = (kind: RequestKind, cause?: unknown): CarrierError =>
  http.loss(PROVIDER, kind, { kind: "lost", cause: "unreadable answer" }, cause);

/** Our own refusals, made before anything is sent. */
export const refused = (code: ErrorCode, details: Record<string, string | number> = {}): CarrierError =>
  http.refusedByUs(PROVIDER, code, details);
